"""From a flow file's mapping to a `Flow`, or to the list of everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, get_args

import msgspec

from ctid.ivr.flow import AnyStep, Flow
from ctid.ivr.problems import problems_of
from ctid.ivr.shapes import head_of, shape_problem


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
            problem = shape_problem(f"steps.{name}", error, _choices(body))
            problems.append(f"{where}: {problem}")
    known = {"id", "start", "language", "steps", "prompts"}
    problems += [f"{where}: {key}: unknown key" for key in raw if key not in known]
    head, prompts, wrong = head_of(raw)
    problems += [f"{where}: {problem}" for problem in wrong]
    flow = Flow(head["id"], head["start"], head["language"], steps, prompts)
    problems += [f"{where}: {problem}" for problem in problems_of(flow, bodies, queues, hours)]
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


def _choices(body: object) -> dict[str, tuple[str, ...]]:
    """What those keys of a step may be that know some texts only."""
    kind = body.get("kind") if isinstance(body, Mapping) else None
    for step in AnyStep.__args__:
        if step.__struct_config__.tag == kind:
            fields = msgspec.structs.fields(step)
            return {field.encode_name: get_args(field.type) for field in fields}
    return {}


def _fields(kind: object) -> set[str]:
    for step in AnyStep.__args__:
        if step.__struct_config__.tag == kind:
            return {"kind", *step.__struct_encode_fields__}
    kinds = ", ".join(sorted(str(step.__struct_config__.tag) for step in AnyStep.__args__))
    raise ValueError(f"kind: {kind!r} is not one of {kinds}")
