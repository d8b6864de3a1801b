"""The stories of opening hours: the switch on the board, and calendars that come to their end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import msgspec

from ctid.acd.callback import CallbackRules
from ctid.acd.overflow import Overflow, Rule, ToHangUp, ToMessage
from ctid.centre.settings import CentreSettings
from ctid.core import events as ev
from ctid.core.opening import HoursSwitched
from ctid.core.supervision import Supervisor
from ctid.ivr import flow
from tests.golden import callback
from tests.golden.site import opened, phones, settings, to_sales
from tests.golden.transcript import WALL, Scenario

EVE = Supervisor("eve", "Eve")
ADAM = Supervisor("adam", "Adam")
HOUR = 3_600_000


def site() -> CentreSettings:
    """Whoever waits in sales when the office closes is told so; whoever joins then is not let in.
    Calls in office hours go before others."""
    made = settings()
    rules = (
        Rule(ToMessage(("closed",)), "wait", closed="office"),
        Rule(ToHangUp(), "join", closed="office"),
    )
    queues = tuple(
        msgspec.structs.replace(queue, overflow=Overflow(rules)) if queue.id == "sales" else queue
        for queue in made.acd.queues
    )
    acd = msgspec.structs.replace(made.acd, queues=queues)
    return msgspec.structs.replace(made, acd=acd)


def begun(made: CentreSettings) -> Scenario:
    """The centre is up; nobody is signed in."""
    s = Scenario(made)
    s.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    return s


def menu(s: Scenario, call: str) -> None:
    """A caller without a number comes into the menu that asks the hours first."""
    s.say(ev.CallArrived(call, f"PJSIP/trunk-{call}", "", "", "4000"))


def terse(s: Scenario) -> str:
    """Without the hours of the clock at which nothing happens but a look at the figures."""
    quiet = (
        line
        for line, after in zip(s.lines, [*s.lines[1:], ""], strict=True)
        if not line.endswith("= deadlines") or after.startswith(" ")
    )
    return "\n".join(quiet).strip() + "\n"


def hours_closed_at_once() -> str:
    """Fire alarm on a Monday at noon: menus, joining and waiting callers see it in that instant."""
    s = begun(site())
    to_sales(s, "c1")
    s.say(HoursSwitched(EVE, "office", "closed", "14:00"))
    menu(s, "c2")
    to_sales(s, "c3")
    s.note("the switch outlives the process, and ends by the clock")
    s.restart()
    s.say(ev.Started("b2", WALL), ev.Inventory(False, (), phones()))
    menu(s, "c4")
    s.say(ev.CallEnded("c4", "16"))
    s.wait(2 * HOUR)
    menu(s, "c5")
    return terse(s)


def hours_opened_and_given_back() -> str:
    """In the evening, until somebody takes it back; a second supervisor does."""
    s = begun(site())
    s.wait(7 * HOUR)
    menu(s, "c1")
    s.say(HoursSwitched(EVE, "office", "open"))
    menu(s, "c2")
    s.note("once more, now with an end; then another supervisor ends it")
    s.say(HoursSwitched(EVE, "office", "open", "2026-01-06T01:00"))
    s.say(HoursSwitched(ADAM, "office", "schedule"))
    menu(s, "c3")
    s.say(HoursSwitched(ADAM, "office", "schedule"))
    return terse(s)


def hours_switch_refused() -> str:
    """What cannot be is said to whoever asked, and to nobody else."""
    s = opened()
    s.say(HoursSwitched(EVE, "ofice", "closed"))
    for until in ("noon", "25:00", "2026-02-30T09:00", "2026-01-05T11:59"):
        s.say(HoursSwitched(EVE, "office", "closed", until))
    return s.text


def hours_switched_for_callbacks() -> str:
    """Closed: one in line is not dialled. Open again: at once, and not when the minute is over."""
    s = callback.opened(CallbackRules(hours="office"))
    callback.asks(s)
    s.say(HoursSwitched(EVE, "office", "closed"))
    callback.ready(s, "anna")
    s.say(HoursSwitched(EVE, "office", "schedule"), after=10_000)
    return s.text


def hours_clock_set_during_a_switch() -> str:
    """The clock on the wall decides when a switch is over, also when it is set."""
    s = begun(site())
    s.say(HoursSwitched(EVE, "office", "closed", "13:00"))
    s.say(ev.WallClockAdjusted(WALL + HOUR // 2))
    s.wait(HOUR // 2)
    return s.text


def holidays_at_their_end() -> str:
    """Said at the start of a year whose holidays nobody knows, and on each of its days."""
    made = settings()
    office = msgspec.structs.replace(
        made.hours["office"], calendar="CN", years=(2025, 2026), unlisted=(2026,)
    )
    s = begun(msgspec.structs.replace(made, hours={"office": office}))
    s.wait(13 * HOUR)
    s.note("a year later, beyond the range")
    s.say(ev.WallClockAdjusted(WALL + 365 * 24 * HOUR))
    s.say(ev.Reloaded())
    return terse(s)


def hours_say_when_they_open() -> str:
    """A closed office says when it opens; where nobody knows, it says no more than that."""
    made = settings()
    steps: dict[str, flow.AnyStep] = {
        "hours": flow.Hours("office", open="sales", closed="when"),
        "sales": flow.Queue("sales"),
        "when": flow.Branch("opens_day", {"today": "clock", "": "sorry"}, otherwise="date"),
        "date": flow.Say("date", "{opens_date}", next="clock", before="we-open"),
        "clock": flow.Say("time", "{opens_time}", next="bye", before="at"),
        "sorry": flow.Play("closed", next="bye"),
        "bye": flow.HangUp(),
    }
    flows = {"main": flow.Flow("main", "hours", "en", steps, {})}
    holiday = msgspec.structs.replace(
        made.hours["office"], days={date(2026, 1, 6): ("holiday", ())}
    )
    made = msgspec.structs.replace(
        made, flows=flows, entries={"*": "main"}, hours={"office": holiday}
    )
    s = begun(made)
    s.wait(7 * HOUR)
    s.note("Monday evening; Tuesday is a holiday")
    menu(s, "c1")
    s.say(ev.PromptsPlayed("c1"), ev.PromptsPlayed("c1"))
    s.note("closed until a time at which the schedule says open")
    s.say(HoursSwitched(EVE, "office", "closed", "2026-01-07T13:30"))
    menu(s, "c2")
    s.say(ev.CallEnded("c2", "16"))
    s.wait(41 * HOUR)
    s.note("the same on that day")
    menu(s, "c3")
    s.say(HoursSwitched(EVE, "office", "closed"))
    menu(s, "c4")
    return terse(s)


HOURS: tuple[Callable[[], str], ...] = (
    hours_closed_at_once, hours_opened_and_given_back, hours_switch_refused,
    hours_switched_for_callbacks, hours_clock_set_during_a_switch, hours_say_when_they_open,
    holidays_at_their_end,
)  # fmt: skip
