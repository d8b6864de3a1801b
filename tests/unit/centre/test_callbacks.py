"""Doubts: callbacks whose settings are gone, that come late, or that two facts speak of at once."""

from __future__ import annotations

import msgspec
import pytest

from ctid.centre.centre import Centre
from ctid.centre.state import CentreState
from ctid.core import events as ev
from ctid.core.callbacks import CallbackAgreed, CallbackView, CustomerDialled
from ctid.core.commands import Announce, CallClosed, Command, Divert, RingAgent
from tests.golden.callback import LI, asks, calls, dialled, newest, opened, ready
from tests.golden.transcript import Scenario


def views(s: Scenario) -> list[CallbackView]:
    return list(s.centre.snapshot(s.now).callbacks)


def rings(commands: list[Command]) -> list[str]:
    return [c.agent for c in commands if isinstance(c, RingAgent)]


def test_a_queue_that_is_gone_after_a_restart_leaves_its_callbacks_to_the_fallback() -> None:
    s = opened()
    asks(s)
    saved = msgspec.json.encode(s.centre.dump())
    acd = s.settings.acd
    service = tuple(queue for queue in acd.queues if queue.id == "service")
    agents = tuple(msgspec.structs.replace(a, queues=("service",)) for a in acd.agents)
    flows = {k: v for k, v in s.settings.flows.items() if k == "none"}
    acd = msgspec.structs.replace(acd, queues=service, agents=agents)
    settings = msgspec.structs.replace(s.settings, acd=acd, flows=flows, entries={})
    s.centre = Centre.load(settings, msgspec.json.decode(saved, type=CentreState))
    assert [view.queue for view in views(s)] == ["service"]
    ready(s, "bob")
    assert newest(s)[1].startswith("c1-cb")


def test_an_agreement_that_comes_late_or_twice_is_no_second_promise() -> None:
    s = opened()
    asks(s)
    assert s.say(CallbackAgreed("c1", 1)) == [], "the call is over"
    calls(s, "c2", "+8613700137000")
    assert s.say(CallbackAgreed("c2", 0)) == [], "nothing was offered"
    s.say(ev.KeyPressed("c2", "1"))
    s.say(ev.CallDiverted("c2", "callback", 1), after=20)
    assert s.say(CallbackAgreed("c2", 0)) == [], "an older move"
    [told] = s.say(CallbackAgreed("c2", 1))
    assert isinstance(told, Divert)
    assert s.say(CallbackAgreed("c2", 1)) == []
    assert len(views(s)) == 2


def test_a_promise_that_was_not_heard_is_taken_back_with_the_caller_in_the_queue() -> None:
    """ctid's order to say so was lost; the dialplan leads back after 5 s."""
    s = opened()
    calls(s, "c1", LI)
    s.say(ev.KeyPressed("c1", "1"))
    s.say(ev.CallDiverted("c1", "callback", 1), after=20)
    s.say(CallbackAgreed("c1", 1))
    assert len(views(s)) == 1
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", 0, moves=2), after=4_000)
    assert views(s) == []
    assert [w.call for w in s.centre.snapshot(s.now).waiting] == ["c1"]
    closed = s.say(ev.CallEnded("c1", "16"))
    assert [c.record.outcome for c in closed if isinstance(c, CallClosed)] == ["abandoned"]


@pytest.mark.parametrize(
    "number", ["+4930123456", "+8616812345", "+88216123456", "", "1002", "<script>"]
)
def test_a_stranger_makes_nobody_dial_a_number_that_earns_by_it(number: str) -> None:
    """Abroad, premium rate, a satellite's, none at all, one of our own, and what is no number."""
    s = opened()
    s.say(ev.CallArrived("c1", "PJSIP/trunk-c1", number, "", "4001"))
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", 0, number), after=50)
    [told] = s.say(ev.KeyPressed("c1", "1"))
    assert isinstance(told, Announce)
    assert told.prompts == ("callback-no-number",)


def test_an_end_that_is_reported_twice_is_one_attempt() -> None:
    s = opened()
    asks(s)
    ready(s, "anna")
    offer, call = dialled(s)
    s.say(ev.CallEnded(call, "17"), ev.CallEnded(call, "17"))
    s.say(CustomerDialled(call, "PJSIP/trunk-9"), ev.LegEnded(offer, "caller_gone"))
    s.say(ev.LegEnded(offer, "caller_gone"))
    assert [(v.state, v.attempts) for v in views(s)] == [("resting", 1)]


def test_a_restart_of_the_pbx_counts_what_was_dialled_and_keeps_the_rest() -> None:
    s = opened()
    asks(s)
    asks(s, "c2", "+8613700137000")
    ready(s, "anna")
    dialled(s)
    s.say(ev.LinkLost("reset"))
    s.say(ev.Inventory(True, (), ()), after=20_000)
    found = {v.callback: (v.state, v.attempts) for v in views(s)}
    assert found == {"c1": ("resting", 1), "c2": ("waiting", 0)}


def test_one_that_nobody_serves_is_given_up_in_the_end() -> None:
    s = opened()
    asks(s)
    s.wait(24 * 3_600_000 + 120_000)
    assert views(s) == []
    assert "outcome=cancelled cause=too_old" in s.text


def test_the_phone_that_rings_for_one_is_one_phone_whatever_the_queue_rings() -> None:
    s = opened()
    asks(s)
    contact = next(iter(s.centre.router.contacts.values()))
    assert contact.dial is not None
    queue = s.centre.router.queues["sales"]
    ringing = msgspec.structs.replace(queue.ringing, mode="all")
    s.centre.router.queues["sales"] = msgspec.structs.replace(queue, ringing=ringing)
    s.say(ev.SignInAsked("anna"), ev.SignInAsked("bob"))
    assert rings(s.say(ev.ReadyAsked("anna"), ev.ReadyAsked("bob"))) == ["anna"]
