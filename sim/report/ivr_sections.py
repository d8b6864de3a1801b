"""The flows in a report's page: how visits ended, and at which step callers were lost."""

from __future__ import annotations

from sim.report import axes, plots
from sim.report.content import Report
from sim.report.ivr import OF_FLOWS, FlowReport, StepReport
from sim.report.markup import Html, element, join
from sim.report.numbers import clock, count
from sim.report.parts import figure, paragraph, table
from sim.report.sections import title_of, value_of
from sim.report.words import Words, say, words
from sim.run.figures import Estimate

MOST_ROWS = 24
"""Steps in the plot: those at which most callers were lost."""
_ENDS = ("hung_up", "broken", "queue", "voicemail", "callback", "transferred", "ended", "served")
"""Ways that end a visit; all others lead to another step."""


def ivr(report: Report) -> Html:
    """Tables of flows and steps, and the plot of where callers hung up."""
    if not report.ivr.flows:
        return paragraph(say("ivr.none"), class_="note")
    heads = [say("ivr.flow"), say("ivr.visits"), *map(title_of, OF_FLOWS), say("ivr.others")]
    flows = table(say("ivr.flows.caption"), heads, [_flow(flow) for flow in report.ivr.flows])
    return join(
        paragraph(say("ivr.lead"), class_="lead"), flows, _lost(report), _steps(report.ivr.steps)
    )


def _flow(flow: FlowReport) -> list[object]:
    shown = ("contained", "hung_up", "queue")
    others = [
        join(say(f"ivr.outcome.{name}"), f" {count(calls)}")
        for name, calls in _by_outcome(flow.outcomes).items()
        if name not in shown
    ]
    return [
        flow.flow, count(flow.visits), *(value_of(flow.figures[name]) for name in OF_FLOWS),
        join(*(element("small", other) for other in others)) if others else "–",
    ]  # fmt: skip


def _by_outcome(outcomes: dict[str, float]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, calls in outcomes.items():
        outcome = name.partition("/")[0]
        found[outcome] = found.get(outcome, 0.0) + calls
    return found


def _lost(report: Report) -> Html:
    """Where callers hung up, the worst step first."""
    lost = [step for step in report.ivr.steps if step.drop_off.value]
    lost = sorted(lost, key=lambda step: (-(step.drop_off.value or 0), step.step))[:MOST_ROWS]
    if not lost:
        return join()
    spans = [_span(step.drop_off) for step in lost]
    size = (plots.WIDE[0], 0.5 + 0.3 * len(lost))
    frame = plots.Frame("ivr-lost", axes.Number(unit=" %"), axes.Rows(len(lost)), size)
    worst = lost[0]
    alt = words("ivr.lost.alt", step=worst.step, share=f"{100 * (worst.drop_off.value or 0):.1f}")
    rows = [Words(step.step, step.step) for step in lost]
    return figure(
        "ivr-lost", words("ivr.lost.title"), plots.spans(frame, *spans), alt, rows=rows
    )  # fmt: skip


def _span(share: Estimate) -> plots.Span:
    """In percent; a point where one replication has no interval."""
    value = share.value or 0.0
    low, high = (value if edge is None else edge for edge in (share.low, share.high))
    return plots.Span(100 * value, 100 * low, 100 * high, "bad")


def _steps(steps: list[StepReport]) -> Html:
    names = ("entered", "on", "failed", "wrong", "silent", "spent", "lost")
    heads = [say("ivr.step"), *(say(f"ivr.step.{name}") for name in names)]
    return table(say("ivr.steps.caption"), heads, [_one(step) for step in steps])


def _one(step: StepReport) -> list[object]:
    on = sum(n for way, n in step.ways.items() if way not in _ENDS and way != "on_fail")
    return [
        step.step, count(step.entered), count(on), count(step.ways.get("on_fail", 0.0)),
        count(step.wrong), count(step.silent), clock(step.spent), value_of(step.drop_off),
    ]  # fmt: skip
