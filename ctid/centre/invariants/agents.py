"""What must hold of agents: one leg, a state that fits, and seconds that add up."""

from __future__ import annotations

from collections import Counter

from ctid.acd.agents import Agent
from ctid.centre.centre import Centre
from ctid.centre.invariants.broken import must
from ctid.core.commands import AgentTimed
from ctid.core.instants import Duration, Instant
from ctid.core.records import AgentId


def check(centre: Centre) -> None:
    """All agents."""
    router = centre.router
    legs = Counter(offer.agent for offer in router.offers.values())
    for name, count in legs.items():
        must(count <= 1, "an agent has one leg at most", name)
    for agent in router.staff.agents.values():
        rings_or_talks = agent.state in ("reserved", "on_call")
        must(bool(agent.offer) == rings_or_talks, "who rings or talks has an offer", agent)
        if agent.offer:
            offer = router.offer_of(agent)
            must(offer is not None, "an agent's offer is open", agent)
            must(offer is None or offer.agent == agent.id, "an agent's offer is theirs", offer)
        _check_times(centre, agent)


def _check_times(centre: Centre, agent: Agent) -> None:
    """A wrap-up and its deadline live and end together; a break is told once."""
    at = centre.deadlines.at
    in_wrap_up = agent.state == "wrap_up"
    must((agent.wrap_up is not None) == in_wrap_up, "a wrap-up belongs to its state", agent)
    until = agent.wrap_up.until if agent.wrap_up else 0
    must((at(("wrap_up", agent.id)) or 0) == until, "a timed wrap-up has its deadline", agent)
    timed = at(("break", agent.id)) is not None
    allowed = agent.reason in centre.settings.acd.absence.break_most
    on_timed_break = agent.state == "not_ready" and allowed
    must((timed or agent.overrun) == on_timed_break, "a break is timed or overrun", agent)
    must(not (timed and agent.overrun), "a break that is overrun is timed no more", agent)


class Seconds:
    """Closed stretches and the open one add up to the time since each agent signed in."""

    def __init__(self) -> None:
        self._timed: Counter[AgentId] = Counter()
        """Milliseconds of closed stretches."""
        self._signed_in: dict[AgentId, Instant] = {}

    def closed(self, command: AgentTimed) -> None:
        """A stretch is on record."""
        time = command.time
        must(time.ended_at > time.began_at, "a stretch lasts", time)
        self._timed[time.agent] += time.ended_at - time.began_at

    def check(self, centre: Centre, now: Instant) -> None:
        """After every fact."""
        for agent in centre.router.staff.agents.values():
            began = self._signed_in.get(agent.id)
            if agent.state == "signed_out":
                if began is not None:
                    self._adds_up(agent.id, self._timed.pop(agent.id, 0), now - began)
                    del self._signed_in[agent.id]
            elif began is None:
                self._signed_in[agent.id] = agent.since
            else:
                self._adds_up(agent.id, self._timed[agent.id] + now - agent.since, now - began)

    def _adds_up(self, agent: AgentId, stretches: Duration, session: Duration) -> None:
        must(stretches == session, "an agent's seconds add up", agent, stretches, session)
