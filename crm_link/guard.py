"""Ask somebody outside without ever being held up: bounded in time and number, never raising.

A breaker leaves alone whoever fails again and again. One guard serves one directory or service.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, Literal, TypeVar

from msgspec import Struct

from crm_link.breaker import Breaker, BreakerState, Permit
from crm_link.errors import CrmNotFound, CrmRefused, CrmTimeout

Status = Literal["done", "refused", "unavailable", "timeout"]

T = TypeVar("T")


class Outcome(Struct, Generic[T], frozen=True):
    """What became of one question."""

    status: Status
    """`refused`: whoever was asked is well and does not answer that; `unavailable`: broken, or left
    alone after failures; `timeout`: not in time, and it may have been carried out all the same."""
    value: T | None = None
    """The answer, where it is `done`."""
    reason: str = ""
    """Why there is no answer and what to do, for the log; empty when there is one."""


class Guard:
    """See the module. `clock` gives milliseconds on an axis that does not run backwards.

    Whoever is asked must let itself be cancelled: a question past its time is cancelled, not
    abandoned, so that no task outlives its call.
    """

    def __init__(
        self,
        clock: Callable[[], int],
        *,
        max_in_flight: int = 16,
        wait_ms: int = 300,
        breaker: Breaker | None = None,
    ) -> None:
        """`wait_ms`: how long a question may wait for its turn. Raises ValueError otherwise."""
        if max_in_flight < 1 or wait_ms < 0:
            raise ValueError("a guard needs max_in_flight >= 1 and wait_ms >= 0")
        self._clock = clock
        self._wait_ms = wait_ms
        self._places = asyncio.Semaphore(max_in_flight)
        self._breaker = breaker or Breaker()

    @property
    def breaker(self) -> BreakerState:
        """Whether questions pass (`closed`), or are kept back, or one of them is tried."""
        return self._breaker.state

    async def ask(self, question: Callable[[], Awaitable[T]], budget_ms: int) -> Outcome[T]:
        """Ask; raises nothing but cancellation of whoever awaits it."""
        until = self._clock() + budget_ms
        try:
            async with asyncio.timeout(min(self._wait_ms, budget_ms) / 1000):
                await self._places.acquire()
        except TimeoutError:
            # Nobody was asked, so this is no failure of theirs.
            return Outcome("timeout", reason="too many questions ahead; raise max_in_flight")
        try:
            # Only with a place in hand: a probe that waits for its turn would hold the others off.
            permit = self._breaker.ask(self._clock())
            if permit is None:
                return Outcome("unavailable", reason=self._why_closed_off())
            return await self._asked(question, permit, max(0, until - self._clock()))
        finally:
            self._places.release()

    async def _asked(
        self, question: Callable[[], Awaitable[T]], permit: Permit, left_ms: int
    ) -> Outcome[T]:
        breaker = self._breaker
        try:
            async with asyncio.timeout(left_ms / 1000):
                value = await question()
        except (TimeoutError, CrmTimeout) as error:
            breaker.failed(permit, self._clock())
            return Outcome("timeout", reason=str(error) or f"no answer within {left_ms} ms")
        except (CrmRefused, CrmNotFound) as error:  # it is well; the question was at fault
            breaker.succeeded(permit)
            return Outcome("refused", reason=str(error))
        except asyncio.CancelledError:
            breaker.abandoned(permit)
            raise
        # Broad on purpose: directories are also written by others, and a defect in one must not
        # reach the call. Its kind and text go to the log by way of the reason.
        except Exception as error:
            breaker.failed(permit, self._clock())
            return Outcome("unavailable", reason=f"{type(error).__name__}: {error}")
        breaker.succeeded(permit)
        return Outcome("done", value)

    def _why_closed_off(self) -> str:
        if self._breaker.state == "half open":
            return "it failed before and is being tried again by another question"
        wait_ms = self._breaker.retry_in(self._clock())
        return f"it failed repeatedly and is left alone for another {wait_ms} ms"
