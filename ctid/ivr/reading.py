"""From one step's table in a flow file to the step, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, get_args, get_origin

import msgspec

from ctid.core.instants import SECOND
from ctid.core.text import nearest
from ctid.ivr.flow import AnyStep
from ctid.ivr.shapes import kind_of, shape_problem

LONGEST_TIME_S: Final = 7 * 24 * 3600
"""Whatever lasts longer is a slip of the unit."""
KINDS: Final[Mapping[str, Any]] = {
    str(step.__struct_config__.tag): step for step in AnyStep.__args__
}


class Reading(NamedTuple):
    """What came of one table."""

    step: AnyStep | None
    """Where there are problems, a stand-in with defaults and blanks for all that is wrong, or None
    where not even the kind is known: it leads and speaks as its sound keys say."""
    problems: list[str]
    """Each as ``path: what; what to do``."""


class _Key(NamedTuple):
    """How a file writes one field of a step."""

    field: Any
    seconds: bool


def read_step(at: str, body: object) -> Reading:
    """The step that stands at that path of the file."""
    if not isinstance(body, Mapping):
        return Reading(None, [f"{at}: is not a table; write it under [{at}]"])
    if "kind" not in body:
        return Reading(None, [f'{at}.kind: is missing; write kind = "play", or another one'])
    kind = body["kind"]
    if not isinstance(kind, str) or kind not in KINDS:
        written = kind[:60] if isinstance(kind, str) else ""
        what = f"{repr(written) if written else kind_of(kind)} is no kind of step"
        return Reading(None, [f"{at}.kind: {what}; {nearest(written, KINDS)}"])
    keys = _KEYS[kind]
    found: dict[str, Any] = {}
    problems: list[str] = []
    for key, value in body.items():
        if key in keys:
            problem = _take(keys[key], f"{at}.{key}", value, found)
        else:
            problem = "" if key == "kind" else _unknown(at, key, (*keys, "kind"))
        problems += [problem] if problem else []
    for key, one in keys.items():
        if one.field.required and key not in body:
            problems.append(f"{at}.{key}: is missing; write {key} = …")
        if one.field.required and one.field.encode_name not in found:
            found[one.field.encode_name] = {} if get_origin(one.field.type) else ""
    return Reading(msgspec.convert({**found, "kind": kind}, KINDS[kind]), problems)


def _keys(step: Any) -> dict[str, _Key]:
    """The step's keys as files write them: those of durations end in `_s`."""
    durations = {
        name
        for one in step.__mro__
        for name, written in getattr(one, "__annotations__", {}).items()
        if written == "Duration"
    }
    return {
        f"{field.encode_name}_s" if field.name in durations else field.encode_name: _Key(
            field, field.name in durations
        )
        for field in msgspec.structs.fields(step)
    }


_KEYS: Final = {kind: _keys(step) for kind, step in KINDS.items()}


def _take(key: _Key, at: str, value: object, found: dict[str, Any]) -> str:
    """Put the key's value into `found`, or say what is wrong with it."""
    field = key.field
    if key.seconds:
        if not isinstance(value, int | float) or isinstance(value, bool):
            told = f"must be a positive number of seconds, not {kind_of(value)}"
            return f"{at}: {told}; write a number without quotes"
        if not 0 < value <= LONGEST_TIME_S:  # nan is in no range
            told = f"must be a positive number of seconds, at most {LONGEST_TIME_S}, not {value}"
            return f"{at}: {told}; write another one"
        found[field.encode_name] = round(value * SECOND)
        return ""
    try:
        found[field.encode_name] = msgspec.convert(value, field.type)
    except msgspec.ValidationError as error:
        return shape_problem(at, error, get_args(field.type))
    return ""


def _unknown(at: str, key: str, known: tuple[str, ...]) -> str:
    """Whoever leaves out `_s`, or writes it where nothing is counted in seconds, is told of that
    key and no other."""
    twin = key.removesuffix("_s") if key.endswith("_s") else f"{key}_s"
    hint = f'did you mean "{twin}"?' if twin in known else nearest(key[:60], known)
    shown = key[:60] if key.isprintable() else repr(key[:60])
    return f"{at}.{shown}: unknown key; {hint}"
