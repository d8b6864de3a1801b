"""kill -9 of the daemon with a full house, and its restart: Asterisk holds the calls."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ctid.app import replaying
from ctid.core.commands import CallClosed, LegClosed, Repaired, RingAgent, StopRinging
from ctid.store.open import open_store
from tests.real_pbx.desk import Desk, desks
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers, calls
from tests.real_pbx.lab.world import End
from tests.real_pbx.site import (
    AGENTS,
    MAIN,
    POLL,
    STRAIGHT,
    SUPERVISOR,
    bridged_as_offered,
    config_for,
    journal,
    offers_are_single,
    put_accounts,
    write_config,
)
from tests.real_pbx.tones import AGENT_HZ, CALLER_HZ

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.alone]

TALKING, WAITING, IN_MENU = 10, 20, 3
BACK_WITHIN = 3.0
"""Seconds from the start of the process until every waiting caller is back."""
STARTS = 3
"""One start in so many must keep that time: others may have the CPU meanwhile. All else must hold
after each of them."""


class Daemon:
    """`ctid run` in a process of its own, which may be killed and started again."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self._process: asyncio.subprocess.Process

    async def start(self) -> None:
        command = ("-m", "ctid.app.cli", "run", "--json", "--config", str(self._config))
        with (self._config.parent / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, *command, stdout=log, stderr=log, start_new_session=True
            )

    async def kill(self) -> None:
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> int:
        """Ask it to end, and wait; its exit code."""
        if self._process.returncode is None:
            self._process.terminate()
        async with asyncio.timeout(15):
            return await self._process.wait()


@asynccontextmanager
async def daemon(lab: Lab, folder: Path) -> AsyncIterator[tuple[Daemon, str]]:
    """A running daemon with everybody's sign-ins, and the address of its pages."""
    config = config_for(lab, folder, flow="straight")
    store = await open_store(config["store"]["url"], {})
    await put_accounts(store)
    await store.close()
    running = Daemon(write_config(folder, config))
    await running.start()
    base = f"http://127.0.0.1:{config['web']['port']}"
    try:
        await answering(base)
        yield running, base
    finally:
        await running.stop()


async def answering(base: str) -> None:
    """Wait until somebody listens there."""
    async with asyncio.timeout(15), aiohttp.ClientSession(base) as http:
        while True:
            try:
                async with http.get("/health"):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(POLL)


async def board(sue: Desk, ready: Any, seconds: float = 10.0) -> dict[str, Any]:
    """The supervisor's snapshot, once `ready` says that it is so."""
    shown: dict[str, Any] = {}
    try:
        async with asyncio.timeout(seconds):
            while True:
                try:
                    shown = await sue.get("/api/snapshot")
                except aiohttp.ClientError:
                    shown = {}
                if shown and not shown["frozen"] and ready(shown):
                    return shown
                await asyncio.sleep(POLL)
    except TimeoutError:
        raise TimeoutError(f"not within {seconds} s; the board is {shown}") from None


def order(shown: dict[str, Any]) -> list[str]:
    return [w["call"] for w in shown["waiting"]]


def waits(shown: dict[str, Any]) -> dict[str, int]:
    """How long each caller has waited, by call."""
    return {w["call"]: shown["now"] - w["since"] for w in shown["waiting"]}


def in_state(shown: dict[str, Any], state: str) -> int:
    return sum(a["state"] == state for a in shown["agents"])


async def fill(lab: Lab, sue: Desk) -> tuple[list[End], list[End], list[End]]:
    """10 talking, 20 waiting, 3 in the menu."""
    script = calls(tone=CALLER_HZ, listen=AGENT_HZ)
    place = lab.world.place_call
    talking = [await place(STRAIGHT, f"+86139000001{n:02}", script) for n in range(TALKING)]
    await board(sue, lambda b: in_state(b, "on_call") == TALKING)
    waiting = [await place(STRAIGHT, f"+86139000002{n:02}") for n in range(WAITING)]
    await board(sue, lambda b: len(b["waiting"]) == WAITING)
    menu = [await place(MAIN, f"+86139000003{n:02}") for n in range(IN_MENU)]
    await board(sue, lambda b: b["calls_in_ivr"] == IN_MENU)
    return talking, waiting, menu


async def test_kill_9_with_a_full_house(lab: Lab, tmp_path: Path) -> None:
    await lab.world.all_phones(answers(after=0.1, tone=AGENT_HZ, listen=CALLER_HZ))
    heard_from = lab.asterisk.ami.mark()
    async with (
        daemon(lab, tmp_path) as (ctid, base),
        desks(base, *AGENTS, SUPERVISOR) as desk,
    ):
        sue = desk[SUPERVISOR]
        talking, waiting, menu = await fill(lab, sue)
        phones = [await lab.world.phone(1001 + n).rings() for n in range(TALKING)]
        before = await sue.get("/api/snapshot")
        since = lab.world.asterisk.ami.mark()

        took: list[float] = []
        while len(took) < STARTS and min(took, default=BACK_WITHIN) >= BACK_WITHIN:
            await ctid.kill()
            await everybody_talks(talking, phones, tmp_path)
            started = time.monotonic()
            await ctid.start()
            after = await board(sue, lambda b: len(b["waiting"]) == WAITING + IN_MENU, 20)
            took.append(time.monotonic() - started)
            assert order(after)[:WAITING] == order(before)
            then, now = waits(before), waits(after)
            assert all(now[call] > then[call] for call in then), "their wait went on"
            assert {w["queue"] for w in after["waiting"][WAITING:]} == {"fallback"}
            assert in_state(after, "on_call") == TALKING
            await everybody_talks(talking, phones, tmp_path)
        assert min(took) < BACK_WITHIN, f"back after {took} s"
        gone = [m for m in lab.world.asterisk.ami.heard[since:] if m.event == "Hangup"]
        assert gone == [], "nobody was cut off"

        await lab.world.all_phones(answers(after=0.05, talk=0.3))
        for caller in talking:
            await caller.hang_up()
        for caller in (*waiting, *menu):
            await caller.ended(20)
        await board(sue, lambda b: in_state(b, "ready") == len(AGENTS))
        assert all(d.opened == 1 + len(took) for d in desk.values()), (
            "every page came back by itself"
        )
        await lab.nothing_left()
        assert await ctid.stop() == 0
    assert sorted(order(after)) == sorted(served(tmp_path))
    the_record_is_right(tmp_path, order(after))
    offers = [c for line in journal(tmp_path) for c in line.c if isinstance(c, RingAgent)]
    bridged_as_offered(offers, lab.asterisk.ami.heard[heard_from:])
    for file in (tmp_path / "journal").glob("*.ctid"):
        args = argparse.Namespace(file=file, json=False, check=True)
        assert await asyncio.to_thread(replaying.run, args) == 0


async def everybody_talks(callers: list[End], phones: list[End], folder: Path) -> None:
    """All pairs hear each other. A failure tells whom ctid had put together."""
    try:
        async with asyncio.TaskGroup() as ears:
            for caller in callers:
                ears.create_task(caller.hears_tone(AGENT_HZ, 8))
            for phone in phones:
                ears.create_task(phone.hears_tone(CALLER_HZ, 8))
    except ExceptionGroup as deaf:
        commands = [c for line in journal(folder) for c in line.c]
        legs = [c for c in commands if isinstance(c, RingAgent | LegClosed | StopRinging)]
        raise AssertionError("\n".join(map(str, (*deaf.exceptions, *legs)))) from None


def served(folder: Path) -> list[str]:
    """Calls in the order in which phones were rung for them after the restart."""
    lines = journal(folder)
    restart = max(n for n, line in enumerate(lines) if type(line.e).__name__ == "Started")
    return [c.call for line in lines[restart:] for c in line.c if isinstance(c, RingAgent)]


def the_record_is_right(folder: Path, in_order: list[str]) -> None:
    """Served in order, each once, each repair told."""
    lines = journal(folder)
    offers_are_single(lines)
    assert served(folder) == in_order
    commands = [c for line in lines for c in line.c]
    records = [c.record for c in commands if isinstance(c, CallClosed)]
    assert Counter(r.outcome for r in records) == {"answered": TALKING + WAITING + IN_MENU}
    assert Counter(r.queue for r in records) == {"sales": TALKING + WAITING, "fallback": IN_MENU}
    repaired = Counter(c.kind for c in commands if isinstance(c, Repaired))
    assert repaired == {"call_moved": IN_MENU}
