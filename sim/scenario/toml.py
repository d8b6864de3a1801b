"""Tables as TOML, for files that are made."""

from __future__ import annotations

import json
import re
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
"""What TOML takes as a key without quotes."""


def quoted(text: str) -> str:
    """A text, as a value or as a key."""
    return json.dumps(text, ensure_ascii=False)


def key(text: str) -> str:
    """A key, or one part of a key with dots."""
    return text if _BARE.fullmatch(text) else quoted(text)


def toml(table: dict[str, Any], path: str = "") -> str:
    """TOML of what TOML gave: values first, then the tables below. JSON's strings, numbers and
    lists of them are TOML too, and a table within a line is not JSON's."""
    lines, below = [], []
    for name, value in table.items():
        at = f"{path}.{key(name)}" if path else key(name)
        match value:
            case dict():
                below.append(f"[{at}]\n{toml(value, at)}")
            case [dict(), *_]:
                below += [f"[[{at}]]\n{toml(item, at)}" for item in value]
            case _:
                lines.append(f"{key(name)} = {json.dumps(value, ensure_ascii=False)}")
    return "\n".join([*lines, *below, ""])
