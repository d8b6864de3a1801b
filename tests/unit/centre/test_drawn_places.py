"""Places that were drawn by lot are the same for a machine that was loaded from its state."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from ctid.centre.centre import Centre
from ctid.centre.replay import feed
from ctid.centre.state import CentreState
from ctid.core import events as ev
from ctid.core.journal import Line
from ctid.core.records import PastContact
from tests.golden.site import ZHANG, phones, settings
from tests.golden.transcript import WALL, Scenario

LAST = replace(ZHANG, last_contacts=(PastContact(WALL, "phone", "an order", "anna"),))


def test_an_agent_who_was_asked_for_in_another_queue_draws_there_from_then_on() -> None:
    """The fuzzer's: anna is no member of service, but a customer of service had her last time."""
    made = settings()
    sales, service = made.acd.queues
    service = replace(service, strategy="random", sticky=60_000)
    s = Scenario(replace(made, acd=replace(made.acd, queues=(sales, service))))
    s.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    s.say(ev.SignInAsked("anna"), ev.ReadyAsked("anna"))
    s.say(ev.CallArrived("c1", "PJSIP/trunk-c1", "+8613800138000", "", "4000"))
    s.say(ev.CustomerLookedUp("c1", 1, "found", (LAST,)))
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "service", WALL + s.now))
    s.say(ev.CallEnded("c1", "16"))
    s.say(ev.LegEnded("b1-2", "caller_gone"))
    drawn = place(s.centre)
    assert drawn > 0
    saved = msgspec.json.encode(s.centre.dump())
    loaded = Centre.load(s.settings, msgspec.json.decode(saved, type=CentreState))
    for fact in (ev.BreakAsked("anna", "break"), ev.ReadyAsked("anna")):
        s.say(fact, after=1000)
        feed(loaded, Line(1, s.now, fact))
    assert place(s.centre) != drawn, "another wait, another draw"
    assert place(loaded) == place(s.centre)
    assert msgspec.json.encode(loaded.dump()) == msgspec.json.encode(s.centre.dump())


def place(centre: Centre) -> int:
    return centre.router.shares.of("anna", "service").place
