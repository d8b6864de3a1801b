"""What a run came to, in a dozen figures with their units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from ctid.app.compose import App


class Summary(msgspec.Struct, frozen=True):
    """The figures since ctid started, or since the site's midnight where that is later."""

    offered: int
    """Contacts that joined a queue."""
    answered: int
    abandoned: int
    still_waiting: int
    service_level: float | None
    """Share of answered and abandoned contacts that were answered within their queue's target."""
    mean_wait_ms: float | None
    """Average speed of answer."""
    pops_shown: int
    pops_acknowledged: int
    pop_p50_ms: int | None
    """From ring to the browser's acknowledgement."""
    pop_p95_ms: int | None
    events: int
    defects: int
    visits: int
    """Visits of flows that have ended, since the process began."""
    contained: int
    """Those of them in which callers were served without an agent."""


def summarise(app: App) -> Summary:
    """Now."""
    queues = app.driver.snapshot().queues
    answered = sum(queue.answered for queue in queues)
    abandoned = sum(queue.abandoned for queue in queues)
    ended = answered + abandoned
    within = sum(queue.within for queue in queues)
    waited = sum(queue.waited_sum for queue in queues)
    times = sorted(app.executor.pop_times)
    return Summary(
        offered=sum(queue.offered for queue in queues),
        answered=answered,
        abandoned=abandoned,
        still_waiting=sum(queue.waiting for queue in queues),
        service_level=within / ended if ended else None,
        mean_wait_ms=waited / answered if answered else None,
        pops_shown=app.executor.pops_shown,
        pops_acknowledged=len(times),
        pop_p50_ms=percentile(times, 50),
        pop_p95_ms=percentile(times, 95),
        events=app.driver.events,
        defects=app.defects,
        visits=app.executor.visits.ended,
        contained=app.executor.visits.contained,
    )


def percentile(ordered: list[int], percent: int) -> int | None:
    """The nearest-rank percentile of an ordered list; None when it is empty."""
    if not ordered:
        return None
    rank = -(-percent * len(ordered) // 100)
    return ordered[max(rank, 1) - 1]


def text_of(summary: Summary) -> str:
    """For people."""

    def known(value: float | None, form: str) -> str:
        return "-" if value is None else form.format(value)

    rows = [
        ("visits of menus", f"{summary.visits} ({summary.contained} contained)"),
        ("offered", str(summary.offered)),
        ("answered", str(summary.answered)),
        ("abandoned", str(summary.abandoned)),
        ("still waiting", str(summary.still_waiting)),
        ("service level", known(summary.service_level, "{:.1%}")),
        ("average speed of answer", known(summary.mean_wait_ms, "{:.0f} ms")),
        ("pops shown", f"{summary.pops_shown} ({summary.pops_acknowledged} acknowledged)"),
        ("ring to pop, p50", known(summary.pop_p50_ms, "{:.0f} ms")),
        ("ring to pop, p95", known(summary.pop_p95_ms, "{:.0f} ms")),
        ("defects", str(summary.defects)),
    ]
    told = "\n".join(f"{name:<26}{value}" for name, value in rows)
    if summary.visits and not summary.offered:
        told += (
            "\nno caller came to a queue: the flows ended each call, or opening hours are closed"
        )
    return told
