"""Orders to bring legs and a caller together, as actions; and what bridges tell of it."""

from __future__ import annotations

import pytest

from ctid.core.commands import Bring
from ctid.core.events import (
    CallBridged,
    CallHeld,
    ConsultBridged,
    Event,
    OutsideAnswered,
    OutsideFailed,
)
from ctid.core.records import Bringing
from ctid.pbx.ami.codec import AmiMessage
from ctid.pbx.bridges import Bridges
from ctid.pbx.bring import brought, facts
from ctid.pbx.divert import Actions
from ctid.pbx.offers import Leg

CALLER = "PJSIP/trunk-07"


def leg(offer: str, channel: str, aside: str = "", *, answered: bool = True) -> Leg:
    return Leg(offer, channel, rang=True, answered=answered, aside=aside)


ANNA, BEN = leg("a", "PJSIP/1001-01"), leg("b", "PJSIP/1002-02", "a")


def order(to: Bringing) -> Bring:
    return Bring("c1", "a", "b", to, "jazz", 3, "4711" if to == "outside" else "")


def told(actions: Actions) -> list[str]:
    """Each action on one line, without the words that never change."""
    lines = []
    for name, headers in actions:
        values = [v for k, v in headers if not k.endswith("Priority")]
        lines.append(" ".join([name, *values]))
    return lines


HOLD = f"Redirect {CALLER} ctid-hold s"
PUT = [f"Setvar {CALLER} CTID_MOH jazz", f"Setvar {CALLER} CTID_MOVES 3"]
TAKES = f"Setvar {BEN.channel} CTID_CALLER {CALLER}"


@pytest.mark.parametrize(
    ("to", "actions"),
    [
        ("hold", [*PUT, f"{HOLD} {ANNA.channel} ctid-agent away"]),
        (
            "caller",
            [
                f"Setvar {CALLER} CTID_THEN ctid-hold",
                f"Redirect {ANNA.channel} ctid-agent caller {BEN.channel} ctid-agent away",
            ],
        ),
        (
            "colleague",
            [
                f"Setvar {ANNA.channel} CTID_OTHER {BEN.channel}", *PUT,
                f"{HOLD} {ANNA.channel} ctid-agent colleague",
            ],
        ),
        (
            "all",
            [TAKES, f"Redirect {ANNA.channel} ctid-agent caller {BEN.channel} ctid-agent join"],
        ),
        ("outside", [
            f"Setvar {ANNA.channel} CTID_NUMBER 4711",
            f"Redirect {ANNA.channel} ctid-agent outside",
        ]),
        ("alone", [f"Setvar {CALLER} CTID_THEN "]),
        ("join", [TAKES, f"Redirect {BEN.channel} ctid-agent join"]),
        ("second", [TAKES, f"Redirect {BEN.channel} ctid-agent caller"]),
    ],
)  # fmt: skip
def test_an_order_is_one_redirect(to: Bringing, actions: list[str]) -> None:
    assert told(brought(order(to), CALLER, ANNA, BEN)) == actions


def test_two_channels_go_in_one_action() -> None:
    [_, _, (name, headers)] = brought(order("hold"), CALLER, ANNA, None)
    assert (name, headers) == ("Redirect", [
        ("Channel", CALLER), ("Context", "ctid-hold"), ("Exten", "s"), ("Priority", "1"),
        ("ExtraChannel", "PJSIP/1001-01"), ("ExtraContext", "ctid-agent"),
        ("ExtraExten", "away"), ("ExtraPriority", "1"),
    ])  # fmt: skip


def test_a_phone_that_rings_is_not_moved() -> None:
    """It has no place in the dialplan yet; cancelling ends it by a hang-up."""
    rings = leg("b", "PJSIP/1002-02", "a", answered=False)
    want = [f"Setvar {CALLER} CTID_THEN ", f"Redirect {ANNA.channel} ctid-agent caller"]
    assert told(brought(order("caller"), CALLER, ANNA, rings)) == want


@pytest.mark.parametrize("to", ["hold", "colleague"])
def test_nobody_is_put_aside_for_a_leg_that_is_gone(to: Bringing) -> None:
    assert brought(order(to), CALLER, None, BEN) == []
    assert brought(order(to), "", ANNA, BEN) == []


@pytest.mark.parametrize("to", ["colleague", "join", "second"])
def test_nothing_without_the_colleague(to: Bringing) -> None:
    assert brought(order(to), CALLER, ANNA, None) == []


def test_the_dialplan_says_that_the_caller_hears_music() -> None:
    m = AmiMessage(b"Event: UserEvent\r\nUserEvent: CtidHeld\r\nUniqueid: 1.7\r\nMoves: 4\r\n")
    assert facts(m, {}) == [CallHeld("1.7", 4)]


def test_each_meeting_is_told_once_and_again_when_they_meet_again() -> None:
    bridges, legs = Bridges(), {"a": leg("a", "A"), "b": leg("b", "B", "a")}
    assert bridges.enter("x", "c1", legs) == []
    assert bridges.enter("x", "a", legs) == [CallBridged("a")]
    bridges.destroy("x")
    assert bridges.enter("y", "a", legs) == []
    assert bridges.enter("y", "b", legs) == [ConsultBridged("b")]
    bridges.leave("y", "b")
    assert bridges.enter("x", "c1", legs) + bridges.enter("x", "a", legs) == [CallBridged("a")]
    assert bridges.enter("x", "b", legs) == [CallBridged("b"), ConsultBridged("b")]
    assert bridges.enter("x", "b", legs) == []


def test_strangers_tell_nothing() -> None:
    bridges, legs = Bridges(), {"a": leg("a", "A"), "z": leg("z", "Z")}
    assert bridges.enter("x", "1.1", legs) + bridges.enter("x", "1.2", legs) == []
    assert bridges.enter("y", "a", legs) + bridges.enter("y", "z", legs) == []
    assert not legs["a"].bridged


def test_after_a_cut_link_the_list_says_who_is_where() -> None:
    bridges, legs = Bridges(), {"a": leg("a", "A")}
    bridges.enter("old", "a", legs)
    bridges.restore([("x", "c1")])
    assert bridges.enter("old", "c9", legs) == []
    assert bridges.enter("x", "a", legs) == [CallBridged("a")]


def test_a_number_that_is_asked_is_a_leg_from_its_answer_on() -> None:
    legs = {"a": leg("a", "A")}

    def said(name: str, **more: str) -> list[Event]:
        lines = {"Event": "UserEvent", "UserEvent": name, "Channel": "PJSIP/trunk-9"} | more
        return facts(AmiMessage("".join(f"{k}: {v}\r\n" for k, v in lines.items()).encode()), legs)

    assert said("CtidAsked", Uniqueid="1.9", Offer="a") == [OutsideAnswered("a", "1.9")]
    assert (legs["1.9"].channel, legs["1.9"].aside) == ("PJSIP/trunk-9", "a")
    assert Bridges().enter("x", "1.9", legs) == []
    assert said("CtidAsked", Uniqueid="1.8", Offer="gone") == []
    assert said("CtidNotAsked", Offer="a", Result="BUSY") == [OutsideFailed("a", "busy")]
    assert said("CtidNotAsked", Offer="a", Result="") == [OutsideFailed("a", "unreachable")]
    assert said("CtidNotAsked", Offer="a", Result="ANSWER") == []
