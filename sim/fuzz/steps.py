"""A run as its facts alone, fed straight into a fresh machine: what a shrinker works on.

Ids that the machine itself hands out (of offers, of supervisors' legs, of callbacks' calls) depend
on all that happened before. So a step keeps the recorded id, and when the run is fed again without
some of its steps, that id means the same ordinal: the second phone that rang for this call, say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from ctid.centre.centre import Centre
from ctid.centre.invariants import Checker, InvariantBroken
from ctid.centre.settings import CentreSettings
from ctid.core.commands import Command, RingAgent, Spy
from ctid.core.events import Event, Inventory, Started
from ctid.core.instants import Instant
from ctid.core.journal import Line
from ctid.core.tasks import OfferTask
from sim.faults.engine import loaded, saved_state

Symbol = tuple[str, int]
"""(what the id belongs to, which of its ids in order)"""


class Step(msgspec.Struct, frozen=True):
    """One fact; or none, and then only time passes."""

    at: Instant
    fact: Event | None
    ids: tuple[str, ...] = ()
    """Ids in it that the machine had handed out."""
    load: bool = False
    """The machine is loaded from its state, as after kill -9."""


class Violation(msgspec.Struct, frozen=True):
    """What the checker saw, or what the machine raised."""

    kind: str
    """The same for the same defect: what should hold, or the type of what was raised."""
    text: str
    line: int
    """Number of the journal's line."""
    at: Instant


class Fed(msgspec.Struct):
    """A run of a fresh machine."""

    lines: list[Line]
    violation: Violation | None
    loads: list[int]
    """After how many lines the machine was loaded from its state."""
    state: bytes
    """The machine as it was at the last of these loads; empty where there was none."""


class Names:
    """Which id stands for which symbol, in one run."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self.symbol_of: dict[str, Symbol] = {}
        self.id_of: dict[Symbol, str] = {}

    def learn(self, commands: Iterable[Command]) -> None:
        """Ids appear in orders to ring."""
        for command in commands:
            match command:
                case RingAgent():
                    self._turn(command.call)
                    self._new(command.offer, f"ring {self._whose(command.call)}")
                case Spy():
                    self._new(command.spy, f"spy {self._whose(command.call)}")
                case OfferTask():
                    self._new(command.offer, f"card {command.task}")
                case _:
                    pass

    def _turn(self, call: str) -> None:
        caller, _, turn = call.rpartition("-cb")
        if turn.isdigit() and call not in self.symbol_of:
            self._new(call, f"turn {caller}")

    def _whose(self, call: str) -> str:
        return str(self.symbol_of.get(call, call))

    def _new(self, made: str, of: str) -> None:
        number = self._counts[of] = self._counts.get(of, 0) + 1
        self.symbol_of[made] = of, number
        self.id_of[of, number] = made


def steps_of(lines: Sequence[Line], loads: Sequence[int] = ()) -> tuple[list[Step], Names]:
    """The facts of a journal, and what its ids mean."""
    names, steps, left = Names(), [], sorted(loads)
    for done, line in enumerate(lines):
        while left and left[0] <= done:
            left.pop(0)
            steps.append(Step(line.t, None, load=True))
        if line.e is not None:
            steps.append(Step(line.t, line.e, _ids_in(line.e, names)))
        names.learn(line.c)
    if lines and lines[-1].e is None:
        steps.append(Step(lines[-1].t, None))
    return steps, names


def _ids_in(fact: Event, names: Names) -> tuple[str, ...]:
    values: list[object] = [getattr(fact, field) for field in fact.__struct_fields__]
    if isinstance(fact, Inventory):
        values = [value for one in fact.channels for value in (one.id, one.call)]
    texts = [value for value in values if isinstance(value, str)]
    return tuple(dict.fromkeys(text for text in texts if text in names.symbol_of))


class Machine:
    """A machine under a checker, driven as the driver's contract says."""

    def __init__(self, settings: CentreSettings) -> None:
        self.settings = settings
        self.centre = Centre(settings)
        self._checker = Checker(self.centre)
        self.names = Names()
        self.fed = Fed([], None, [], b"")

    def step(self, step: Step, fact: Event | None) -> None:
        """Up to its instant, and then the fact.

        Raises:
            InvariantBroken: the checker's; or whatever the machine raises.
        """
        if step.load:
            self._load()
            return
        while not isinstance(fact, Started):
            due = self.centre.next_deadline()
            if due is None or due > step.at:
                break
            self._line(None, max(due, self._last()))
        if fact is not None:
            self._line(fact, step.at)

    def _last(self) -> Instant:
        return self.fed.lines[-1].t if self.fed.lines else 0

    def _line(self, fact: Event | None, now: Instant) -> None:
        number = len(self.fed.lines) + 1
        try:
            said = self.centre.advance(now) if fact is None else self.centre.handle(fact, now)
        except Exception:
            self.fed.lines.append(Line(number, now, fact))
            raise
        self.fed.lines.append(Line(number, now, fact, tuple(said)))
        self.names.learn(said)
        self._checker.follow(said, now, fact)

    def _load(self) -> None:
        saved = saved_state(self.centre)
        self.centre = self._checker.centre = loaded(self.settings, saved)
        self.fed.loads.append(len(self.fed.lines))
        self.fed.state = saved


def feed(
    settings: CentreSettings,
    steps: Iterable[Step],
    names: Names | None = None,
) -> Fed:
    """The steps into a fresh machine, until they are over or something is wrong. `names` are those
    of the run that the steps come from; without them ids stay as they are.

    Facts about an id that this run has not handed out are left out.
    """
    machine = Machine(settings)
    for step in steps:
        fact = step.fact
        if fact is not None and step.ids and names is not None:
            fact = renamed(step, names, machine.names)
            if fact is None:
                continue
        try:
            machine.step(step, fact)
        except Exception as error:  # whatever is wrong is what is looked for
            machine.fed.violation = violation_of(error, machine.fed.lines)
            break
    return machine.fed


def violation_of(error: Exception, lines: Sequence[Line]) -> Violation:
    """What an error says of the last line."""
    number, at = (lines[-1].n, lines[-1].t) if lines else (0, 0)
    if isinstance(error, InvariantBroken):
        return Violation(error.what, str(error), number, at)
    kind = f"raised {type(error).__name__}"
    return Violation(kind, f"{kind}: {error}", number, at)


def renamed(step: Step, old: Names, new: Names) -> Event | None:
    """The fact with this run's ids; None where one was not handed out."""
    changes: dict[str, str] = {}
    for recorded in step.ids:
        now = new.id_of.get(old.symbol_of[recorded])
        if now is None:
            return None
        if now != recorded:
            changes[recorded] = now
    if not changes or step.fact is None:
        return step.fact
    plain = msgspec.to_builtins(step.fact)
    changed: Event = msgspec.convert(_replaced(plain, changes), type=Event)
    return changed


def _replaced(value: object, changes: dict[str, str]) -> object:
    match value:
        case str():
            return changes.get(value, value)
        case dict():
            return {key: _replaced(one, changes) for key, one in value.items()}
        case list() | tuple():
            return [_replaced(one, changes) for one in value]
        case _:
            return value
