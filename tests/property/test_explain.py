"""In every decision of a hostile world: explanations agree with the router, and looking changes
nothing; the ledger of fairness adds up to the agents' times."""

from __future__ import annotations

from collections import Counter

import msgspec
from hypothesis import assume, given, settings

from ctid.acd.agents import RESERVED, Agent
from ctid.acd.contacts import Contact
from ctid.acd.explain import CHOSEN, CONSIDERED, LATER_CHOICE, standings
from ctid.centre.centre import Centre
from ctid.centre.replay import feed
from ctid.core.commands import AgentTimed, FairnessMeasured, LegClosed
from ctid.core.instants import Instant
from ctid.core.journal import Line
from tests.property.centre_machine import Mischief, Run
from tests.property.test_invariants import mischiefs

STAFFED = ("ready", "reserved", "on_call", "wrap_up", "working")


class Watched:
    """Replays a journal and holds each decision against what is told of it."""

    def __init__(self, run: Run) -> None:
        self.centre = Centre(run.settings)
        self.decisions = 0
        inner = self.centre.router.staff.on_state

        def on_state(agent: Agent, old: str, now: Instant) -> None:
            offer = self.centre.router.offer_of(agent)
            if agent.state == RESERVED and offer is not None:
                self.decisions += 1
                if not (offer.by_hand or offer.aside):  # a person chose the agent
                    self._check(agent, now)
            inner(agent, old, now)

        self.centre.router.staff.on_state = on_state

    def replay(self, journal: list[Line]) -> list[Line]:
        out = []
        for line in journal:
            commands = feed(self.centre, line)
            out.append(Line(line.n, line.t, line.e, tuple(commands)))
        return out

    def _check(self, chosen: Agent, now: Instant) -> None:
        router = self.centre.router
        offer = router.offer_of(chosen)
        assert offer is not None
        contact = router.contacts[offer.call]
        channel = router.queues[contact.queue].channel
        first = self._step(contact, chosen)
        assert first is not None
        for told in standings(router, contact, now):
            agent = router.staff.agents[told.agent]
            step = self._step(contact, agent)
            free = agent is chosen or (channel in agent.open and not self._kept(contact, agent))
            reached = step is not None and step < contact.rung
            assert (told.code in CONSIDERED) == (reached and free), (told, agent)
            assert (told.code == CHOSEN) == (agent is chosen)
            assert (told.code == LATER_CHOICE) == (reached and free and step > first)

    def _kept(self, contact: Contact, agent: Agent) -> bool:
        """Whether a reserve keeps the agent from it, now that one agent fewer is free."""
        profile = self.centre.router.settings.agents[agent.order]
        pools = [step.pool for step in self.centre.router.lines.steps(contact)]
        return not any(pool.open_to(contact) for pool in pools if pool.reach.holds(profile))

    def _step(self, contact: Contact, agent: Agent) -> int | None:
        profile = self.centre.router.settings.agents[agent.order]
        steps = self.centre.router.lines.steps(contact)
        return next((n for n, s in enumerate(steps) if s.pool.reach.holds(profile)), None)


@given(mischiefs)
@settings(max_examples=25)
def test_every_explanation_agrees_with_the_router(mischief: Mischief) -> None:
    run = Run(msgspec.structs.replace(mischief, restarts=False))
    run.play()
    watched = Watched(run)
    assert watched.replay(run.journal) == run.journal, "looking changed something"
    offers = sum(isinstance(c, LegClosed) for line in run.journal for c in line.c)
    assert bool(watched.decisions) == bool(offers)


@given(mischiefs)
@settings(max_examples=25)
def test_the_ledger_adds_up_to_the_agents_times(mischief: Mischief) -> None:
    run = Run(mischief)
    run.play()
    commands = [c for line in run.journal for c in line.c]
    hours = [c.figures for c in commands if isinstance(c, FairnessMeasured)]
    assume(not hours)  # most worlds are over within their first hour
    spent: Counter[str] = Counter()
    for command in commands:
        if isinstance(command, AgentTimed) and command.time.state in STAFFED:
            spent[command.time.agent] += command.time.ended_at - command.time.began_at
    ledger = {a: load.idle + load.busy for a, load in run.centre.fairness.hour.loads.items()}
    assert {a: time for a, time in ledger.items() if time} == dict(spent)
