"""One caller's FastAGI conversation: the machine's IVR commands, one after the other.

FastAGI does not pipeline: the next command is sent when the answer to the last one is in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import assert_never

from ctid.core.commands import Collect, HangUpCall, HoldInQueue, Play
from ctid.core.events import DigitsCollected, Event, PromptsPlayed
from ctid.core.instants import Duration
from ctid.core.records import CallId
from ctid.pbx.agi.server import AgiCall

IvrCommand = Play | Collect | HoldInQueue | HangUpCall

PROMPT_ALLOWANCE: Duration = 120_000
"""Longest prompt list that is played before the PBX counts as silent."""


class Conversation:
    """The IVR commands of one call wait here until Asterisk is ready for the next."""

    def __init__(self, call: CallId, agi: AgiCall, sounds: str) -> None:
        self.call = call
        self._agi = agi
        self._sounds = sounds
        self._commands: asyncio.Queue[IvrCommand] = asyncio.Queue()

    def put(self, command: IvrCommand) -> None:
        self._commands.put_nowait(command)

    async def run(self, submit: Callable[[Event], None]) -> None:
        """Carry out commands until one of them ends the conversation.

        Raises:
            AgiHangup: the caller left.
            ProtocolError: Asterisk answered something that FastAGI does not know.
        """
        while True:
            command = await self._commands.get()
            match command:
                case Play():
                    await self._play(command)
                    submit(PromptsPlayed(self.call))
                case Collect():
                    submit(await self._collect(command))
                case HoldInQueue():
                    await self._hold(command)
                    return
                case HangUpCall():
                    await self._agi.command("SET VARIABLE", "CTID_NEXT", "hangup")
                    await self._agi.command("HANGUP")
                    return
                case _:
                    assert_never(command)

    async def _play(self, command: Play) -> None:
        for prompt in command.prompts:
            await self._agi.command(
                "STREAM FILE", self._file(prompt, command.language), "",
                timeout_ms=PROMPT_ALLOWANCE,
            )  # fmt: skip

    async def _collect(self, command: Collect) -> DigitsCollected:
        """GET DATA with time 0 takes the first-key and the inter-key time from the channel."""
        agi = self._agi
        await agi.command("SET VARIABLE", "TIMEOUT(response)", _seconds(command.first_digit))
        await agi.command("SET VARIABLE", "TIMEOUT(digit)", _seconds(command.inter_digit))
        files = "&".join(self._file(prompt, command.language) for prompt in command.prompts)
        limit = PROMPT_ALLOWANCE + command.first_digit + command.max_digits * command.inter_digit
        reply = await agi.command("GET DATA", files, 0, command.max_digits, timeout_ms=limit)
        digits = "".join(c for c in reply.result if c in "0123456789*#ABCD")
        if command.terminator and digits.endswith(command.terminator):
            return DigitsCollected(self.call, digits[:-1], "terminator")
        if reply.timed_out:
            return DigitsCollected(self.call, digits, "timeout")
        full = len(digits) >= command.max_digits
        return DigitsCollected(self.call, digits, "full" if full else "terminator")

    async def _hold(self, command: HoldInQueue) -> None:
        """CTID_NEXT is the sentinel and goes last: a crash before it sends the caller to the
        fallback."""
        agi = self._agi
        for name, value in (
            ("CTID_QUEUE", command.queue),
            ("CTID_MOH", command.music),
            ("CTID_CODE", command.code),
            ("CTID_LANG", command.language),
            ("CTID_NEXT", "queue"),
        ):
            await agi.command("SET VARIABLE", name, value)
        await agi.command("SET CONTEXT", "ctid-queue")
        await agi.command("SET EXTENSION", "wait")
        await agi.command("SET PRIORITY", "1")

    def _file(self, prompt: str, language: str) -> str:
        return f"{self._sounds}/{language}/{prompt}"


def _seconds(duration: Duration) -> str:
    return f"{duration / 1000:.3f}"
