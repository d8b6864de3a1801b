"""One caller's FastAGI conversation: the machine's IVR commands, one after the other.

FastAGI does not pipeline: the next command is sent when the answer to the last one is in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import assert_never

from ctid.core.commands import Collect, Divert, HangUpCall, HoldInQueue, Play
from ctid.core.errors import LocalProtocolError, RemoteProtocolError
from ctid.core.events import CallWaiting, DigitsCollected, Event, PromptsPlayed
from ctid.core.instants import SECOND, Duration
from ctid.core.recording import RecordCaller
from ctid.core.records import CallId
from ctid.core.text import KEYS, unseen
from ctid.pbx import recording
from ctid.pbx.agi.server import AgiCall
from ctid.pbx.divert import variables
from ctid.pbx.speech.asking import Asking

IvrCommand = Play | Collect | RecordCaller | HoldInQueue | Divert | HangUpCall

PROMPT_ALLOWANCE: Duration = 120_000
"""Longest prompt list that is played before the PBX counts as silent."""


DECISION_LIMIT: Duration = 15_000
"""How long the machine may take for the next command; the check of a code is its longest wait."""

QUIET: Duration = 700
"""So long after the last key of a secret a key still belongs to it."""
NO_KEY, HASH = "0", str(ord("#"))
"""What WAIT FOR DIGIT says of silence, and of the key with which people end what they key."""
LONGEST_TAIL: Duration = 5_000
"""Whoever keys on for longer keys no secret."""


class Conversation:
    """The IVR commands of one call wait here until Asterisk is ready for the next."""

    def __init__(
        self,
        call: CallId,
        agi: AgiCall,
        sounds: str,
        enough: Callable[[], None] = lambda: None,
        speech: Asking | None = None,
    ) -> None:
        """`enough` makes Asterisk take what the caller has keyed so far, as if # had come."""
        self.call = call
        self._enough = enough
        self._speech = speech
        self._agi = agi
        self._sounds = sounds
        self._commands: asyncio.Queue[IvrCommand] = asyncio.Queue()
        self._pin = ""
        """What was keyed last, where it is the PIN of a code; gone with the next command."""
        self._quiet_at = 0.0
        """When the last secret is over for good, on the loop's clock; 0: there is none."""

    def put(self, command: IvrCommand) -> None:
        self._commands.put_nowait(command)

    def take_pin(self) -> str:
        """The PIN that the caller has keyed just now, once; empty where there is none."""
        pin, self._pin = self._pin, ""
        return pin

    async def run(self, submit: Callable[[Event], None]) -> None:
        """Carry out commands until one of them ends the conversation.

        A hand-over counts as `CallWaiting` as soon as Asterisk has confirmed the sentinel and the
        connection is closed: from there on the caller waits in Asterisk, whatever happens to us.
        The dialplan's own event says so again a moment later, and nothing hangs on it.

        Raises:
            AgiHangup: the caller left.
            ProtocolError: Asterisk answered something that FastAGI does not know, or no next
                command came: a defect, or a caller who left while the machine waited for the CRM.
        """
        while True:
            command = await self._next()
            self._pin = ""
            if self._quiet_at and not isinstance(command, Play | HangUpCall):
                await self._let_the_tail_go()
            match command:
                case Play():
                    await self._play(command)
                    submit(PromptsPlayed(self.call))
                case Collect():
                    entered = await self._collect(command)
                    if command.secret and entered.digits and entered.ended != "terminator":
                        self._quiet_at = asyncio.get_running_loop().time() + QUIET / SECOND
                    submit(entered)
                case RecordCaller():
                    await self._play(command)
                    await recording.record(self.call, self._agi, command, submit)
                case HoldInQueue():
                    await self._stop_listening()
                    await self._hold(command)
                    self._agi.close()
                    submit(self._waits(command))
                    return
                case Divert():
                    await self._stop_listening()
                    for name, value in variables(command, self._sounds):
                        await self._agi.command("SET VARIABLE", name, value)
                    await self._agi.command("SET VARIABLE", "CTID_NEXT", command.place)
                    return
                case HangUpCall():
                    # The dialplan hangs up. AGI's own HANGUP would tell the caller's side cause 0
                    # in place of 16, normal clearing.
                    await self._agi.command("SET VARIABLE", "CTID_NEXT", "hangup")
                    return
                case _:
                    assert_never(command)

    async def _stop_listening(self) -> None:
        if self._speech is not None:
            await self._speech.close()

    def _waits(self, command: HoldInQueue) -> CallWaiting:
        return CallWaiting(
            self.call, self._agi.environment.get("agi_channel"), command.queue, 0,
            code=command.code, language=command.language, moves=command.moves,
        )  # fmt: skip

    async def _next(self) -> IvrCommand:
        if not self._commands.empty():
            return self._commands.get_nowait()
        try:
            async with asyncio.timeout(DECISION_LIMIT / SECOND):
                return await self._commands.get()
        except TimeoutError:
            raise LocalProtocolError(
                f"{self.call}: no decision within {DECISION_LIMIT} ms; the dialplan falls back"
            ) from None

    async def _play(self, command: Play | RecordCaller) -> None:
        for prompt in command.prompts:
            await self._agi.command(
                "STREAM FILE", self._file(prompt, command.language), "",
                timeout_ms=PROMPT_ALLOWANCE,
            )  # fmt: skip

    async def _collect(self, command: Collect) -> DigitsCollected:
        """Read takes the whole entry in one command: keys between two commands are lost.

        Its time-out is the same for every key, so silence at the end of the prompts lengthens the
        wait for the first one. A prompt that is missing is passed over.
        """
        agi, call = self._agi, self.call
        files = [recording.played(command.recording)] if command.recording else []
        files += [self._file(prompt, command.language) for prompt in command.prompts]
        extra = max(command.first_digit - command.inter_digit, 0)
        files += [f"silence/{seconds}" for seconds in _pieces(-(-extra // SECOND))]
        limit = PROMPT_ALLOWANCE + extra + (command.max_digits + 1) * command.inter_digit
        if command.listen and self._speech is not None:
            with _Total(command.total, self._enough) as total:
                told = await self._speech.ask(command, files, limit, total.is_over)
            if told is not None:
                return told
        inter = f"{command.inter_digit / SECOND:.3f}"
        read = f"CTID_KEYS,{'&'.join(files)},{command.max_digits},,1,{inter}"
        with _Total(command.total, self._enough) as total:
            reply = await agi.command("EXEC", "Read", read, timeout_ms=limit)
        if reply.result == "-2":
            raise RemoteProtocolError("Asterisk has no application Read; load app_read.so")
        keys = (await agi.command("GET VARIABLE", "CTID_KEYS")).data
        digits = "".join(key for key in keys if key in KEYS)
        if command.secret:
            # From here on nobody has it: the channel's variables can be read over AMI, and what
            # is told goes to the machine and so to the journal.
            await agi.command("SET VARIABLE", "CTID_KEYS", "")
            whole = digits.partition("*")[0] if command.terminator == "*" else digits
            self._pin = whole if command.kept else ""
            digits = unseen(digits)
        if command.terminator == "*" and "*" in digits:
            return DigitsCollected(call, digits.partition("*")[0], "terminator")
        if len(digits) >= command.max_digits:
            return DigitsCollected(call, digits, "full")
        status = (await agi.command("GET VARIABLE", "READSTATUS")).data
        over = total.over or status == "TIMEOUT"
        return DigitsCollected(call, digits, "timeout" if over else "terminator")

    async def _let_the_tail_go(self) -> None:
        """Drop what is keyed beyond a secret that was full, or out of time: an answer to the next
        question is journalled. What comes during prompts that no key ends, and between two
        commands, Asterisk drops by itself."""
        loop = asyncio.get_running_loop()
        over = loop.time() + LONGEST_TAIL / SECOND
        while (left := min(self._quiet_at, over) - loop.time()) > 0:
            reply = await self._agi.command("WAIT FOR DIGIT", max(round(left * SECOND), 1))
            if reply.result in (NO_KEY, HASH):
                break
            self._quiet_at = loop.time() + QUIET / SECOND
        self._quiet_at = 0.0

    async def _hold(self, command: HoldInQueue) -> None:
        """CTID_NEXT is the sentinel and goes last: a crash before it sends the caller to the
        fallback. The dialplan goes on when the connection closes."""
        for name, value in (
            ("CTID_QUEUE", command.queue),
            ("CTID_MOH", command.music),
            ("CTID_CODE", command.code),
            ("CTID_LANG", command.language),
            ("CTID_NEXT", "queue"),
        ):
            await self._agi.command("SET VARIABLE", name, value)

    def _file(self, prompt: str, language: str) -> str:
        return f"{self._sounds}/{language}/{prompt}"


class _Total:
    """Calls `enough` when the time for the whole entry is over: Read's own time-outs begin anew
    with each key. Nothing happens where `total` is 0."""

    def __init__(self, total: Duration, enough: Callable[[], None]) -> None:
        self.over = False
        self._total, self._enough = total, enough
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> _Total:
        if self._total:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._total / SECOND, self._end)
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def is_over(self) -> bool:
        return self.over

    def _end(self) -> None:
        self.over = True
        self._enough()


def _pieces(seconds: int) -> list[int]:
    """`seconds` as the lengths of Asterisk's silence files, which go up to ten."""
    tens, rest = divmod(seconds, 10)
    return [10] * tens + ([rest] if rest else [])
