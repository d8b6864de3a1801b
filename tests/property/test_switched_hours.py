"""A world in which supervisors open and close the office all the time: who looks at the hours never
sees anything but what the last switch, its end and the schedule say."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import msgspec
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from ctid.acd.callback import CallbackRules
from ctid.acd.contacts import WAITING
from ctid.acd.overflow import Overflow, Rule, ToCallback, ToMessage
from ctid.centre.settings import CentreSettings
from ctid.core.commands import CallClosed, Command, Overflowed, RingAgent
from ctid.core.instants import SECOND, Duration
from ctid.core.journal import Line
from ctid.core.opening import HoursSwitched, HoursTurn, HoursTurned
from ctid.core.supervision import Supervisor
from ctid.ivr.opening import local
from sim.spreads import Spread
from sim.world.world import World
from tests.property.centre_machine import Mischief, Run, site_of
from tests.property.test_invariants import CUTS, mischiefs

EVE = Supervisor("eve", "Eve")
RULES = CallbackRules(2, retry_after=4_000, ring_for=10_000, keep=300_000, hours="office")
LONGEST = 900_000
"""After the last caller; every switch and every callback is over before."""


def settings(mischief: Mischief) -> CentreSettings:
    """Whoever waits when the office closes is told so; 1 asks for a callback in office hours."""
    made = site_of(mischief)
    rules = (Rule(ToMessage(("closed",)), "both", closed="office"), Rule(ToCallback(), key="1",
             at="key"), Rule(ToCallback(), "wait", waited=20_000))  # fmt: skip
    queues = tuple(
        msgspec.structs.replace(queue, overflow=Overflow(rules), callback=RULES)
        for queue in made.acd.queues
    )
    return msgspec.structs.replace(made, acd=msgspec.structs.replace(made.acd, queues=queues))


class Switched(Run):
    """Switches at random, and holds all that follows against the last turn."""

    def __init__(self, mischief: Mischief, switches: int = 12) -> None:
        mischief = msgspec.structs.replace(mischief, tasks=0)
        super().__init__(mischief, settings(mischief))
        habits = self.world.settings
        callers = msgspec.structs.replace(habits.callers, hidden=0.1, keys_waiting=0.7)
        self.world = World(
            msgspec.structs.replace(habits, callers=callers), self.settings.acd, mischief.seed
        )
        self.turn: HoursTurn | None = None
        self.seen = {"closed": 0, "open": 0, "schedule": 0, "over": 0, "moved": 0, "dialled": 0}
        self._stream = Random(f"{mischief.seed}/switch")
        self._switches = switches

    def play(self, linger: Duration = LONGEST) -> None:
        at = 0
        for _ in range(self._switches):
            at += self._stream.randrange(1, 40) * SECOND
            self.world.at(at, self._switch)
        super().play(linger)

    def _switch(self, now: int) -> None:
        to = self._stream.choice(("open", "closed", "closed", "schedule"))
        until = ""
        if to != "schedule" and self._stream.random() < 0.5:
            later = self.world.settings.wall_at_zero + now + 120 * SECOND
            until = local(later, "Asia/Shanghai").strftime("%H:%M")
        self.world.tell(HoursSwitched(EVE, "office", to, until))

    def _write(self, line: Line) -> None:
        self.now = line.t
        super()._write(line)

    def _note(self, commands: Sequence[Command]) -> None:
        wall = self.centre.epoch.wall(self.now)
        for command in commands:
            match command:
                case CallClosed(record=record):
                    self.closed[record.call] += 1
                case HoursTurned(record=turn):
                    self.turn = turn
                    self.seen[turn.to if turn.login else "over"] += 1
                case Overflowed(move=move) if move.kind == "closed":
                    assert not self._is_open(wall)
                    self.seen["moved"] += 1
                case RingAgent(dial=dial) if dial is not None:
                    assert self._is_open(wall), "nobody is dialled out of hours"
                    self.seen["dialled"] += 1
                case _:
                    pass
        router = self.centre.router
        if any(isinstance(command, HoursTurned) for command in commands) and not router.frozen:
            waiting = [c for c in router.contacts.values() if c.state == WAITING]
            assert self._is_open(wall) or not waiting, "all who waited were moved at once"

    def _is_open(self, wall: int) -> bool:
        turn = self.turn
        if turn is None or turn.to == "schedule" or (turn.until and wall >= turn.until):
            return self.settings.hours["office"].open_at(wall)
        return turn.to == "open"


@given(mischiefs)
@budget(max_examples=40)
def test_whatever_comes(mischief: Mischief) -> None:
    run = Switched(mischief)
    run.play()
    assert not run.centre.router.offers


@given(st.integers(0, 10**6), st.integers(1, 5), CUTS, st.booleans())
@budget(max_examples=40)
def test_every_caller_of_a_true_world_has_one_end(
    seed: int, agents: int, cuts: Spread, restarts: bool
) -> None:
    run = Switched(Mischief(seed, agents=agents, cut_every=cuts, restarts=restarts))
    run.play()
    assert {call for call in run.closed if "-cb" not in call} == {f"sim.{n}" for n in range(1, 26)}
    assert max(run.closed.values()) == 1
    assert run.turn is None or run.turn.to == "schedule" or not run.turn.until


def test_the_world_does_all_of_it() -> None:
    run = Switched(Mischief(3, agents=2, calls=80, restarts=True), switches=30)
    run.play()
    assert all(run.seen.values()), run.seen
