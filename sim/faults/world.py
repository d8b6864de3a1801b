"""A world in which things go wrong: wraps any `World`, and is driven as one (sim.driver.AnyWorld).

The world stays true to itself. What is spoilt is the way of its facts to the machine (`wire`), the
CRM's answers, and the equipment, in spells that begin and end at instants drawn beforehand.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from ctid.core import events as ev
from ctid.core.commands import Command, LookUpCustomer
from ctid.core.identity import CheckPin, PinChecked
from ctid.core.instants import SECOND, Instant
from ctid.core.tasks import TaskCancelled, TaskSubmitted
from sim.faults import equipment
from sim.faults.crm import Crm
from sim.faults.engine import Engine
from sim.faults.model import Faults, Spell
from sim.faults.wire import SURE, Wire
from sim.spreads import Fixed
from sim.world.world import World

Begin = Callable[[Instant, Instant], Callable[[Instant], None]]
"""(now, until): begins a spell; what it returns ends it."""


class FaultyWorld:
    """See the module. `sim.faults.beset` puts it together with a driver."""

    def __init__(self, world: World, faults: Faults, seed: object, engine: Engine) -> None:
        self.world = world
        self._faults = faults
        self._engine = engine
        self._seed = f"{seed}/faults/{faults.seed}"
        self._wire = Wire(faults, self._stream("wire"))
        self._crm = Crm(faults, self._stream("crm"), world.settings.customers)
        self._heap: list[tuple[Instant, int, Callable[[Instant], None]]] = []
        self._serial = 0
        self._alive = True
        self._waiting: list[ev.Event] = []
        """What people and mail systems try again when ctid is back."""
        self._outages = 0
        self._closed: list[str] = []
        """What keeps calls from coming in."""
        self._settling = False
        for name, spell, begin in self._kinds():
            self._plan_all(name, spell, begin)

    def _kinds(self) -> tuple[tuple[str, Spell, Begin], ...]:
        f = self._faults
        return (
            ("cut", f.link_cut, self._cut),
            ("stall", f.link_stall, self._stall),
            ("engine", f.engine_restart, self._kill),
            ("pbx", f.pbx_restart, self._stop_pbx),
            ("silent", f.phone_silent, self._silence),
            ("unreachable", f.phone_unreachable, self._unplug),
            ("trunks", f.trunks_full, self._fill_trunks),
            ("crm_down", f.crm_down, self._crm_down),
            ("clock", f.clock_jump, self._jump),
            ("flood", f.flood, self._flood),
        )

    def _stream(self, kind: str) -> Random:
        return Random(f"{self._seed}/{kind}")

    # -- the driver's side --

    def next_at(self) -> Instant | None:
        own = self._heap[0][0] if self._heap else None
        coming = (self.world.next_at(), self._wire.next_at(), own)
        return min((at for at in coming if at is not None), default=None)

    def take(self, now: Instant) -> Sequence[ev.Event]:
        while self._heap and self._heap[0][0] <= now:
            heapq.heappop(self._heap)[2](now)
        for fact in self.world.take(now):
            self._on_its_way(fact, now)
        facts = self._wire.arrived(now)
        if (
            self._faults.reload_after_cut
            and any(isinstance(f, ev.Inventory) for f in facts)
            and now
        ):
            self._engine.reload()
        self._look_at_last(now)
        return facts

    def carry_out(self, commands: Sequence[Command], now: Instant) -> None:
        for command in commands:
            if isinstance(command, LookUpCustomer | CheckPin):
                self._crm.ask(command, now)
        self.world.carry_out(commands, now)

    def _on_its_way(self, fact: ev.Event, now: Instant) -> None:
        if not self._alive:
            if not isinstance(fact, SURE) and isinstance(fact, AGAIN):
                self._waiting.append(fact)
            return
        if isinstance(fact, ev.CustomerLookedUp | PinChecked):
            fact, at = self._crm.answer(fact, now)
            if at > now:
                self._wire.put(fact, at)
                return
        self._wire.send(fact, now, may_be_lost=not self._settling)

    def _look_at_last(self, now: Instant) -> None:
        """Where facts were lost, the link is read anew when all is quiet, and then loses none."""
        if self._wire.lost and self.next_at() is None:
            self._settling = True
            self._at(now + 30 * SECOND, lambda at: self._begin(self._cut, SECOND, at))

    # -- spells --

    def _at(self, at: Instant, happening: Callable[[Instant], None]) -> None:
        self._serial += 1
        heapq.heappush(self._heap, (at, self._serial, happening))

    def _plan_all(self, name: str, spell: Spell, begin: Begin) -> None:
        dice = self._stream(name)
        for at in spell.at:
            self._at(at, partial(self._begin, begin, spell.lasts.draw(dice)))
        self._plan(spell, begin, dice, 0)

    def _plan(self, spell: Spell, begin: Begin, dice: Random, now: Instant) -> None:
        if spell.every == Fixed(0):
            return
        at = now + max(spell.every.draw(dice), 1)
        lasts = spell.lasts.draw(dice)
        self._at(at, lambda now: self._next(spell, begin, dice, lasts, now))

    def _next(self, spell: Spell, begin: Begin, dice: Random, lasts: int, now: Instant) -> None:
        # A flood's own callers are no reason for another one.
        flooded = begin == self._flood and not self.world.arrivals.more()
        if self.world.expects_callers and not flooded:
            self._begin(begin, lasts, now)
            self._plan(spell, begin, dice, now + max(lasts, 1))

    def _begin(self, begin: Begin, lasts: int, now: Instant) -> None:
        until = now + max(lasts, 1)
        self._at(until, begin(now, until))

    def _cut(self, now: Instant, until: Instant) -> Callable[[Instant], None]:
        name = self._outage("cut")
        self.world.link_down(name)
        return lambda at: self.world.link_back(name)

    def _outage(self, kind: str) -> str:
        self._outages += 1
        return f"{kind} {self._outages}"

    def _stall(self, now: Instant, until: Instant) -> Callable[[Instant], None]:
        self._wire.stall(until)
        return _nothing

    def _kill(self, now: Instant, until: Instant) -> Callable[[Instant], None]:
        if not self._alive:
            return _nothing
        self._alive = False
        self._engine.kill()
        name = self._outage("killed")
        self.world.link_down(name)
        equipment.break_menus(self.world, now)
        self._drop(now)
        return lambda at: self._start(name)

    def _drop(self, now: Instant) -> None:
        """Nobody reads what is on its way; people try again later."""
        for fact in (*self._wire.empty(), *self.world.take(now)):
            self._on_its_way(fact, now)

    def _start(self, name: str) -> None:
        world = self.world
        self._engine.start()
        self._alive = world.ctid_up = True
        boot = f"{world.settings.boot}{len(self._engine.restarts)}"
        world.tell(ev.Started(boot, world.settings.wall_at_zero))
        world.link_back(name)
        for fact in self._waiting:
            world.tell(fact)
        self._waiting = []

    def _stop_pbx(self, now: Instant, until: Instant) -> Callable[[Instant], None]:
        name, dice = self._outage("pbx"), self._stream(f"registers {now}")
        self.world.link_down(name)
        self._close(name)
        equipment.stop_pbx(self.world)

        def back(at: Instant) -> None:
            self._open(name)
            equipment.start_pbx(self.world, dice, at)
            self.world.link_back(name)

        return back

    def _silence(self, now: Instant, until: Instant) -> Callable[[Instant], None]:
        phone = self.world.phones[self._stream(f"silent {now}").choice(sorted(self.world.phones))]
        phone.silent_until = until
        return _nothing

    def _unplug(self, now: Instant, until: Instant) -> Callable[[Instant], None]:
        dice = self._stream(f"unreachable {now}")
        phone = self.world.phones[dice.choice(sorted(self.world.phones))]
        equipment.unplug(self.world, phone, now)
        return lambda at: equipment.plug_in(self.world, phone)

    def _fill_trunks(self, now: Instant, until: Instant) -> Callable[[Instant], None]:
        name = self._outage("trunks")
        self._close(name)
        return lambda at: self._open(name)

    def _close(self, why: str) -> None:
        self._closed.append(why)
        self.world.trunks_full = True

    def _open(self, why: str) -> None:
        self._closed.remove(why)
        self.world.trunks_full = bool(self._closed)

    def _crm_down(self, now: Instant, until: Instant) -> Callable[[Instant], None]:
        self._crm.down_until = until
        return _nothing

    def _jump(self, now: Instant, until: Instant) -> Callable[[Instant], None]:
        most = self._faults.clock_jump_by
        equipment.jump(self.world, self._stream(f"jump {now}").randint(-most, most))
        return _nothing

    def _flood(self, now: Instant, until: Instant) -> Callable[[Instant], None]:
        dice = self._stream(f"flood {now}")
        equipment.flood(self.world, self._faults.flood_calls, dice, now, until)
        return _nothing


AGAIN = (
    ev.SignInAsked, ev.SignOutAsked, ev.ReadyAsked, ev.BreakAsked, ev.WrapUpDone,
    ev.DispositionGiven, ev.HangUpAsked, ev.ScreenLost, ev.ScreenBack, TaskSubmitted,
    TaskCancelled,
)  # fmt: skip
"""What people press again, and other systems send again, when nobody took it."""


def _nothing(now: Instant) -> None:
    """The end of a spell that ends by itself."""
