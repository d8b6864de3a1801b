"""Numbers as people read them."""

from __future__ import annotations

import pytest

from sim.report.numbers import clock, count, percent, spoken, told
from sim.report.words import Words


@pytest.mark.parametrize(
    ("ms", "shown"),
    [
        (None, "–"), (0, "0.0 s"), (7_340, "7.3 s"), (59_949, "59.9 s"), (60_000, "1:00"),
        (754_000, "12:34"), (3_723_000, "1:02:03"), (-1_500, "−1.5 s"), (-90_000, "−1:30"),
    ],
)  # fmt: skip
def test_clock(ms: float | None, shown: str) -> None:
    assert clock(ms) == shown


@pytest.mark.parametrize(
    ("ms", "shown"),
    [
        (None, Words("–", "–")),
        (0, Words("0 s", "0 秒")),
        (7_340, Words("7.3 s", "7.3 秒")),
        (20_000, Words("20 s", "20 秒")),
        (72_000, Words("1 min 12 s", "1 分 12 秒")),
        (5_400_000, Words("1 h 30 min", "1 小时 30 分")),
        (-72_000, Words("−1 min 12 s", "−1 分 12 秒")),
    ],
)
def test_spoken(ms: float | None, shown: Words) -> None:
    assert spoken(ms) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (3, "3"), (0.456, "0.46"), (12.34, "12.3"), (1234.6, "1,235")],
)
def test_count(value: float | None, shown: str) -> None:
    assert count(value) == shown


def test_units() -> None:
    assert percent(0.8344) == "83.4 %"
    assert [told(u, 2.5) for u in ("share", "ms", "money", "number")] == [
        "250.0 %", "0.0 s", "2.50", "2.50",
    ]  # fmt: skip
