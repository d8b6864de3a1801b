"""One line of a file of known values: its cells without the blanks around them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping


class Cells:
    """Cells by their column; an absent one is empty.

    Every method raises ValueError, with the column and what is wrong with it.
    """

    def __init__(self, line: Mapping[str, str]) -> None:
        self._line = line

    def __getitem__(self, column: str) -> str:
        return self._line.get(column, "")

    def number(self, column: str, empty: float | None = None) -> float:
        """A finite number; `empty` stands for an empty cell."""
        text = self[column]
        if not text and empty is not None:
            return empty
        return number(column, text)

    def numbers(self, column: str, between: str) -> list[float]:
        """`1.5/1.0`: numbers and what stands between them."""
        return [number(column, text.strip()) for text in self[column].split(between)]

    def servers(self, told: str = "n") -> int:
        """The column `n`; a model's name may tell it too, `M/M/3`."""
        text = self["n"] or ("" if told == "n" else told)
        count = number("n", text)
        if count != int(count) or count < 1:
            raise ValueError(f"n is {text!r}, not a whole number of servers")
        if told != "n" and int(told) != count:
            raise ValueError(f"n is {text!r}, but the model says {told}")
        return int(count)

    def told(self, name: str) -> tuple[float | None, str]:
        """(the value of `name=…` in metric or model, the metric without it)."""
        pattern = re.compile(rf"\b{name}\s*=\s*(\S+)")
        found = {number(name, m[1]) for c in ("metric", "model") for m in pattern.finditer(self[c])}
        if len(found) > 1:
            raise ValueError(f"metric and model tell of different {name}: {sorted(found)}")
        return (found.pop() if found else None), pattern.sub("", self["metric"]).strip()

    def name(self) -> str:
        """Tells its system from those of other lines."""
        known = [self[column] for column in ("model", "lambda", "mu", "n", "theta")]
        return "/".join(known if known[-1] else known[:-1])


def number(column: str, text: str) -> float:
    """A finite number out of that column."""
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{column} is {text!r}, not a number") from None
    if not math.isfinite(number):
        raise ValueError(f"{column} is {text!r}, not a finite number")
    return number
