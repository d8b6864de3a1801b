"""Queueing theory beside the simulation: Erlang A of each queue, and the router's own test."""

from __future__ import annotations

from sim.report.content import QueueReport, Report
from sim.report.markup import Html, join
from sim.report.numbers import spoken, told
from sim.report.parts import paragraph, table
from sim.report.sections import title_of, value_of
from sim.report.words import say, words
from sim.theory.verdict import LIMIT, Verdict

_COMPARED = ("service_level", "asa", "abandonment", "occupancy")


def beside(report: Report) -> Html:
    """The values of theory, or why there are none."""
    parts = [paragraph(say("theory.lead"), class_="lead")]
    known = [queue for queue in report.queues if not queue.theory.reason]
    if known:
        heads = [
            say("queue"), say("theory.figure"), say("theory.simulated"), say("theory.theory")
        ]  # fmt: skip
        rows = [row for queue in known for row in _rows(report, queue)]
        parts.append(table(say("theory.caption"), heads, rows, words=2))
    for queue in report.queues:
        parts.append(paragraph(join(f"{queue.name}: ", _told(queue)), class_="note"))
    return join(*parts)


def _rows(report: Report, queue: QueueReport) -> list[list[Html]]:
    found: list[list[Html]] = []
    for name in _COMPARED:
        estimate = report.figures[f"{name}[{queue.id}]"]
        value = told(estimate.unit, getattr(queue.theory, name))
        found.append([join(queue.name), title_of(name), value_of(estimate), join(value)])
    return found


def _told(queue: QueueReport) -> Html:
    theory = queue.theory
    if theory.reason:
        return say(f"theory.no.{theory.reason}")
    patience = spoken(theory.patience) if theory.patience else words("theory.endless")
    return say("theory.inputs", handling=spoken(theory.handling), patience=patience)


def verdicts(rows: list[Verdict]) -> Html:
    """The router against exact values."""
    beyond = sum(row.beyond for row in rows)
    worst = max(abs(row.z) for row in rows)
    said = (
        say("verdicts.bad", beyond=beyond, count=len(rows))
        if beyond
        else say("verdicts.good", count=len(rows), worst=f"{worst:.2f}")
    )
    heads = [
        say("verdicts.model"), "λ", "μ", "θ", "n", say("verdicts.metric"), say("verdicts.theory"),
        say("verdicts.measured"), say("verdicts.se"), "z",
    ]  # fmt: skip
    cells = [
        [
            row.model, row.lam, row.mu, f"{row.theta:.4g}", row.n, row.metric,
            f"{row.theory:.6g}", f"{row.measured:.6g}", f"{row.se:.2g}", _z(row),
        ]
        for row in rows
    ]  # fmt: skip
    return join(
        paragraph(say("verdicts.lead", limit=LIMIT), class_="lead"),
        paragraph(said, class_="said"),
        table(say("verdicts.caption"), heads, cells),
    )


def _z(row: Verdict) -> Html:
    if not row.beyond:
        return join(f"{row.z:.2f}")
    return join(f"{row.z:.2f} ", say("verdicts.beyond"))
