"""People in the order of their turn, taken from the front."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import chain
from typing import Final, Generic, TypeVar

T = TypeVar("T")

TIDY_FROM: Final = 64
"""So few entries are never worth a sort."""


class Line(Generic[T]):
    """Entries sorted by (place, order); an entry is void once its token is no longer the item's.

    Nearly everybody comes in order: an agent gets idle now, a caller joins now. They go to the end
    of a deque, and coming and going cost O(1), whether ten stand there or ten thousand. Who comes
    to an earlier place (an offer came to nothing, another strategy, a restart) waits in a heap,
    O(log n), until so many do that one sort makes the line whole again.
    """

    __slots__ = ("_late", "_limit", "_line", "_stands")

    def __init__(self, stands: Callable[[T, int], bool]) -> None:
        """`stands` tells whether an item still stands in this line under that token."""
        self._stands = stands
        self._line: deque[tuple[int, int, int, T]] = deque()
        self._late: list[tuple[int, int, int, T]] = []
        self._limit = TIDY_FROM

    def __len__(self) -> int:
        """How many entries are kept, void ones included."""
        return len(self._line) + len(self._late)

    def push(self, place: int, order: int, token: int, item: T) -> None:
        """Add an item that stands here no more under an older token. The memory stays below twice
        of those who stood here at once."""
        entry = (place, order, token, item)
        line, late = self._line, self._late
        if not line or line[-1] < entry:
            line.append(entry)
            if len(line) > self._limit:
                self._tidy()
        else:
            heappush(late, entry)
            if len(late) > TIDY_FROM and 2 * len(late) > len(line):
                self._tidy()

    def first(self) -> T | None:
        """The item at the front, which stays there; None when nobody stands here."""
        line, late, stands = self._line, self._late, self._stands
        while line and not stands(line[0][3], line[0][2]):
            line.popleft()
        while late and not stands(late[0][3], late[0][2]):
            heappop(late)
        if late and (not line or late[0] < line[0]):
            return late[0][3]
        return line[0][3] if line else None

    def _tidy(self) -> None:
        stands = self._stands
        self._line = deque(sorted(e for e in chain(self._line, self._late) if stands(e[3], e[2])))
        self._late.clear()
        self._limit = TIDY_FROM + 2 * len(self._line)
