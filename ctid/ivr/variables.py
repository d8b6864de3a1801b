"""What a flow remembers of a call, and texts with names in them: `{order}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 80
"""Characters kept of a value: a flow that appends to itself stays small."""
BUILT_IN: Final = (
    "language", "code", "code_status", "identity", "grade", "segment", "region", "caller",
)  # fmt: skip
"""Names that a flow may read and not set: the caller's language, the customer code, what came of it
(found, claimed, unknown or empty), whether the caller is verified, claimed or unknown, the
customer's grade and segment in the CRM, the country of the caller's number as two letters, and that
number; empty where it is hidden."""
OPENS: Final = ("opens_date", "opens_time", "opens_day")
"""What a step `hours` that finds them closed sets: when they open, as `2026-10-09`, `09:00`, and
`today`, `tomorrow` or `later`; empty where nobody knows."""
STATUSES: Final = ("found", "claimed", "unknown", "")
"""What `code_status` may be: the CRM knows the code; it was not checked, or the CRM did not answer;
the CRM does not know it; none was given."""

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_REFERENCE: Final = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")


@dataclass(slots=True, frozen=True)
class Known:
    """What others know of the caller at this moment; empty where nobody knows."""

    grade: str = ""
    segment: str = ""
    region: str = ""
    number: str = ""
    language: str = ""
    """The customer's, where ctid speaks it."""


NOBODY: Final = Known()


def spoken_here(language: str) -> str:
    """The language of ours that a CRM means by `zh`, `zh_Hans` or `en-GB`; empty for all others."""
    return {"zh": "zh-CN", "en": "en"}.get(re.split("[-_]", language)[0].lower(), "")


def names_in(text: str) -> list[str]:
    """The names that `text` mentions, in order."""
    return _REFERENCE.findall(text)


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with each `{name}` replaced by its value, which is empty where nobody has set it."""
    return _REFERENCE.sub(lambda found: values.get(found[1], ""), text)[:LONGEST]


def text_problem(text: str) -> str:
    """What is wrong with a text in which names stand in braces, or empty."""
    rest = _REFERENCE.sub("", text)
    if len(rest) > LONGEST:
        what = f"has {len(rest)} characters beside names, and values have {LONGEST} at most"
        return f"{what}; make it shorter"
    if "{" in rest or "}" in rest:
        return f"{text!r} has a brace that names nothing; write {{name}} with a-z 0-9 _"
    return ""


def name_problem(name: str) -> str:
    """What is wrong with the name of a variable that a flow sets, or empty."""
    if name in BUILT_IN:
        return f"{name!r} can be read but not set; choose another name"
    if not NAME.fullmatch(name):
        return f"{name!r} is no name; use a letter, then a-z 0-9 _, at most 40"
    return ""
