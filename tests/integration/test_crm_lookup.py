"""Look-ups against directories that are slow, broken or silent: the call never notices."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from crm_link.breaker import Breaker, Permit
from crm_link.embedded.directory import EmbeddedDirectory
from crm_link.embedded.engine import open_engine
from crm_link.errors import CrmRefused, CrmTimeout, CrmUnavailable
from crm_link.lookup import Lookup, LookupCounts
from crm_link.memory import MemoryDirectory
from crm_link.port import Customer, Draft, Find
from tests.fakes.process import free_port

QUERY = Find(code="1")
AMPLE_MS = 30_000
"""A budget that no test waits for."""


class Clock:
    """Milliseconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


class GatedDirectory(MemoryDirectory):
    """A slow directory: answers when its gate opens, and counts who is inside."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.entered = asyncio.Semaphore(0)
        self.inside = 0
        self.most_inside = 0
        self.asked = 0
        self.cancelled = 0

    async def find(self, query: Find) -> tuple[Customer, ...]:
        self.asked += 1
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        self.entered.release()
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.inside -= 1
        return await super().find(query)


class FailingDirectory(MemoryDirectory):
    """A broken directory: raises what it was given until it is mended."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error: Exception | None = error
        self.asked = 0

    async def find(self, query: Find) -> tuple[Customer, ...]:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return await super().find(query)


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_one_none_and_many(clock: Clock) -> None:
    directory = MemoryDirectory()
    one = await directory.create(Draft(name="A", code="1", numbers=("+12025550101",)))
    two = await directory.create(Draft(name="B", numbers=("+12025550101",)))
    lookup = Lookup(directory, clock)
    found = await lookup.find(QUERY)
    assert (found.status, found.customers, found.reason) == ("found", (one,), "")
    many = await lookup.find(Find(numbers=("+12025550101",)))
    assert (many.status, many.customers) == ("many", (one, two))
    none = await lookup.find(Find(code="2"))
    assert (none.status, none.customers) == ("none", ())
    assert lookup.counts == LookupCounts(answered=3)


async def test_slow_answer_counts_as_slow_and_tells_its_time(clock: Clock) -> None:
    directory = GatedDirectory()
    lookup = Lookup(directory, clock, soft_ms=300, hard_ms=AMPLE_MS)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        task = group.create_task(lookup.find(QUERY))
        await directory.entered.acquire()
        clock.now = 301
        directory.gate.set()
    assert (task.result().status, task.result().ms) == ("none", 301)
    assert lookup.counts == LookupCounts(answered=1, slow=1)


async def test_silent_directory_is_given_up_and_cancelled(clock: Clock) -> None:
    directory = GatedDirectory()
    lookup = Lookup(directory, clock, soft_ms=20, hard_ms=20)
    async with asyncio.timeout(10):
        result = await lookup.find(QUERY)
    assert (result.status, result.customers) == ("timeout", ())
    assert "within 20 ms" in result.reason
    assert (directory.cancelled, directory.inside) == (1, 0)
    assert lookup.counts == LookupCounts(timeout=1)


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (CrmUnavailable("CRM: down; call the vendor"), "unavailable", "CRM: down; call the vendor"),
        (CrmTimeout("CRM: 504"), "timeout", "CRM: 504"),
        (TimeoutError(), "timeout", "no answer"),
        (ConnectionResetError("reset"), "unavailable", "ConnectionResetError: reset"),
        (CrmRefused("CRM: bad question"), "unavailable", "CRM: bad question"),
        (KeyError("a defect in an adapter"), "unavailable", "KeyError"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
async def test_broken_directory_is_an_answer_not_an_error(
    clock: Clock, error: Exception, status: str, reason: str
) -> None:
    result = await Lookup(FailingDirectory(error), clock).find(QUERY)
    assert (result.status, result.customers) == (status, ())
    assert reason in result.reason


async def test_directory_without_its_database_is_unavailable(clock: Clock) -> None:
    engine = open_engine(f"postgresql+asyncpg://u:secret@127.0.0.1:{free_port()}/x")
    try:
        lookup = Lookup(EmbeddedDirectory(engine), clock, soft_ms=AMPLE_MS, hard_ms=AMPLE_MS)
        result = await lookup.find(QUERY)
    finally:
        await engine.dispose()
    assert result.status == "unavailable"
    assert "secret" not in result.reason


async def test_database_that_hangs_is_given_up_and_serves_the_next(
    clock: Clock, postgres_url: str
) -> None:
    engine, locker = open_engine(postgres_url), open_engine(postgres_url)
    try:
        directory = EmbeddedDirectory(engine)
        await directory.create_schema()
        created = await directory.create(Draft(name="A", code="1"))
        impatient = Lookup(directory, clock, soft_ms=100, hard_ms=100)
        async with locker.begin() as connection:
            await connection.exec_driver_sql("LOCK TABLE crm_customer IN ACCESS EXCLUSIVE MODE")
            async with asyncio.timeout(10):
                assert (await impatient.find(QUERY)).status == "timeout"
        patient = Lookup(directory, clock, soft_ms=AMPLE_MS, hard_ms=AMPLE_MS)
        assert (await patient.find(QUERY)).customers == (created,)
    finally:
        await engine.dispose()
        await locker.dispose()


# -- breaker --------------------------------------------------------------------------------------


async def test_breaker_leaves_a_broken_directory_alone_then_tries_once(clock: Clock) -> None:
    directory = FailingDirectory(CrmUnavailable("down"))
    lookup = Lookup(directory, clock, breaker=Breaker(failures=3, open_ms=1000))
    for _ in range(5):
        assert (await lookup.find(QUERY)).status == "unavailable"
    assert directory.asked == 3
    assert lookup.breaker == "open"
    clock.now = 400
    assert "another 600 ms" in (await lookup.find(QUERY)).reason

    clock.now = 1000  # the probe fails: alone for another second
    assert (await lookup.find(QUERY)).reason.endswith("down")
    assert (directory.asked, lookup.breaker) == (4, "open")

    directory.error = None
    clock.now = 1999
    assert (await lookup.find(QUERY)).status == "unavailable"
    clock.now = 2000
    assert (await lookup.find(QUERY)).status == "none"
    assert (directory.asked, lookup.breaker) == (5, "closed")


async def test_time_outs_open_the_breaker(clock: Clock) -> None:
    directory = GatedDirectory()
    breaker = Breaker(failures=2, open_ms=1000)
    lookup = Lookup(directory, clock, soft_ms=10, hard_ms=10, breaker=breaker)
    statuses = [(await lookup.find(QUERY)).status for _ in range(3)]
    assert statuses == ["timeout", "timeout", "unavailable"]
    assert directory.asked == 2


async def test_refused_questions_do_not_open_the_breaker(clock: Clock) -> None:
    directory = FailingDirectory(CrmRefused("bad question"))
    lookup = Lookup(directory, clock, breaker=Breaker(failures=1))
    for _ in range(3):
        await lookup.find(QUERY)
    assert (directory.asked, lookup.breaker) == (3, "closed")


async def test_only_one_probe_goes_out_at_a_time(clock: Clock) -> None:
    directory = GatedDirectory()
    breaker = Breaker(failures=1, open_ms=1000)
    breaker.failed(_permit(breaker), 0)
    clock.now = 1000
    lookup = Lookup(directory, clock, soft_ms=AMPLE_MS, hard_ms=AMPLE_MS, breaker=breaker)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        probe = group.create_task(lookup.find(QUERY))
        await directory.entered.acquire()
        assert "tried again by another" in (await lookup.find(QUERY)).reason
        directory.gate.set()
    assert probe.result().status == "none"
    assert (directory.asked, lookup.breaker) == (1, "closed")


async def test_cancelled_probe_lets_the_next_one_try(clock: Clock) -> None:
    directory = GatedDirectory()
    breaker = Breaker(failures=1, open_ms=1000)
    breaker.failed(_permit(breaker), 0)
    clock.now = 1000
    lookup = Lookup(directory, clock, soft_ms=AMPLE_MS, hard_ms=AMPLE_MS, breaker=breaker)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        probe = group.create_task(lookup.find(QUERY))
        await directory.entered.acquire()
        probe.cancel()
    assert probe.cancelled()
    directory.gate.set()
    assert (await lookup.find(QUERY)).status == "none"


def _permit(breaker: Breaker) -> Permit:
    permit = breaker.ask(0)
    assert permit is not None
    return permit


# -- bounds ---------------------------------------------------------------------------------------


async def test_no_more_than_the_limit_are_in_flight(clock: Clock) -> None:
    directory = GatedDirectory()
    lookup = Lookup(directory, clock, soft_ms=AMPLE_MS, hard_ms=AMPLE_MS, max_in_flight=4)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        tasks = [group.create_task(lookup.find(QUERY)) for _ in range(40)]
        for _ in range(4):
            await directory.entered.acquire()
        directory.gate.set()
    assert directory.most_inside == 4
    assert directory.asked == 40
    assert [task.result().status for task in tasks] == ["none"] * 40


async def test_look_up_that_waits_too_long_for_its_turn_is_given_up(clock: Clock) -> None:
    directory = GatedDirectory()
    breaker = Breaker(failures=1)
    lookup = Lookup(
        directory, clock, soft_ms=20, hard_ms=AMPLE_MS, max_in_flight=1, breaker=breaker
    )
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        first = group.create_task(lookup.find(QUERY))
        await directory.entered.acquire()
        crowded = await lookup.find(QUERY)
        directory.gate.set()
    assert (crowded.status, directory.asked) == ("timeout", 1)
    assert "max_in_flight" in crowded.reason
    assert first.result().status == "none"
    assert lookup.breaker == "closed"  # the directory was not to blame


async def test_places_come_back_after_failures_and_cancellation(clock: Clock) -> None:
    directory = GatedDirectory()
    breaker = Breaker(failures=100)
    lookup = Lookup(directory, clock, soft_ms=10, hard_ms=10, max_in_flight=1, breaker=breaker)
    for _ in range(3):
        assert (await lookup.find(QUERY)).status == "timeout"
    patient = Lookup(directory, clock, soft_ms=AMPLE_MS, hard_ms=AMPLE_MS, max_in_flight=1)
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        gone = group.create_task(patient.find(QUERY))
        while directory.asked < 4:
            await directory.entered.acquire()
        gone.cancel()
    directory.gate.set()
    assert (await lookup.find(QUERY)).status == "none"
    assert (await patient.find(QUERY)).status == "none"


@pytest.mark.parametrize(
    "build",
    [
        lambda directory, clock: Lookup(directory, clock, soft_ms=0),
        lambda directory, clock: Lookup(directory, clock, soft_ms=300, hard_ms=299),
        lambda directory, clock: Lookup(directory, clock, max_in_flight=0),
    ],
)
def test_senseless_budgets_are_refused(
    clock: Clock, build: Callable[[MemoryDirectory, Clock], Lookup]
) -> None:
    with pytest.raises(ValueError, match="soft_ms <= hard_ms"):
        build(MemoryDirectory(), clock)
