"""Lines, staffing and misses of the expected wait, driven through the whole router."""

from dataclasses import replace

import pytest

from ctid.acd.announce import WaitSettings
from ctid.acd.expected_wait import Estimate, Rates, expected
from ctid.core import events as ev
from ctid.core.views import WaitView
from tests.unit.acd.wait_site import MINUTE, Site

WAIT = WaitSettings(handling=2 * MINUTE)
BRIEF = WaitSettings(handling=2 * MINUTE, half_life=1)
"""Remembers next to nothing."""


def test_places_follow_who_joins_is_offered_and_leaves() -> None:
    site = Site("anna", wait=WAIT)
    site.join("a", "b", "c", "d")
    places = [site.waits.place(call) for call in ("a", "b", "c", "d", "nobody")]
    assert places == [0, 1, 2, 3, 0], "a rings already"
    site.say(ev.CallEnded("c", "16"))
    assert site.waits.place("d") == 2
    site.say(ev.LegEnded(site.rung["a"], "busy"))
    assert [site.waits.place(call) for call in ("a", "b", "d")] == [1, 2, 3], "at the old place"
    site.say(ev.CallWaiting("b", "PJSIP/b", "r", 0))
    assert [site.waits.place(call) for call in ("a", "b", "d")] == [1, 1, 2]


def test_a_level_of_priority_is_worth_the_time_that_earns_one() -> None:
    site = Site("anna", wait=WAIT)
    site.join("talks", "a")
    contact = site.centre.router.contacts["a"]
    later = replace(contact, call="z", joined_at=30_000, serial=99, priority=1)
    site.waits.line_up(later, site.now)
    assert (site.waits.place("z"), site.waits.place("a")) == (1, 2)
    latest = replace(later, joined_at=90_000)
    site.waits.line_up(latest, site.now)
    assert (site.waits.place("a"), site.waits.place("z")) == (1, 2)


def test_nobody_at_work_nothing_to_expect() -> None:
    site = Site(wait=WAIT)
    site.join("a")
    assert site.waits.of_call("a") is None
    assert site.view() == WaitView(None, None, None, 0, None, 0, 0)
    site.say(ev.SignInAsked("anna"))
    assert site.waits.of_call("a") is None, "not ready is not at work"


def test_more_agents_shorter_waits_and_a_break_takes_one_away() -> None:
    site = Site("anna", "bob", wait=WAIT)
    site.join("a", "b", "c")
    assert site.waits.of_call("c") == expected(1, Rates(2, 2 * MINUTE))
    site.answer("a")
    site.answer("b")
    site.say(ev.BreakAsked("bob", "lunch"))
    site.end("b", after=2 * MINUTE)
    assert site.waits.place("c") == 1, "Bob is on his break"
    assert site.waits.of_call("c") == expected(1, Rates(1, 2 * MINUTE))


def test_waits_of_other_queues_count_with_the_agents_in_common() -> None:
    site = Site("anna", "bob", wait=WAIT)
    site.join("x", "y")
    site.join("r1", "r2", queue="r")
    site.join("a")
    # Both who wait in r are ahead, and all of its agents work for q too: place 3 of two agents.
    assert site.waits.of_call("a") == expected(3, Rates(2, 2 * MINUTE))
    # For r they are one and two of one agent; one half of q's agents would come to it.
    assert site.waits.of_call("r2") == expected(2, Rates(1, 2 * MINUTE))
    site.say(ev.CallEnded("r1", "16"))
    newcomer = site.waits.of_newcomer("r", agent_free=False)
    assert newcomer == expected(2.5, Rates(1, 2 * MINUTE))


def test_handling_is_learned_from_offer_to_readiness() -> None:
    site = Site("anna", wait=BRIEF)
    assert site.waits.rates("q") == Rates(1, 2 * MINUTE)
    for number in range(60):
        site.join(call := f"c{number}")
        site.answer(call, after=5_000)
        site.end(call, after=55_000)
    after = site.waits.rates("q")
    assert after is not None
    assert after.handling == pytest.approx(MINUTE, abs=1)
    assert after.ring == pytest.approx(5_000)
    assert after.hang_up == 0
    assert site.view() == WaitView(5_000, 5_000, 5_000, 0, None, 0, 0), "nobody had to wait"


def test_hang_ups_are_learned_and_those_ahead_shorten_the_wait() -> None:
    site = Site("anna", wait=BRIEF)
    site.join("talks")
    site.answer("talks")
    site.join("a", "b", "c")
    patient = told(site, "c")
    for call in ("a", "b"):
        site.say(ev.CallEnded(call, "16"), after=30_000)
    rates = site.waits.rates("q")
    assert rates is not None
    assert rates.hang_up == pytest.approx(2 / 90_000, rel=0.5)
    site.join("d", "e")
    assert told(site, "e").mean < patient.mean


def told(site: Site, call: str) -> Estimate:
    estimate = site.waits.of_call(call)
    assert estimate is not None
    return estimate


def test_its_own_error_is_measured() -> None:
    site = Site("anna", wait=WAIT)
    site.join("talks", "a", "b")
    site.answer("talks")
    for_a, for_b = told(site, "a"), told(site, "b")
    site.end("talks", after=MINUTE)
    site.answer("a", after=3_000)
    assert site.view().measured == 1
    assert site.view().bias == for_a.mean - 63_000
    assert (site.view().judged, site.view().too_short) == (1, 0)
    site.end("a", after=for_b.high)
    site.answer("b")
    waited = 63_000 + for_b.high
    assert site.view().bias == round((for_a.mean - 63_000 + for_b.mean - waited) / 2)
    assert (site.view().judged, site.view().too_short) == (2, 1)


def test_who_hangs_up_counts_only_beyond_the_range() -> None:
    site = Site("anna", wait=WAIT)
    site.join("talks", "a", "b")
    site.answer("talks")
    high = told(site, "b").high
    site.say(ev.CallEnded("a", "16"), after=1_000)
    assert (site.view().measured, site.view().judged, site.view().too_short) == (0, 0, 0)
    site.say(ev.CallEnded("b", "16"), after=high)
    assert (site.view().measured, site.view().judged, site.view().too_short) == (0, 1, 1)


def test_midnight_begins_the_misses_again() -> None:
    site = Site("anna", wait=WAIT)
    site.join("talks", "a")
    site.answer("talks")
    site.end("talks", after=MINUTE)
    site.answer("a")
    assert site.view().measured == 1
    site.say(ev.PhoneChanged("PJSIP/9", "idle"), after=24 * 60 * MINUTE)
    assert site.view().measured == 0


def test_a_restart_changes_nothing() -> None:
    site = Site("anna", "bob", wait=WAIT)
    site.join("x", "y", "a", "b")
    site.join("r1", queue="r")
    site.answer("x", after=2_000)
    site.say(ev.CallEnded("a", "16"), after=9_000)
    before = [site.view(queue) for queue in ("q", "r")]
    site.restart()
    assert [site.view(queue) for queue in ("q", "r")] == before
    site.end("x", after=60_000)
    assert site.rung["b"]
    assert site.waits.place("r1") == 1
