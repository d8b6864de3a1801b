"""The recorded day's people in the pretend world: they do again what they did, and where the other
settings ask something new of them, they do what people like them did that day.
"""

from __future__ import annotations

from functools import partial
from random import Random

import msgspec

from ctid.acd.settings import AcdSettings
from ctid.core import commands as cmd
from ctid.core import events as ev
from ctid.core.instants import Instant
from ctid.core.records import AgentId
from sim.calibrate.sources import CUT
from sim.spreads import Exponential, Uniform
from sim.whatif.draws import THEIRS, Draws
from sim.whatif.facts import Caller, Day, Ring, Wish
from sim.whatif.people import (
    RecordedCrm,
    RecordedDesks,
    RecordedMenus,
    RecordedServices,
    RecordedWaiting,
    customers,
)
from sim.world.entities import Leg, Phone
from sim.world.habits import AgentHabits, CallerHabits, PbxHabits, WorldSettings
from sim.world.world import World

CALM = AgentHabits(
    no_answer=0, reject=0, decline=0, early_wrap_up=0, needs_longer=0, breaks=0, private_call=0,
    unplugged=0, screen_lost=0,
)  # fmt: skip
"""Agents do of themselves what the day says and nothing else."""
CALLERS = CallerHabits(
    calls=0, wrong_key=0, wrong_code=0, wrong_pin=0, no_digits=0, menu_hang_up=0, hidden=0,
    keys_waiting=0, ends_call=1, patience=Exponential(5 * 60_000), talk=Exponential(3 * 60_000),
)  # fmt: skip
"""Of what the plan leaves open: a second wait, a talk after a transfer."""
PBX = PbxHabits(setup=Uniform(1, 20), crm_silent=0)


class RecordedWorld(World):
    """See the module. Calls are named by their place in the day, from 1."""

    def __init__(self, acd: AcdSettings, day: Day, draws: Draws, boot: str, seed: str) -> None:
        callers = {f"{boot}.{place}": caller for place, caller in enumerate(day.callers, 1)}
        settings = WorldSettings(
            callers=habits(day), agents=CALM, pbx=PBX, customers=customers(callers),
            plan=tuple(draws.plan(day, seed)), lasts=day.lasts, wall_at_zero=day.wall_at_zero,
            boot=boot,
        )  # fmt: skip
        super().__init__(settings, acd, seed)
        self._seeded, self._acd, self._day, self._draws = seed, acd, day, draws
        self._recorded = callers
        self._rung: dict[tuple[str, str], int] = {}
        self.answers = RecordedMenus(self, callers)
        self._menus = self.answers
        self._waiting = RecordedWaiting(self, callers)
        self.crm = RecordedCrm(self, callers)
        self.services = RecordedServices(self, callers)
        self._at_desks = RecordedDesks(self, acd, draws, callers, seed)
        self._desks = self._at_desks

    # -- agents come and go --

    def staff_comes(self, now: Instant) -> None:
        """Everybody when they did; of agents whom the day did not know, the hours are the day's."""
        ids = {agent.id for agent in self._acd.agents}
        for wish in self._day.wishes:
            if wish.agent in ids:
                self.at(wish.at, partial(self._wish, wish))
        for absence in self._day.absences:
            if absence.agent in ids:
                self.at(absence.at, partial(self._at_desks.leave, absence))
        for agent in new_agents(self._acd, self._day):
            self._plan_hours(agent)
        # Agents' hours count to the day's end, even where the last caller has gone before.
        self.at(self._day.lasts, lambda _: None)

    def _wish(self, wish: Wish, _: Instant) -> None:
        if isinstance(wish.event, ev.BreakAsked):
            self._at_desks.break_asked(wish.agent, wish.event.reason, wish.lasts)
        self.tell(wish.event)

    def _plan_hours(self, agent: AgentId) -> None:
        first, last = hours(self._day)
        self.at(first, lambda _: self.tell(ev.SignInAsked(agent)))
        self.at(first, lambda _: self.tell(ev.ReadyAsked(agent)))
        self.at(last, lambda _: self.tell(ev.SignOutAsked(agent)))

    # -- phones --

    def react(self, leg: Leg, command: cmd.RingAgent, now: Instant) -> None:
        """The agent picks up as then, or as on other calls of that day."""
        caller = self._recorded.get(leg.call)
        ring = None if caller is None or leg.aside else self._ring_of(caller, leg.phone)
        if ring is None:
            super().react(leg, command, now)
        elif ring.end == "answered" and ring.after < command.ring_for:
            self.at(now + ring.after, lambda at: self._answer(leg, at))
        elif ring.end == "rejected" and ring.after < command.ring_for:
            self.at(now + ring.after, lambda at: self._not_answered(leg, "rejected", at))
        else:
            over = now + command.ring_for
            self.at(over, lambda at: self._not_answered(leg, "no_answer", at))

    def _ring_of(self, caller: Caller, phone: Phone) -> Ring | None:
        """As the first ringing of these two went, the second, and so on. Of one that the caller
        ended it is known that the agent would have taken longer; without this, callers who gave up
        while a phone rang would be answered too often."""
        pair = (caller.call, phone.agent)
        count = self._rung[pair] = self._rung.get(pair, 0) + 1
        seen = self._day.rings.get(pair, [])
        if count <= len(seen) and seen[count - 1].end in THEIRS:
            return seen[count - 1]
        cut = count <= len(seen) and seen[count - 1].end == CUT
        stream = Random(f"{self._seeded}/ring/{caller.call}/{phone.agent}/{count}")
        return self._draws.ring(phone.agent, stream, seen[count - 1].after if cut else 0)


def habits(day: Day) -> CallerHabits:
    """Of those who were not asked that day: as those who were."""
    takes = [one.takes_callback for one in day.callers if one.takes_callback is not None]
    reached = day.dialled_back
    return msgspec.structs.replace(
        CALLERS,
        takes_callback=sum(takes) / len(takes) if takes else CALLERS.takes_callback,
        outside_answers=sum(reached) / len(reached) if reached else CALLERS.outside_answers,
    )


def new_agents(acd: AcdSettings, day: Day) -> list[AgentId]:
    """Whom the day's settings did not have."""
    known = {agent.id for agent in day.settings.acd.agents}
    return [agent.id for agent in acd.agents if agent.id not in known]


def hours(day: Day) -> tuple[Instant, Instant]:
    """From the first sign-in to the last sign-out, or to the end where somebody stayed."""
    ins = [wish.at for wish in day.wishes if isinstance(wish.event, ev.SignInAsked)]
    outs = [wish for wish in day.wishes if isinstance(wish.event, ev.SignOutAsked)]
    left = {wish.agent for wish in outs}
    stayed = any(w.agent not in left for w in day.wishes if isinstance(w.event, ev.SignInAsked))
    last = day.lasts if stayed or not outs else max(wish.at for wish in outs)
    return min(ins, default=0), last
