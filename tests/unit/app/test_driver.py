"""The driver's contract, line by line, as docs/architecture.md has it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from ctid.centre.replay import replay
from ctid.core import events as ev
from ctid.core.commands import AgentChanged, Command, RingAgent
from ctid.core.journal import FORMAT, Header
from tests.fakes import virtual_loop
from tests.fakes.engine import HandClock
from tests.fakes.machine_room import (
    A_CALL,
    AGENT,
    DEFECT,
    OFFER,
    OPENING,
    SETTINGS,
    MachineRoom,
)


@pytest.fixture
async def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def room(clock: HandClock) -> AsyncIterator[MachineRoom]:
    made = MachineRoom(clock)
    yield made
    made.driver.stop()


async def test_a_deadline_fires_before_the_fact_of_the_same_instant(
    room: MachineRoom, clock: HandClock
) -> None:
    room.submit(*OPENING, *A_CALL)
    due = room.centre.next_deadline()
    assert due is not None
    clock.move(due - clock.now())
    room.submit(ev.BreakAsked(AGENT, "lunch"))
    fired, asked = room.lines[-2:]
    assert (fired.e, fired.t) == (None, due)
    assert [c.state for c in fired.c if isinstance(c, AgentChanged)] == ["ready"]
    assert (asked.e, asked.t) == (ev.BreakAsked(AGENT, "lunch"), due)
    assert room.driver.snapshot().agents[0].reason == "lunch"


async def test_a_line_is_journalled_before_its_commands_are_carried_out(room: MachineRoom) -> None:
    room.submit(*OPENING, *A_CALL)
    expected: list[object] = []
    for line in room.lines:
        expected += [line, *line.c]
    assert room.trace == expected
    assert [line.n for line in room.lines] == list(range(1, len(room.lines) + 1))


async def test_time_never_runs_backwards(room: MachineRoom, clock: HandClock) -> None:
    room.submit(*OPENING)
    seen = clock.now()
    clock.move(-5_000)
    assert room.driver.now() == seen
    room.submit(*A_CALL)
    clock.move(6_000)
    room.submit(ev.ScreenBack(AGENT))
    times = [line.t for line in room.lines]
    assert times == sorted(times)
    assert times[-2:] == [seen, seen + 1_000]


async def test_facts_that_come_while_commands_are_carried_out_wait_their_turn(
    room: MachineRoom,
) -> None:
    """Results of commands are facts too, and the machine is never entered twice."""
    depth = 0

    def on_command(command: Command) -> None:
        nonlocal depth
        assert depth == 0, "the driver was entered again"
        depth += 1
        if isinstance(command, RingAgent):
            before = room.driver.events
            room.submit(ev.AgentRinging(command.offer), ev.LegEnded(command.offer, "busy"))
            assert room.driver.events == before, "handled at once"
        depth -= 1

    room.on_command = on_command
    room.submit(*OPENING, A_CALL[0])
    kinds = [type(line.e) for line in room.lines[len(OPENING) :]]
    assert kinds == [ev.CallWaiting, ev.AgentRinging, ev.LegEnded]
    assert not room.dead


async def test_a_defect_becomes_a_dead_letter_and_the_next_fact_is_handled(
    room: MachineRoom,
) -> None:
    room.submit(*OPENING, DEFECT, A_CALL[0])
    [(event, error)] = room.dead
    assert event is DEFECT
    assert isinstance(error, TypeError)
    assert room.rings() == [OFFER]
    assert DEFECT not in [line.e for line in room.lines], "its line would not replay"
    assert [line.n for line in room.lines] == list(range(1, len(room.lines) + 1))


async def test_a_shell_that_raises_is_a_dead_letter_too(room: MachineRoom) -> None:
    def on_command(command: Command) -> None:
        if isinstance(command, RingAgent):
            room.submit(ev.AgentRinging(command.offer))
            raise ZeroDivisionError("a defect of the shell")

    room.on_command = on_command
    room.submit(*OPENING, A_CALL[0])
    [(event, error)] = room.dead
    assert (event, type(error)) == (A_CALL[0], ZeroDivisionError)
    assert room.lines[-1].e == ev.AgentRinging(OFFER), "what waited is handled"


async def test_what_was_journalled_replays_to_the_same(room: MachineRoom) -> None:
    room.submit(*OPENING, *A_CALL)
    header = Header(FORMAT, "test", msgspec.Raw(msgspec.json.encode(SETTINGS)))
    assert replay([header, *room.lines]).difference is None


# -- the timer, on a loop whose clock jumps --


class LoopClock:
    """The loop's time, and `late` milliseconds behind it."""

    def __init__(self, late: int = 0) -> None:
        self._loop, self._late = asyncio.get_running_loop(), late

    def now(self) -> int:
        return round(self._loop.time() * 1000) - self._late

    def wall(self) -> int:
        return 1_790_000_000_000 + self.now()


class CountingLoop(virtual_loop.VirtualLoop):
    """Remembers every timer."""

    def __init__(self) -> None:
        super().__init__()
        self.timers: list[asyncio.TimerHandle] = []

    def call_at(self, when, callback, *args, context=None):
        timer = super().call_at(when, callback, *args, context=context)
        self.timers.append(timer)
        return timer

    def armed(self) -> int:
        """Timers that will still fire."""
        return sum(not t.cancelled() and t.when() > self.time() for t in self.timers)


def run(story) -> None:
    with asyncio.Runner(loop_factory=CountingLoop) as runner:
        runner.run(story())


def test_the_timer_wakes_the_machine_at_its_deadline() -> None:
    async def story() -> None:
        room = MachineRoom(LoopClock())
        room.submit(*OPENING, *A_CALL)
        due = room.centre.next_deadline()
        assert due is not None
        await asyncio.sleep((due - 1) / 1000)
        assert room.lines[-1].e is not None
        await asyncio.sleep(0.002)
        assert (room.lines[-1].e, room.lines[-1].t) == (None, due)
        room.driver.stop()

    run(story)


def test_a_timer_that_fires_early_counts_as_on_time() -> None:
    async def story() -> None:
        room = MachineRoom(LoopClock())
        room.submit(*OPENING, *A_CALL)
        due = room.centre.next_deadline()
        assert due is not None
        room.driver._clock = LoopClock(late=3)  # as where the loop's clock is the coarser one
        await asyncio.sleep((due + 1) / 1000)
        assert (room.lines[-1].e, room.lines[-1].t) == (None, due)
        assert room.driver.now() == due
        room.driver.stop()

    run(story)


def test_there_is_one_timer_and_none_after_stop() -> None:
    async def story() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, CountingLoop)
        room = MachineRoom(LoopClock())
        for event in (*OPENING, *A_CALL):
            room.submit(event)
            assert loop.armed() == (room.centre.next_deadline() is not None)
        room.driver.stop()
        assert loop.armed() == 0

    run(story)


def test_a_deadline_that_was_taken_back_wakes_nobody() -> None:
    async def story() -> None:
        room = MachineRoom(LoopClock())
        room.submit(*OPENING, *A_CALL)
        wrap_up_ends = room.centre.next_deadline()
        room.submit(ev.WrapUpDone(AGENT))
        count = len(room.lines)
        assert wrap_up_ends is not None
        await asyncio.sleep((wrap_up_ends + 1) / 1000)
        assert len(room.lines) == count
        room.driver._wake(wrap_up_ends)  # one that was on its way already
        assert len(room.lines) == count
        room.driver.stop()

    run(story)


def test_a_defect_in_a_deadline_does_not_stop_the_timer() -> None:
    async def story() -> None:
        room = MachineRoom(LoopClock())
        room.submit(*OPENING, *A_CALL)
        room.centre.deadlines.arm(("nobody", "x"), 50)  # stands for a defect
        room.submit(ev.ScreenBack(AGENT))
        await asyncio.sleep(0.1)
        assert [event for event, _ in room.dead] == [None]
        due = room.centre.next_deadline()
        assert due is not None
        await asyncio.sleep(due / 1000)
        assert room.driver.snapshot().agents[0].state == "ready"
        room.driver.stop()

    run(story)
