"""Write-behind: batches, order, retries, the spill file, and what a crash leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from ctid.core.commands import CallClosed, HangUpCall
from ctid.core.instants import HOUR, SECOND, Instant, WallMs
from ctid.core.records import CallId, CallRecord, Decision
from ctid.ports import JournalledCommand, Store, StoreUnavailable
from ctid.store.engine import BatchRefused
from ctid.store.memory import MemoryStore
from ctid.store.writer import WriteBehind

LIMIT = 10


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.instant = 0

    def now(self) -> Instant:
        return self.instant

    def wall(self) -> WallMs:
        return self.instant


class UnreliableStore:
    """A store on memory that is away, slow, or takes no record of `poison` calls, as told."""

    def __init__(self) -> None:
        self.kept = MemoryStore()
        self.away = False
        self.poison: set[CallId] = set()
        self.broken: set[CallId] = set()
        self.answer = asyncio.Event()
        self.answer.set()
        self.sizes: list[int] = []
        self.failed = 0

    async def write(self, batch: Sequence[JournalledCommand]) -> None:
        await self.answer.wait()
        if self.away:
            self.failed += 1
            raise StoreUnavailable("the cable is out")
        names = {
            entry.command.record.call for entry in batch if isinstance(entry.command, CallClosed)
        }
        if names & self.poison:
            raise BatchRefused("no such data, please")
        if names & self.broken:
            raise ValueError("a defect")
        self.sizes.append(len(batch))
        await self.kept.write(batch)

    async def call(self, call: CallId) -> CallRecord | None:
        return await self.kept.call(call)

    async def calls(self, since: WallMs, until: WallMs, limit: int = 1000) -> list[CallRecord]:
        return await self.kept.calls(since, until, limit)

    async def decisions(self, call: CallId) -> list[Decision]:
        return await self.kept.decisions(call)

    async def health(self) -> bool:
        return not self.away

    async def names(self) -> list[str]:
        """The calls that are there, by their time of arrival."""
        return [record.call for record in reversed(await self.calls(0, HOUR, 100_000))]

    async def offered(self) -> int:
        return sum(part.offered for part in await self.kept.intervals(0, HOUR))


def closed(n: int) -> JournalledCommand:
    record = CallRecord(
        f"c{n}",
        "+861",
        "",
        "en",
        "",
        "q",
        "a",
        "",
        (),
        n,
        n + 1,
        0,
        n + 9,
        8,
        0,
        0,
        "abandoned",
        "",
    )
    return JournalledCommand("b1", n + 1, 0, CallClosed(record))


def names(count: int) -> list[str]:
    return [f"c{n}" for n in range(count)]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def store() -> UnreliableStore:
    return UnreliableStore()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spill.jsonl"


def writer_of(store: Store, clock: HandClock, path: Path, **options: int) -> WriteBehind:
    settings = {"max_batch": 10, "flush_ms": 1, "retry_first": 1, "retry_most": 5} | options
    return WriteBehind(store, clock, path, **settings)


@asynccontextmanager
async def running(writer: WriteBehind) -> AsyncIterator[asyncio.Task[None]]:
    async with asyncio.timeout(LIMIT), asyncio.TaskGroup() as group:
        task = group.create_task(writer.run())
        await asyncio.sleep(0)  # let it begin
        yield task
        task.cancel()


async def until(met: Callable[[], bool]) -> None:
    """Let the others run until it is so; `running` holds the time limit."""
    while not met():
        await asyncio.sleep(0)


async def test_facts_arrive_in_batches(
    store: UnreliableStore, clock: HandClock, path: Path
) -> None:
    writer = writer_of(store, clock, path, flush_ms=HOUR)
    async with running(writer):
        for n in range(40):
            writer.offer(closed(n))
        await until(lambda: sum(store.sizes) == 40)
    assert store.sizes == [10, 10, 10, 10]
    assert await store.names() == names(40)
    assert not path.exists()


async def test_a_single_fact_is_written_after_the_flush_time(
    store: UnreliableStore, clock: HandClock, path: Path
) -> None:
    writer = writer_of(store, clock, path)
    async with running(writer):
        writer.offer(closed(0))
        await until(lambda: store.sizes == [1])
    assert await store.names() == ["c0"]


async def test_what_is_not_for_the_record_is_passed_over(
    store: UnreliableStore, clock: HandClock, path: Path
) -> None:
    writer = writer_of(store, clock, path)
    writer.offer(JournalledCommand("b1", 1, 0, HangUpCall("c1", "")))
    assert writer.health().waiting == 0


async def test_lag_is_the_age_of_the_oldest(
    store: UnreliableStore, clock: HandClock, path: Path
) -> None:
    writer = writer_of(store, clock, path)
    assert writer.lag() == 0
    store.away = True
    async with running(writer):
        clock.instant = 100
        writer.offer(closed(0))
        clock.instant = 250
        writer.offer(closed(1))
        assert writer.lag() == 150
        clock.instant = 1100
        await until(lambda: store.failed > 3)
        health = writer.health()
        assert (health.ok, health.waiting, health.lag) == (False, 2, 1000)
        assert health.error == "the cable is out"
        store.away = False
        await until(lambda: writer.health().ok and not writer.lag())
    assert await store.names() == names(2)


async def test_offer_does_not_wait_for_a_store_that_hangs(
    store: UnreliableStore, clock: HandClock, path: Path
) -> None:
    store.answer.clear()
    writer = writer_of(store, clock, path)
    async with running(writer):
        for n in range(1000):
            writer.offer(closed(n))
        assert writer.health().waiting == 1000
        store.answer.set()
        await until(lambda: not writer.health().waiting)
    assert await store.names() == names(1000)


async def test_beyond_the_backlog_facts_go_to_the_file_and_come_back_in_order(
    store: UnreliableStore, clock: HandClock, path: Path
) -> None:
    store.away = True
    writer = writer_of(store, clock, path, backlog=20)
    async with running(writer):
        for n in range(100):
            writer.offer(closed(n))
        await until(lambda: writer.health().spilled == 80)
        assert writer.health().waiting == 20
        assert path.read_bytes().count(b"\n") == 80
        assert path.stat().st_mode & 0o077 == 0
        store.away = False
        for n in range(100, 150):
            writer.offer(closed(n))
        await until(lambda: writer.lag() == 0 and writer.health().waiting == 0)
        await until(lambda: not writer.health().spilled and not path.stat().st_size)
        assert await store.names() == names(150)
        assert await store.offered() == 150
        assert writer.health() == msgspec.structs.replace(
            writer.health(), ok=True, waiting=0, spilled=0, refused=0, failures=0, error=""
        )
        # And by memory again.
        writer.offer(closed(150))
        assert writer.health().waiting == 1
        await until(lambda: not writer.health().waiting)
    assert path.stat().st_size == 0


async def test_drain_writes_all_and_ends_run(
    store: UnreliableStore, clock: HandClock, path: Path
) -> None:
    writer = writer_of(store, clock, path, flush_ms=HOUR)
    async with running(writer) as task:
        for n in range(25):
            writer.offer(closed(n))
        assert await writer.drain(5 * SECOND) == 0
        await task
    assert await store.names() == names(25)


async def test_drain_leaves_the_rest_in_the_file_and_the_next_run_replays_it(
    store: UnreliableStore, clock: HandClock, path: Path
) -> None:
    store.away = True
    writer = writer_of(store, clock, path, backlog=20)
    async with running(writer) as task:
        for n in range(45):
            writer.offer(closed(n))
        await until(lambda: writer.health().spilled == 25)
        assert await writer.drain(1) == 45
        await task
    assert path.read_bytes().count(b"\n") == 45
    store.away = False
    again = writer_of(store, clock, path)
    async with running(again):
        again.offer(closed(45))
        await until(lambda: sum(store.sizes) == 46 and not again.health().waiting)
        await until(lambda: not again.health().spilled)
    assert await store.names() == names(46)
    assert path.stat().st_size == 0


async def test_drain_without_run_keeps_all_in_the_file(
    store: UnreliableStore, clock: HandClock, path: Path
) -> None:
    writer = writer_of(store, clock, path)
    for n in range(3):
        writer.offer(closed(n))
    assert await writer.drain(HOUR) == 3
    await asyncio.wait_for(writer.run(), LIMIT)  # too late: ends at once
    assert store.sizes == []
    assert path.read_bytes().count(b"\n") == 3


async def test_a_crash_in_the_middle_of_the_replay_makes_no_doubles(
    store: UnreliableStore, clock: HandClock, path: Path
) -> None:
    first = writer_of(store, clock, path)
    for n in range(30):
        first.offer(closed(n))
    await first.drain(0)
    before = path.read_bytes()
    async with running(writer_of(store, clock, path)):
        await until(lambda: bool(store.sizes))
    # As if the process had died before it could empty the file, and in the middle of a line.
    path.write_bytes(before + b'{"boot":"b1","line":3')
    writer = writer_of(store, clock, path)
    async with running(writer):
        await until(lambda: writer.health().spilled > 0)
        await until(lambda: writer.health().spilled == 0)
    assert await store.names() == names(30)
    assert await store.offered() == 30
    assert writer.health().refused == 0


async def test_a_damaged_line_is_set_aside_and_the_others_arrive(
    store: UnreliableStore, clock: HandClock, path: Path
) -> None:
    first = writer_of(store, clock, path)
    for n in range(3):
        first.offer(closed(n))
    await first.drain(0)
    rows = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(rows[0] + b"{damaged}\n" + rows[2])
    writer = writer_of(store, clock, path)
    async with running(writer):
        await until(lambda: writer.health().refused == 1 and not writer.health().spilled)
    assert await store.names() == ["c0", "c2"]
    assert path.with_name("spill.jsonl.refused").read_bytes() == b"{damaged}\n"


@pytest.mark.parametrize("kind", ["poison", "broken"])
async def test_one_record_that_cannot_be_written_does_not_stop_the_others(
    store: UnreliableStore, clock: HandClock, path: Path, kind: str
) -> None:
    getattr(store, kind).update({"c3", "c17"})
    writer = writer_of(store, clock, path)
    async with running(writer):
        for n in range(20):
            writer.offer(closed(n))
        await until(lambda: not writer.health().waiting)
        assert writer.health().refused == 2
        assert writer.health().ok
        assert writer.health().refusal
    assert await store.names() == [name for name in names(20) if name not in ("c3", "c17")]
    kept = path.with_name("spill.jsonl.refused").read_bytes().splitlines()
    assert [msgspec.json.decode(line, type=JournalledCommand) for line in kept] == [
        closed(3),
        closed(17),
    ]


async def test_a_full_disk_drops_nothing(
    store: UnreliableStore, clock: HandClock, tmp_path: Path
) -> None:
    folder = tmp_path / "later"
    store.away = True
    writer = writer_of(store, clock, folder / "spill.jsonl", backlog=5)
    async with running(writer):
        for n in range(12):
            writer.offer(closed(n))
        await until(lambda: "later" in writer.health().error)
        await until(lambda: store.failed > 2)
        assert writer.health().waiting == 12
        assert not writer.health().ok
        folder.mkdir()  # there is room again
        await until(lambda: writer.health().spilled == 7)
        store.away = False
        await until(lambda: not writer.health().spilled)
    assert await store.names() == names(12)


async def test_a_file_that_somebody_deleted_does_not_stop_the_writer(
    store: UnreliableStore, clock: HandClock, path: Path
) -> None:
    store.away = True
    writer = writer_of(store, clock, path, backlog=5)
    async with running(writer):
        for n in range(12):
            writer.offer(closed(n))
        await until(lambda: writer.health().spilled == 7)
        path.unlink()
        store.away = False
        await until(lambda: not writer.health().spilled)
        writer.offer(closed(12))
        await until(lambda: not writer.health().waiting)
    assert await store.names() == [*names(5), "c12"]
