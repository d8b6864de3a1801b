"""A load run on the terminal, and as a plot."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sim.load.measure import Latency, Step
from sim.load.order import Report
from sim.run.output import write_whole

_LATENCIES = (
    ("join → ring", "join_to_ring"), ("AGI answer", "agi"), ("key → prompt", "key_to_prompt"),
    ("ring → pop", "ring_to_pop"), ("event lag", "event_lag"),
)  # fmt: skip
_UNKNOWN = {
    "generator": "the load generator itself was late",
    "machine": "other programs took too much of this machine",
}
"""Verdicts that say nothing of ctid."""


def print_table(report: Report, console: Console) -> None:
    """For a person: one row for each step, and what it came to."""
    table = Table(
        title=f"{report.scenario}: {report.agents} agents, all {report.speed:.3g} times as fast",
        caption="latencies in ms, p50 / p95 / p99 / max; CPU as shares of one core",
    )
    for name in ("calls/s", "calls", "answered"):
        table.add_column(name, justify="right")
    for name, _ in _LATENCIES:
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("loop lag", "errors", "CPU ctid", "load", "others", "verdict"):
        table.add_column(name, justify="right")
    for step in report.steps:
        table.add_row(*_cells(step))
    console.print(table)
    for line in conclusion(report):
        console.print(line, highlight=False, markup=False)


def _cells(step: Step) -> Iterator[str]:
    yield f"{step.rate:.3g}"
    yield str(step.calls)
    yield str(step.answered)
    for _, name in _LATENCIES:
        yield _figures(getattr(step, name))
    yield "?" if step.ctid_loop_lag is None else f"{step.ctid_loop_lag:.0f}"
    yield str(step.errors.all)
    yield "?" if step.ctid_cpu is None else f"{step.ctid_cpu:.2f}"
    yield f"{step.generator_cpu:.2f}"
    yield "?" if step.others_cpu is None else f"{step.others_cpu:.2f}"
    yield step.verdict


def _figures(told: Latency) -> str:
    if not told.count:
        return "–"
    values = (told.p50, told.p95, told.p99, told.max)
    return " / ".join(f"{v:.1f}" if v < 10 else f"{v:.0f}" for v in values)


def conclusion(report: Report) -> Iterator[str]:
    """What is to be learnt from it, in sentences."""
    for step in report.steps:
        for broken in step.broken:
            yield f"{step.rate:.3g} calls/s: {broken}"
    if report.ramp is None:
        if (verdict := report.steps[0].verdict) in _UNKNOWN:
            yield f"{_UNKNOWN[verdict]}: nothing is known of ctid"
    elif report.bad is None:
        yield f"all rates held, up to {report.good:g} calls/s; where it breaks lies beyond"
    elif report.alone:
        yield f"this program plays {report.good:g} calls/s, and not {report.bad:g}"
    elif report.ended_by in _UNKNOWN:
        yield (
            f"{report.good:g} calls/s held; at {report.bad:g} {_UNKNOWN[report.ended_by]}: what"
            " ctid can do lies beyond"
        )
    elif report.good:
        yield f"{report.good:g} calls/s held, {report.bad:g} did not"
    else:
        yield f"not even {report.bad:g} calls/s held; begin lower"
    for trouble in report.troubles:
        yield f"ctid's log: {trouble}"


def plot(report: Report, path: Path) -> None:
    """Latencies and CPU over the rates, as .svg or .png; whole, or not at all.

    Raises:
        CannotWrite: the disk is full, or the folder is not ours.
    """
    content = io.BytesIO()
    _draw(report, content, path.suffix.removeprefix("."))
    write_whole({path: content.getvalue()})


def _draw(report: Report, file: io.BytesIO, kind: str) -> None:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "ctid", "svg.fonttype": "path"}):
        figure = Figure(figsize=(9, 7), layout="constrained")
        times, shares = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
        # Of a rate that was tried twice the second time counts; the first is a dot beside the line.
        last = {step.rate: step for step in report.steps}
        steps = [last[rate] for rate in sorted(last)]
        first = [step for step in report.steps if last[step.rate] is not step]
        rates = [step.rate for step in steps]
        for name, key in _LATENCIES:
            values = [getattr(step, key).p95 or float("nan") for step in steps]
            (line,) = times.plot(rates, values, marker="o", label=f"{name}, p95")
            tries = [getattr(step, key).p95 or float("nan") for step in first]
            times.plot([s.rate for s in first], tries, ".", color=line.get_color(), alpha=0.5)
        times.set_yscale("log")
        times.set_ylabel("ms")
        times.legend()
        times.set_title(f"{report.scenario}: {report.agents} agents, speed {report.speed:g}")
        ctid = [float("nan") if s.ctid_cpu is None else s.ctid_cpu for s in steps]
        shares.plot(rates, ctid, marker="o", label="ctid")
        shares.plot(rates, [s.generator_cpu for s in steps], marker="o", label="load generator")
        shares.axhline(1.0, color="grey", linewidth=0.8)
        shares.set_ylabel("CPU, cores")
        shares.set_xlabel("calls a second")
        shares.legend()
        for axes in (times, shares):
            axes.grid(alpha=0.3)
            if report.good:
                axes.axvline(report.good, color="green", linestyle=":")
            if report.bad is not None:
                axes.axvline(report.bad, color="red", linestyle=":")
        figure.savefig(file, format=kind, metadata={"Date": None} if kind == "svg" else None)
