"""Stories about the time after a call, breaks that are too long, phones that nobody picks up."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ctid.acd.absence import AbsenceRules
from ctid.acd.wrapup import WrapUpRule
from ctid.centre.settings import CentreSettings
from ctid.core import events as ev
from tests.golden.site import phones, settings, talk, to_sales
from tests.golden.transcript import WALL, Scenario

MINUTE = 60_000
TIMED = WrapUpRule("timed_full", extend=20_000, most=45_000)
CODES = WrapUpRule("disposition", most=30_000, codes=("sold", "later"))


def site_with(rule: WrapUpRule, absence: AbsenceRules | None = None) -> CentreSettings:
    """The golden site, with this rule in every queue."""
    made, replace = settings(), msgspec.structs.replace
    queues = tuple(replace(queue, wrap_up_rule=rule) for queue in made.acd.queues)
    acd = replace(made.acd, queues=queues, absence=absence or made.acd.absence)
    return replace(made, acd=acd)


def opened_with(site: CentreSettings) -> Scenario:
    """Anna waits for calls, Bob is not there."""
    s = Scenario(site)
    s.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    s.say(ev.SignInAsked("anna"), ev.ReadyAsked("anna"), after=100)
    return s


def talked(s: Scenario, offer: str, call: str = "c1") -> None:
    """A talk of 20 s, which the caller ends."""
    talk(s, offer)
    s.say(ev.CallEnded(call, "16"), after=20_000)
    s.say(ev.LegEnded(offer, "hangup"), after=2)


def wrap_up_prolonged() -> str:
    """In steps, up to the maximum; a restart and a reload in the middle change nothing."""
    s = opened_with(site_with(TIMED))
    to_sales(s)
    talked(s, "b1-2")
    s.note("it cannot be ended by hand here")
    s.say(ev.WrapUpDone("anna"))
    s.say(ev.ExtendWrapUpAsked("anna"), after=5000)
    s.settings = site_with(WrapUpRule("none"))
    s.restart()
    s.say(ev.ExtendWrapUpAsked("anna"), after=5000)
    s.note("45 s in all, and no more")
    s.say(ev.ExtendWrapUpAsked("anna"), after=5000)
    s.wait(60_000)
    s.note("the next call goes by the new rule")
    to_sales(s, "c2")
    talked(s, "b1-4", "c2")
    return s.text


def code_given() -> str:
    """Wrap-up waits for the code; one that the queue does not have is passed over."""
    s = opened_with(site_with(CODES))
    to_sales(s)
    talked(s, "b1-2")
    s.say(ev.WrapUpDone("anna"))
    s.say(ev.DispositionGiven("anna", "c1", "maybe"))
    s.say(ev.DispositionGiven("anna", "c1", "sold"), after=4000)
    s.note("another one is given in the talk: nothing is left to wait for")
    to_sales(s, "c2")
    talk(s, "b1-4")
    s.say(ev.DispositionGiven("anna", "c2", "later"), after=9000)
    s.say(ev.CallEnded("c2", "16"))
    s.say(ev.LegEnded("b1-4", "hangup"), after=2)
    return s.text


def code_never_given() -> str:
    """The maximum ends it and says so; a late code is booked all the same."""
    s = opened_with(site_with(CODES))
    to_sales(s)
    talked(s, "b1-2")
    s.wait(31_000)
    s.say(ev.DispositionGiven("anna", "c1", "sold"))
    return s.text


def page_lost_in_an_open_wrap_up() -> str:
    """Nobody is left to end it, so it is over."""
    s = opened_with(site_with(WrapUpRule("optional")))
    to_sales(s)
    talked(s, "b1-2")
    s.wait(10 * MINUTE)
    s.say(ev.ScreenLost("anna"))
    s.say(ev.ScreenBack("anna"), after=5000)
    return s.text


def three_calls_unanswered() -> str:
    """Left alone for 8 s after the first and the second, not ready after the third."""
    s = opened_with(site_with(WrapUpRule(), AbsenceRules(no_answer=8000, no_answers=3)))
    to_sales(s)
    for offer in ("b1-2", "b1-3", "b1-4"):
        s.say(ev.LegEnded(offer, "no_answer"), after=18_000)
        s.wait(9000)
    return s.text


def break_too_long() -> str:
    """Told once; the break goes on. A restart does not tell it again."""
    rules = AbsenceRules(break_most={"lunch": 30 * MINUTE})
    s = opened_with(site_with(WrapUpRule(), rules))
    s.say(ev.BreakAsked("anna", "lunch"))
    s.note("pressed again: the break does not begin anew")
    s.say(ev.BreakAsked("anna", "lunch"), after=20 * MINUTE)
    s.wait(11 * MINUTE)
    s.restart()
    s.wait(15 * MINUTE)
    s.say(ev.ReadyAsked("anna"))
    return s.text


PLAYS: tuple[Callable[[], str], ...] = (
    wrap_up_prolonged, code_given, code_never_given, page_lost_in_an_open_wrap_up,
    three_calls_unanswered, break_too_long,
)  # fmt: skip
