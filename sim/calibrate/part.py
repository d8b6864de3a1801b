"""A study as a part of a scenario file: it can be copied into one, or played as it stands beside a
production file with the same queues.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from ctid.core.instants import HOUR, MINUTE
from sim import spreads
from sim.calibrate.arrivals import Arrivals
from sim.calibrate.study import Measured, Study, What
from sim.scenario.toml import key, quoted
from sim.scenario.values import DAYS


def toml(study: Study, source: str) -> str:
    """The whole file; the same study gives the same bytes."""
    return "\n".join(_lines(study, source)) + "\n"


def _lines(study: Study, source: str) -> Iterator[str]:
    yield f"# Fitted by ctid-sim calibrate from {source}: {study.calls} calls."
    yield "# A part of a scenario: copy it into one, or play it beside the production file whose"
    yield "# queues these are. docs/calibrate.md says how it was made."
    if study.arrivals is not None:
        yield from _begin(study.arrivals)
    yield from _callers(study)
    yield from _agents(study)
    for queue in study.queues if len(study.queues) > 1 else ():
        yield from _queue(study, queue)
    yield from _streams(study)


def _begin(arrivals: Arrivals) -> Iterator[str]:
    """As long as callers came on a day, on the first day of the records."""
    first, last = _open(arrivals)
    minutes, length = first * arrivals.interval // MINUTE, (last - first) * arrivals.interval
    yield f"begins = {arrivals.days[0]}T{minutes // 60:02d}:{minutes % 60:02d}:00"
    yield f"lasts_h = {length / HOUR:g}"


def _open(arrivals: Arrivals) -> tuple[int, int]:
    used = np.flatnonzero(arrivals.counts.sum(axis=0))
    return int(used[0]), int(used[-1]) + 1


def _callers(study: Study) -> Iterator[str]:
    found = [one for one in (study.of("patience"), study.of("talk")) if one.fit is not None]
    if found:
        yield "\n[callers]"
        yield from map(_spread, found)


def _agents(study: Study) -> Iterator[str]:
    found = [one for one in (study.of("answer"), study.of("wrap_up")) if one.fit is not None]
    if found or study.answering:
        yield "\n[agents]"
    if study.answering:
        yield f"no_answer = {study.answering[0].no_answer:.4g}"
        yield f"reject = {study.answering[0].reject:.4g}"
    for one in found:
        yield _spread(one)
        if one.what == "wrap_up":
            # The law is of how long agents would work: the queue's time cuts it off.
            yield "early_wrap_up = 1"


def _queue(study: Study, queue: str) -> Iterator[str]:
    of_queue: tuple[What, ...] = ("patience", "talk")
    found = [one for one in (study.of(what, queue) for what in of_queue) if one.fit is not None]
    if found:
        yield f"\n[queues.{key(queue)}]"
        yield from map(_spread, found)


def _spread(one: Measured) -> str:
    assert one.fit is not None, "only what was fitted is written"
    data, best = one.fit.data, one.fit.best
    cut = f", {len(data.censored)} cut off" if len(data.censored) else ""
    how = "no law came near" if one.fit.empirical is not None else f"KS {best.ks:.3f}"
    return f"{one.what} = {inline(one.fit.spread)}  # {len(data.seen)} seen{cut}; {how}"


def inline(spread: spreads.Spread) -> str:
    """`{ kind = "exponential", mean_s = 61.2 }`, as `sim.scenario.spreads` reads it."""
    match spread:
        case spreads.Exponential(mean):
            return f'{{ kind = "exponential", mean_s = {_s(mean)} }}'
        case spreads.LogNormal(median, sigma):
            return f'{{ kind = "lognormal", median_s = {_s(median)}, sigma = {sigma:.4g} }}'
        case spreads.Gamma(shape, scale):
            return f'{{ kind = "gamma", shape = {shape:.4g}, scale_s = {_s(scale)} }}'
        case spreads.Weibull(shape, scale):
            return f'{{ kind = "weibull", shape = {shape:.4g}, scale_s = {_s(scale)} }}'
        case spreads.Quantiles(values):
            return f'{{ kind = "quantiles", values_s = [{", ".join(map(_s, values))}] }}'
        case spreads.Mixture(parts):
            each = [f"{{ weight = {share:.4g}, {inline(part)[2:]}" for share, part in parts]
            return f'{{ kind = "mixture", parts = [{", ".join(each)}] }}'
        case _:
            raise ValueError(f"no fit ends in {spread}")


def _s(ms: float) -> str:
    return f"{ms / 1000:.6g}"


def _streams(study: Study) -> Iterator[str]:
    for queue in study.queues:
        found = study.arrivals_in.get(queue)
        yield ""
        if found is None:
            yield f"# queue {queue}: too few calls for rates"
            continue
        yield "[[streams]]"
        yield f"id = {quoted(queue)}"
        yield f"queue = {quoted(queue)}"
        yield f"day = {_day(found)}"
        if week := _week(found):
            yield f"week = {{ {', '.join(f'{day} = {factor}' for day, factor in week)} }}"


def _day(found: Arrivals) -> str:
    first, last = _open(found)
    rates = [(place, f"{found.per_hour[place]:.4g}") for place in range(first, last)]
    each = [f'"{_clock(place, found)}" = {rate}' for place, rate in rates]
    each.append(f'"{_clock(last, found)}" = 0')
    return f"{{ {', '.join(each)} }}"


def _clock(place: int, found: Arrivals) -> str:
    minutes = place * found.interval // MINUTE
    return f"{minutes // 60}:{minutes % 60:02d}"


def _week(found: Arrivals) -> list[tuple[str, str]]:
    """How much busier each day of the week is than the mean day with callers; of days that the
    records do not have, nothing is said."""
    by_day = dict(zip(found.days, found.counts.sum(axis=1), strict=True))
    mean = float(np.mean(list(by_day.values())))
    seen: dict[int, list[float]] = {}
    day, last = found.days[0], found.days[-1]
    while day <= last:
        seen.setdefault(day.weekday(), []).append(float(by_day.get(day, 0.0)))
        day += timedelta(days=1)
    if len(seen) < 2:
        return []
    return [(DAYS[n], f"{np.mean(seen[n]) / mean:.4g}") for n in sorted(seen)]
