"""One TOML table, read key by key: wrong types, missing keys and unknown keys become problems.

Each reading method gives a value of the right type even when the file's value is wrong, so that the
rest of the file is still looked at; the caller raises in the end if there is any problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ctid.core.instants import SECOND, Duration
from ctid.core.text import nearest as nearest

ID = re.compile(r"[A-Za-z0-9_.-]{1,40}")
"""What ids may be made of: they reach Asterisk, URLs and file names."""
LONGEST_TIME_S = 7 * 24 * 3600
"""Seconds; whatever lasts longer is a slip of the unit."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Problems:
    """What is wrong with one file, and which keys were asked for."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: list[str] = []
        self.asked: set[str] = set()
        """Paths of all keys that mean something, `queues[].id`."""

    def add(self, path: str, what: str) -> None:
        """`what` says what is wrong and, after a semicolon, what to do."""
        self.lines.append(f"{self.file}: {path}: {what}")


class Table:
    """Reads `raw`, which stands at `path` in the file."""

    def __init__(self, raw: object, path: str, problems: Problems, form: str = "") -> None:
        """`form` is the path without indexes (`queues[]` for `queues[3]`)."""
        self.path, self.problems = path, problems
        self._form = form or path
        self._keys: set[str] = set()
        self.raw: Mapping[str, Any] = {}
        if isinstance(raw, Mapping):
            self.raw = raw
        else:
            problems.add(path, f"is {_kind(raw)}; write it as a table, [{path}]")

    def wrong(self, key: str, what: str) -> None:
        """Note a problem with one key of this table."""
        self.problems.add(self.at(key), what)

    def at(self, key: str) -> str:
        """The key's path in the file."""
        return f"{self.path}.{key}" if self.path else key

    def table(self, key: str) -> Table:
        """A table within; empty when it is not there."""
        return Table(self._take(key, {}), self.at(key), self.problems, self._name(key))

    def like(self, raw: object, path: str) -> Table:
        """Another table of the same form."""
        return Table(raw, path, self.problems, self._form)

    def tables(self, key: str) -> list[Table]:
        """An array of tables; empty when it is not there."""
        raw = self._take(key, [])
        if not isinstance(raw, list):
            self.wrong(key, f"is {_kind(raw)}; write each one under its own [[{key}]]")
            return []
        form = f"{self._name(key)}[]"
        return [
            Table(one, f"{self.at(key)}[{n}]", self.problems, form)
            for n, one in enumerate(raw, start=1)
        ]

    def text(
        self,
        key: str,
        default: str | None,
        *,
        pattern: str = "",
        form: str = "",
        empty: bool = True,
    ) -> str:
        """A text of one line, at most 1,000 characters. No `default`: the key must be there.

        Args:
            pattern: what the whole text must match; `form` says it in words.
            empty: whether it may be empty.
        """
        value = self._take(key, default)
        if value is None:
            self.wrong(key, "is missing; add it")
            return ""
        if not isinstance(value, str):
            self.wrong(key, f"is {_kind(value)}; write a text in quotes")
        elif _CONTROL.search(value) or len(value) > 1_000:
            self.wrong(key, "has control characters or over 1000 characters; write a short line")
        elif not value.strip():
            if empty:
                return value
            self.wrong(key, "is empty; give it a value")
        elif pattern and not re.fullmatch(pattern, value):
            self.wrong(key, f"{value!r} does not fit; use {form}")
        else:
            return value
        return default or ""

    def id(self, key: str, default: str | None = None) -> str:
        """An id: letters, digits, `_`, `.` and `-`."""
        form = "1 to 40 of A-Z a-z 0-9 _ . -"
        return self.text(key, default, pattern=ID.pattern, form=form, empty=False)

    def secret(self, key: str, *, pattern: str, form: str) -> str:
        """A secret; its value never stands in a problem. `KEY_env` and `KEY_file` are alternatives
        that were resolved before, see `ctid.settings.files`."""
        for suffix in ("_env", "_file"):
            self._take(key + suffix, "")
        value = self._take(key, None)
        if value is None:
            self.wrong(key, f"is missing; add it, or {key}_env or {key}_file")
        elif not isinstance(value, str) or not re.fullmatch(pattern, value):
            self.wrong(key, f"does not fit; use {form}")
        else:
            return value
        return ""

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        value = self._take(key, default)
        if isinstance(value, bool):
            return value
        self.wrong(key, f"is {_kind(value)}; write true or false")
        return default

    def whole(self, key: str, default: int, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        value = self._take(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            self.wrong(key, f"is {_kind(value)}; write a whole number")
        elif not low <= value <= high:
            self.wrong(key, f"{value} is out of range; use {low} to {high}")
        else:
            return value
        return default

    def seconds(self, key: str, default: Duration, *, zero: bool = False) -> Duration:
        """Seconds in the file (a fraction is well), milliseconds as the result."""
        value = self._take(key, default / SECOND)
        low = 0.0 if zero else 0.001
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(key, f"is {_kind(value)}; write a number of seconds")
        elif not low <= value <= LONGEST_TIME_S:  # nan is in no range
            least = "0" if zero else "more than 0"
            self.wrong(key, f"{value} is out of range; use {least} to {LONGEST_TIME_S} seconds")
        else:
            return round(value * SECOND)
        return default

    def texts(
        self, key: str, default: tuple[str, ...] | None, *, pattern: str = "", form: str = ""
    ) -> tuple[str, ...]:
        """A list of texts, each of which must match `pattern`. No `default`: it must be there."""
        value = self._take(key, default)
        if value is None:
            self.wrong(key, "is missing; add it")
            return ()
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            self.wrong(key, f'is {_kind(value)}; write a list of texts, ["a", "b"]')
            return default or ()
        bad = [one for one in value if pattern and not re.fullmatch(pattern, one)]
        for one in bad:
            self.wrong(key, f"{one[:100]!r} does not fit; use {form}")
        return tuple(one for one in value if one not in bad)

    def rest(self, form: str) -> dict[str, Any]:
        """All keys, where the file names them freely; `form` stands for them in the reference."""
        self._keys |= set(self.raw)
        self.problems.asked.add(self._name(form))
        return dict(self.raw)

    def any(self, key: str, default: object) -> Any:
        """The value as it is; the caller checks it."""
        return self._take(key, default)

    def close(self) -> None:
        """Whatever was not asked for is unknown."""
        for key in self.raw:
            if key not in self._keys:
                self.wrong(key, f"unknown key; {nearest(key, self._keys)}")

    def _take(self, key: str, default: object) -> Any:
        self._keys.add(key)
        self.problems.asked.add(self._name(key))
        return self.raw.get(key, default)

    def _name(self, key: str) -> str:
        return f"{self._form}.{key}" if self._form else key


def _kind(value: object) -> str:
    match value:
        case bool():
            return "true or false"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case Mapping():
            return "a table"
        case list() | tuple():
            return "a list"
        case _:
            return "a date or time"


def unique(tables: list[Table], key: str, values: Iterable[str], what: str) -> None:
    """Report each table whose `key` repeats the value of an earlier one."""
    first: dict[str, str] = {}
    for table, value in zip(tables, values, strict=True):
        if value and (other := first.setdefault(value, table.path)) != table.path:
            table.wrong(key, f"{what} with {key} {value!r} stands at {other} already; change one")
