"""Values of a wrong type in a flow file, told so that its writer knows what to write instead."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from ctid.core.text import nearest

_AT: Final = re.compile(r"(.*?)(?: - at `\$(.*)`)?", re.DOTALL)
_MISSING: Final = re.compile(r"Object missing required field `(.*)`")
_TYPES: Final = re.compile(r"Expected `(.*)`, got `(.*)`")
_CHOICE: Final = re.compile(r"Invalid enum value '(.*)'")
_CALLED: Final = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
}
_WRITTEN: Final = {
    "str": "write it in quotes",
    "int": "write it without quotes and without a point",
    "float": "write it without quotes",
    "bool": "write it without quotes",
    "array": 'write it as ["one", "two"]',
    "object": "write { name = value }",
}


def shape_problem(at: str, error: Exception, choices: Mapping[str, Collection[str]]) -> str:
    """``path: what; what to do`` for what `msgspec.convert` says, or for our own words.

    Args:
        at: path of what was converted, empty for the whole file.
        choices: what a key may be, for keys of which only some texts are known.
    """
    found = _AT.fullmatch(str(error))
    assert found is not None  # the pattern takes any text
    key = (found[2] or "").replace("[...]", "").lstrip(".")
    what = _told(found[1], key, choices)
    path = ".".join(part for part in (at, key) if part)
    return f"{path}: {what}" if path else what


def _told(what: str, key: str, choices: Mapping[str, Collection[str]]) -> str:
    if found := _MISSING.fullmatch(what):
        return f"{found[1]} is missing; write {found[1]} = …"
    if (found := _TYPES.fullmatch(what)) and found[1] in _CALLED:
        got = _CALLED.get(found[2], found[2])
        return f"must be {_CALLED[found[1]]}, not {got}; {_WRITTEN[found[1]]}"
    if found := _CHOICE.fullmatch(what):
        known = [choice for choice in choices.get(key, ()) if choice]
        return f"{found[1]!r} is not known here; {nearest(found[1], known)}"
    return what


def text_problems(prompts: object) -> list[str]:
    """Texts of prompts that are none; the tables around them are looked at elsewhere."""
    if not isinstance(prompts, Mapping):
        return []
    tables = [(name, texts) for name, texts in prompts.items() if isinstance(texts, Mapping)]
    return [
        f"prompts.{name}.{language}: must be a text, not {_kind(text)}; {_WRITTEN['str']}"
        for name, texts in tables
        for language, text in texts.items()
        if not isinstance(text, str)
    ]


def _kind(value: Any) -> str:
    return repr(value) if isinstance(value, bool | int | float) else "a list or a table"
