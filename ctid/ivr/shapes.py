"""Values of a wrong type in a flow file, told so that its writer knows what to write instead."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from ctid.core.text import nearest

Texts = Mapping[str, Mapping[str, str]]
"""Prompt → language → text."""

LONGEST_TEXT: Final = 2_000
"""Characters of a prompt: minutes of speech."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""All but tabs and ends of lines."""
_AT: Final = re.compile(r"(.*?)(?: - at `\$(.*)`)?", re.DOTALL)
_TYPES: Final = re.compile(r"Expected `(.*)`, got `(.*)`")
_CHOICE: Final = re.compile(r"Invalid enum value '(.*)'")
_CALLED: Final = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "date": "a date",
    "datetime": "a date and time",
    "time": "a time of day",
}
_WRITTEN: Final = {
    "str": "write it in quotes",
    "int": "write it without quotes and without a point",
    "float": "write it without quotes",
    "bool": "write it without quotes",
    "array": 'write it as ["one", "two"]',
    "object": "write { name = value }",
}


def shape_problem(at: str, error: Exception, choices: Collection[object]) -> str:
    """``path: what; what to do`` for what `msgspec.convert` says.

    Args:
        at: path of what was converted.
        choices: what it may be, where only some texts are known.
    """
    found = _AT.fullmatch(str(error))
    assert found is not None  # the pattern takes any text
    key = (found[2] or "").replace("[...]", "").lstrip(".")
    path = f"{at}.{key}" if key else at
    return f"{path}: {_told(found[1], choices)}"


def _told(what: str, choices: Collection[object]) -> str:
    if (found := _TYPES.fullmatch(what)) and found[1] in _CALLED:
        got = _CALLED.get(found[2], found[2])
        return f"must be {_CALLED[found[1]]}, not {got}; {_WRITTEN[found[1]]}"
    if found := _CHOICE.fullmatch(what):
        known = [choice for choice in choices if isinstance(choice, str) and choice]
        return f"{found[1]!r} is not known here; {nearest(found[1], known)}"
    return what


def head_of(raw: Mapping[str, Any]) -> tuple[dict[str, str], Texts, list[str]]:
    """The file's own keys, its prompts, and what is wrong with them. What is wrong has a stand-in,
    so that the rest of the file is looked at all the same."""
    head = {"id": "", "start": "", "language": "en"}
    wrong: list[str] = []
    for key, otherwise in head.items():
        value = raw.get(key, otherwise)
        if not isinstance(value, str):
            wrong.append(f"{key}: must be a text, not {kind_of(value)}; {_WRITTEN['str']}")
        elif not value:
            wrong.append(f"{key}: is missing; write {key} = …")
        else:
            head[key] = value
    prompts, more = _prompts_of(raw.get("prompts", {}))
    return head, prompts, wrong + more


def _prompts_of(given: object) -> tuple[Texts, list[str]]:
    if not isinstance(given, Mapping):
        return {}, ["prompts: is not a table; write each one under its own [prompts.NAME]"]
    prompts: dict[str, dict[str, str]] = {}
    wrong: list[str] = []
    for name, texts in given.items():
        prompts[name] = {}
        if not isinstance(texts, Mapping):
            wrong.append(f"prompts.{name}: is not a table; write it under [prompts.{name}]")
            continue
        for language, text in texts.items():
            prompts[name][language] = text if isinstance(text, str) else "?"
            if what := _text_problem(text):
                wrong.append(f"prompts.{name}.{language}: {what}")
    return prompts, wrong


def _text_problem(text: object) -> str:
    if not isinstance(text, str):
        return f"must be a text, not {kind_of(text)}; {_WRITTEN['str']}"
    if len(text) > LONGEST_TEXT:
        return f"has {len(text)} characters; make it {LONGEST_TEXT} at most"
    if control := _CONTROL.search(text):
        return f"has the control character {control[0]!r}; take it out"
    return ""


def kind_of(value: object) -> str:
    """What a value is that stands where it cannot: a number itself, of others the kind."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str():
            return "a text"
        case Mapping():
            return "a table"
        case list() | tuple():
            return "a list"
        case _:
            return "a date or time"
