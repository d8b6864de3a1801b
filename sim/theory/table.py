"""The verdicts as a table for people, and what so many rows together mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from scipy import stats

from sim.theory.verdict import LIMIT, Verdict

DOUBT = 1e-3
"""A row whose value differs from our own formula's by a larger share is told of."""


class Family(msgspec.Struct, frozen=True):
    """All rows together: of many rows some lie far out by chance alone."""

    rows: int
    replications: int
    largest: float
    """The largest |z|."""
    beyond: int
    """Rows with |z| above the limit."""
    expected: float
    """How many there are by chance on average, however the rows depend on each other."""
    chance: float
    """An upper bound of the probability that any of so many true rows has the largest |z| or more
    (Bonferroni)."""


def family(verdicts: Sequence[Verdict]) -> Family:
    """What they mean together."""
    largest = max(abs(v.z) for v in verdicts)
    m = len(verdicts)
    return Family(
        m, max(v.replications for v in verdicts), largest, sum(v.beyond for v in verdicts),
        m * 2 * float(stats.norm.sf(LIMIT)), min(1.0, m * 2 * float(stats.norm.sf(largest))),
    )  # fmt: skip


def table(verdicts: Sequence[Verdict], passed_over: Mapping[str, int] | None = None) -> str:
    """For people."""
    about = [
        ("model", "lambda", "mu", "theta", "n", "metric"),
        *((v.model, v.lam, v.mu, f"{v.theta:.4g}", str(v.n), v.metric) for v in verdicts),
    ]
    wide = [max(len(text) for text in column) for column in zip(*about, strict=True)]
    head, *rest = (
        "  ".join(text.ljust(n) for text, n in zip(row, wide, strict=True)) for row in about
    )
    lines = [f"{head} {'theory':>12} {'measured':>12} {'s.e.':>10} {'t':>6} {'z':>6}"]
    for v, left in zip(verdicts, rest, strict=True):
        mark = "  <-- beyond chance" if v.beyond else ""
        gap = f"  [held against {v.theory + v.gap:.6g}]" if v.gap else ""
        lines.append(
            f"{left} {v.theory:12.6g} {v.measured:12.6g} {v.se:10.3g} {v.t:6.2f} {v.z:6.2f}"
            f"{mark}{gap}"
        )
    return "\n".join([*lines, *below(verdicts, passed_over or {})])


def below(verdicts: Sequence[Verdict], passed_over: Mapping[str, int]) -> list[str]:
    """What is told under a table."""
    one = family(verdicts)
    lines = footnotes(verdicts, passed_over)
    lines.append(
        f"{one.rows} rows, {one.replications} replications each, largest |z| {one.largest:.2f};"
        f" {one.beyond} beyond {LIMIT}"
    )
    lines.append(
        f"of so many true rows {one.expected:.2g} lie beyond {LIMIT} by chance; one with"
        f" {one.largest:.2f} or more is among them with probability {_at_most(one.chance)}"
    )
    return lines


def footnotes(verdicts: Sequence[Verdict], passed_over: Mapping[str, int]) -> list[str]:
    """What is not held as it stands."""
    lines = [f"{v.metric}: {v.note} {v.gap:+.5f}" for v in verdicts if v.note]
    lines += [
        f"{v.model} {v.metric}: our own formula gives {v.formula:.6g}, not {v.theory:.6g}; is the"
        " row right?"
        for v in verdicts
        if v.formula is not None and abs(v.formula - v.theory) > DOUBT * abs(v.theory)
    ]
    return lines + [f"passed over: {count} rows of {model}" for model, count in passed_over.items()]


def _at_most(chance: float) -> str:
    return "up to 1" if chance >= 1 else f"{chance:.2g} at most"
