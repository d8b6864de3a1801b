"""What TOML's own errors mean for the person who has the file open."""

from __future__ import annotations

import re

_AT = re.compile(r"^(.*) \(at (?:line (\d+), column (\d+)|end of document)\)$", re.DOTALL)
_TWICE_IN_BRACES = re.compile(r"Duplicate inline table key '(.*)'")
_TABLE_TWICE = re.compile(r"Cannot (?:declare|redefine namespace) \((.*)\)")
_VALUE_TWICE = "Cannot overwrite a value"
_HEADER = re.compile(r"\s*\[+\s*([A-Za-z0-9_-]+)")
_NAME = re.compile(r"""\s*("[^"]*"|'[^']*'|[^=\s]+)\s*=""")


def told(name: str, error: str, text: str) -> str:
    """One problem as ``file: place: what; what to do``.

    Args:
        name: of the file.
        error: what TOML says, with the place at its end.
        text: the whole file, where the first of two equal names is looked for.
    """
    match = _AT.match(error)
    if match is None:
        return f"{name}: {error}; correct the TOML"
    if not match[2]:
        return f"{name}: end of file: {match[1]}; correct the TOML there"
    place = f"{name}: line {match[2]}, column {match[3]}"
    if double := _double(match[1], text.splitlines(), int(match[2])):
        return f"{place}: {double}; keep one of them"
    return f"{place}: {match[1]}; correct the TOML there"


def _double(what: str, lines: list[str], number: int) -> str:
    """What is there twice, or nothing where the error is another one."""
    if found := _TWICE_IN_BRACES.fullmatch(what):
        return f"{found[1]} is there twice in this line's {{ }}"
    if found := _TABLE_TWICE.match(what):
        table = ".".join(part.strip(" '\"") for part in found[1].split(",") if part.strip())
        header = re.compile(rf"\s*\[\s*{re.escape(table)}\s*\]")
        return f"[{table}] is there twice{_first(lines, number, header)}"
    if what == _VALUE_TWICE and (found := _HEADER.match(lines[number - 1])):
        name = found[1]
        same = re.compile(rf"\s*{re.escape(name)}\s*=")
        return f"{name} is there twice, as a value and as a table{_first(lines, number, same)}"
    if what == _VALUE_TWICE and (found := _NAME.match(lines[number - 1])):
        key = found[1].strip("'\"")
        same = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=""")
        begins = max((n for n in range(number) if lines[n].lstrip().startswith("[")), default=0)
        return f"{key} is there twice{_first(lines, number, same, begins)}"
    return ""


def _first(lines: list[str], number: int, sought: re.Pattern[str], begins: int = 0) -> str:
    for n in range(begins, number - 1):
        if sought.match(lines[n]):
            return f", first in line {n + 1}"
    return ""
