"""Stories of what callers are told while they wait."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ctid.acd.announce import WaitSettings
from ctid.core import events as ev
from ctid.core.instants import MINUTE, SECOND
from tests.golden.site import phones, settings, talk, to_sales
from tests.golden.transcript import WALL, Scenario

TALKS = WaitSettings(
    handling=3 * MINUTE, position_up_to=5, expected_wait=True, first_after=15 * SECOND,
    every=30 * SECOND, periodic=("website", "hours"), periodic_every=40 * SECOND,
    comfort_every=20 * SECOND,
)  # fmt: skip


def told() -> Scenario:
    """Sales tells its callers everything; Anna talks to one of them."""
    made = settings()
    sales, service = made.acd.queues
    queues = (msgspec.structs.replace(sales, wait=TALKS), service)
    made = msgspec.structs.replace(made, acd=msgspec.structs.replace(made.acd, queues=queues))
    s = Scenario(made)
    s.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    s.say(ev.SignInAsked("anna"), ev.ReadyAsked("anna"), after=100)
    to_sales(s, "talks")
    talk(s, "b1-2")
    return s


def told_while_waiting() -> str:
    """Place and wait, only where they are better; in turn; comfort where it was quiet."""
    s = told()
    to_sales(s, "c1")
    to_sales(s, "c2")
    for _ in range(4):
        s.wait(14_000)
        s.say(ev.Announced("c1"), ev.Announced("c2"))
    s.note("the one ahead hangs up: a better place")
    s.say(ev.CallEnded("c1", "16"))
    s.wait(30_000)
    return s.text


def answered_in_an_announcement() -> str:
    """An agent comes while the caller listens: the ringing begins at once, and no word after it."""
    s = told()
    to_sales(s, "c1")
    s.wait(16_000)
    s.say(ev.SignInAsked("bob"), ev.ReadyAsked("bob"))
    s.wait(1_000)
    s.note("it is over while the phone rings, and more is due: not now")
    s.say(ev.Announced("c1"), after=20_000)
    s.note("nobody answered: what was due is said")
    s.say(ev.LegEnded("b1-4", "no_answer"))
    s.wait(0)
    s.say(ev.CallEnded("talks", "16"))
    s.say(ev.LegEnded("b1-2", "hangup"), after=5)
    s.wait(12_000)
    talk(s, "b1-5")
    return s.text


ANNOUNCEMENTS: tuple[Callable[[], str], ...] = (told_while_waiting, answered_in_an_announcement)
