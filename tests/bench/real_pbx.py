"""ctid against app_queue on one real Asterisk: the same callers, phones and talk, block by block.

Every block has the Asterisk to itself: ctid and its desktops run during ctid's blocks only. What is
compared are Asterisk's own time stamps, so nobody's clock or event loop is between.
"""

from __future__ import annotations

import asyncio
import itertools
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import msgspec

from crm_link.demo.load import demo_customers
from ctid.core.commands import PopTimed
from sim.load.measure import percentile
from tests.bench.daemon import Daemon, PbxAddress
from tests.bench.desks import Desks
from tests.bench.observer import WANTED, Timings, timings
from tests.bench.row import Pair, Row, row_of
from tests.real_pbx.lab.ami_link import AmiLink
from tests.real_pbx.lab.configs import Secrets
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import calls

TALK = 3.0
"""Seconds from the PBX's answer to the caller's hanging up."""
QUIET_SECONDS = 20.0
"""How long the last calls of a block may take to end."""
CREATED_AT_MOST = 2.5
BRIDGED_AT_MOST = 1.1

Who = Literal["app_queue", "ctid"]
Say = Callable[[str], None]


class Plan(msgspec.Struct, frozen=True):
    """How much is measured."""

    desks: int = 200
    """Agents, each with a phone and an open page."""
    rates: tuple[int, ...] = (20, 40)
    """Calls a second."""
    rounds: int = 3
    seconds: float = 6.0
    """How long callers come in one block."""


SMALL = Plan(desks=4, rates=(5,), rounds=1, seconds=0.6)
"""For the test that keeps the bench running; its ratios mean nothing."""


class Block(msgspec.Struct, frozen=True):
    """One run of callers against one of the two."""

    who: Who
    rate: int
    placed: int
    timings: Timings
    left: tuple[str, ...] = ()
    """Channels that had to be hung up at the end."""
    pops: tuple[int, ...] = ()
    """ctid's own times from ring to the page's acknowledgement, in milliseconds."""
    seen: tuple[float, ...] = ()
    """The same from outside: agent's channel made → the page has acknowledged, in milliseconds."""
    troubles: tuple[str, ...] = ()
    """Warnings and errors in ctid's log."""

    @property
    def failed(self) -> int:
        """Calls that did not end in a talk."""
        return self.placed - len(self.timings.joined_to_created)


class Bench:
    """A lab with a ctid beside it that can be started and stopped."""

    def __init__(self, lab: Lab, observer: AmiLink, daemon: Daemon, tokens: dict[str, str]) -> None:
        self._lab, self._observer, self._daemon, self._tokens = lab, observer, daemon, tokens
        self._numbers = itertools.cycle(n for c in demo_customers() for n in c.numbers)

    async def block(self, who: Who, rate: int, seconds: float) -> Block:
        """Let `rate` callers a second come for `seconds`, and wait until all have gone."""
        if who == "app_queue":
            placed, told, left = await self._run(self._lab.pbx.queue_extension, rate, seconds)
            return Block(who, rate, placed, told, left)
        async with self._daemon as daemon:
            desks = Desks(daemon.url, self._tokens)
            async with desks:
                placed, told, left = await self._run("4000", rate, seconds)
        pops = {
            command.pop: command.took
            for line in daemon.journal()
            for command in line.c
            if isinstance(command, PopTimed)
        }
        seen = [
            (drawn - told.created_at[pop]) * 1e3
            for pop, drawn in desks.acknowledged.items()
            if pop in told.created_at
        ]
        troubles = tuple(daemon.troubles)
        return Block(who, rate, placed, told, left, tuple(pops.values()), tuple(seen), troubles)

    async def _run(
        self, dialled: str, rate: int, seconds: float
    ) -> tuple[int, Timings, tuple[str, ...]]:
        since, placed = self._observer.mark(), max(round(rate * seconds), 1)
        loop = asyncio.get_running_loop()
        start = loop.time()
        for n in range(placed):
            await asyncio.sleep(max(start + n / rate - loop.time(), 0.0))
            await self._lab.world.place_call(
                dialled, next(self._numbers), calls(talk=TALK), sure=False
            )
        left = await self._quiet()
        return placed, timings(self._observer.heard[since:]), left

    async def _quiet(self) -> tuple[str, ...]:
        """Wait until all have gone; hang up who has not, and tell."""
        left: list[str] = []
        try:
            async with asyncio.timeout(QUIET_SECONDS):
                for asterisk in (self._lab.world.asterisk, self._lab.asterisk):
                    while left := await asterisk.channels():
                        await asyncio.sleep(0.2)
        except TimeoutError:
            await self._lab.hang_up_all()
        return tuple(left)


@asynccontextmanager
async def bench(desks: int) -> AsyncIterator[Bench]:
    """The lab with `desks` phones, and a ctid with as many agents, not started yet.

    Raises NoAsterisk where the lab cannot run.
    """
    # Asterisk first asks a phone within that time, and 25 phones a second are asked.
    async with Lab(
        agents=desks, qualify_every=max(desks // 10, 1), qualify_timeout=5.0, send_silence=False
    ) as lab:
        pbx = lab.pbx
        # Nobody reads the lab's own links here, and reading them would cost more than ctid does.
        for asterisk in (lab.asterisk, lab.world.asterisk):
            await asterisk.ami.ask("Events", EventMask="off")
        observer = await AmiLink.connect(
            pbx.ami_port, "lab", Secrets().lab, events="call,user,agent"
        )
        wanted = f"Event: ({'|'.join(WANTED)})"
        await observer.ask("Filter", Operation="Add", Filter=wanted)
        address = PbxAddress(
            pbx.ami_port, pbx.ami_user, pbx.ami_secret, pbx.agi_port, pbx.agi_token
        )
        with tempfile.TemporaryDirectory(prefix="ctid-bench-") as folder:
            daemon = Daemon(Path(folder), address, desks)
            daemon.write_config()
            try:
                yield Bench(lab, observer, daemon, await daemon.sign_in_all())
            finally:
                observer.close()


async def measure(plan: Plan, say: Say) -> list[Block]:
    """All blocks: app_queue and ctid in turn, so many rounds at each rate."""
    say(f"real PBX: starting Asterisk with {plan.desks} phones")
    blocks: list[Block] = []
    async with bench(plan.desks) as site:
        for rate, turn in itertools.product(plan.rates, range(plan.rounds)):
            # Who begins changes, so that neither has the fresher machine each time.
            for who in _order(turn):
                say(f"real PBX: {who} at {rate} calls/s, round {turn + 1} of {plan.rounds}")
                blocks.append(await site.block(who, rate, plan.seconds))
    return blocks


def _order(turn: int) -> tuple[Who, Who]:
    return ("ctid", "app_queue") if turn % 2 else ("app_queue", "ctid")


def rows(blocks: list[Block]) -> Iterator[Row]:
    """Two rows for each rate."""
    for rate in dict.fromkeys(block.rate for block in blocks):
        ours = [b for b in blocks if b.rate == rate and b.who == "ctid"]
        peers = [b for b in blocks if b.rate == rate and b.who == "app_queue"]
        note = _note(ours, peers)
        for what, field, limit in (
            ("caller joins → agent's channel, p50", "joined_to_created", CREATED_AT_MOST),
            ("agent answers → both talk, p50", "answered_to_bridged", BRIDGED_AT_MOST),
        ):
            pairs = [
                Pair(_median(a.timings, field), _median(b.timings, field))
                for a, b in zip(ours, peers, strict=True)
            ]
            yield row_of(
                f"{what}, {rate} calls/s", "ms", "app_queue", pairs, "at most", limit, note
            )


def _median(told: Timings, field: str) -> float:
    return percentile(getattr(told, field), 50)


def _note(ours: list[Block], peers: list[Block]) -> str:
    failed, theirs = sum(b.failed for b in ours), sum(b.failed for b in peers)
    troubles = [trouble for block in ours for trouble in block.troubles]
    told = [f"{failed} of ctid's calls failed"] if failed else []
    told += [f"{theirs} of app_queue's calls failed"] if theirs else []
    left = [channel for block in (*ours, *peers) for channel in block.left]
    told += [f"{len(left)} channels left behind: {', '.join(left[:4])}"] if left else []
    told += [f"{len(troubles)} warnings in ctid's log, first {troubles[0]}"] if troubles else []
    return "; ".join(told)
