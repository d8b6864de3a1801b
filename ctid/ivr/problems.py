"""What is wrong with a flow as a whole: where its steps lead, what they say, whom they name."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from ctid.core.text import KEYS, nearest
from ctid.ivr import ways
from ctid.ivr.flow import (
    LANGUAGES,
    AnyStep,
    CallBack,
    Collect,
    Flow,
    Hours,
    Menu,
    Queue,
    Record,
    Transfer,
    Voicemail,
    asks,
    may_end,
    prompts_of,
    targets,
)
from ctid.ivr.service_problems import state_problems
from ctid.ivr.step_problems import step_problems
from ctid.ivr.survey_step import Survey

_MOST_TOLD: Final = 12
"""Steps of a circle that are named."""
_MOST_HINTS: Final = 100
"""Problems with a hint of what was meant: it takes 5 ms among 2,000 names."""


def problems_of(
    flow: Flow,
    named: Collection[str],
    queues: Collection[str],
    hours: Collection[str],
    partly: Collection[str] = (),
) -> list[str]:
    """Everything that is wrong with a flow whose steps are well-formed one by one.

    Args:
        named: the steps that the file names, those that could not be read among them.
        queues, hours: ids that the flow may refer to.
        partly: steps with blanks for what could not be read: only where they lead and what they
            say is looked at.
    """
    found: list[str] = []
    if flow.start and flow.start not in named:
        found.append(f"start: there is no step {flow.start!r}; {nearest(flow.start, named)}")
    if flow.language not in LANGUAGES:
        what = f"{flow.language!r} is not one of {', '.join(LANGUAGES)}"
        found.append(f"language: {what}; use one of them")
    for name, step in flow.steps.items():
        at = f"steps.{name}"
        for field, target in targets(step):
            if target not in named and (target or name not in partly):
                hint = nearest(target, named) if len(found) < _MOST_HINTS else "see those above"
                found.append(f"{at}.{field}: there is no step {target[:60]!r}; {hint}")
        for field, prompt in prompts_of(step):
            found += _prompt_problems(flow, f"{at}.{field}", prompt)
        if name in partly:
            continue
        found += _step_problems(step, at, queues, hours)
        for field, what in step_problems(step):
            found.append(f"{at}.{field}: {what}")
    found += [f"{at}: {what}" for at, what in state_problems(flow)]
    if not partly and len(flow.steps) == len(named) and flow.start in named:
        found += _way_problems(flow)
    return found


def _way_problems(flow: Flow) -> list[str]:
    """Where the steps lead, once all of them can be read and every target is there or told."""
    leads = ways.ways_of(flow)
    reached = ways.reached(leads, flow.start)
    found = [
        f"steps.{name}: never reached; lead a step here, or take it out"
        for name in flow.steps
        if name not in reached
    ]
    round_and_round = ways.circles(ways.silent_ways_of(flow))
    for circle in round_and_round:
        found.append(circle_problem(flow, circle))
    told = {name for circle in round_and_round for name in circle}
    found += [
        f"steps.{name}: there is no way out from here; lead it to a step that ends the flow"
        for name in ways.trapped(leads, [n for n, s in flow.steps.items() if may_end(s)])
        if name not in told
    ]
    return found


def circle_problem(flow: Flow, circle: tuple[str, ...]) -> str:
    """What is wrong with a way that a silent caller walks again and again."""
    name = circle[0]
    if circle == (name,) and asks(flow.steps[name]):
        what = "leads back to the step itself, so that a silent caller never leaves"
        return f"steps.{name}.on_fail: {what}; lead it on, to a queue or to the end of the call"
    if any(asks(flow.steps[step]) for step in circle):
        what = "a silent caller goes round here for ever"
        advice = "lead an on_fail out of the circle"
    else:
        what = "goes round without the caller doing anything"
        advice = "lead one of these steps elsewhere, or ask for a key in between"
    told = circle if len(circle) <= _MOST_TOLD else (*circle[:_MOST_TOLD], "…")
    return f"steps.{name}: {what} ({' → '.join((*told, name))}); {advice}"


def _step_problems(
    step: AnyStep, at: str, queues: Collection[str], hours: Collection[str]
) -> list[str]:
    found: list[str] = []
    match step:
        case Menu():
            if not step.keys:
                found.append(
                    f"{at}.keys: a menu needs at least one key; write keys = {{ 1 = STEP }}"
                )
            found += _key_problems(step, at)
        case Collect():
            if not 1 <= step.min <= step.max <= 64:
                what = f"min and max must satisfy 1 <= min <= max <= 64, not {step.min}, {step.max}"
                found.append(f"{at}: {what}; change one of them")
            if step.terminator not in ("", "#", "*"):
                found.append(f"{at}.terminator: must be '#', '*' or empty; use '#'")
        case Queue() | Voicemail() | CallBack() | Transfer():
            if step.queue not in queues and (step.queue or not isinstance(step, Transfer)):
                what = f"there is no queue {step.queue!r} of callers"
                found.append(f"{at}.queue: {what}; {nearest(step.queue, queues)}")
        case Hours():
            if step.hours not in hours:
                what = f"there are no opening hours {step.hours!r}"
                found.append(f"{at}.hours: {what}; {nearest(step.hours, hours)}")
        case _:
            pass
    if isinstance(step, Menu | Collect | Survey | Record) and not 1 <= step.tries <= 9:
        found.append(f"{at}.tries: must be 1 to 9, not {step.tries}; use 3")
    return found


def _key_problems(step: Menu, at: str) -> list[str]:
    found = []
    for key in step.keys:
        if len(key) != 1:
            found.append(f"{at}.keys.{key}: one key only; collect asks for several")
        elif key not in KEYS:
            found.append(f"{at}.keys.{key}: not a telephone key; use 0 to 9, * or #")
    return found


def _prompt_problems(flow: Flow, at: str, prompt: str) -> list[str]:
    texts = flow.prompts.get(prompt)
    if texts is None:
        what = f"there is no prompt {prompt!r}"
        return [f"{at}: {what}; {nearest(prompt, flow.prompts)}, or write [prompts.{prompt}]"]
    missing = [language for language in LANGUAGES if not texts.get(language, "").strip()]
    return [
        f"{at}: prompt {prompt!r} has no text in {language}; write it under [prompts.{prompt}]"
        for language in missing
    ]
