"""What is wrong with a flow as a whole: where its steps lead, what they say, whom they name."""

from __future__ import annotations

from collections.abc import Collection

from ctid.core.text import KEYS
from ctid.ivr.flow import (
    LANGUAGES,
    AnyStep,
    Collect,
    Flow,
    Hours,
    Menu,
    Queue,
    prompts_of,
    targets,
)
from ctid.ivr.survey_step import Survey


def problems_of(
    flow: Flow, named: Collection[str], queues: Collection[str], hours: Collection[str]
) -> list[str]:
    """Everything that is wrong with a flow whose steps are well-formed one by one.

    Args:
        named: the steps that the file names, those that could not be read among them.
        queues, hours: ids that the flow may refer to.
    """
    found: list[str] = []
    if flow.start not in named:
        found.append(f"start: there is no step {flow.start!r}")
    if flow.language not in LANGUAGES:
        found.append(f"language: {flow.language!r} is not one of {', '.join(LANGUAGES)}")
    for name, step in flow.steps.items():
        at = f"steps.{name}"
        for field, target in targets(step):
            if target not in named:
                found.append(f"{at}.{field}: there is no step {target!r}")
        for field, prompt in prompts_of(step):
            found += _prompt_problems(flow, f"{at}.{field}", prompt)
        found += _step_problems(step, at, queues, hours)
    if len(flow.steps) == len(named) and flow.start in named:
        reached = _reached(flow)
        found += [f"steps.{name}: never reached" for name in flow.steps if name not in reached]
        found += [f"steps.{name}: there is no way out from here" for name in _trapped(flow)]
    return found


def _step_problems(
    step: AnyStep, at: str, queues: Collection[str], hours: Collection[str]
) -> list[str]:
    found: list[str] = []
    match step:
        case Menu():
            if not step.keys:
                found.append(f"{at}.keys: a menu needs at least one key")
            found += [f"{at}.keys.{k}: not a telephone key" for k in step.keys if k not in KEYS]
            found += [f"{at}.keys.{k}: one key only" for k in step.keys if len(k) != 1]
        case Collect():
            if not 1 <= step.min <= step.max <= 64:
                found.append(f"{at}: min and max must satisfy 1 <= min <= max <= 64")
            if step.terminator not in ("", "#", "*"):
                found.append(f"{at}.terminator: must be '#', '*' or empty")
        case Queue():
            if step.queue not in queues:
                found.append(f"{at}.queue: there is no queue {step.queue!r}")
        case Hours():
            if step.hours not in hours:
                found.append(f"{at}.hours: there are no opening hours {step.hours!r}")
        case _:
            pass
    if isinstance(step, Menu | Collect | Survey) and not 1 <= step.tries <= 9:
        found.append(f"{at}.tries: must be 1 to 9")
    return found


def _prompt_problems(flow: Flow, at: str, prompt: str) -> list[str]:
    texts = flow.prompts.get(prompt)
    if texts is None:
        return [f"{at}: there is no prompt {prompt!r}"]
    missing = [language for language in LANGUAGES if not texts.get(language, "").strip()]
    return [f"{at}: prompt {prompt!r} has no text in {language}" for language in missing]


def _reached(flow: Flow) -> set[str]:
    reached: set[str] = set()
    todo = [flow.start]
    while todo:
        name = todo.pop()
        if name in flow.steps and name not in reached:
            reached.add(name)
            todo += [target for _, target in targets(flow.steps[name])]
    return reached


def _trapped(flow: Flow) -> list[str]:
    """Steps from which neither a queue nor the end of the call can be reached."""
    safe = {name for name, step in flow.steps.items() if not targets(step)}
    grew = True
    while grew:
        more = {
            name
            for name, step in flow.steps.items()
            if name not in safe and any(target in safe for _, target in targets(step))
        }
        grew = bool(more)
        safe |= more
    return [name for name in flow.steps if name not in safe]
