"""Each strategy on the router: who is rung, and the reason that people read."""

from __future__ import annotations

from collections import Counter

import pytest

from ctid.acd.strategies import STRATEGIES
from tests.unit.acd.routing import Floor, floor, person

TRIO = (person("a"), person("b"), person("c"))


def serve(site: Floor, calls: int, talk: float = 10) -> list[str]:
    """Calls that come one after the other; the agents who took them."""
    agents = []
    for n in range(calls):
        name = f"c{site.now}.{n}"
        (rung,) = site.join(name)
        agents.append(rung.rpartition("→")[2])
        site.served(name, talk)
    return agents


@pytest.mark.parametrize(
    ("strategy", "order", "reason"),
    [
        ("longest_idle", "bacbac", "longest idle 23 s; q: 3 available, waited 0 s"),
        ("longest_since_contact", "bacbac", "last contact 23 s ago, the longest; q:"),
        ("shortest_idle", "cccccc", "shortest idle 1 s; q:"),
        ("fewest_contacts", "abcabc", "fewest contacts for the time staffed, -0.7 against"),
        ("least_talk", "abcabc", "least talk for the time staffed, 6 s under an even share"),
        ("round_robin", "abcabc", "next in turn; q:"),
        ("linear", "aaaaaa", "first available in order, number 1; q:"),
    ],
)
def test_order_and_reason(strategy: str, order: str, reason: str) -> None:
    site = floor(*TRIO, strategy=strategy)
    site.ready("b", "a", "c")
    assert "".join(serve(site, 6)) == order
    assert site.reasons[-1].startswith(reason)


def test_every_strategy_was_tried() -> None:
    tried = {"longest_idle", "longest_since_contact", "shortest_idle", "fewest_contacts",
             "least_talk", "round_robin", "linear", "random", "weighted_random"}  # fmt: skip
    assert tried == set(STRATEGIES)


def test_the_idle_clock_may_go_on_through_a_break() -> None:
    for strategy, first in (("longest_idle", "b"), ("longest_since_contact", "a")):
        site = floor(*TRIO[:2], strategy=strategy)
        site.ready("a", "b")
        serve(site, 2)  # a, then b
        site.on_break("a")
        site.ready("a")
        assert serve(site, 1) == [first], strategy


@pytest.mark.parametrize("strategy", ["fewest_contacts", "least_talk"])
def test_a_newcomer_is_not_flooded(strategy: str) -> None:
    site = floor(*TRIO, strategy=strategy)
    site.ready("a", "b")
    serve(site, 40)
    site.ready("c")
    share = Counter(serve(site, 30))
    assert max(share.values()) - min(share.values()) <= 1, share


def test_round_robin_remembers_across_breaks() -> None:
    site = floor(*TRIO, strategy="round_robin")
    site.ready("a", "b", "c")
    serve(site, 4)  # a b c a
    site.on_break("b")
    assert serve(site, 1) == ["c"]
    site.ready("b")
    assert serve(site, 3) == ["b", "a", "c"]


def test_least_talk_looks_at_time_and_not_at_calls() -> None:
    site = floor(*TRIO[:2], strategy="least_talk")
    site.ready("a", "b")
    assert serve(site, 1, talk=100) == ["a"]
    assert serve(site, 5, talk=20) == ["b", "b", "b", "b", "b"]


@pytest.mark.parametrize(
    ("strategy", "chances"),
    [("random", (1 / 3, 1 / 3, 1 / 3)), ("weighted_random", (1 / 6, 2 / 6, 3 / 6))],
)
def test_lots_are_drawn_by_weight(strategy: str, chances: tuple[float, ...]) -> None:
    """Chi-square with 2 degrees of freedom below 13.8 (one in a thousand) over 3,000 picks."""
    trio = (person("a"), person("b", weight=2), person("c", weight=3))
    site = floor(*trio, strategy=strategy)
    site.router.prefix = "seed"
    site.ready("a", "b", "c")
    share = Counter(serve(site, 3_000, talk=0))
    chi = sum(
        (share[agent] - 3_000 * chance) ** 2 / (3_000 * chance)
        for agent, chance in zip("abc", chances, strict=True)
    )
    assert chi < 13.8, share


def test_lots_differ_with_the_seed_and_not_without() -> None:
    def drawn(seed: str) -> list[str]:
        site = floor(*TRIO, strategy="random")
        site.router.prefix = seed
        site.ready("a", "b", "c")
        return serve(site, 30)

    assert drawn("one") == drawn("one")
    assert drawn("one") != drawn("two")
