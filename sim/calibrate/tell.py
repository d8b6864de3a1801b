"""A study in words and numbers: the table for a terminal, the document for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from sim import spreads
from sim.calibrate.arrivals import Arrivals
from sim.calibrate.fit import Candidate, spread_of
from sim.calibrate.study import Measured, Study
from sim.run.output import table

CHANCE = 0.01
"""A stream as far from Poisson as one in a hundred of them is called none."""
TIMES = ("mean", "median", "scale")
"""Parameters that are durations."""
NAMES = {"patience": "patience", "talk": "talk", "wrap_up": "wrap-up", "answer": "answer delay"}


class LawTold(msgspec.Struct, frozen=True):
    """One law that was tried. Likelihoods are of ms."""

    law: str
    spread: spreads.Spread
    aic: float
    bic: float
    ks: float
    """Kolmogorov's distance, 0 to 1."""
    ad: float | None
    """Anderson and Darling's A²; None for censored durations."""


class FitTold(msgspec.Struct, frozen=True):
    """One kind of duration."""

    what: str
    queue: str
    seen: int
    """Durations seen to their end."""
    censored: int
    ended_by_time: int
    chosen: spreads.Spread | None
    laws: tuple[LawTold, ...]
    """The best first."""
    why_none: str


class ArrivalsTold(msgspec.Struct, frozen=True):
    """Callers by interval of the day."""

    queue: str
    calls: int
    days: int
    zone: str
    interval: int
    per_hour: tuple[float, ...]
    """From midnight on."""
    dispersion: float | None
    dispersion_p: float | None
    spacings_ks: float | None
    spacings_p: float | None


class AnsweringTold(msgspec.Struct, frozen=True):
    agent: str
    rings: int
    no_answer: float
    reject: float


class Told(msgspec.Struct, frozen=True):
    """The document of `ctid-sim calibrate --json`; version 1."""

    calls: int
    shares: dict[str, float]
    arrivals: tuple[ArrivalsTold, ...]
    fits: tuple[FitTold, ...]
    answering: tuple[AnsweringTold, ...]
    passed_over: tuple[str, ...]
    """Rows that could not be read, where one was asked to go on without them."""
    version: int = 1


def document(study: Study, passed_over: Sequence[str]) -> Told:
    """For programs."""
    return Told(
        study.calls,
        study.shares,
        tuple(_arrivals(queue, one) for queue, one in streams(study)),
        tuple(_fit(one) for one in study.measured),
        tuple(AnsweringTold(a.agent, a.rings, a.no_answer, a.reject) for a in study.answering),
        tuple(passed_over),
    )


def streams(study: Study) -> Iterator[tuple[str, Arrivals]]:
    """All together, and each queue where there are several."""
    if study.arrivals is not None:
        yield "", study.arrivals
    if len(study.queues) > 1:
        yield from study.arrivals_in.items()


def _arrivals(queue: str, one: Arrivals) -> ArrivalsTold:
    spread, spacings = one.spread, one.spacings
    return ArrivalsTold(
        queue, int(one.counts.sum()), len(one.days), one.zone, one.interval,
        tuple(round(float(rate), 4) for rate in one.per_hour),
        round(spread.index, 6) if spread else None, round(spread.p, 6) if spread else None,
        round(spacings.distance, 6) if spacings else None,
        round(spacings.p, 6) if spacings else None,
    )  # fmt: skip


def _fit(one: Measured) -> FitTold:
    found = one.fit
    if found is None:
        return FitTold(one.what, one.queue, 0, 0, one.ended_by_time, None, (), one.why)
    return FitTold(
        one.what, one.queue, len(found.data.seen), len(found.data.censored), one.ended_by_time,
        found.spread, tuple(_law(candidate) for candidate in found.candidates), "",
    )  # fmt: skip


def _law(one: Candidate) -> LawTold:
    ad = None if one.ad != one.ad else round(one.ad, 4)
    return LawTold(
        one.fitted.name, spread_of(one.fitted), round(one.aic, 2), round(one.bic, 2),
        round(one.ks, 5), ad,
    )  # fmt: skip


# -- for people --


def text(study: Study) -> str:
    """The table of `ctid-sim calibrate`."""
    parts = [f"{study.calls} calls" + _shares(study)]
    parts += [_stream(queue, one) for queue, one in streams(study)]
    if study.arrivals is None:
        parts.append(f"arrivals: {study.why_no_arrivals}; no rates")
    parts.append(table(HEAD, [row for one in study.measured for row in _rows(one)], left=4))
    parts += [_answering(study)] if study.answering else []
    return "\n\n".join(parts)


HEAD = ("", "queue", "law", "parameters", "seen", "cut off", "BIC", "KS", "A²")


def _shares(study: Study) -> str:
    if len(study.queues) < 2:
        return ""
    return ": " + ", ".join(f"{queue} {share:.1%}" for queue, share in study.shares.items())


def _stream(queue: str, one: Arrivals) -> str:
    whose = f"arrivals at {queue}" if queue else "arrivals"
    rates = one.per_hour
    busiest = int(rates.argmax())
    minutes = busiest * one.interval // 60_000
    said = [
        f"{whose}: {int(one.counts.sum())} on {len(one.days)} day(s), at most {rates.max():.1f} an"
        f" hour, from {minutes // 60:02d}:{minutes % 60:02d} on ({one.zone})"
    ]
    if one.spread is not None:
        said.append(
            f"  from day to day: variance / mean {one.spread.index:.2f},"
            f" {_chance(one.spread.p, 'as Poisson has it', 'days differ more than by chance')}"
        )
    if one.spacings is not None:
        bad = "not one by one: bursts, redials, or a rate that changes within the interval"
        said.append(
            f"  within intervals: KS {one.spacings.distance:.3f} of {one.spacings.count} spacings,"
            f" {_chance(one.spacings.p, 'one by one, as Poisson has it', bad)}"
        )
    return "\n".join(said)


def _chance(p: float, good: str, bad: str) -> str:
    return f"p {p:.3f}: {bad if p < CHANCE else good}"


def _rows(one: Measured) -> Iterator[tuple[str, ...]]:
    found, about = one.fit, (NAMES[one.what], one.queue)
    if found is None:
        yield (*about, "none", one.why, "", "", "", "", "")
        return
    counts = (str(len(found.data.seen)), str(len(found.data.censored) or ""))
    if found.empirical is not None:
        text = f"{len(found.empirical)} of them, as no law comes near"
        yield (*about, "quantiles", text, *counts, "", "", "")
        about, counts = ("", ""), ("", "")
    for candidate in found.candidates[: 1 if one.queue else 3]:
        ad = "" if candidate.ad != candidate.ad else f"{candidate.ad:.2f}"
        figures = (f"{candidate.bic:.0f}", f"{candidate.ks:.3f}", ad)
        yield (*about, candidate.fitted.name, parameters(candidate), *counts, *figures)
        about, counts = ("", ""), ("", "")


def parameters(one: Candidate) -> str:
    """`median 61.2 s, sigma 0.7`, for people."""
    known = one.fitted.parameters
    if one.fitted.name == "mixture":
        return " + ".join(
            f"{share:.2f} × ({_plain(part)})"
            for share, part in zip(known["shares"], known["parts"], strict=True)
        )
    return _plain(known)


def _plain(known: dict[str, float]) -> str:
    return ", ".join(
        f"{name} {value / 1000:.4g} s" if name in TIMES else f"{name} {value:.4g}"
        for name, value in known.items()
    )


def _answering(study: Study) -> str:
    rows = [
        (one.agent or "all", str(one.rings), f"{one.no_answer:.1%}", f"{one.reject:.1%}")
        for one in study.answering
    ]
    return table(("agent", "rings", "not answered", "rejected"), rows)
