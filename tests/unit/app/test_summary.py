"""The figures that a demo ends with, for people."""

from __future__ import annotations

import msgspec

from ctid.app.summary import Summary, text_of

QUIET = Summary(
    offered=0, answered=0, abandoned=0, still_waiting=0, service_level=None, mean_wait_ms=None,
    pops_shown=0, pops_acknowledged=0, pop_p50_ms=None, pop_p95_ms=None, events=0, defects=0,
    visits=7, contained=2,
)  # fmt: skip
HINT = "no caller came to a queue: the flows ended each call, or opening hours are closed"


def test_what_became_of_callers_in_the_menus_is_told() -> None:
    assert "visits of menus           7 (2 contained)" in text_of(QUIET)


def test_a_day_on_which_nobody_reached_a_queue_has_a_hint() -> None:
    assert text_of(QUIET).endswith(HINT)
    assert HINT not in text_of(msgspec.structs.replace(QUIET, offered=1))
    assert HINT not in text_of(msgspec.structs.replace(QUIET, visits=0))
