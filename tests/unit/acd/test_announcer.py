"""What is said to those who wait, and when, driven through the whole centre."""

import zlib
from itertools import pairwise

import pytest

from ctid.acd.announce import WaitSettings
from ctid.acd.announcer import SPEAKING_LIMIT
from ctid.core import events as ev
from ctid.core.commands import Announce
from ctid.core.records import PhoneFact
from tests.unit.acd.wait_site import MINUTE, Site

PLACE = WaitSettings(position_up_to=3, first_after=20_000, every=30_000)
NUMBER = {n: f"queue-position number-{n} queue-position-end" for n in range(1, 4)}
TALK = 40 * MINUTE


def waiting(*calls: str, wait: WaitSettings) -> Site:
    """Anna talks to somebody, and these wait behind."""
    site = Site("anna", wait=wait)
    site.join("talks")
    site.answer("talks")
    site.join(*calls)
    return site


def heard_out(site: Site, call: str = "a") -> None:
    """The caller has heard the last announcement to its end, 3 s after it began."""
    at = next(at for at, said in reversed(site.said) if said.call == call)
    site.say(ev.Announced(call), after=at + 3_000 - site.now)


def test_the_place_is_said_again_only_when_it_is_better() -> None:
    site = waiting("a", "b", "c", "d", wait=PLACE)
    site.pass_time(60_000)
    assert site.heard("d") == [], "the fourth is beyond the third"
    assert site.heard("c") == [(20, NUMBER[3])]
    for call in ("a", "b", "c", "d"):
        site.say(ev.Announced(call))
    site.say(ev.CallEnded("b", "16"))
    site.pass_time(60_000)
    assert site.heard("c") == [(20, NUMBER[3]), (80, NUMBER[2])]
    assert site.heard("d") == [(80, NUMBER[3])]
    assert site.heard("a") == [(20, NUMBER[1])]


def test_the_place_is_said_each_time_where_that_is_wished() -> None:
    wait = WaitSettings(position_up_to=9, every=30_000, only_if_improved=False)
    site = waiting("a", wait=wait)
    for _ in range(3):
        site.pass_time(27_000)
        heard_out(site)
    assert site.heard("a") == [(20, NUMBER[1]), (50, NUMBER[1]), (80, NUMBER[1])]


def test_the_range_is_said_in_minutes_rounded_up_and_only_if_it_is_better() -> None:
    wait = WaitSettings(expected_wait=True, every=30_000, handling=10 * MINUTE)
    site = waiting("a", "b", wait=wait)
    # Place 2 of one agent who takes ten minutes for each: 5.3 to 38.9 minutes; place 1: 1 to 22.8.
    site.pass_time(25_000)
    assert site.heard("b") == [(20, "queue-wait-over number-6 queue-minutes")]
    assert site.heard("a") == [(20, "queue-wait number-1 queue-to number-23 queue-minutes")]
    heard_out(site, "b")
    site.pass_time(MINUTE)
    assert len(site.heard("b")) == 1, "no better, no word"
    site.say(ev.CallEnded("a", "16"))
    site.pass_time(MINUTE)
    [_, (_, better)] = site.heard("b")
    assert better.startswith("queue-wait number-1 queue-to number-")


def test_nobody_at_work_no_word_of_the_wait() -> None:
    site = Site(wait=WaitSettings(expected_wait=True))
    site.join("a")
    site.pass_time(10 * MINUTE)
    assert site.heard("a") == []
    site.say(ev.SignInAsked("bob"), ev.ReadyAsked("bob"))
    assert "a" in site.rung


def test_place_and_wait_come_in_one_breath() -> None:
    wait = WaitSettings(position_up_to=1, expected_wait=True, most_minutes=2)
    site = waiting("a", wait=wait)
    site.pass_time(20_000)
    [(_, words)] = site.heard("a")
    assert words == f"{NUMBER[1]} queue-wait-over number-1 queue-minute"


def test_periodic_announcements_in_order() -> None:
    site = waiting("a", wait=WaitSettings(periodic=("x", "y"), periodic_every=MINUTE))
    for _ in range(3):
        site.pass_time(MINUTE)
        heard_out(site)
    assert [words for _, words in site.heard("a")] == ["x", "y", "x"]
    assert [at for at, _ in site.heard("a")] == [60, 120, 180]


def test_periodic_announcements_by_a_draw_of_the_call() -> None:
    names = ("x", "y", "z")
    wait = WaitSettings(periodic=names, periodic_every=MINUTE, periodic_order="random")
    site = waiting("a", "b", wait=wait)
    for _ in range(40):
        site.pass_time(MINUTE)
        site.say(ev.Announced("a"), ev.Announced("b"))
    mine, other = ([words for _, words in site.heard(call)] for call in ("a", "b"))
    assert mine[0] == names[zlib.crc32(b"a/0") % 3], "the draw that the docs name"
    assert set(mine) == set(names)
    assert all(one != two for one, two in pairwise(mine)), "never the same one twice in a row"
    assert mine != other


def test_comfort_comes_after_so_long_a_silence() -> None:
    wait = WaitSettings(periodic=("x",), periodic_every=50_000, comfort_every=30_000)
    site = waiting("a", wait=wait)
    site.pass_time(31_000)
    heard_out(site)
    site.pass_time(18_000)
    heard_out(site)
    site.pass_time(40_000)
    # 30 s: comfort, heard until 33 s; 50 s: x, until 53 s; 83 s: 30 s without a word.
    assert site.heard("a") == [(30, "queue-comfort"), (50, "x"), (83, "queue-comfort")]


def test_words_that_fall_together_are_one_announcement_without_comfort() -> None:
    wait = WaitSettings(position_up_to=3, first_after=MINUTE, periodic=("x",), comfort_every=MINUTE)
    site = waiting("a", wait=wait)
    site.pass_time(MINUTE)
    assert site.heard("a") == [(60, f"{NUMBER[1]} x")]


def test_what_falls_due_while_something_is_heard_comes_after_it() -> None:
    wait = WaitSettings(position_up_to=3, first_after=62_000, periodic=("x",), comfort_every=MINUTE)
    site = waiting("a", wait=wait)
    site.pass_time(75_000)
    assert site.heard("a") == [(60, "x")]
    site.say(ev.Announced("a"))
    site.pass_time(0)
    assert site.heard("a") == [(60, "x"), (75, NUMBER[1])]


def test_an_end_that_nobody_reported_silences_nobody_for_ever() -> None:
    site = waiting("a", wait=WaitSettings(periodic=("x",), periodic_every=MINUTE))
    site.pass_time(MINUTE + SPEAKING_LIMIT)
    assert [at for at, _ in site.heard("a")] == [60, 180]


def test_nothing_is_said_while_a_phone_rings_and_the_rest_comes_when_it_stops() -> None:
    site = Site("anna", wait=PLACE)
    site.join("a")
    site.pass_time(19_500)
    assert site.rung["a"]
    site.say(ev.LegEnded(site.rung["a"], "busy"), after=1_000)
    site.pass_time(0)
    assert site.heard("a") == [(20, NUMBER[1])]
    assert site.said[0][0] == 20_500


def test_nothing_is_said_to_one_who_may_still_be_on_the_way_into_the_queue() -> None:
    site = waiting("a", wait=WaitSettings(position_up_to=3, first_after=1))
    site.pass_time(900)
    assert site.said == []
    site.pass_time(100)
    assert site.heard("a") == [(1, NUMBER[1])]


def test_nothing_is_said_to_one_who_talks_or_is_gone() -> None:
    site = Site("anna", wait=PLACE)
    site.join("a", "b")
    site.answer("a", after=5_000)
    site.say(ev.CallEnded("b", "16"))
    site.pass_time(10 * MINUTE)
    assert site.said == []
    assert site.centre.router.announcer.voices == {}


def test_a_cut_link_holds_the_words_back() -> None:
    site = waiting("a", wait=PLACE)
    site.say(ev.LinkLost("cut"), after=10_000)
    site.pass_time(20_000)
    assert site.said == []
    site.say(ev.Inventory(False, tuple(channels(site)), (PhoneFact("PJSIP/1", "in_use"),)))
    site.pass_time(10_000)
    assert [words for _, words in site.heard("a")] == [NUMBER[1]]


def test_an_end_that_fell_into_a_cut_is_not_waited_for() -> None:
    site = waiting("a", wait=WaitSettings(periodic=("x",), periodic_every=MINUTE))
    site.pass_time(115_000)
    site.say(ev.LinkLost("cut"), after=1_000)
    site.say(ev.Inventory(False, tuple(channels(site)), (PhoneFact("PJSIP/1", "in_use"),)))
    site.pass_time(5_000)
    assert [at for at, _ in site.heard("a")] == [60, 121]


def channels(site: Site) -> list[ev.ChannelFact]:
    """Those who live: one talks with Anna, one waits."""
    return [
        ev.ChannelFact("PJSIP/talks", "talks", "caller", "talking", queue="q"),
        ev.ChannelFact("PJSIP/1-1", site.rung["talks"], "agent", "talking", call="talks"),
        ev.ChannelFact("PJSIP/a", "a", "caller", "queue", queue="q"),
    ]


def test_another_queue_speaks_of_its_own_line() -> None:
    site = waiting("a", "b", wait=PLACE)
    site.pass_time(25_000)
    heard_out(site, "b")
    site.say(ev.CallWaiting("b", "PJSIP/b", "r", 0))
    site.pass_time(1_000)
    assert [words for _, words in site.heard("b")] == [NUMBER[2], NUMBER[1]]


def test_the_callers_language_or_that_of_the_flow() -> None:
    site = waiting("a", wait=PLACE)
    fact = ev.CallWaiting("z", "PJSIP/z", "q", 0, language="zh-CN")
    site.say(fact)
    site.pass_time(30_000)
    assert {said.call: said.language for _, said in site.said} == {"a": "en", "z": "zh-CN"}


def test_settings_that_begin_to_speak_reach_those_who_wait_already() -> None:
    site = waiting("a", "b", wait=WaitSettings())
    site.pass_time(50_000)
    site.reload(PLACE)
    site.pass_time(1_000)
    assert site.heard("b") == [(51, NUMBER[2])]
    site.reload(WaitSettings())
    site.say(ev.Announced("b"))
    site.pass_time(TALK)
    assert len(site.said) == 2


@pytest.mark.parametrize("at", [0, 10_000, 21_000, 40_000])
def test_a_restart_says_what_would_have_been_said(at: int) -> None:
    wait = WaitSettings(
        position_up_to=3, expected_wait=True, periodic=("x", "y"), periodic_order="random",
        comfort_every=25_000, every=30_000,
    )  # fmt: skip

    def play(*, restart: bool) -> list[tuple[int, Announce]]:
        site = waiting("a", "b", wait=wait)
        site.pass_time(at)
        if restart:
            site.restart()
        for _ in range(20):
            site.pass_time(15_000)
            site.say(ev.Announced("a"), ev.Announced("b"))
        return site.said

    assert play(restart=True) == play(restart=False) != []
