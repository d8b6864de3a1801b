"""One Asterisk process: started, waited for, stopped."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.real_pbx.lab.ami_link import AmiLink, event
from tests.real_pbx.lab.root import Place

START_SECONDS = 40.0
STOP_SECONDS = 10.0


class Asterisk:
    """An Asterisk with its tree below `home`; `ami` is the lab's own link to it."""

    def __init__(self, name: str, place: Place, home: Path, ami_port: int, secret: str) -> None:
        self.name, self.home, self.ami_port = name, home, ami_port
        self._place, self._secret = place, secret
        self._process: asyncio.subprocess.Process | None = None
        self.ami: AmiLink

    async def start(self) -> None:
        """Start it and wait until it is fully booted. Stops it again where that fails."""
        with (self.home / "console").open("wb") as console:
            self._process = await asyncio.create_subprocess_exec(
                *self._place.command(self.home),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        try:
            async with asyncio.timeout(START_SECONDS):
                self.ami = await self._signed_in()
                await self.ami.until(event("FullyBooted"), START_SECONDS)
        except BaseException as why:
            await self.stop()
            raise RuntimeError(f"{self.name} did not start: {why!r}\n{self.log()}") from why

    async def _signed_in(self) -> AmiLink:
        while True:
            assert self._process is not None
            if self._process.returncode is not None:
                raise RuntimeError(f"it ended with {self._process.returncode}")
            try:
                return await AmiLink.connect(self.ami_port, "lab", self._secret)
            except OSError:
                # Asterisk has no other sign that its AMI listens than that it listens.
                await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Stop it. Does nothing where it runs no more."""
        if hasattr(self, "ami"):
            self.ami.close()
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()

    @property
    def pid(self) -> int:
        """Its process id. Raises AssertionError before the start."""
        assert self._process is not None, f"{self.name} was not started"
        return self._process.pid

    def log(self) -> str:
        """What it has logged: notices, warnings, errors, and its console's output."""
        files = (self.home / "log/messages.log", self.home / "console")
        return "\n".join(f.read_text(errors="replace")[-6000:] for f in files if f.exists())

    async def channels(self) -> list[str]:
        """The channels alive now: name, unique id, state, where in the dialplan, and since when."""
        shown = await self.ami.ask_list("CoreShowChannels")
        keys = ("Channel", "Uniqueid", "ChannelStateDesc", "Context", "Exten", "Application",
                "Duration")  # fmt: skip
        return [" ".join(message.get(key, "") for key in keys) for message in shown]

    async def no_channel_left(self, seconds: float = 5.0) -> None:
        """Wait until no channel is alive. Raises AssertionError with their names."""
        left: list[str] = []
        try:
            async with asyncio.timeout(seconds):
                while left := await self.channels():
                    # A channel's end is told just before it leaves the list: wait for both.
                    since = self.ami.mark()
                    still = await self.channels()
                    if still:
                        await self.ami.until(event("Hangup"), seconds, since=since)
        except (TimeoutError, AssertionError):
            told = "\n  ".join(left)
            raise AssertionError(f"{self.name} still has channels:\n  {told}") from None
