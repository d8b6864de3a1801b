"""One caller's FastAGI conversation: the machine's IVR commands, one after the other.

FastAGI does not pipeline: the next command is sent when the answer to the last one is in. Each one
is a pause that the caller hears, so there are as few as can be. The dialplan has not answered the
call yet: the first prompt does so, and begins in the instant of the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import assert_never

from ctid.core.commands import Collect, Divert, HangUpCall, HoldInQueue, Play
from ctid.core.errors import LocalProtocolError, RemoteProtocolError
from ctid.core.events import CallWaiting, DigitsCollected, Event, PromptsPlayed
from ctid.core.instants import SECOND, Duration
from ctid.core.recording import RecordCaller
from ctid.core.records import CallId
from ctid.core.text import KEYS, unseen
from ctid.pbx import recording
from ctid.pbx.agi.errors import AgiHangup
from ctid.pbx.agi.server import AgiCall
from ctid.pbx.divert import variables
from ctid.pbx.speech.asking import Asking

IvrCommand = Play | Collect | RecordCaller | HoldInQueue | Divert | HangUpCall

PROMPT_ALLOWANCE: Duration = 120_000
"""Longest prompt list that is played before the PBX counts as silent."""

LONGEST_LIST = 1_500
"""Characters of prompts in one command; Asterisk takes 2047 bytes of a whole one."""

DECISION_LIMIT: Duration = 45_000
"""How long the machine may take for the next command; a few questions to services, one after the
other, are its longest wait."""

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
        self._commands: asyncio.Queue[IvrCommand | None] = asyncio.Queue()
        """None: the caller is gone."""
        self._up = False
        """Whether the call is answered for sure; a command that answers may come twice."""
        self._ahead = ""
        """The key that cut a prompt short: the first one of the next question's."""
        self._pin = ""
        """What was keyed last, where it is the PIN of a code; gone with the next command."""
        self.records = False
        """What the caller says is being recorded, and not told yet."""
        self._quiet_at = 0.0
        """When the last secret is over for good, on the loop's clock; 0: there is none."""

    def put(self, command: IvrCommand) -> None:
        self._commands.put_nowait(command)

    def left(self) -> None:
        """The caller has hung up, while nothing may be asked of Asterisk that would tell so."""
        self._commands.put_nowait(None)

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
                command came, which is a defect.
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
                    await self._answer()
                    self._ahead = ""  # it has cut the prompt short, and asks for nothing
                    self.records = True
                    await recording.record(self.call, self._agi, command, submit)
                    self.records = False
                case HoldInQueue():
                    await self._answer()
                    await self._stop_listening()
                    await self._hold(command)
                    self._agi.close()
                    submit(self._waits(command))
                    return
                case Divert():
                    await self._answer()
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

    async def _answer(self) -> None:
        """Whoever is handed over has been answered: an agent may come at once."""
        if not self._up:
            await self._agi.command("ANSWER")

    def _waits(self, command: HoldInQueue) -> CallWaiting:
        return CallWaiting(
            self.call, self._agi.environment.get("agi_channel"), command.queue, 0,
            code=command.code, language=command.language, moves=command.moves,
        )  # fmt: skip

    async def _next(self) -> IvrCommand:
        waits = self._commands.empty()
        command = await self._decided() if waits else self._commands.get_nowait()
        if command is None:
            raise AgiHangup(f"{self.call}: the caller left between two commands")
        return command

    async def _decided(self) -> IvrCommand | None:
        try:
            async with asyncio.timeout(DECISION_LIMIT / SECOND):
                return await self._commands.get()
        except TimeoutError:
            raise LocalProtocolError(
                f"{self.call}: no decision within {DECISION_LIMIT} ms; the dialplan falls back"
            ) from None

    async def _play(self, command: Play | RecordCaller) -> None:
        """All of them in one command. A key ends it: whoever knows what comes need not hear it out.
        What comes behind a secret is no answer to anything."""
        files = [self._file(prompt, command.language) for prompt in command.prompts]
        application = "Playback" if self._quiet_at else "Background"
        for some in _lists(files):
            if self._ahead:
                return
            reply = await self._agi.command(
                "EXEC", application, "&".join(some), timeout_ms=PROMPT_ALLOWANCE
            )
            self._up = True
            if (key := _key(reply.result)) == "#":
                return
            self._ahead = key

    async def _collect(self, command: Collect) -> DigitsCollected:
        """One command for the whole entry: keys between two commands are lost.

        Its time-out is the same for every key, so silence at the end of the prompts lengthens the
        wait for the first one.
        """
        call, (ahead, self._ahead) = self.call, (self._ahead, "")
        files = [recording.played(command.recording)] if command.recording else []
        files += [self._file(prompt, command.language) for prompt in command.prompts]
        extra = max(command.first_digit - command.inter_digit, 0)
        files += [f"silence/{seconds}" for seconds in _pieces(-(-extra // SECOND))]
        limit = PROMPT_ALLOWANCE + extra + (command.max_digits + 1) * command.inter_digit
        if command.listen and self._speech is not None and not ahead:
            with _Total(command.total, self._enough) as total:
                told = await self._speech.ask(command, files, limit, total.is_over)
            if told is not None:
                return told
        with _Total(command.total, self._enough) as total:
            if self._up and len(files) == 1 and not ahead:
                keys, timed_out = await self._get_data(command, files[0], limit)
            else:
                keys, timed_out = await self._read(command, [] if ahead else files, ahead, limit)
        digits = "".join(key for key in keys if key in KEYS)
        if command.secret:  # from here on nobody has it: what is told goes to the journal
            whole = digits.partition("*")[0] if command.terminator == "*" else digits
            self._pin = whole if command.kept else ""
            digits = unseen(digits)
        if command.terminator == "*" and "*" in digits:
            return DigitsCollected(call, digits.partition("*")[0], "terminator")
        if len(digits) >= command.max_digits:
            return DigitsCollected(call, digits, "full")
        over = total.over or timed_out
        return DigitsCollected(call, digits, "timeout" if over else "terminator")

    async def _get_data(self, command: Collect, file: str, limit: Duration) -> tuple[str, bool]:
        """The keys, and whether the last one was waited for in vain: in one round trip, and with no
        trace in Asterisk. For one prompt only, and it does not answer a call."""
        reply = await self._agi.command(
            "GET DATA", file, command.inter_digit, command.max_digits, timeout_ms=limit
        )
        if reply.result == "-1":  # there is no such prompt: Read passes it over
            return await self._read(command, [file], "", limit)
        return reply.result, reply.timed_out

    async def _read(
        self, command: Collect, files: list[str], ahead: str, limit: Duration
    ) -> tuple[str, bool]:
        """The same for any list of prompts, and for the keys after `ahead`."""
        agi, inter = self._agi, f"{command.inter_digit / SECOND:.3f}"
        most = command.max_digits - len(ahead)
        if not most or (ahead and ahead == command.terminator):
            return ahead, False
        read = f"CTID_KEYS,{'&'.join(files)},{most},,1,{inter}"
        reply = await agi.command("EXEC", "Read", read, timeout_ms=limit)
        self._up = True
        if reply.result == "-2":
            raise RemoteProtocolError("Asterisk has no application Read; load app_read.so")
        told = (await agi.command("GET FULL VARIABLE", "${CTID_KEYS}:${READSTATUS}")).data
        if command.secret:  # the channel's variables can be read over AMI
            await agi.command("SET VARIABLE", "CTID_KEYS", "")
        keys, _, status = told.partition(":")
        return ahead + keys, status == "TIMEOUT"

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


def _lists(files: list[str]) -> Iterator[list[str]]:
    """The files in lists that each fit into a command."""
    some: list[str] = []
    for file in files:
        if some and len("&".join([*some, file])) > LONGEST_LIST:
            yield some
            some = []
        some.append(file)
    if some:
        yield some


def _key(result: str) -> str:
    """The key that cut a prompt short, out of Asterisk's answer; empty where none did."""
    key = chr(int(result)) if result.isdecimal() else ""
    return key if key in KEYS else ""


def _pieces(seconds: int) -> list[int]:
    """`seconds` as the lengths of Asterisk's silence files, which go up to ten."""
    tens, rest = divmod(seconds, 10)
    return [10] * tens + ([rest] if rest else [])
