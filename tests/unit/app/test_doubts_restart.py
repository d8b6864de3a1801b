"""Doubts: what a process that was killed had decided, and what the next one makes of it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ctid.app.clocks import SystemClock
from ctid.app.driver import Driver
from ctid.app.recover import Beginning, begin
from ctid.centre.centre import Centre
from ctid.centre.settings import CentreSettings
from ctid.core import events as ev
from ctid.core.commands import Command, LookUpCustomer, RingAgent, StopRinging
from ctid.core.journal import Line
from ctid.core.records import ChannelFact
from ctid.store.journal import JournalFile
from tests.fakes.engine import HandClock
from tests.golden import site
from tests.golden.transcript import WALL

CALLER = ChannelFact("PJSIP/t-c1", "c1", "caller", "queue", queue="sales")
READY = (
    ev.Started("b1", WALL), ev.Inventory(False, (), site.phones()),
    ev.SignInAsked("anna"), ev.ReadyAsked("anna"),
)  # fmt: skip
WAITS = ev.CallWaiting("c1", "PJSIP/t-c1", "sales", WALL)


class Killed:
    """A process that journals what it hears, second by second, and then is killed."""

    def __init__(self, folder: Path, *events: ev.Event) -> None:
        self.folder, self.settings = folder, site.settings()
        centre, self.journal = Centre(self.settings), JournalFile(folder, "test", _fail)
        encode = msgspec.json.encode
        self.journal.begin(encode(self.settings), encode(centre.dump()), 1)
        for n, event in enumerate(events, 1):
            self.now = n * 100
            commands = tuple(centre.handle(event, self.now))
            self.journal.write(Line(n, self.now, event, commands))
        self.journal.close()

    def next_process(self, after: int, settings: CentreSettings | None = None) -> NextProcess:
        return NextProcess(begin(self.folder, settings or self.settings), self.now + after)


class NextProcess:
    """The driver of the process after it."""

    def __init__(self, beginning: Beginning, now: int) -> None:
        self.centre, self.clock = beginning.centre, HandClock(now)
        self.lines: list[Line] = []
        self.driver = Driver(
            beginning.centre, self.clock, self, lambda line, commands: None, _defect,
            last=beginning.last, first_line=beginning.next_line,
        )  # fmt: skip
        self.started = self.say(ev.Started("b2", WALL))

    def write(self, line: Line) -> None:
        self.lines.append(line)

    def say(self, event: ev.Event, after: int = 0) -> list[Command]:
        self.clock.move(after)
        before = len(self.lines)
        self.driver.submit(event)
        self.driver.stop()
        return [command for line in self.lines[before:] for command in line.c]


def _fail(text: str) -> None:
    raise AssertionError(text)


def _defect(event: ev.Event | None, error: Exception) -> None:
    raise AssertionError(event) from error


def kinds(commands: list[Command], kind: type[Command]) -> list[Command]:
    return [c for c in commands if isinstance(c, kind)]


def leg(place: str) -> ChannelFact:
    fact = ChannelFact("PJSIP/1001-1", "b1-2", "agent", "other", call="c1", phone="PJSIP/1001")
    return msgspec.structs.replace(fact, place=place)


async def test_no_agent_is_rung_before_the_inventory(tmp_path: Path) -> None:
    """A wrap-up ran out while the process was down: the caller who waits is not offered blindly."""
    killed = Killed(
        tmp_path, *READY, WAITS, ev.AgentAnswered("b1-2"), ev.CallBridged("b1-2"),
        ev.CallEnded("c1", "16"), ev.LegEnded("b1-2", "hangup"),
        ev.CallWaiting("c2", "PJSIP/t-c2", "sales", WALL),
    )  # fmt: skip
    new = killed.next_process(after=60_000)
    assert kinds(new.started, RingAgent) == []
    assert isinstance(new.lines[0].e, ev.Started), "its boot is the key of every line behind it"
    waits = msgspec.structs.replace(CALLER, id="c2", channel="PJSIP/t-c2")
    commands = new.say(ev.Inventory(False, (waits,), site.phones()), after=50)
    assert [c.call for c in kinds(commands, RingAgent)] == ["c2"]


async def test_an_answer_during_the_downtime_is_believed(tmp_path: Path) -> None:
    """Killed while Anna's phone rang; she answered and talks. Nobody else is offered her caller."""
    new = Killed(tmp_path, *READY, WAITS).next_process(after=60_000)
    talk = ev.Inventory(
        False, (msgspec.structs.replace(CALLER, place="talking"), leg("talking")), site.phones()
    )
    assert kinds(new.started, StopRinging) == []
    new.say(talk, after=50)
    assert new.centre.router.staff.agents["anna"].state == "on_call"
    new.say(ev.SignInAsked("bob"))
    later = new.say(ev.ReadyAsked("bob"))
    for _ in range(60):
        later += new.say(ev.ScreenBack("bob"), after=1000)
    assert kinds(later, RingAgent) == []
    assert new.centre.calls["c1"].was_bridged


async def test_a_ringing_that_was_to_stop_is_stopped_again_by_the_next_process(
    tmp_path: Path,
) -> None:
    """StopRinging was journalled and never sent: the phone must not ring on for a caller gone."""
    new = Killed(tmp_path, *READY, WAITS, ev.CallEnded("c1", "16")).next_process(after=500)
    commands = new.say(ev.Inventory(False, (leg("ringing"),), site.phones()), after=50)
    assert [c.offer for c in kinds(commands, StopRinging)] == ["b1-2"]


async def test_a_look_up_that_the_killed_process_did_not_finish_is_asked_again(
    tmp_path: Path,
) -> None:
    """Else the pop of this caller says "looking" for ever."""
    known = msgspec.structs.replace(WAITS, number="+8613800138000")
    killed = Killed(tmp_path, ev.Started("b1", WALL), ev.Inventory(False, (), site.phones()), known)
    new = killed.next_process(after=500)
    commands = new.say(ev.Inventory(False, (CALLER,), site.phones()), after=50)
    (again,) = kinds(commands, LookUpCustomer)
    assert isinstance(again, LookUpCustomer)
    new.say(ev.CustomerLookedUp("c1", again.request, "found", (site.ZHANG,)), after=50)
    assert new.centre.calls["c1"].customers == (site.ZHANG,)
    # The same process asks once: a cut link does not lose its look-ups.
    assert kinds(new.say(ev.Inventory(False, (CALLER,), site.phones())), LookUpCustomer) == []


async def test_a_code_check_in_a_flow_that_is_gone_does_no_harm(tmp_path: Path) -> None:
    """The check's time ran out during the downtime, and the new config has no such flow."""
    killed = Killed(
        tmp_path, *READY, ev.CallArrived("c1", "PJSIP/t-c1", "", "", "4000"),
        ev.DigitsCollected("c1", "1", "full"), ev.DigitsCollected("c1", "100001", "full"),
    )  # fmt: skip
    old = killed.settings
    flows = {"direct": old.flows["direct"]}
    settings = msgspec.structs.replace(old, flows=flows, entries={"*": "direct"})
    new = killed.next_process(60_000, settings)
    commands = new.say(ev.Inventory(False, (CALLER,), site.phones()), after=50)
    assert [c.call for c in kinds(commands, RingAgent)] == ["c1"]


def test_time_goes_on_although_the_wall_clock_was_set_back_during_the_downtime() -> None:
    """Else nothing is due for as long as the clock went back: a wrap-up of an hour."""
    wall = SystemClock().wall()
    last = 3_600_000  # the journal's last line, an hour after its zero ...
    clock = SystemClock(wall - 1_000, last)  # ... and the wall says one second after it
    assert last <= clock.now() < last + 500
    assert abs(clock.wall_at_zero - (wall - last)) < 500
    usual = SystemClock(wall - 5_000, 3_000)
    assert 5_000 <= usual.now() < 5_500, "the downtime is time that has passed"


def test_facts_of_the_file_before_the_last_are_offered_for_the_record_again(
    tmp_path: Path,
) -> None:
    """The database is down; killed, started, killed again before it came back."""
    killed = Killed(tmp_path, *READY, WAITS, ev.CallEnded("c1", "16"))
    first = begin(tmp_path, killed.settings)
    assert "CallClosed" in [type(c.command).__name__ for c in first.unwritten]
    journal, encode = JournalFile(tmp_path, "test", _fail), msgspec.json.encode
    journal.begin(encode(killed.settings), encode(first.centre.dump()), first.next_line)
    journal.close()
    again = begin(tmp_path, killed.settings)
    assert "CallClosed" in [type(c.command).__name__ for c in again.unwritten]
