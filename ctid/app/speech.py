"""The recogniser's process, as the daemon sees it: started, started again, and ended with it.

Nobody waits for it: Asterisk connects to it by itself, and a menu without it goes on by keys.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from typing import Any, Final

import msgspec

from ctid.app import child
from ctid.settings.speech import SpeechSection

MISSING: Final = 2
"""Its exit code where there is no such recogniser here: starting it again would not help."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before it is started again; doubled each time, until it has listened for a minute."""
STOP_LIMIT: Final = 2.0
"""Seconds that it may take to end after its standard input was closed."""

Report = Callable[[str, str], None]


class SpeechProcess:
    """`python -m ctid.pbx.speech`: ends when its standard input ends, also when we are killed."""

    def __init__(self, settings: SpeechSection, token: str, report: Report) -> None:
        self._orders = {
            "recogniser": settings.recogniser,
            "settings": {
                "host": settings.host,
                "port": settings.port,
                "token": token,
                "callers": settings.callers,
                "threads": settings.threads,
            },
        }
        self._report = report
        self.pid = 0
        """Of the process that runs now."""
        self.up = asyncio.Event()
        """Set while it listens."""

    async def run(self) -> None:
        """Keep it running until cancelled. Returns when no recogniser of that name is here."""
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE
        while True:
            began = loop.time()
            code = await self._once()
            if code == MISSING:
                return
            if loop.time() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            text = f"the recogniser ended ({code}); menus go on by keys, again in {pause:.0f} s"
            self._report("speech_down", text)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _once(self) -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ctid.pbx.speech", stdin=PIPE, stdout=PIPE,
            start_new_session=True,  # Ctrl-C is for us, who end it
        )  # fmt: skip
        self.pid = process.pid
        try:
            assert process.stdin is not None
            # The token goes by standard input: every user of the machine can read a command line.
            with contextlib.suppress(ConnectionError):  # it has ended already
                process.stdin.write(msgspec.json.encode(self._orders) + b"\n")
                await process.stdin.drain()
            await self._listen(process)
            return await process.wait()
        finally:
            self.up.clear()
            await child.end(process, STOP_LIMIT)

    async def _listen(self, process: Process) -> None:
        """Until it says no more."""
        assert process.stdout is not None
        while line := await process.stdout.readline():
            with contextlib.suppress(msgspec.DecodeError):  # cut off by its end
                told = msgspec.json.decode(line, type=dict[str, Any])
                if "port" in told:
                    self.up.set()
                else:
                    self._report(str(told.get("code")), str(told.get("text")))
