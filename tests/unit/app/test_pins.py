"""A PIN on its way from the conversation to the CRM: once, in time, and in no log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import pytest
import structlog
from prometheus_client import CollectorRegistry

from crm_link.errors import CrmRefused, CrmTimeout, CrmUnavailable
from crm_link.guard import Guard
from crm_link.memory import MemoryDirectory
from crm_link.memory_pins import MemoryPins
from crm_link.pins import PinBook, PinVerdict
from crm_link.port import Draft
from ctid.app.pins import PinChecks
from ctid.core.events import Event
from ctid.core.identity import CheckPin, PinChecked

PIN = "73519046"


class Book:
    """A book of somebody else's making, in which something is wrong."""

    def __init__(self, answer: Callable[[str], Awaitable[PinVerdict]]) -> None:
        self._answer = answer

    async def verify(self, code: str, pin: str) -> PinVerdict:
        return await self._answer(pin)

    async def set_pin(self, code: str, pin: str) -> None: ...

    async def load_pins(self, hashes: Mapping[str, str]) -> None: ...


class Desk:
    """What was keyed, and what came back."""

    def __init__(self) -> None:
        self.keyed = {"c1": PIN}
        self.facts: list[Event] = []
        self.told = asyncio.Event()
        self.registry = CollectorRegistry()

    def take(self, call: str) -> str:
        return self.keyed.pop(call, "")

    def submit(self, fact: Event) -> None:
        self.facts.append(fact)
        self.told.set()


@asynccontextmanager
async def checks(book: PinBook, desk: Desk) -> AsyncIterator[PinChecks]:
    guard = Guard(lambda: 0, max_in_flight=1)
    made = PinChecks(book, guard, desk.take, desk.submit, desk.registry)
    task = asyncio.create_task(made.run())
    await asyncio.sleep(0)
    yield made
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def checked(book: PinBook, desk: Desk, *, budget: int = 1000) -> PinChecked:
    async with checks(book, desk) as made:
        made.carry_out(CheckPin("c1", 7, "100001", budget))
        assert desk.keyed == {}, "taken at once"
        await desk.told.wait()
    [fact] = desk.facts
    assert isinstance(fact, PinChecked)
    assert (fact.call, fact.request) == ("c1", 7)
    assert desk.registry.get_sample_value("ctid_pins_total", {"status": fact.status}) == 1
    return fact


async def test_right_and_wrong() -> None:
    directory = MemoryDirectory()
    await directory.create(Draft(name="Li", code="100001"))
    book = MemoryPins(directory)
    assert (await checked(book, Desk())).status == "unset"
    await book.set_pin("100001", PIN)
    assert (await checked(book, Desk())).status == "right"
    await book.set_pin("100001", "1234")
    assert (await checked(book, Desk())).status == "wrong"


async def test_nothing_was_keyed() -> None:
    """The caller has gone, or the process that had the PIN: the book is not asked."""

    async def never(pin: str) -> PinVerdict:
        raise AssertionError("asked")

    desk = Desk()
    desk.keyed.clear()
    assert (await checked(Book(never), desk)).status == "unavailable"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (CrmUnavailable(f"no place for {PIN}"), "unavailable"),
        (CrmTimeout(f"SELECT {PIN}"), "timeout"),
        (CrmRefused(f"{PIN} is no PIN"), "unavailable"),
        (ZeroDivisionError(PIN), "unavailable"),
    ],
)
async def test_errors_of_others_are_told_without_the_pin(error: Exception, status: str) -> None:
    async def fails(pin: str) -> PinVerdict:
        raise error

    with structlog.testing.capture_logs() as logs:
        assert (await checked(Book(fails), Desk())).status == status
    [said] = logs
    assert (said["event"], said["call"], said["status"]) == ("pin_unchecked", "c1", status)
    assert PIN not in str(logs)
    assert "xxxxxxxx" in said["reason"]


async def test_a_book_that_never_answers() -> None:
    async def silent(pin: str) -> PinVerdict:
        await asyncio.Event().wait()
        raise AssertionError("an event that nobody sets")

    assert (await checked(Book(silent), Desk(), budget=20)).status == "timeout"
