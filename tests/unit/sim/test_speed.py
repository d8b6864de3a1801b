"""The simulator's speed beside a plain simpy model, in the short: what it must not fall below."""

from __future__ import annotations

import statistics

from tests.bench.simulator import Sizes, ctid, rows, simpy_model

LEAST = 0.08
"""About half of what is measured (docs/simulator-speed.md): what else the machine does is in it."""


def test_the_production_router_keeps_its_pace_beside_a_simpy_model() -> None:
    ctid(500, -1)  # warm
    ratios = []
    for seed in range(5):
        theirs = simpy_model(1_500, seed).rate
        ratios.append(ctid(1_500, seed).rate / theirs)
    assert statistics.median(ratios) >= LEAST


def test_all_three_models_say_what_the_theory_says() -> None:
    found = list(rows(Sizes(turns=4, customers=600), lambda _: None))
    assert [(row.peer, row.note) for row in found] == [("Ciw", ""), ("simpy", "")]
