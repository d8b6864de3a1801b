"""What a flow may do, and hardly means to: its texts name keys that its steps do not have."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from ctid.ivr import ways
from ctid.ivr.flow import AnyStep, Call, Collect, Flow, LookUp, Menu, prompts_of
from ctid.ivr.survey_step import Survey

_WORDS: Final = {
    **dict(zip(("zero", "one", "two", "three", "four"), "01234", strict=True)),
    **dict(zip(("five", "six", "seven", "eight", "nine"), "56789", strict=True)),
    **dict(zip("零一二三四五六七八九", "0123456789", strict=True)),
    **dict(zip("０１２３４５６７８９", "0123456789", strict=True)),
    **{"star": "*", "asterisk": "*", "hash": "#", "pound": "#"},
    **{"星": "*", "米字": "*", "井": "#"},
}
"""How texts write a key other than by itself."""
_ENGLISH: Final = (
    r"(?<!\w)(?:[0-9*#]|zero|one(?!\s+of)|two|three|four|five|six|seven|eight|nine"
    r"|star|asterisk|hash|pound)(?!\w)"
)
_CHINESE: Final = r"(?:(?<!\d)[0-9０-９](?!\d)|[*#零二三四五六七八九星井]|米字|一(?![下次个些直]))"
_NAMING: Final = (
    (
        re.compile(
            rf"\b(?:press|push|hit|dial)\b((?:\s+(?:the|key|number|digit|or|and)\b|\s*,|\s*{_ENGLISH})+)",
            re.IGNORECASE,
        ),
        re.compile(_ENGLISH, re.IGNORECASE),
    ),
    (
        re.compile(rf"按(?:下|数字|键|\s)*({_CHINESE}(?:[号键或和、,，\s]|{_CHINESE})*)"),
        re.compile(_CHINESE),
    ),
)
"""A stretch of text that tells somebody to press something, and the keys in it. A text in one
language quotes the other's words, so both are looked for in both."""


def doubts_of(flow: Flow) -> list[str]:
    """One line for each text, as ``path: what; what to do``."""
    found = []
    for name, step in flow.steps.items():
        for field, prompt in prompts_of(step):
            keys, advice = _keys(step, field)
            for language, text in flow.prompts.get(prompt, {}).items():
                if keys and (others := [key for key in named_keys(text) if key not in keys]):
                    what = f"its text in {language} names {_listed(others)}"
                    found.append(f"steps.{name}.{field}: {what}, {advice}, or change the text")
    return found


def pin_doubts(flow: Flow) -> list[str]:
    """One line for each step that asks for the PIN of a code which nobody can have given, in a flow
    that callers reach with none."""
    gives = [name for name, step in flow.steps.items() if _may_give_code(step)]
    behind = ways.reached({**ways.ways_of(flow), "": tuple(gives)}, "")
    what = "no step before this one takes the customer code whose PIN it asks for"
    return [
        f"steps.{name}.check: {what}; lead callers through a collect without into first"
        for name, step in flow.steps.items()
        if isinstance(step, Collect) and step.check == "pin" and name not in behind
    ]


def _may_give_code(step: AnyStep) -> bool:
    match step:
        case Collect():
            return step.into == "code" and step.class_ != "pin"
        case LookUp():
            return step.by == "code"
        case _:
            return isinstance(step, Call)


def named_keys(text: str) -> list[str]:
    """The keys that `text` tells the caller to press, each once, in the text's order."""
    found: dict[str, None] = {}
    for stretch, key in _NAMING:
        for told in stretch.finditer(text):
            for one in key.findall(told[1]):
                found[_WORDS.get(one.lower(), one)] = None
    return list(found)


def _keys(step: AnyStep, field: str) -> tuple[Iterable[str], str]:
    """What may be pressed while this prompt is heard, and what to do where it may not be; nothing
    where the prompt does not ask."""
    match step:
        case Menu():
            return step.keys, "which the menu does not have; add it to keys"
        case Survey():
            keys = "12345" if step.answers == "score" else "12"
            return keys, f"which is no answer here; use {keys[0]} to {keys[-1]}"
        case Collect() if field == "confirm":
            return "12", "where 1 is right and 2 is again; use these"
        case Collect():
            # The PBX ends every input at #.
            return (
                f"#{step.terminator}",
                "which this step takes as a part of what is keyed in; ask for it in a menu",
            )
        case _:
            return "", ""


def _listed(keys: list[str]) -> str:
    return f"the key{'s' if len(keys) > 1 else ''} {', '.join(keys)}"
