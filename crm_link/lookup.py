"""Look a caller up without ever holding the call up: bounded in time and number, never raising.

The call is ringing while this runs, so a broken CRM must cost nothing but the pop: every outcome
is a `LookupResult` that says what happened.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from crm_link.breaker import Breaker, BreakerState, Permit
from crm_link.errors import CrmRefused, CrmTimeout
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
        self._places = asyncio.Semaphore(max_in_flight)
        self._breaker = breaker or Breaker()
        self._counts = LookupCounts()

    @property
    def breaker(self) -> BreakerState:
        """Whether the directory is being asked (``closed``), left alone, or tried again."""
        return self._breaker.state

    @property
    def counts(self) -> LookupCounts:
        return self._counts

    async def find(self, query: Find) -> LookupResult:
        """Look a caller up; raises nothing but cancellation of whoever awaits it."""
        began = self._clock()
        try:
            async with asyncio.timeout(self._soft_ms / 1000):
                await self._places.acquire()
        except TimeoutError:
            # The directory was not asked, so this is no failure of its own.
            return self._ended("timeout", began, "too many look-ups ahead; raise max_in_flight")
        try:
            # Only with a place in hand: a probe that waits for its turn would hold the others off.
            permit = self._breaker.ask(self._clock())
            if permit is None:
                return self._ended("unavailable", began, self._why_closed_off())
            return await self._ask(query, permit, began)
        finally:
            self._places.release()

    async def _ask(self, query: Find, permit: Permit, began: int) -> LookupResult:
        left_ms = max(0, self._hard_ms - (self._clock() - began))
        try:
            async with asyncio.timeout(left_ms / 1000):
                customers = await self._directory.find(query)
        except (TimeoutError, CrmTimeout) as error:
            self._breaker.failed(permit, self._clock())
            reason = str(error) or f"no answer from the CRM within {self._hard_ms} ms"
            return self._ended("timeout", began, reason)
        except CrmRefused as error:  # it is well; the question was at fault
            self._breaker.succeeded(permit)
            return self._ended("unavailable", began, str(error))
        except asyncio.CancelledError:
            self._breaker.abandoned(permit)
            raise
        # Broad on purpose: directories are also written by others, and a defect in one must not
        # reach the call. Its kind and text go to the log by way of the reason.
        except Exception as error:
            self._breaker.failed(permit, self._clock())
            return self._ended("unavailable", began, f"{type(error).__name__}: {error}")
        self._breaker.succeeded(permit)
        return self._answered(customers, began)

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

    def _why_closed_off(self) -> str:
        if self._breaker.state == "half open":
            return "the CRM failed before and is being tried again by another look-up"
        wait_ms = self._breaker.retry_in(self._clock())
        return f"the CRM failed repeatedly and is left alone for another {wait_ms} ms"
