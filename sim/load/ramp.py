"""Which rate comes next: up step by step until one fails, then between it and the last good one.

Pure: the steps' verdicts go in, the next rate comes out.
"""

from __future__ import annotations

from typing import Literal

import msgspec

MOST_STEPS = 100
"""Of one ramp; a longer one is a slip of the keyboard."""
BISECTIONS = 3
"""Rates tried between the last good step and the first bad one: the gap is an eighth then."""

Verdict = Literal["good", "bad", "generator", "machine"]
"""`generator`: a limit was exceeded, and the load generator itself was late: nothing is known.
`machine`: the same, and other programs took what ctid would have needed."""


class Ramp(msgspec.Struct, frozen=True):
    """Rates to try, in calls a second."""

    first: float
    last: float
    by: float

    @classmethod
    def parse(cls, text: str) -> Ramp:
        """From `5:100:5`, first, last and step. Raises ValueError with what to do."""
        form = f"{text!r} is no ramp; write FIRST:LAST:STEP in calls a second, as 5:100:5"
        try:
            first, last, by = (float(part) for part in text.split(":"))
        except ValueError:
            raise ValueError(form) from None
        if not 0 < first <= last < 1e5 or not 0 < by < 1e5:
            raise ValueError(form)
        if (last - first) / by >= MOST_STEPS:
            raise ValueError(f"{text!r} has more than {MOST_STEPS} steps; use a larger step")
        return cls(first, last, by)


class Search:
    """The search for the highest good rate.

    A rate that fails is tried once more before it counts as failed: another program's burst is not
    ctid's limit.
    """

    def __init__(self, ramp: Ramp, bisections: int = BISECTIONS) -> None:
        self._ramp, self._left = ramp, bisections
        self._steps = 0
        self._again = False
        self.good = 0.0
        """The highest rate that held; 0: none."""
        self.bad: float | None = None
        """The lowest rate that failed."""
        self.ended_by: Verdict = "good"
        """What the lowest rate that did not hold failed by; `good`: there is none."""
        self.next: float | None = ramp.first
        """The rate to try now; None: the search is over."""

    def told(self, verdict: Verdict) -> None:
        """How `next` went."""
        assert self.next is not None, "the search is over"
        rate = self.next
        if verdict == "good":
            self._again = False
            self.good = max(self.good, rate)
        elif not self._again:
            self._again = True
            return
        else:
            self._again = False
            self.bad, self.ended_by = rate, verdict
        self.next = self._climb() if self.bad is None else self._between(self.bad)

    def _climb(self) -> float | None:
        self._steps += 1
        rate = self._ramp.first + self._steps * self._ramp.by
        return rate if rate <= self._ramp.last * (1 + 1e-9) else None

    def _between(self, bad: float) -> float | None:
        if self._left == 0:
            return None
        self._left -= 1
        return (self.good + bad) / 2
