"""Supervisors in the random centre: who they are, and what must hold whatever they do."""

from __future__ import annotations

from msgspec.structs import replace

from ctid.acd.settings import AcdSettings, AgentSettings
from ctid.centre.centre import Centre
from ctid.centre.supervision import RINGING, SupervisionRules
from ctid.core.commands import RingAgent
from ctid.core.supervision import Supervisor
from sim.settings import SupervisorHabits
from sim.spreads import Uniform

SUE, BOSS = Supervisor("sue", "Sue"), Supervisor("boss", "Boss", "boss")
"""The boss is an agent too, of no queue."""
NOBODY = Supervisor("zoe", "Zoe")
"""Has no phone."""
RULES = SupervisionRules(phones={"sue": "PJSIP/1999"})


def with_supervisors(acd: AcdSettings) -> AcdSettings:
    """The boss among the agents, and queues whose callers may be pulled."""
    boss = AgentSettings("boss", "Boss", "PJSIP/1998", ())
    queues = tuple(replace(queue, pull=True) for queue in acd.queues)
    return replace(acd, queues=queues, agents=(*acd.agents, boss))


def habits(supervisors: bool) -> SupervisorHabits:
    people = (SUE, BOSS, BOSS, NOBODY) if supervisors else ()
    return SupervisorHabits(people, listens=0.6, between=Uniform(100, 2500))


def by_hand(ring: RingAgent) -> bool:
    """Whether a person chose the agent, so that others may have been overtaken."""
    return ring.reason.startswith(("assigned by", "pulled by"))


def check(centre: Centre) -> None:
    """A supervisor's leg is no agent's, nobody has two, and none is forgotten."""
    spies = centre.supervision.spies
    assert not spies.keys() & centre.router.offers.keys()
    logins = [spy.by.login for spy in spies.values()]
    assert len(set(logins)) == len(logins), logins
    for spy in spies.values():
        timed = centre.deadlines.at(("spy", spy.id)) is not None
        assert timed == (spy.state != "on"), spy
        assert spy.heard or spy.state in (RINGING, "ending"), spy
        if spy.state in (RINGING, "on"):
            offer = centre.router.offers.get(spy.offer)
            assert offer is not None, spy
            assert (offer.call, offer.agent, offer.state) == (spy.call, spy.agent, "bridged")
