"""`ctid demo` as a visitor runs it: as a process, twice at once, ended by time or by Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec

LIMIT = 60.0
"""Seconds that a demo may take on a busy machine beyond what it was asked for."""


@asynccontextmanager
async def demo(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A demo in a process group of its own, like one at a terminal."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ctid.app.cli", "demo", "--port", "0", *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def complaints(err: bytes) -> list[str]:
    """What stderr says, but for a loop that was late: the tests share the machine with others."""
    return [line for line in err.decode().splitlines() if "loop_lag" not in line]


async def summary(process: asyncio.subprocess.Process) -> dict[str, Any]:
    """What it said at its end, after a clean one."""
    async with asyncio.timeout(LIMIT):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert complaints(err) == []
    figures: dict[str, Any] = msgspec.json.decode(out.splitlines()[-1])
    return figures


def is_well(figures: dict[str, Any]) -> None:
    assert figures["answered"] > 0
    assert figures["defects"] == 0
    assert figures["pops_acknowledged"] > 0
    # One may have been shown in the very moment of the end.
    assert figures["pops_shown"] - figures["pops_acknowledged"] <= 1
    assert figures["pop_p95_ms"] is not None
    assert figures["offered"] >= figures["answered"] + figures["abandoned"]


async def test_two_demos_at_once_end_by_themselves() -> None:
    usual = ("--json", "--calls-per-minute", "60")
    async with (
        demo(*usual, "--seconds", "12") as first,
        demo(*usual, "--seconds", "10", "--seed", "2") as second,
    ):
        for figures in await asyncio.gather(summary(first), summary(second)):
            is_well(figures)


async def test_ctrl_c_ends_it_with_the_summary() -> None:
    async with demo("--calls-per-minute", "120") as process:
        assert process.stdout is not None
        async with asyncio.timeout(LIMIT):
            welcome = (await process.stdout.readline()).decode()
        found = re.search(r"http://127\.0\.0\.1:\d+", welcome)
        assert found, welcome
        async with aiohttp.ClientSession() as http, http.get(found[0]) as page:
            assert page.status == 200
        # A terminal sends it to the whole group, the pretend PBX included.
        os.killpg(process.pid, signal.SIGINT)
        async with asyncio.timeout(LIMIT):
            out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        assert complaints(err) == []
        assert re.search(r"^offered +\d+$", out.decode(), re.MULTILINE)
        assert re.search(r"^defects +0$", out.decode(), re.MULTILINE)


async def test_the_end_of_a_terminal_reads_the_config_anew_and_ends_nothing() -> None:
    async with demo("--calls-per-minute", "120") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        async with asyncio.timeout(LIMIT):
            await process.stdout.readline()
            os.killpg(process.pid, signal.SIGHUP)
            while not (told := await process.stderr.readline()).startswith(b"ctid demo: read"):
                assert told, "it ended"
            os.killpg(process.pid, signal.SIGINT)
            out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        assert re.search(r"^defects +0$", out.decode(), re.MULTILINE)
