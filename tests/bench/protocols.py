"""The rows that need no PBX: AMI, FastAGI and the agent pick, ours and the peer's in turn."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator

import msgspec

from tests.bench import agi, ami, crowd, pick
from tests.bench.row import Pair, Row, row_of

Say = Callable[[str], None]


class Sizes(msgspec.Struct, frozen=True):
    """How much is measured."""

    repeats: int = 5
    ami_events: int = 60_000
    pyst2_events: int = 1_500
    agi_rounds: int = 15
    agi_sessions: int = 120
    pick_agents: int = 10_000
    few_agents: int = 100
    picks: int = 20_000
    crowd: int = 10_000
    small_crowd: int = 100
    facts: int = 5_000


SMALL = Sizes(1, 2_000, 100, 2, 10, 1_000, 100, 500, 200, 50, 200)
"""For the test that keeps the bench running; its ratios mean nothing."""


def rows(sizes: Sizes, say: Say) -> Iterator[Row]:
    """One after the other, as they are measured."""
    yield from _ami(sizes, say)
    yield _agi(sizes, say)
    yield from _pick(sizes, say)
    yield from _skilled(sizes, say)
    yield _crowd(sizes, say)


def _ami(sizes: Sizes, say: Say) -> Iterator[Row]:
    pairs: dict[str, list[Pair]] = {"panoramisk": [], "pyst2": []}
    for turn in range(sizes.repeats):
        say(f"AMI: events a second, {turn + 1} of {sizes.repeats}")
        ours = ami.RATES["ctid"](sizes.ami_events)
        peer = ami.RATES["panoramisk"](sizes.ami_events)
        again = ami.RATES["ctid"](sizes.ami_events)
        slow = ami.RATES["pyst2"](sizes.pyst2_events)
        pairs["panoramisk"].append(Pair(ours, peer))
        pairs["pyst2"].append(Pair(again, slow))
    yield row_of("AMI events a second", "1/s", "panoramisk", pairs["panoramisk"], "at least", 3.0)
    yield row_of("AMI events a second", "1/s", "pyst2", pairs["pyst2"], "at least", 60.0)


def _agi(sizes: Sizes, say: Say) -> Row:
    pairs = []
    with agi.running("ctid") as ours, agi.running("panoramisk") as peers:
        for turn in range(sizes.agi_rounds):
            say(f"FastAGI: sessions a CPU-second, {turn + 1} of {sizes.agi_rounds}")
            n = sizes.agi_sessions
            pairs.append(Pair(n / ours.cpu_seconds(n), n / peers.cpu_seconds(n)))
    return row_of("FastAGI sessions a CPU-second", "1/s", "panoramisk", pairs, "at least", 1.5)


def _pick(sizes: Sizes, say: Say) -> Iterator[Row]:
    many, few = sizes.pick_agents, sizes.few_agents
    scans, growth = [], []
    for turn in range(sizes.repeats):
        say(f"agent pick: {turn + 1} of {sizes.repeats}")
        # As in the daemon, which freezes its agents out of the collector's sight at the start.
        gc.disable()
        ours = pick.pooled_picks_per_second(many, sizes.picks)
        small = pick.pooled_picks_per_second(few, sizes.picks)
        gc.enable()
        growth.append(Pair(1e6 / ours, 1e6 / small))
        scans.append(Pair(ours, pick.scanned_picks_per_second(many)))
    note = "" if pick.same_decisions(few, 200) else "the scan chose other agents"
    name = f"agent pick, {many:,} agents"
    yield row_of(name, "1/s", "scan over all", scans, "at least", 150.0, note)
    yield row_of(name, "µs", f"{few} agents", growth, "at most", 2.0)


def _skilled(sizes: Sizes, say: Say) -> Iterator[Row]:
    """20 skills, 3 of them with each agent; each contact asks for one."""
    many, few = sizes.pick_agents, sizes.few_agents
    middle = max(few, many // 10)
    growth, between = [], []
    for turn in range(sizes.repeats):
        say(f"agent pick with skills: {turn + 1} of {sizes.repeats}")
        gc.disable()  # as above
        rates = [
            pick.pooled_picks_per_second(n, sizes.picks, skilled=True) for n in (many, middle, few)
        ]
        gc.enable()
        growth.append(Pair(rates[0], rates[2]))
        between.append(Pair(rates[1], rates[2]))
    name = f"pick by skill, {pick.SKILLS} skills"
    yield row_of(f"{name}, {middle:,} agents", "1/s", f"{few} agents", between, "at least", 0.5)
    yield row_of(f"{name}, {many:,} agents", "1/s", f"{few} agents", growth, "at least", 0.5)


def _crowd(sizes: Sizes, say: Say) -> Row:
    """One fact's handling with many callers waiting, against few."""
    pairs = []
    for turn in range(sizes.repeats):
        say(f"one fact, a crowd waiting: {turn + 1} of {sizes.repeats}")
        many = crowd.p99(sizes.crowd, sizes.facts)
        pairs.append(Pair(many, crowd.p99(sizes.small_crowd, sizes.facts)))
    name = f"one fact, p99, {sizes.crowd:,} callers waiting"
    return row_of(name, "µs", f"{sizes.small_crowd} waiting", pairs, "at most", 3.0)
