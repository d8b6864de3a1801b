"""Look a caller up without ever holding the call up: bounded in time and number, never raising.

The call is ringing while this runs, so a broken CRM must cost nothing but the pop: every outcome
is a `LookupResult` that says what happened.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from crm_link.breaker import Breaker, BreakerState
from crm_link.guard import Guard
from crm_link.port import CrmDirectory, Customer, Find

Status = Literal["found", "none", "many", "unavailable", "timeout"]


class LookupResult(Struct, frozen=True):
    """What became of one look-up."""

    status: Status
    """``unavailable``: the CRM is broken, refuses, or is being left alone after failures;
    ``timeout``: it was not done in time, or too many look-ups were ahead."""
    customers: tuple[Customer, ...]
    """One when found, two or more when many, else none."""
    ms: int
    """How long it took, waiting for its turn included, in milliseconds."""
    reason: str = ""
    """Why there is no answer and what to do, for the log; empty when there is one."""


class LookupCounts(Struct, frozen=True):
    """How many look-ups ended how, since the start."""

    answered: int = 0
    slow: int = 0
    """Answered, but later than the soft budget."""
    timeout: int = 0
    unavailable: int = 0


class Lookup:
    """Ask `directory` for callers.

    `clock` gives milliseconds on an axis that does not run backwards. `soft_ms` is how long a
    look-up may wait for its turn, and above which an answer is counted as slow; after `hard_ms`
    in all it is given up. At most `max_in_flight` questions are with the directory at a time.
    Raises ValueError for budgets that contradict each other.

    The directory must let itself be cancelled: a question past its budget is cancelled, not
    abandoned, so that no task outlives its call.
    """

    def __init__(
        self,
        directory: CrmDirectory,
        clock: Callable[[], int],
        *,
        soft_ms: int = 300,
        hard_ms: int = 2000,
        max_in_flight: int = 16,
        breaker: Breaker | None = None,
    ) -> None:
        if not 0 < soft_ms <= hard_ms or max_in_flight < 1:
            raise ValueError("a look-up needs 0 < soft_ms <= hard_ms and max_in_flight >= 1")
        self._directory = directory
        self._clock = clock
        self._soft_ms = soft_ms
        self._hard_ms = hard_ms
        self._guard = Guard(clock, max_in_flight=max_in_flight, wait_ms=soft_ms, breaker=breaker)
        self._counts = LookupCounts()

    @property
    def breaker(self) -> BreakerState:
        """Whether the directory is being asked (``closed``), left alone, or tried again."""
        return self._guard.breaker

    @property
    def counts(self) -> LookupCounts:
        return self._counts

    async def find(self, query: Find) -> LookupResult:
        """Look a caller up; raises nothing but cancellation of whoever awaits it."""
        began = self._clock()
        outcome = await self._guard.ask(lambda: self._directory.find(query), self._hard_ms)
        match outcome.status:
            case "done":
                return self._answered(outcome.value or (), began)
            case "timeout":
                return self._ended("timeout", began, outcome.reason)
            case "refused" | "unavailable":
                return self._ended("unavailable", began, outcome.reason)

    def _answered(self, customers: tuple[Customer, ...], began: int) -> LookupResult:
        ms = self._clock() - began
        self._counts = LookupCounts(
            answered=self._counts.answered + 1,
            slow=self._counts.slow + (ms > self._soft_ms),
            timeout=self._counts.timeout,
            unavailable=self._counts.unavailable,
        )
        status: Status
        match len(customers):
            case 0:
                status = "none"
            case 1:
                status = "found"
            case _:
                status = "many"
        return LookupResult(status=status, customers=customers, ms=ms)

    def _ended(
        self, status: Literal["unavailable", "timeout"], began: int, reason: str
    ) -> LookupResult:
        self._counts = LookupCounts(
            answered=self._counts.answered,
            slow=self._counts.slow,
            timeout=self._counts.timeout + (status == "timeout"),
            unavailable=self._counts.unavailable + (status == "unavailable"),
        )
        ms = self._clock() - began
        return LookupResult(status=status, customers=(), ms=ms, reason=reason)
