"""Shares of the work: against the time staffed, and in whole numbers."""

from __future__ import annotations

import msgspec

from ctid.acd.shares import UNIT, Shares, SharesState


class Floor:
    """Shares beside the count of who is there, as the router has them."""

    def __init__(self, members: dict[str, tuple[str, ...]]) -> None:
        self._there = {"q": 0}
        self.shares = Shares(members, ("q",), self._there)

    def come(self, agent: str) -> None:
        self._there["q"] += 1
        self.shares.come(agent)

    def go(self, agent: str) -> None:
        self._there["q"] -= 1
        self.shares.go(agent)


def made(*present: str) -> Floor:
    floor = Floor({"a": ("q",), "b": ("q",), "c": ("q",)})
    for agent in present:
        floor.come(agent)
    return floor


def over(shares: Shares, agent: str) -> float:
    """Contacts above an even share."""
    return (shares.of(agent, "q").contacts - shares.queues["q"].contacts) / UNIT


def test_a_contact_lifts_the_taker_and_the_fair_share() -> None:
    shares = made("a", "b").shares
    shares.took("a", "q")
    assert (over(shares, "a"), over(shares, "b")) == (0.5, -0.5)


def test_a_newcomer_begins_even() -> None:
    floor = made("a", "b")
    shares = floor.shares
    for _ in range(100):
        shares.took("a", "q")
        shares.took("b", "q")
    floor.come("c")
    assert [round(over(shares, agent), 3) for agent in "abc"] == [0, 0, 0]


def test_a_break_counts_for_and_against_nobody() -> None:
    floor = made("a", "b", "c")
    shares = floor.shares
    shares.took("a", "q")
    before = over(shares, "c")
    floor.go("c")
    for _ in range(30):
        shares.took("a", "q")
        shares.took("b", "q")
    floor.come("c")
    assert over(shares, "c") == before


def test_talk_time_in_the_same_way() -> None:
    shares = made("a", "b").shares
    shares.talked("a", "q", 90_000)
    assert shares.of("a", "q").talk - shares.of("b", "q").talk == 90_000 * UNIT
    assert shares.queues["q"].talk == 45_000 * UNIT


def test_a_helper_from_outside_the_queue_has_a_share_of_its_own() -> None:
    floor = Floor({"a": ("q",), "x": ()})
    shares = floor.shares
    floor.come("a")
    shares.took("a", "q")
    shares.took("x", "q")
    assert over(shares, "x") == 0.0  # even at first, one contact more, and one more for all


def test_state_and_back() -> None:
    shares = made("a", "b").shares
    shares.took("a", "q")
    shares.offered("b", "q")
    saved = msgspec.json.decode(msgspec.json.encode(shares.dump()), type=SharesState)
    again = made().shares
    again.restore(saved)
    assert again.dump() == shares.dump()


def test_agents_and_queues_that_are_gone_are_dropped() -> None:
    shares = made("a", "b").shares
    smaller = Floor({"a": ("q",)}).shares
    smaller.restore(shares.dump())
    assert list(smaller.agents) == ["a"]
    none = Shares({"a": ("other",)}, ("other",), {"other": 0})
    none.restore(shares.dump())
    assert (list(none.queues), none.agents) == (["other"], {"a": {}})
