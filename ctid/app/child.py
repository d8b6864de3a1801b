"""The end of a process that we started, which ends when its standard input does."""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.subprocess import Process


async def end(process: Process, limit: float) -> None:
    """Close its standard input, and kill it where it has not ended `limit` seconds later."""
    if process.returncode is not None:
        return
    assert process.stdin is not None, "it was started with a pipe"
    process.stdin.close()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(limit):
            await process.wait()
    if process.returncode is None:
        process.kill()
        await process.wait()
