"""Callers come: as planned, in inflows, or one after the other; and those who found all lines busy.

Who comes when, and what kind of person it is, does not depend on what the machine decides: callers
are numbered in the order in which they first call, and each draws from streams that are named after
the place within the inflow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from ctid.core import events as ev
from ctid.core.instants import Instant
from ctid.core.records import CustomerCard
from sim.world.entities import Caller
from sim.world.habits import CallerHabits, Inflow
from sim.world.inflow import Poisson, pick
from sim.world.plan import PlannedCaller, door

if TYPE_CHECKING:
    from sim.world.world import World


class Arrivals:
    """See the module."""

    def __init__(self, world: World) -> None:
        self._world = world
        settings = world.settings
        self._gaps = world.stream("arrivals")
        self._left = settings.callers.calls
        self._sources = 0
        """Inflows and plans with more callers to come."""
        self._number = 0
        self._within: Counter[str] = Counter()
        """By inflow: how many have come."""
        self._inflows = {inflow.id: inflow for inflow in settings.inflows}
        self._graded: dict[str, list[CustomerCard]] = {}
        for card in settings.customers:
            self._graded.setdefault(card.grade, []).append(card)

    def begin(self, now: Instant) -> None:
        """The doors open."""
        world, settings = self._world, self._world.settings
        if self._left:
            world.at(now + settings.first_call, self._one_more)
        self._await_planned(iter(sorted(settings.plan, key=lambda one: one.at)))
        for inflow in settings.inflows:
            self._await(inflow, self._instants(inflow))
            for number, burst in enumerate(inflow.bursts):
                stream = world.stream(f"{inflow.id}/burst{number}")
                for _ in range(burst.callers):
                    at = burst.at + stream.randint(0, burst.within)
                    world.at(at, partial(self._of, inflow))

    def more(self) -> bool:
        """Whether anybody is still to come, redials apart."""
        return self._left > 0 or self._sources > 0

    # -- when --

    def _one_more(self, now: Instant) -> None:
        self._left -= 1
        habits = self._world.settings.callers
        self.one(habits, Inflow(""), PlannedCaller(at=now), now)
        if self._left:
            self._world.at(now + habits.arrivals.draw(self._gaps), self._one_more)

    def _await_planned(self, plans: Iterator[PlannedCaller]) -> None:
        plan = next(plans, None)
        if plan is None:
            return
        self._sources += 1
        inflow = self._inflows.get(plan.inflow)
        habits = inflow.habits if inflow else self._world.settings.callers

        def come(now: Instant) -> None:
            self._sources -= 1
            self._await_planned(plans)
            self.one(habits, Inflow(plan.inflow), plan, now)

        self._world.at(plan.at, come)

    def _instants(self, inflow: Inflow) -> Iterator[Instant]:
        stream, until = self._world.stream(f"{inflow.id}/arrivals"), self._world.settings.lasts
        if inflow.between is not None:
            at = inflow.between.draw(stream)
            while at < until:
                yield at
                at += inflow.between.draw(stream)
        elif inflow.rates:
            process = Poisson(inflow.rates, until, stream)
            while (instant := process.next()) is not None:
                yield instant

    def _await(self, inflow: Inflow, instants: Iterator[Instant]) -> None:
        at = next(instants, None)
        if at is None:
            return
        self._sources += 1

        def come(now: Instant) -> None:
            self._sources -= 1
            self._await(inflow, instants)
            self._of(inflow, now)

        self._world.at(at, come)

    def _of(self, inflow: Inflow, now: Instant) -> None:
        plan = PlannedCaller(at=now, queue=inflow.queue)
        self.one(inflow.habits, inflow, plan, now)

    # -- who --

    def one(self, habits: CallerHabits, inflow: Inflow, plan: PlannedCaller, now: Instant) -> None:
        """One caller, whom the plan tells as far as it is known, and who then calls."""
        self._number += 1
        self._within[inflow.id] += 1
        world = self._world
        call = f"{world.settings.boot}.{self._number}"
        # Named within the inflow: with another inflow beside it, the people of this one stay.
        dice = world.dice(f"{inflow.id}/{self._within[inflow.id]}")
        caller = Caller(
            call, f"PJSIP/trunk-{self._number:08x}", dice, habits,
            inflow=inflow.id, plan=plan, patience=plan.patience, talk=plan.talk,
        )  # fmt: skip
        stream = caller.dice.of("who")
        caller.dialled = stream.choice(habits.dialled)
        stranger = stream.random() < habits.strangers
        caller.customer = None if stranger else self._customer(inflow, caller)
        shown = stream.random() >= habits.hidden
        drawn = f"+8613{stream.randrange(10**9):09d}"
        if shown:
            known = caller.customer.numbers if caller.customer else ()
            caller.number = known[0] if known else drawn
        if plan.number is not None:
            caller.number, caller.customer = plan.number, world.crm.at_number(plan.number)
        if plan.code is not None and (known_by_code := world.crm.with_code(plan.code)):
            caller.customer = known_by_code
        caller.name = caller.customer.name_latin if caller.customer else ""
        if plan.queue:
            caller.dialled = self._door(inflow, caller, plan)
        elif plan.dialled is not None:
            caller.dialled = plan.dialled
        self.call(caller, now)

    def _customer(self, inflow: Inflow, caller: Caller) -> CustomerCard | None:
        stream = caller.dice.of("who")
        customers = self._world.settings.customers
        if inflow.grades:
            found = self._graded.get(pick(inflow.grades, stream), ())
            return stream.choice(found) if found else None
        return stream.choice(customers) if customers else None

    def _door(self, inflow: Inflow, caller: Caller, plan: PlannedCaller) -> str:
        stream = caller.dice.of("who")
        drawn = pick(inflow.languages, stream) if inflow.languages else ""
        brings = stream.random() < inflow.with_code if plan.code is None else bool(plan.code)
        return door(plan.queue, plan.language or drawn, code=brings)

    def call(self, caller: Caller, now: Instant) -> None:
        """The caller calls, for the first time or again, and finds a line or all of them busy."""
        world = self._world
        trunks = world.settings.trunks
        if world.trunks_full or (trunks and len(world.callers) >= trunks):
            world.tally.blocked += 1
            world.redials.maybe(caller, caller.habits.redial.busy, now)
            return
        world.tally.arrived += 1
        world.callers[caller.call] = caller
        if not world.ctid_up:
            world.fall_back(caller, now)
            return
        world.tell(
            ev.CallArrived(caller.call, caller.channel, caller.number, caller.name, caller.dialled)
        )
