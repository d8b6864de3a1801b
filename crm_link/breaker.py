"""A breaker: stop asking a directory that fails, and try again with one question after a while.

Theory of operation. Closed: every question passes; `failures` in a row open it. Open: none passes
until `open_ms` have gone by. Half open: one question passes as a probe; its success closes the
breaker, its failure opens it for another `open_ms`. Outcomes of questions that were asked before
the breaker last changed its state say nothing about now and are dropped: each question carries a
`Permit` that names the state it was asked in.

Pure: the time comes in as an argument, in milliseconds on any axis that does not run backwards.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

BreakerState = Literal["closed", "open", "half open"]


class Permit(Struct, frozen=True):
    """Leave to ask one question; hand it back with its outcome."""

    generation: int


class Breaker:
    """See the module. `failures` ≥ 1 in a row open it, `open_ms` ≥ 0 is the time until a probe."""

    def __init__(self, failures: int = 5, open_ms: int = 10_000) -> None:
        if failures < 1 or open_ms < 0:
            raise ValueError("a breaker needs failures >= 1 and open_ms >= 0")
        self._limit = failures
        self._open_ms = open_ms
        self._state: BreakerState = "closed"
        self._failed_in_row = 0
        self._retry_at = 0
        self._generation = 0

    @property
    def state(self) -> BreakerState:
        return self._state

    def ask(self, now: int) -> Permit | None:
        """Leave to ask, or None while the breaker is open or a probe is under way.

        The permit must be handed to `succeeded`, `failed` or `abandoned`.
        """
        if self._state == "half open":
            return None
        if self._state == "open":
            if now < self._retry_at:
                return None
            self._become("half open")
        return Permit(self._generation)

    def retry_in(self, now: int) -> int:
        """Milliseconds until an open breaker lets a probe pass; 0 when it may be asked now."""
        return max(0, self._retry_at - now) if self._state == "open" else 0

    def succeeded(self, permit: Permit) -> None:
        """The directory answered."""
        if permit.generation != self._generation:
            return
        self._failed_in_row = 0
        if self._state == "half open":
            self._become("closed")

    def failed(self, permit: Permit, now: int) -> None:
        """The directory did not answer, or answered that it is broken."""
        if permit.generation != self._generation:
            return
        self._failed_in_row += 1
        if self._state == "half open" or self._failed_in_row >= self._limit:
            self._retry_at = now + self._open_ms
            self._become("open")

    def abandoned(self, permit: Permit) -> None:
        """Whoever asked went away before the outcome: a probe is given back to the next one."""
        if permit.generation == self._generation and self._state == "half open":
            # _retry_at has passed already, so the next question becomes the probe.
            self._become("open")

    def _become(self, state: BreakerState) -> None:
        self._state = state
        self._generation += 1
        self._failed_in_row = 0
