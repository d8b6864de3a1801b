"""What a past says of callers and agents: arrivals, patience, talk, wrap-up, answer delay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ctid.core.instants import Duration
from sim.calibrate.arrivals import Arrivals, arrivals
from sim.calibrate.fit import Criterion, Fit, TooFew, fit
from sim.calibrate.laws import Sample, sample
from sim.calibrate.records import CallSeen
from sim.calibrate.sources import CUT_OFF, Past, RingSeen

What = Literal["patience", "talk", "wrap_up", "answer"]
BY_TIME = 0.01
"""A wrap-up that ends after the very same time in more than this share of cases was ended by the
queue's time, not by the agent: how long the agent would have gone on is not known."""
LEAST_BY_TIME = 10
UNANSWERED = ("no_answer", "rejected")
"""Ends of ringing that are the agent's doing."""


@dataclass(frozen=True)
class Measured:
    """One kind of duration, of one queue or of all."""

    what: What
    queue: str
    """Empty: of all."""
    fit: Fit | None
    why: str
    """Without a fit: why there is none."""
    ended_by_time: int = 0
    """Of wrap-ups."""


@dataclass(frozen=True)
class Answering:
    """What agents do when their phone rings."""

    agent: str
    """Empty: all."""
    rings: int
    no_answer: float
    """Share, of rings that were the agent's to answer."""
    reject: float


@dataclass(frozen=True)
class Study:
    """Everything, for tables, plots and the scenario part."""

    calls: int
    queues: tuple[str, ...]
    shares: dict[str, float]
    """Of the callers who joined a queue, by queue."""
    arrivals: Arrivals | None
    why_no_arrivals: str
    arrivals_in: dict[str, Arrivals]
    """By queue, of callers who joined it, where there are enough."""
    measured: tuple[Measured, ...]
    answering: tuple[Answering, ...]
    """All together first; none where no ringing was seen."""

    def of(self, what: What, queue: str = "") -> Measured:
        """One of `measured`."""
        return next(m for m in self.measured if (m.what, m.queue) == (what, queue))


def study(
    past: Past,
    zone: str,
    interval: Duration,
    by: Criterion = "bic",
    watch: Callable[[str], None] = lambda _: None,
) -> Study:
    """Fit everything that there is enough of.

    Args:
        zone: the time zone whose days arrivals are counted in.
        watch: told what is fitted next.

    Raises:
        TooFew: there is not enough of anything.
        ValueError: the interval does not divide a day.
    """
    joined = Counter(call.queue for call in past.calls if call.queue)
    queues = tuple(sorted(joined))
    measured = tuple(_all(past, queues, by, watch))
    watch("arrivals")
    of_all, why = _arrivals(past.calls, zone, interval)
    if of_all is None and all(one.fit is None for one in measured):
        raise TooFew(
            f"there is nothing to fit: {why}; "
            + "; ".join(f"{m.what}: {m.why}" for m in measured if not m.queue)
        )
    of_queues = {
        queue: found
        for queue in queues
        if (found := _arrivals([c for c in past.calls if c.queue == queue], zone, interval)[0])
    }
    total = joined.total()
    shares = {queue: joined[queue] / total for queue in queues}
    answering = tuple(_answering(past.rings))
    return Study(
        len(past.calls), queues, shares, of_all, why, of_queues, measured, answering
    )  # fmt: skip


def _arrivals(
    calls: Sequence[CallSeen], zone: str, interval: Duration
) -> tuple[Arrivals | None, str]:
    try:
        return arrivals([call.arrived_at for call in calls], zone, interval), ""
    except TooFew as error:
        return None, str(error)


def _all(
    past: Past, queues: Sequence[str], by: Criterion, watch: Callable[[str], None]
) -> Iterator[Measured]:
    several = ("", *queues) if len(queues) > 1 else ("",)
    for queue in several:
        calls = [call for call in past.calls if not queue or call.queue == queue]
        watch(f"patience {queue}".strip())
        yield _fitted("patience", queue, patience(calls), by)
        watch(f"talk {queue}".strip())
        yield _fitted("talk", queue, talks(calls), by)
    watch("wrap-up")
    took = [one.took for one in past.wrap_ups]
    took += [call.wrap_up for call in past.calls if call.wrap_up is not None]
    data, cut = wrap_ups(took)
    yield _fitted("wrap_up", "", data, by, cut)
    watch("answer delay")
    yield _fitted("answer", "", answers(past), by)


def _fitted(
    what: What, queue: str, data: Sample, by: Criterion, ended_by_time: int = 0
) -> Measured:
    try:
        return Measured(what, queue, fit(data, by), "", ended_by_time)
    except TooFew as error:
        return Measured(what, queue, None, str(error), ended_by_time)


def patience(calls: Iterable[CallSeen]) -> Sample:
    """Who hung up has shown theirs; of everybody else it is only known that it was longer."""
    waited = [call for call in calls if call.waited is not None]
    left = [float(call.waited or 0) for call in waited if call.outcome == "abandoned"]
    stayed = [float(call.waited or 0) for call in waited if call.outcome != "abandoned"]
    return sample(left, stayed)


def talks(calls: Iterable[CallSeen]) -> Sample:
    return sample([float(call.talked) for call in calls if call.talked is not None])


def wrap_ups(took: Sequence[Duration]) -> tuple[Sample, int]:
    """And how many were ended by the queue's time.

    On a clock of whole seconds equal times are no sign of that, except for the longest one.
    """
    counts = Counter(took)
    least = max(LEAST_BY_TIME, BY_TIME * len(took))
    fine = any(span % 1_000 for span in took)
    limits = {span for span, count in counts.items() if count >= least and span}
    if not fine:
        limits &= {max(took, default=0)}
    over = [float(span) for span in took if span not in limits]
    cut = [float(span) for span in took if span in limits]
    return sample(over, cut), len(cut)


def answers(past: Past) -> Sample:
    """Phones that stopped because the caller had gone would have been answered later."""
    picked = [float(ring.rang) for ring in past.rings if ring.end == "answered"]
    picked += [float(call.answer) for call in past.calls if call.answer is not None]
    cut = [float(ring.rang) for ring in past.rings if ring.end in CUT_OFF]
    return sample(picked, cut)


def _answering(rings: Sequence[RingSeen]) -> Iterator[Answering]:
    theirs = [ring for ring in rings if ring.end == "answered" or ring.end in UNANSWERED]
    if not theirs:
        return
    yield _share("", theirs)
    by_agent: dict[str, list[RingSeen]] = {}
    for ring in theirs:
        by_agent.setdefault(ring.agent, []).append(ring)
    for agent in sorted(by_agent):
        yield _share(agent, by_agent[agent])


def _share(agent: str, rings: Sequence[RingSeen]) -> Answering:
    ends = Counter(ring.end for ring in rings)
    total = len(rings)
    return Answering(agent, total, ends["no_answer"] / total, ends["rejected"] / total)
