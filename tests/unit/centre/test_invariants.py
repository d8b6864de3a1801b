"""The checker of invariants finds what it looks for: each one broken by hand in a busy centre."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from ctid.acd.need import Need
from ctid.centre.centre import Centre
from ctid.centre.invariants import Checker, InvariantBroken
from ctid.centre.invariants.counts import Board
from ctid.core import events as ev
from ctid.core.callbacks import Dial
from ctid.core.commands import AgentTimed, CallClosed, LegClosed, RingAgent
from ctid.core.records import AgentTime, CallRecord, LegRecord
from ctid.core.visits import FlowEnded, Stay, Visit
from tests.golden.routing import begun
from tests.golden.site import arrive, settings, talk, to_sales
from tests.golden.transcript import WALL, Scenario


def busy() -> Scenario:
    """Anna talks, Bob's phone rings, a third caller waits."""
    s = begun(settings(), "anna", "bob")
    to_sales(s, "c1")
    talk(s, "b1-2")
    to_sales(s, "c2")
    to_sales(s, "c3")
    return s


def held(s: Scenario) -> Checker:
    checker = Checker(s.centre)
    checker.check(s.now)
    return checker


def two_legs(centre: Centre) -> None:
    for offer in centre.router.offers.values():
        offer.agent = "anna"


def no_offer(centre: Centre) -> None:
    centre.router.staff.agents["anna"].offer = ""


def forgotten_place(centre: Centre) -> None:
    centre.router.waits.step_out("c3")


def miscounted(centre: Centre) -> None:
    centre.router.pools["sales"].waiting += 1


def nobody_owns(centre: Centre) -> None:
    del centre.calls["c3"]


def unknown_offer(centre: Centre) -> None:
    centre.router.contacts["c2"].others.append("b1-99")


def unreal_idleness(centre: Centre) -> None:
    """Bob is free again, and nobody was told."""
    agent = centre.router.staff.agents["bob"]
    del centre.router.offers[agent.offer]
    agent.offer, agent.state, agent.open = "", "ready", ("call",)


@pytest.mark.parametrize(
    "breaks",
    [two_legs, no_offer, forgotten_place, miscounted, nobody_owns, unknown_offer, unreal_idleness],
)
def test_each_is_found(breaks: Callable[[Centre], None]) -> None:
    s = busy()
    checker = held(s)
    breaks(s.centre)
    with pytest.raises(InvariantBroken):
        checker.check(s.now)


def test_an_agents_seconds_add_up() -> None:
    s = busy()
    checker = held(s)
    stretch = AgentTime("anna", "ready", "", 0, 5)
    with pytest.raises(InvariantBroken, match="an agent's seconds add up"):
        checker.follow([AgentTimed(stretch)], s.now)


def test_whoever_is_overtaken_is_named() -> None:
    s = begun(settings(), "anna")
    to_sales(s, "c1")
    s.say(ev.SignInAsked("bob"), after=100)
    for call in ("c2", "c3"):
        to_sales(s, call)
    said = s.say(ev.ReadyAsked("bob"))
    [ring] = [command for command in said if isinstance(command, RingAgent)]
    s.centre.router.contacts["c3"].joined_at = 0
    with pytest.raises(InvariantBroken, match=r"nobody is overtaken; c2; .*c3"):
        Checker(s.centre).follow([ring], s.now)


def rung(s: Scenario) -> tuple[RingAgent, Checker]:
    """An order to ring as it was said for c1, and a checker that has seen nothing yet."""
    to_sales(s, "c1")
    said = s.say(ev.SignInAsked("anna"), ev.ReadyAsked("anna"))
    [ring] = [command for command in said if isinstance(command, RingAgent)]
    return ring, Checker(s.centre)


def test_nobody_is_rung_while_the_link_is_down() -> None:
    """Whatever the machine thinks of the link: the facts say it."""
    s = begun(settings())
    ring, checker = rung(s)
    checker.follow([ring], s.now)
    with pytest.raises(InvariantBroken, match="nobody is offered while the link is down"):
        checker.follow([ring], s.now, ev.LinkLost("cut"))


def test_nobody_is_rung_who_may_not_have_the_contact() -> None:
    s = begun(settings())
    ring, checker = rung(s)
    s.centre.router.contacts["c1"].needs = (Need("french", 3),)
    with pytest.raises(InvariantBroken, match="who rings may take that contact by now; anna"):
        checker.follow([ring], s.now)


def test_a_place_in_line_is_kept() -> None:
    s = busy()
    checker = held(s)
    s.centre.router.contacts["c3"].joined_at += 1
    with pytest.raises(InvariantBroken, match=r"who waits keeps the place; .*c3"):
        checker.check(s.now)


def test_the_board_loses_nobody() -> None:
    s = busy()
    checker = held(s)
    s.centre.router.counts["sales"].abandoned += 1
    with pytest.raises(InvariantBroken, match="whoever joined is there or counted; sales"):
        checker.check(s.now)


def test_another_day_begins_with_those_who_are_still_there() -> None:
    s = busy()
    board = Board(s.centre)
    s.wait(12 * 3_600_000 + 1000)
    assert s.centre.router.counts["sales"].offered == 0
    board.check(s.centre)
    s.say(ev.CallEnded("c3", "16"))
    board.check(s.centre)
    s.centre.router.counts["sales"].offered += 1
    with pytest.raises(InvariantBroken, match="whoever joined is there or counted"):
        board.check(s.centre)


DIAL = Dial("+8613900139000", "4001", 30_000, "default", "", "en")


def turn(outcome: str) -> CallClosed:
    """A turn of a callback is over."""
    empty = dict.fromkeys(CallRecord.__struct_fields__, "")
    times = dict.fromkeys(("waited", "talked"), 0)
    return CallClosed(CallRecord(**{**empty, **times, "call": "c9-cb4", "outcome": outcome}))


def test_a_customer_is_dialled_once_in_a_turn() -> None:
    s = begun(settings())
    ring, checker = rung(s)
    ring = msgspec.structs.replace(ring, call="c9-cb4", dial=DIAL)
    leg = LegRecord(ring.offer, ring.call, "sales", "anna", WALL, WALL + 5, 0, WALL + 9, "hangup")
    checker.follow([ring], s.now)
    checker.follow([LegClosed(msgspec.structs.replace(leg, answered_at=0)), ring], s.now)
    with pytest.raises(InvariantBroken, match="a customer is dialled once in a turn; c9-cb4; anna"):
        checker.follow([LegClosed(leg), ring], s.now)


def test_a_callback_is_tried_as_often_as_the_rules_say() -> None:
    s = begun(settings())
    checker = Checker(s.centre)
    for number in range(1, 4):
        record = msgspec.structs.replace(turn("not_reached").record, call=f"c9-cb{number}")
        checker.follow([CallClosed(record)], s.now)
    with pytest.raises(InvariantBroken, match="tried so often and no more; c9; 4"):
        checker.follow([turn("not_reached")], s.now)


MENU = Stay("main", "menu", "1", spent=2_000)
GONE = Visit(
    "c1", 1, "main", "hung_up", "", "main/code", WALL, 5_000,
    (MENU, Stay("main", "code", "hung_up", spent=3_000)),
)  # fmt: skip


def test_a_visit_ends_once() -> None:
    checker = Checker(begun(settings()).centre)
    checker.follow([FlowEnded(GONE)], 0)
    with pytest.raises(InvariantBroken, match="one end for one visit"):
        checker.follow([FlowEnded(GONE)], 0)


def test_a_visit_is_not_forgotten() -> None:
    s = begun(settings())
    checker = held(s)
    arrive(s)
    checker.check(s.now)
    s.centre.calls["c1"].session = None
    with pytest.raises(InvariantBroken, match="each visit goes on or has ended; c1; 1"):
        checker.check(s.now)


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"lasted": 5_001}, "the times of its steps add up"),
        ({"outcome": "contained"}, "the last step is left as the visit ends"),
        ({"last": "main/menu"}, "it ends at its last step"),
        ({"flow": "other"}, "a visit begins in its flow"),
        ({"stays": (GONE.stays[1], GONE.stays[1])}, "the steps before lead on"),
        (
            {"stays": (msgspec.structs.replace(MENU, served=True), GONE.stays[1])},
            "who was served is contained",
        ),
    ],
)
def test_the_steps_of_a_visit_add_up(wrong: dict[str, object], what: str) -> None:
    checker = Checker(begun(settings()).centre)
    with pytest.raises(InvariantBroken, match=what):
        checker.follow([FlowEnded(msgspec.structs.replace(GONE, **wrong))], 0)
