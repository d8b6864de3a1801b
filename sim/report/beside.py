"""Queueing theory beside the simulation: Erlang A of each queue, or why it says nothing."""

from __future__ import annotations

from sim.report.content import QueueReport, Report
from sim.report.markup import Html, join
from sim.report.numbers import spoken, told
from sim.report.parts import paragraph, table
from sim.report.sections import title_of, value_of
from sim.report.words import say, words

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
