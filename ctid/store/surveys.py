"""Answers of callers folded into figures of agents and queues. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ctid.core.records import AgentId, QueueId
from ctid.core.survey import AnswerKind, SurveyFigures

Given = tuple[QueueId, AgentId, str, AnswerKind, int, int]
"""Queue, agent, question, kind, value, and how often that was given."""


def summed_up(given: Iterable[Given]) -> list[SurveyFigures]:
    """One for each agent of each queue and each question, in this order."""
    found: dict[tuple[QueueId, AgentId, str, AnswerKind], dict[int, int]] = {}
    for queue, agent, question, kind, value, count in given:
        values = found.setdefault((queue, agent, question, kind), {})
        values[value] = values.get(value, 0) + count
    return [
        SurveyFigures(*key, sum(values.values()), _mean(values), dict(sorted(values.items())))
        for key, values in sorted(found.items())
    ]


def _mean(values: dict[int, int]) -> float:
    total = sum(value * count for value, count in values.items())
    return round(total / sum(values.values()), 2)
