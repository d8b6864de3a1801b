"""Plays callers against ctid for one stretch, and says what it came to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator
from random import Random

import aiohttp
import msgspec

from ctid.core.instants import SECOND
from sim.live.callers import PlacedCall
from sim.live.pretend import PretendAsterisk
from sim.load import ctid_metrics, machine
from sim.load.callers import Coming
from sim.load.ctid_metrics import CtidMetrics
from sim.load.measure import Errors, Step, latency
from sim.load.order import Say
from sim.load.pages import Pages
from sim.load.witness import Witness
from sim.run.pool import cores

TICK = 0.02
"""Seconds between two looks at this program's own lateness."""
LOOK = 1.0
"""Seconds between two looks at ctid's metrics."""
LAST_SECONDS = 10.0
"""How long those who are there at the end of a stretch may stay; then they hang up."""
DRAIN_SECONDS = 15.0
"""How long their calls may take to end then."""
MOST_LIVE = 4_000
"""Callers at once; a stretch with more has long failed, and ends."""


class _Meter:
    """CPU and lateness of this program, and ctid's own word, while a stretch runs."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http, self._url = http, url
        self.late: list[float] = []
        self.first = self.last = CtidMetrics()
        self.began = self.ended = 0.0
        self.loop_lag: float | None = None
        self._cpu = 0.0
        self.cpu = 0.0
        """Seconds that this process took."""
        self.ctid_cpu: float | None = None
        """Share of one core."""
        self.others: float | None = None
        """Cores that neither of the two took."""
        self._busy: float | None = None

    async def begin(self) -> None:
        self.first = self.last = await ctid_metrics.ask(self._http, self._url)
        self._busy = machine.busy_seconds()
        self.began, self._cpu = time.perf_counter(), time.process_time()

    async def end(self) -> None:
        self.ended, self.cpu = time.perf_counter(), time.process_time() - self._cpu
        await self._look()
        if self.first.cpu is not None and self.last.cpu is not None:
            lasted = time.perf_counter() - self.began
            self.ctid_cpu = (self.last.cpu - self.first.cpu) / lasted
            busy = machine.busy_seconds()
            if busy is not None and self._busy is not None:
                own = self.cpu / (self.ended - self.began) + self.ctid_cpu
                self.others = max((busy - self._busy) / lasted - own, 0.0)

    async def _look(self) -> None:
        self.last = await ctid_metrics.ask(self._http, self._url)
        if self.last.loop_lag is not None:
            self.loop_lag = max(self.loop_lag or 0.0, self.last.loop_lag)

    async def tick(self) -> None:
        """Until cancelled."""
        while True:
            due = time.perf_counter() + TICK
            await asyncio.sleep(TICK)
            self.late.append(max(time.perf_counter() - due, 0.0))

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            await self._look()


class Player:
    """One pretend PBX, the pages of its agents, and a ctid between them."""

    def __init__(
        self, pbx: PretendAsterisk, witness: Witness, pages: Pages | None,
        http: aiohttp.ClientSession, url: str,
    ) -> None:  # fmt: skip
        self._pbx, self._witness, self._pages = pbx, witness, pages
        self._http, self._url = http, url

    async def stretch(
        self, callers: Iterable[Coming], rate: float, seconds: float, say: Say
    ) -> Step:
        """Place these callers, each at its instant (ms from now), and wait until they have gone."""
        self._witness.cut()
        closed = self._closed
        meter = _Meter(self._http, self._url)
        await meter.begin()
        tasks = [asyncio.create_task(meter.tick()), asyncio.create_task(meter.watch())]
        try:
            calls = await self._place(callers, meter.began, seconds, say)
            await meter.end()
            left = await self._drain(calls, say)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        seen = self._witness.cut()
        defects = (await ctid_metrics.ask(self._http, self._url)).defects - meter.first.defects
        length = meter.ended - meter.began
        return Step(
            rate=rate, seconds=round(length, 3), calls=len(calls), ended=len(calls) - left,
            answered=sum(bool(_known(call)) for call in calls), most_waiting=seen.most_waiting,
            join_to_ring=latency(seen.join_to_ring), agi=latency(seen.agi),
            key_to_prompt=latency(seen.key_to_prompt), ring_to_pop=latency(seen.ring_to_pop),
            event_lag=latency(seen.event_lag),
            errors=Errors(
                lost=seen.lost + left, unheard=seen.unheard, unlinked=seen.unlinked,
                pages=self._closed - closed, defects=defects, refused=seen.refused,
            ),
            ctid_cpu=_rounded(meter.ctid_cpu),
            ctid_memory=None if meter.last.memory is None else round(meter.last.memory / 1e6, 1),
            ctid_loop_lag=None if meter.loop_lag is None else round(meter.loop_lag * 1e3, 1),
            generator_cpu=round(meter.cpu / length, 3), generator_lag=latency(meter.late),
            others_cpu=_rounded(meter.others), cores=cores(),
        )  # fmt: skip

    @property
    def _closed(self) -> int:
        return 0 if self._pages is None else self._pages.closed

    async def _place(
        self, callers: Iterable[Coming], began: float, seconds: float, say: Say
    ) -> list[PlacedCall]:
        calls: list[PlacedCall] = []
        live = 0

        def gone(_: asyncio.Future[int]) -> None:
            nonlocal live
            live -= 1

        for one in callers:
            due = began + one.at / SECOND
            if due > began + seconds or live >= MOST_LIVE:
                break
            # Late is late: whoever should have come already comes at once, and the loop breathes.
            await asyncio.sleep(max(due - time.perf_counter(), 0.0))
            call = self._pbx.place_call(one.dialled, one.number, one.name, one.script)
            call.over.add_done_callback(gone)
            calls.append(call)
            live += 1
            if len(calls) % 10 == 0:
                say(f"{len(calls)} callers came, {live} are here")
        await asyncio.sleep(max(began + seconds - time.perf_counter(), 0.0))
        return calls

    async def _drain(self, calls: list[PlacedCall], say: Say) -> int:
        """How many did not go although they had hung up: ctid or we have lost them."""
        if not (here := [call for call in calls if not call.over.done()]):
            return 0
        say(f"{len(here)} callers are still here")
        longest = max(call.longest_left() for call in here)
        await asyncio.wait([call.over for call in here], timeout=min(longest + 1.0, LAST_SECONDS))
        if not (here := [call for call in here if not call.over.done()]):
            return 0
        for call in here:
            call.hang_up()
        _, left = await asyncio.wait([call.over for call in here], timeout=DRAIN_SECONDS)
        return len(left)

    async def ready(self, agents: int, seconds: float = 10.0) -> None:
        """Wait until so many agents are available, or for `seconds`."""
        if self._pages is None:
            return
        until = time.perf_counter() + seconds
        while self._witness.available < agents and time.perf_counter() < until:
            await asyncio.sleep(0.05)


def poisson(callers: Iterator[Coming], rate: float, draw: Random) -> Iterator[Coming]:
    """The same callers, coming by chance at `rate` a second."""
    at = 0.0
    for one in callers:
        at += draw.expovariate(rate) * SECOND
        yield msgspec.structs.replace(one, at=round(at))


def _known(call: PlacedCall) -> str:
    return call.talking_to.result() if call.talking_to.done() else ""


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
