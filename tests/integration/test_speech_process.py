"""The recogniser's process: it comes back when it dies, and never outlives whoever started it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress

from ctid.app.speech import SpeechProcess
from ctid.settings.speech import SpeechSection
from tests.fakes.process import free_port

STARTER = """
import asyncio, sys
from ctid.app.speech import SpeechProcess
from ctid.settings.speech import SpeechSection

async def main():
    process = SpeechProcess(SpeechSection(on=True, port={port}), "test-token", print)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(process.run())
        await process.up.wait()
        print(process.pid, flush=True)

asyncio.run(main())
"""


async def listens(process: SpeechProcess) -> None:
    async with asyncio.timeout(30):
        await process.up.wait()


async def test_it_is_started_again_and_ended_with_us() -> None:
    reports: list[tuple[str, str]] = []
    settings = SpeechSection(on=True, port=free_port())
    process = SpeechProcess(settings, "test-token", lambda *report: reports.append(report))
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(process.run())
        await listens(process)
        first = process.pid
        os.kill(first, signal.SIGKILL)
        async with asyncio.timeout(10):
            while process.up.is_set():
                await asyncio.sleep(0.01)
        await listens(process)
        assert process.pid != first
        assert [code for code, _ in reports] == ["speech_down"]
        running.cancel()
    await gone(process.pid)


async def test_nobody_is_started_twice_for_a_recogniser_that_is_not_here() -> None:
    reports: list[tuple[str, str]] = []
    settings = SpeechSection(on=True, recogniser="nobody", port=free_port())
    async with asyncio.timeout(30):
        await SpeechProcess(settings, "test-token", lambda *said: reports.append(said)).run()
    [(code, text)] = reports
    assert code == "speech_missing"
    assert "no installed package has a recogniser 'nobody'" in text


async def test_it_ends_when_the_daemon_is_killed() -> None:
    starter = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STARTER.format(port=free_port()), stdout=asyncio.subprocess.PIPE
    )
    assert starter.stdout is not None
    async with asyncio.timeout(30):
        pid = int(await starter.stdout.readline())
    starter.kill()
    await starter.wait()
    await gone(pid)


async def gone(pid: int) -> None:
    async with asyncio.timeout(10):
        with suppress(ProcessLookupError):
            while not zombie(pid):
                os.kill(pid, 0)
                await asyncio.sleep(0.01)


def zombie(pid: int) -> bool:
    """Dead, and not yet taken note of by the process that has inherited it."""
    with suppress(OSError), open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "Z"
    return False
