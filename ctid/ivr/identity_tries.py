"""Who has tried which PINs in vain: counted for each key, a number or a code, and locked.

A try counts from the moment in which it is made, not from its answer: fifty calls at once have no
more tries than one call after the other, and a process that dies gives none back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from ctid.core.instants import Instant
from ctid.ivr.identity_rules import Limit

MOST: Final = 10_000
"""Keys that are remembered; beyond that the one goes whose last try is longest ago."""


@dataclass(slots=True)
class Tried:
    """One key's tries. Plain data: the journal's state holds it."""

    at: list[Instant] = field(default_factory=list)
    """When each was made, oldest first."""
    until: Instant = 0
    """No try before that; 0: there was no lock."""


class Tries:
    """All keys under one limit, in order of their last try."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.known: dict[str, Tried] = {}

    def barred(self, key: str, now: Instant) -> bool:
        """Whether no further try may be made."""
        tried = self.known.get(key)
        if tried is None:
            return False
        return now < tried.until or self._recent(tried, now) >= self.limit.tries

    def made(self, key: str, now: Instant) -> None:
        """One more is under way."""
        tried = self.known.pop(key, None)
        if tried is None:
            self._make_room(now)
            tried = Tried()
        tried.at = [at for at in tried.at if at + self.limit.window > now]
        tried.at.append(now)
        self.known[key] = tried

    def undone(self, key: str) -> None:
        """A try was right, or nobody looked at it."""
        tried = self.known.get(key)
        if tried is not None and tried.at:
            tried.at.pop()

    def failed(self, key: str, now: Instant) -> bool:
        """A try was wrong; whether that was the last one, and has locked the key."""
        tried = self.known.get(key)
        if tried is None or self._recent(tried, now) < self.limit.tries:
            return False
        tried.until = now + self.limit.lock
        return True

    def _recent(self, tried: Tried, now: Instant) -> int:
        return sum([at + self.limit.window > now for at in tried.at])

    def _make_room(self, now: Instant) -> None:
        """Forget whom nothing is held against any more, and if need be the one who is next; one
        who is locked only where all are."""
        while self.known:
            oldest = next(iter(self.known))
            if self._held_until(self.known[oldest]) > now:
                break
            del self.known[oldest]
        if len(self.known) < MOST:
            return
        for key in self.known:
            if self.known[key].until <= now:
                oldest = key
                break
        del self.known[oldest]

    def _held_until(self, tried: Tried) -> Instant:
        last = tried.at[-1] + self.limit.window if tried.at else 0
        return max(last, tried.until)
