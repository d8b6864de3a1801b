"""From a flow file's mapping to a `Flow`, or to the list of everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec

from ctid.core.text import KEYS
from ctid.ivr.flow import AnyStep, Collect, Flow, Hours, Menu, Queue, prompts_of, targets

LANGUAGES: Final = ("en", "zh-CN")
"""The prompt builder and the PBX's sound folders know these."""


def parse_flow(
    raw: Mapping[str, Any], where: str, queues: Collection[str], hours: Collection[str]
) -> tuple[Flow | None, list[str]]:
    """The flow, and all problems with their path.

    Args:
        raw: the file's content as TOML gives it. Durations are in seconds, keys end in `_s`.
        where: the file's name, the beginning of each problem.
        queues, hours: ids that the flow may refer to.
    """
    problems: list[str] = []
    steps: dict[str, AnyStep] = {}
    bodies = raw.get("steps") or {}
    if not isinstance(bodies, Mapping):
        return None, [f"{where}: steps: must be a table, one entry for each step"]
    for name, body in bodies.items():
        try:
            steps[name] = msgspec.convert(_milliseconds(body), AnyStep)
        except (msgspec.ValidationError, TypeError, ValueError) as error:
            problems.append(f"{where}: steps.{name}: {error}")
    known = {"id", "start", "language", "steps", "prompts"}
    problems += [f"{where}: {key}: unknown key" for key in raw if key not in known]
    try:
        head = {key: raw[key] for key in ("id", "start", "language", "prompts") if key in raw}
        flow = msgspec.convert({"language": "en", **head, "steps": {}}, Flow)
    except msgspec.ValidationError as error:
        return None, [*problems, f"{where}: {error}"]
    flow = msgspec.structs.replace(flow, steps=steps)
    problems += [f"{where}: {problem}" for problem in _problems(flow, raw, queues, hours)]
    return (None if problems else flow), problems


def _milliseconds(body: object) -> dict[str, Any]:
    """Keys that end in `_s` hold seconds; the model holds milliseconds."""
    if not isinstance(body, Mapping):
        raise ValueError(f"must be a table with a kind, not {body!r}")
    out: dict[str, Any] = {}
    for key, value in body.items():
        if key.endswith("_s"):
            if not isinstance(value, int | float) or isinstance(value, bool) or value <= 0:
                raise ValueError(f"{key}: must be a positive number of seconds, not {value!r}")
            out[key[:-2]] = round(value * 1000)
        else:
            out[key] = value
    if unknown := set(out) - _fields(out.get("kind")):
        raise ValueError(f"unknown key {', '.join(sorted(unknown))}")
    return out


def _fields(kind: object) -> set[str]:
    for step in AnyStep.__args__:
        if step.__struct_config__.tag == kind:
            return {"kind", *step.__struct_fields__}
    kinds = ", ".join(sorted(str(step.__struct_config__.tag) for step in AnyStep.__args__))
    raise ValueError(f"kind: {kind!r} is not one of {kinds}")


def _problems(
    flow: Flow, raw: Mapping[str, Any], queues: Collection[str], hours: Collection[str]
) -> list[str]:
    named = set(raw.get("steps") or {})
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
    if isinstance(step, Menu | Collect) and not 1 <= step.tries <= 9:
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
