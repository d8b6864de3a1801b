"""Traffic: callers who come by chance, with patience, codes and talk times of their own."""

from __future__ import annotations

import random

import msgspec

from sim.live.callers import CallScript

Choice = tuple[tuple[str, float], ...]
"""(keys, weight) of a menu's possible answers; empty keys say nothing and wait."""


class TrafficSettings(msgspec.Struct, frozen=True):
    """A stream of calls. Times in seconds."""

    calls_per_minute: float
    dialled: str = "4000"
    customers: tuple[tuple[str, str], ...] = ()
    """(customer code, phone number) of people in the CRM."""
    menus: tuple[Choice, ...] = ((("1", 1.0),),)
    """What is keyed at the first, second … menu; the code is asked for after the last."""
    code_terminator: str = "#"
    """Pressed after the code; empty: nothing."""
    is_customer: float = 0.9
    """Share of callers who are in the CRM, when `customers` is not empty."""
    knows_code: float = 0.7
    """Share of customers who key their code; the others key nothing there."""
    hides_number: float = 0.05
    """Share of callers without a number."""
    patience_mean: float = 120.0
    talk_mean: float = 40.0
    talk_least: float = 3.0
    leaves_in_menu: float = 0.02
    """Share of callers who hang up within the first ten seconds."""
    most_at_once: int = 200
    """A caller who would be one more finds the line busy, and is counted."""


class Arrival(msgspec.Struct, frozen=True):
    """One caller to come."""

    gap: float
    """Seconds after the one before."""
    number: str
    name: str
    script: CallScript


class Tally(msgspec.Struct):
    """Counts of what became of the traffic; the PBX's view, to hold ctid's against."""

    placed: int = 0
    lines_full: int = 0
    ended: int = 0
    queued: int = 0
    answered: int = 0


def arrival(settings: TrafficSettings, seed: int, index: int) -> Arrival:
    """The caller number `index`; depends on the seed and the index alone (Poisson arrivals)."""
    draw = random.Random(f"{seed}/caller/{index}")
    gap = draw.expovariate(settings.calls_per_minute / 60.0)
    code, number = "", f"+861{draw.randrange(3_000_000_000, 9_999_999_999)}"
    if settings.customers and draw.random() < settings.is_customer:
        code, number = draw.choice(settings.customers)
    answers = tuple(_choose(menu, draw) for menu in settings.menus)
    knows_code = draw.random() < settings.knows_code
    last = code + settings.code_terminator if code and knows_code else ""
    leaves = draw.uniform(1.0, 10.0) if draw.random() < settings.leaves_in_menu else None
    script = CallScript(
        keys=(*answers, last),
        key_delay=draw.uniform(0.3, 1.5),
        key_gap=draw.uniform(0.15, 0.4),
        barge_in=draw.random() < 0.5,
        patience=draw.expovariate(1.0 / settings.patience_mean),
        talk=max(settings.talk_least, draw.expovariate(1.0 / settings.talk_mean)),
        hang_up_after=leaves,
    )
    hidden = draw.random() < settings.hides_number
    return Arrival(gap, "" if hidden else number, "", script)


def _choose(menu: Choice, draw: random.Random) -> str:
    keys, weights = zip(*menu, strict=True)
    chosen: str = draw.choices(keys, weights)[0]
    return chosen
