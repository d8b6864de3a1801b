"""A throwaway ctid as a process of its own, on free loopback ports and in a folder of its own."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import msgspec

from ctid.core.errors import CtidError
from ctid.core.records import AgentId

START_SECONDS = 60.0
STOP_SECONDS = 15.0
KEPT = 200
"""Lines of the log that are kept of the beginning, and troubles."""


class NotStarted(CtidError):
    """The throwaway ctid did not come up."""


class Throwaway:
    """`async with Throwaway(config) as ctid:` — up, and compared with the PBX, on entry.

    It can be entered again when it has ended.
    """

    def __init__(self, config: Path) -> None:
        self._config = config
        self._process: Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._log: list[dict[str, Any]] = []
        self._logged = asyncio.Event()
        self.url = ""
        """Of its pages."""
        self.troubles: list[str] = []
        """What it logged as a warning or an error, the first of it."""

    async def put_accounts(self, sign_ins: Mapping[AgentId, tuple[str, str]]) -> None:
        """The agents' sign-ins, stored before the start."""
        text = io.StringIO(newline="")
        rows = csv.writer(text)
        rows.writerow(("login", "role", "agent", "name", "password"))
        rows.writerows((login, "agent", a, a, word) for a, (login, word) in sign_ins.items())
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ctid.app.cli", "user", "import", "-",
            "--config", str(self._config), stdin=PIPE, stdout=PIPE, stderr=PIPE,
        )  # fmt: skip
        try:
            _, told = await process.communicate(text.getvalue().encode())
        except BaseException:
            process.kill()
            await process.wait()
            raise
        if process.returncode != 0:
            raise NotStarted(f"the agents' sign-ins were not stored: {told.decode().strip()}")

    async def __aenter__(self) -> Self:
        self._log, self.troubles = [], []
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ctid.app.cli", "run", "--json", "--config", str(self._config),
            stdout=DEVNULL, stderr=PIPE, limit=2**20, env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        self._reading = asyncio.get_running_loop().create_task(self._read_log())
        try:
            async with asyncio.timeout(START_SECONDS):
                port = (await self._said("ready"))["web"]
                await self._said("pbx_up")
        except BaseException as error:
            await self.__aexit__()
            if isinstance(error, TimeoutError):
                raise NotStarted(f"ctid was not up within {START_SECONDS:g} s") from None
            raise
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._reading is not None:
            await self._reading

    @property
    def pid(self) -> int:
        """Of the process."""
        assert self._process is not None, "not started"
        return self._process.pid

    async def _read_log(self) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        async for raw in self._process.stderr:
            try:
                line = msgspec.json.decode(raw, type=dict[str, Any])
            except msgspec.DecodeError:  # not a log line: an error that ended it
                line = {"event": raw.decode("utf-8", "replace").rstrip(), "level": "error"}
            if len(self._log) < KEPT:
                self._log.append(line)
            if line.get("level") in ("warning", "error") and len(self.troubles) < KEPT:
                self.troubles.append(" ".join(f"{key}={value}" for key, value in line.items()))
            self._logged.set()
        self._log.append({"event": "ended"})
        self._logged.set()

    async def _said(self, event: str) -> dict[str, Any]:
        while True:
            for line in self._log:
                if line["event"] == event:
                    return line
                if line["event"] == "ended":
                    told = "\n".join(str(entry.get("event")) for entry in self._log[-12:-1])
                    raise NotStarted(f"ctid did not start:\n{told}")
            self._logged.clear()
            await self._logged.wait()


def free_port() -> int:
    """A TCP port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
