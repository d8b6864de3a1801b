"""One heap for every time-out of the machine, with lazy cancellation and ties in arming order."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from typing import Final

from ctid.core.instants import Instant

Key = tuple[str, str]
"""(kind, id): `("wrap_up", "anna")`. One key has at most one deadline."""

Entry = tuple[Instant, int, Key]
"""When, the how-manieth that was armed, and what."""


class Deadlines:
    """Arm, cancel, and take what is due.

    Arming a key again moves it. Cancelled and moved entries stay in the heap until they surface,
    which keeps both operations at O(log n) and O(1).
    """

    def __init__(self) -> None:
        self._heap: list[Entry] = []
        self._live: dict[str, dict[str, Entry]] = {}
        """By id, then by kind: most ids that something is cancelled of have nothing armed."""
        self._count = 0
        """Of live entries."""
        self._armed = 0

    def arm(self, key: Key, at: Instant) -> None:
        """Wake `key` at `at`, instead of any earlier arrangement for it."""
        self._armed += 1
        kind, of = key
        armed = self._live.get(of)
        if armed is None:
            armed = self._live[of] = {}
        self._count += kind not in armed
        entry = armed[kind] = (at, self._armed, key)
        heap = self._heap
        heapq.heappush(heap, entry)
        if len(heap) > 64 and len(heap) > 4 * self._count:
            self._compact()

    def cancel(self, key: Key) -> None:
        """Forget `key`; not an error when it was not armed."""
        kind, of = key
        if (armed := self._live.get(of)) is not None and armed.pop(kind, None) is not None:
            self._count -= 1
            if not armed:
                del self._live[of]

    def cancel_all(self, kinds: Iterable[str], of: str) -> None:
        """Forget all of these kinds that are armed of one id."""
        if of in self._live:
            for kind in kinds:
                self.cancel((kind, of))

    def at(self, key: Key) -> Instant | None:
        """When `key` will fire, or None."""
        kind, of = key
        entry = self._live.get(of, _NONE).get(kind)
        return entry[0] if entry else None

    def next(self) -> Instant | None:
        """The earliest live deadline, or None."""
        heap, live = self._heap, self._live
        while heap:
            entry = heap[0]
            kind, of = entry[2]
            # By the number of the arming: compiled, a tuple of a known shape has no identity.
            found = live.get(of, _NONE).get(kind)
            if found is not None and found[1] == entry[1]:
                return entry[0]
            heapq.heappop(heap)
        return None

    def take(self, now: Instant) -> Key | None:
        """Remove and return the first key due at `now`, or None. Call until None."""
        if (at := self.next()) is None or at > now:
            return None
        _, _, key = heapq.heappop(self._heap)
        self.cancel(key)
        return key

    def dump(self) -> list[tuple[Instant, Key]]:
        """The live deadlines in firing order; `arm` them in this order to restore."""
        return [(at, key) for at, _, key in sorted(self._entries())]

    def _entries(self) -> list[Entry]:
        return [entry for armed in self._live.values() for entry in armed.values()]

    def _compact(self) -> None:
        self._heap = self._entries()
        heapq.heapify(self._heap)


_NONE: Final[Mapping[str, Entry]] = {}
