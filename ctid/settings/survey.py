"""Surveys in the settings of one queue: `[queues.survey]`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from ctid.acd.channels import CALL
from ctid.acd.rules import Rule
from ctid.acd.settings import QueueSettings
from ctid.acd.survey import WHOLE, SurveyRules
from ctid.ivr.flow import Call, Flow, Survey
from ctid.ivr.subflows import entry_problem
from ctid.settings.table import Table, nearest

LINK = r"https?://[^\s]{1,190}"
"""Agents click on it: no scheme that would run in our page."""
LINK_FORM = "an address that begins with https:// or http://"
BEST = 5
"""The highest score."""


def read_survey(queue: Table) -> SurveyRules | None:
    """What the queue says; None where nobody is asked. Every problem goes to the table."""
    table = queue.table("survey")
    given = bool(table.raw)
    rules = SurveyRules(
        flow=table.id("flow", None if given else "none"),
        share=_share(table),
        rules=table.texts("rules", ()),
        low=table.whole("low", 0, 0, BEST),
        task_queue=table.text("task_queue", ""),
        task_link=read_link(table, ("call", "number")),
        callbacks=table.flag("callbacks", default=False),
    )
    if rules.low and not rules.task_queue:
        table.wrong("task_queue", "is missing; name the queue that a score of low or less opens")
    if rules.task_queue and not rules.low:
        table.wrong("low", "is 0, so no score opens a task; use 1 to 5, or take task_queue out")
    table.close()
    return rules if given else None


def _share(table: Table) -> int:
    value = table.any("share", 1)
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    if not fits or not 0 <= value <= 1:
        table.wrong("share", f"{value!r} does not fit; use a number from 0 to 1")
        return WHOLE
    return round(WHOLE * float(value))


def read_link(table: Table, names: Sequence[str]) -> str:
    """The key `task_link`: an address in which these names may stand in braces."""
    link = table.text("task_link", "", pattern=LINK, form=LINK_FORM)
    for name in re.findall(r"\{([^}]*)\}", link):
        if name not in names:
            known = ", ".join(f"{{{one}}}" for one in names)
            table.wrong("task_link", f"{{{name[:20]}}} stands for nothing; known are {known}")
    return link


def check_surveys(
    main: Table,
    queues: Sequence[QueueSettings],
    flows: Collection[str],
    walks: Mapping[str, Flow],
    rules: Sequence[Rule],
) -> None:
    """Flows, queues of tasks and routing rules that there are not, and flows that ask nothing.

    Args:
        flows: the ids of all; `walks` has those that are in order.
    """
    names = [rule.id for rule in rules]
    for n, queue in enumerate(queues, start=1):
        if (survey := queue.survey) is None:
            continue
        at = f"queues[{n}].survey"
        if survey.flow and survey.flow not in flows:
            what = f"there is no flow {survey.flow!r}; {nearest(survey.flow, flows)}"
            main.wrong(f"{at}.flow", what)
        elif survey.flow in walks and (what := _survey_problem(survey.flow, walks)):
            main.wrong(f"{at}.flow", what)
        for name in survey.rules:
            if name not in names:
                what = f"there is no routing rule {name!r}; {nearest(name, names)}"
                main.wrong(f"{at}.rules", what)
        check_task_queue(main, queues, f"{at}.task_queue", survey.task_queue)


def _survey_problem(flow: str, walks: Mapping[str, Flow]) -> str:
    """Why callers cannot be led into that flow after their call, or empty."""
    if what := entry_problem(walks[flow]):
        return what
    todo, seen = [flow], {flow}
    while todo:
        for step in walks[todo.pop()].steps.values():
            if isinstance(step, Survey):
                return ""
            if isinstance(step, Call) and step.flow not in seen:
                if step.flow not in walks:
                    return ""  # has problems of its own, and may ask
                seen.add(step.flow)
                todo.append(step.flow)
    return f"{flow!r} asks nothing; give it a step of kind survey, or name another flow"


def check_task_queue(main: Table, queues: Sequence[QueueSettings], at: str, named: str) -> None:
    """The queue named at `at` takes tasks, where one is named."""
    takes = [queue.id for queue in queues if queue.channel != CALL]
    if named and named not in takes:
        what = f"there is no queue {named!r} for tasks; {nearest(named, takes)}"
        main.wrong(at, what)
