"""The stories of callers who are recorded in a menu."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ctid.centre.settings import CentreSettings
from ctid.core import events as ev
from ctid.core.recording import CallerRecorded
from ctid.ivr import flow
from tests.golden.ivr import centre, keys
from tests.golden.site import ZHANG, phones, talk, wait_in
from tests.golden.tasks import office
from tests.golden.transcript import WALL, Scenario

LINK = "https://pbx.example/{file}?of={call}"
FILE = "/var/spool/asterisk/ctid/c1-{}.wav"
NAME = flow.Record(
    "say-name", next="message", on_fail="sales", short="louder", confirm="keep-1-again-2", tries=2,
    link=LINK, max=10_000, min=1_000,
)  # fmt: skip
MESSAGE = flow.Record(
    "say-more", next="sales", on_fail="service", task_queue="mail", link=LINK, tries=2
)


def site() -> CentreSettings:
    """The small centre with these two steps."""
    main = centre({"name": NAME, "message": MESSAGE}, "name")
    return msgspec.structs.replace(office(), flows=main.flows, entries=main.entries)


def opened() -> Scenario:
    """A caller is asked for a name and then for a message; Anna is ready."""
    s = Scenario(site())
    s.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    s.say(ev.SignInAsked("anna"), ev.ReadyAsked("anna"), after=100)
    s.say(ev.CallArrived("c1", "PJSIP/trunk-c1", "+8613800138000", "", "4000"))
    s.say(ev.CustomerLookedUp("c1", 1, "found", (ZHANG,)), after=20)
    return s


def speaks(s: Scenario, length: int, number: int = 1, after: int = 6_000) -> None:
    s.say(CallerRecorded("c1", FILE.format(number), length, "silence"), after=after)


def recorded_name_on_the_pop() -> str:
    """Said, heard again and kept, then a message: both are on the pop and the record, and the
    second is a task."""
    s = opened()
    speaks(s, 2_300)
    keys(s, "1")
    speaks(s, 9_040, 2)
    wait_in(s)
    talk(s, "b1-4")
    s.say(ev.CallEnded("c1", "16"), after=30_000)
    return s.text


def recorded_again_by_key() -> str:
    """2 asks for it once more, in the same file; then there are two tries and nothing to keep."""
    s = opened()
    speaks(s, 2_300)
    keys(s, "2")
    speaks(s, 980)
    wait_in(s)
    return s.text


def recorded_and_not_confirmed() -> str:
    """Silence at the question: it is asked once more, and then what there is is kept."""
    s = opened()
    speaks(s, 2_300)
    keys(s, "", "")
    speaks(s, 9_040, 2)
    wait_in(s)
    return s.text


def recorded_too_short() -> str:
    """Who says nothing is asked once more, and goes where the step fails."""
    s = opened()
    speaks(s, 980)
    speaks(s, 980)
    wait_in(s)
    s.say(ev.CallEnded("c1", "16"), after=3_000)
    return s.text


def recorded_nothing_at_all() -> str:
    """The disk is full: asking again would not help."""
    s = opened()
    s.say(CallerRecorded("c1", "", 0, "failed"), after=3_000)
    wait_in(s)
    return s.text


def recorded_and_hung_up() -> str:
    """In the middle of the message: it is kept, and a task."""
    s = opened()
    speaks(s, 2_300)
    keys(s, "1")
    s.say(CallerRecorded("c1", FILE.format(2), 5_200, "hang_up"), after=8_000)
    s.say(ev.CallEnded("c1", "16"), after=2)
    s.note("told once more, too late")
    s.say(CallerRecorded("c1", FILE.format(2), 5_200, "hang_up"), after=2)
    return s.text


def recorded_and_hung_up_at_the_question() -> str:
    """Before 1 or 2: what was said is kept."""
    s = opened()
    speaks(s, 2_300)
    s.say(ev.CallEnded("c1", "16"), after=1_000)
    return s.text


def recorded_and_the_conversation_breaks() -> str:
    """The caller falls back into a queue, where an agent gets to hear the name."""
    s = opened()
    speaks(s, 2_300)
    s.say(ev.IvrLost("c1", "AGI EXEC: no reply"), after=500)
    wait_in(s)
    return s.text


def recorded_over_a_restart() -> str:
    """What was recorded is in the state; the dialplan falls back, and nobody is lost."""
    s = opened()
    speaks(s, 2_300)
    s.restart()
    s.say(ev.Started("b2", WALL))
    wait_in(s, queue="sales")
    s.say(ev.CallEnded("c1", "16"), after=3_000)
    return s.text


def recorded_at_a_step_that_is_gone() -> str:
    """New settings without the step: on to the fallback queue, with what was said."""
    s = opened()
    speaks(s, 2_300)
    gone = centre({"sales": flow.Queue("sales")}, "sales")
    s.settings = msgspec.structs.replace(site(), flows=gone.flows, entries=gone.entries)
    s.restart()
    keys(s, "1")
    wait_in(s, queue="service")
    s.say(ev.CallEnded("c1", "16"), after=3_000)
    return s.text


RECORDING: tuple[Callable[[], str], ...] = (
    recorded_name_on_the_pop, recorded_again_by_key, recorded_and_not_confirmed,
    recorded_too_short, recorded_nothing_at_all, recorded_and_hung_up,
    recorded_and_hung_up_at_the_question, recorded_and_the_conversation_breaks,
    recorded_over_a_restart, recorded_at_a_step_that_is_gone,
)  # fmt: skip
