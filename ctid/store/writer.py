"""Write-behind: the engine offers facts and never waits; the store gets them in batches.

While the store is well, facts go from the engine to it by way of memory. While it is not, memory
fills up to a limit; from then on facts go to a local file. They stay in order: memory is older than
the file, and as long as the file holds something, new facts go to its end. What a crash finds in
memory only is in the journal: offer the journal again from `Store.position(boot)`; the store knows
what it has.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TypeVar

import msgspec

from ctid.core.instants import SECOND, Duration, Instant
from ctid.ports import Clock, JournalledCommand, Store, StoreUnavailable
from ctid.store.batch import for_record
from ctid.store.engine import BatchRefused
from ctid.store.spill import Spill

ResultT = TypeVar("ResultT")


class WriterHealth(msgspec.Struct, frozen=True):
    """How the writing goes."""

    ok: bool
    """The last attempt on the store, and on the file if it was needed, succeeded."""
    waiting: int
    """Facts in memory that are not in the store."""
    spilled: int
    """Facts in the file that are not in the store."""
    refused: int
    """Facts that the database will never take; they are beside the file, in `.refused`."""
    failures: int
    """Attempts that failed since the last success."""
    error: str
    """What keeps facts from the store or from the file now, or empty."""
    refusal: str
    """Why the last refused fact was refused, or empty."""
    lag: Duration
    """Age of the oldest fact that is not in the store, in milliseconds; where the file is in use,
    the age of the file's first fact since it was last empty."""


class WriteBehind:
    """Between the engine and the store. `run` must be running for anything to be written.

    Args:
        store: where the facts go.
        clock: for the lag.
        path: the file for facts that do not fit into memory; its folder must exist.
        max_batch: how many facts one transaction takes at most.
        flush_ms: how long a fact waits for others before it is written, in milliseconds.
        backlog: how many facts memory holds before the file is used.
        retry_first: pause after the first failure, in milliseconds; doubles with each one.
        retry_most: the longest pause, in milliseconds.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        path: Path,
        *,
        max_batch: int = 256,
        flush_ms: Duration = 200,
        backlog: int = 20_000,
        retry_first: Duration = 200,
        retry_most: Duration = 10 * SECOND,
    ) -> None:
        self._store, self._clock, self._spill = store, clock, Spill(path)
        self._max_batch, self._flush_ms, self._limit = max_batch, flush_ms, backlog
        self._retry_first, self._retry_most = retry_first, retry_most
        self._memory: deque[tuple[Instant, JournalledCommand]] = deque()
        self._overflow: deque[tuple[Instant, JournalledCommand]] = deque()
        self._spilled = 0
        self._read_from = 0
        self._spilled_at: Instant | None = None
        self._refused = self._failures = 0
        self._error = self._file_error = self._refusal = ""
        self._draining = False
        self._file = asyncio.Lock()
        """Held by whoever adds to the file or empties it."""
        self._arrived, self._full, self._overflowed = (asyncio.Event() for _ in range(3))
        self._stop, self._all_written, self._ended = (asyncio.Event() for _ in range(3))
        self._all_written.set()
        self._ended.set()

    # -- the engine's side ----------------------------------------------------------------------

    def offer(self, command: JournalledCommand) -> None:
        """Take one fact for the record (others are passed over). Never blocks, never raises."""
        if not for_record(command.command):
            return
        self._all_written.clear()
        entry = (self._clock.now(), command)
        if self._spilled or self._overflow or len(self._memory) >= self._limit:
            self._overflow.append(entry)
            self._overflowed.set()
        else:
            self._memory.append(entry)
        self._arrived.set()
        if len(self._memory) >= self._max_batch:
            self._full.set()

    def lag(self) -> Duration:
        """Age of the oldest fact that is not in the store, in milliseconds; 0 when all are."""
        oldest = [queue[0][0] for queue in (self._memory, self._overflow) if queue]
        if self._spilled_at is not None:
            oldest.append(self._spilled_at)
        return self._clock.now() - min(oldest) if oldest else 0

    def health(self) -> WriterHealth:
        """How the writing goes, for the health page and the counters."""
        return WriterHealth(
            ok=not self._failures and not self._file_error,
            waiting=len(self._memory) + len(self._overflow),
            spilled=self._spilled,
            refused=self._refused,
            failures=self._failures,
            error="; ".join(filter(None, (self._error, self._file_error))),
            refusal=self._refusal,
            lag=self.lag(),
        )

    async def drain(self, limit: Duration) -> int:
        """At stop, after the last offer: write all, then end `run`.

        What is not in the store after `limit` milliseconds goes to the file, for the next start.
        Returns how many facts are not in the store.
        """
        self._draining = True
        self._full.set()
        if not self._ended.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(limit / SECOND):
                    await self._all_written.wait()
        self._stop.set()
        self._overflowed.set()
        await self._ended.wait()
        self._overflow.extendleft(reversed(self._memory))
        self._memory.clear()
        await self._spill_overflow()
        return len(self._overflow) + self._spilled

    # -- to the store ---------------------------------------------------------------------------

    async def run(self) -> None:
        """Write until `drain` or until the task is cancelled; replays the file's rest as well."""
        if self._stop.is_set():
            return  # drained before it began: the file has everything
        self._ended.clear()
        try:
            await self._find_last_runs_file()
            async with asyncio.TaskGroup() as group:
                writing = group.create_task(self._write_all())
                group.create_task(self._spill_all())
                await self._stop.wait()
                writing.cancel()
        finally:
            self._ended.set()

    async def _write_all(self) -> None:
        while True:
            if self._memory:
                await self._gather()
                batch = [command for _, command in islice(self._memory, self._max_batch)]
                await self._write(batch)
                for _ in batch:
                    self._memory.popleft()
            elif self._spilled:
                await self._replay()
            elif self._overflow:
                async with self._file:
                    if not self._spilled:  # else it has just gone to the file
                        self._memory.extend(self._overflow)
                        self._overflow.clear()
            else:
                self._all_written.set()
                self._arrived.clear()
                await self._arrived.wait()

    async def _gather(self) -> None:
        """Let a batch fill up, for `flush_ms` at most."""
        if len(self._memory) >= self._max_batch or self._draining:
            return
        self._full.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._flush_ms / SECOND):
                await self._full.wait()

    async def _write(self, batch: Sequence[JournalledCommand]) -> None:
        """Write this batch, however long the store is away."""
        failures = 0
        while True:
            try:
                await self._store.write(batch)
            except BatchRefused as error:
                self._refusal = str(error)
                await self._write_apart(batch)
            except StoreUnavailable as error:
                failures += 1
                self._failures, self._error = failures, str(error)
                await asyncio.sleep(self._pause(failures))
                continue
            except Exception as error:
                # A defect in the store must not stop the other records, nor the calls (F24).
                self._refusal = f"{type(error).__name__}: {error}"
                await self._write_apart(batch)
            else:
                self._failures, self._error = 0, ""
            return

    async def _write_apart(self, batch: Sequence[JournalledCommand]) -> None:
        """Find the record that cannot be written by halving, and set it aside."""
        if len(batch) > 1:
            middle = len(batch) // 2
            await self._write(batch[:middle])
            await self._write(batch[middle:])
            return
        self._refused += 1
        try:
            await _on_disk(lambda: self._spill.set_aside(batch[0]))
        except OSError as error:
            self._file_error = f"a refused record could not be kept: {error}"

    # -- to the file and back -------------------------------------------------------------------

    async def _find_last_runs_file(self) -> None:
        try:
            self._note_spilled(await _on_disk(self._spill.prepare), self._clock.now())
        except OSError as error:
            self._file_error = str(error)  # it will be tried again when the file is needed

    def _note_spilled(self, count: int, since: Instant) -> None:
        self._spilled += count
        if self._spilled:
            if self._spilled_at is None:
                self._spilled_at = since
            self._all_written.clear()
            self._arrived.set()

    async def _spill_all(self) -> None:
        failures = 0
        while not self._stop.is_set():
            self._overflowed.clear()
            if await self._spill_overflow():
                failures = 0
                await self._overflowed.wait()
            else:
                failures += 1
                with suppress(TimeoutError):  # `drain` ends it early; a write is cancelled instead
                    async with asyncio.timeout(self._pause(failures)):
                        await self._stop.wait()

    async def _spill_overflow(self) -> bool:
        """Put what does not fit into memory into the file; False where the disk refuses it."""
        async with self._file:
            entries = list(self._overflow)
            if not entries:
                return True
            try:
                await _on_disk(lambda: self._spill.append([command for _, command in entries]))
            except OSError as error:
                self._file_error = str(error)
                return False
            self._file_error = ""
            for _ in entries:
                self._overflow.popleft()
            self._note_spilled(len(entries), entries[0][0])
            return True

    async def _replay(self) -> None:
        """Write the next lines of the file; empty it when all are in the store."""
        try:
            limit = min(self._max_batch, self._spilled)
            part = await _on_disk(lambda: self._spill.read(self._read_from, limit))
            self._refused += part.lines - len(part.commands)
            if part.commands:
                await self._write(part.commands)
            self._read_from = part.end
            # Fewer lines than counted: somebody else cut the file. The rest is in the journal.
            self._spilled = self._spilled - part.lines if part.lines else 0
            if not self._spilled:
                await self._clear_file()
        except OSError as error:
            self._file_error = str(error)
            await asyncio.sleep(self._pause(1))

    async def _clear_file(self) -> None:
        async with self._file:
            if self._spilled:
                return  # more has come in the meantime
            behind = await _on_disk(lambda: self._spill.clear(self._read_from))
            self._spilled_at = None
            if behind:
                self._note_spilled(behind, self._clock.now())
            else:
                self._read_from = 0

    def _pause(self, failures: int) -> float:
        """How long to wait after so many failures, in seconds."""
        return min(self._retry_first << min(failures - 1, 20), self._retry_most) / SECOND


async def _on_disk(work: Callable[[], ResultT]) -> ResultT:
    """`work` in a thread. A cancelled caller waits for its end: it must not go on unseen while
    somebody else uses the file."""
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise
