"""`make bench` and `make lab` with tiny sizes, so that they cannot rot."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.bench import protocols
from tests.conftest import LEFT_OUT
from tests.real_pbx.lab import root

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.alone


@pytest.fixture(autouse=True)
async def _asterisk() -> None:
    try:
        await asyncio.to_thread(root.find)
    except root.NoAsterisk as why:
        pytest.skip(f"{LEFT_OUT}{why}")


async def run_module(*words: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", *words, stdout=pipe, stderr=pipe, cwd=ROOT
    )


async def test_the_bench_measures_every_row() -> None:
    bench = await run_module("tests.bench", "--small", "--json")
    async with asyncio.timeout(60):
        out, err = await bench.communicate()
    result = json.loads(out)
    assert result["left_out"] == [], err.decode()
    rows = result["rows"]
    few = f"{protocols.SMALL.few_agents} agents"
    assert [row["peer"] for row in rows] == [
        "panoramisk", "pyst2", "panoramisk", "scan over all", few, few, few,
        f"{protocols.SMALL.small_crowd} waiting", "Ciw", "simpy", "app_queue", "app_queue", "", "",
        "dialplan", "dialplan",
    ]  # fmt: skip
    # No failed call, no pop without acknowledgement, the same picks: true at any size.
    assert [row["note"] for row in rows] == [""] * len(rows)
    assert all(row["ours"] > 0 for row in rows if "page has it" not in row["what"])


async def test_the_lab_runs_for_a_look_and_stops() -> None:
    lab = await run_module("tests.real_pbx.lab", "--port", "0")
    assert lab.stdout is not None
    try:
        async with asyncio.timeout(60):
            told = ""
            while "Logs and configs" not in told:
                line = (await lab.stdout.readline()).decode()
                assert line, "the lab ended before it was up"
                told += line
            base = next(word for word in told.split() if word.startswith("http://"))
            async with aiohttp.ClientSession() as http, http.get(base) as page:
                assert page.status == 200
            call = next(line for line in told.splitlines() if "channel originate" in line)
            assert await shell(call) == 0
            assert "world" in await shell_output(told, "core show channels")
            lab.send_signal(signal.SIGINT)
            _, err = await lab.communicate()
            assert (lab.returncode, err.decode().splitlines()[-1]) == (0, "lab: stopped")
    finally:
        if lab.returncode is None:
            lab.kill()
            await lab.wait()


async def shell(line: str) -> int:
    return await (await asyncio.create_subprocess_shell(line)).wait()


async def shell_output(told: str, command: str) -> str:
    """The PBX's channels, once there is one."""
    line = next(line for line in told.splitlines() if command in line)
    while True:
        asked = await asyncio.create_subprocess_shell(line, stdout=asyncio.subprocess.PIPE)
        out, _ = await asked.communicate()
        if "0 active channels" not in out.decode():
            return out.decode()
