"""The questions of one call that may be answered by word: Asterisk's SpeechBackground over FastAGI.

It plays, listens and takes keys in one command, so that no key is lost, and a key always wins. What
can go wrong with speech (no module, no recogniser, one that dies) turns it off for this call, and
the question is asked by keys as if there were none. docs/asterisk-facts.md says what was seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from ctid.core.commands import Collect
from ctid.core.events import DigitsCollected
from ctid.core.instants import SECOND, Duration
from ctid.core.text import KEYS, clean
from ctid.pbx.agi.server import AgiCall

SPEECH: Final = "speech"
"""What our recogniser calls the grammar of its results; Asterisk calls that of keys `dtmf`."""
ENGINE: Final = "ctid"
"""The section of Asterisk's aeap.conf that names our recogniser."""
REST: Final = 30.0
"""Seconds for which no call tries speech after one has tried in vain: a recogniser that takes
connections and says nothing costs each try a second."""
MORE: Final = 2
"""Seconds by which a caller who is in the middle of an answer gets longer."""
MOST_MORE: Final = 30
"""How often: longer than any utterance that the recogniser waits for."""
_RESULT: Final = "${SPEECH(results)}|${SPEECH_SCORE(0)}|${SPEECH_GRAMMAR(0)}|${SPEECH_TEXT(0)}"


class Result(NamedTuple):
    """How one SpeechBackground ended."""

    grammar: str
    """`dtmf` for keys, `speech` for our recogniser, empty for neither."""
    text: str
    sure: int


class Door:
    """Whether speech is worth a try: one for all calls of a PBX."""

    def __init__(self, report: Callable[[str, str], None]) -> None:
        self._report = report
        self._closed_until = 0.0

    @property
    def open(self) -> bool:
        return asyncio.get_running_loop().time() >= self._closed_until

    def shut(self, why: str) -> None:
        """A try was in vain."""
        if self.open:
            self._report("speech_off", f"{why}; menus go on by keys, next try in {REST:.0f} s")
        self._closed_until = asyncio.get_running_loop().time() + REST


class Asking:
    """Speech in one call. Made with each call; does nothing until a question may be answered so."""

    def __init__(self, agi: AgiCall, door: Door) -> None:
        self._agi, self._door = agi, door
        self._created = self._off = False

    async def ask(
        self, command: Collect, files: Sequence[str], limit: Duration, over: Callable[[], bool]
    ) -> DigitsCollected | None:
        """Ask once; None where that must be done by keys, after all.

        Args:
            files: what to play, with the silence at the end that makes the first wait longer.
            limit: the longest that the PBX may take, in milliseconds.
            over: whether the time for the whole entry was over, and keys are told as they are.

        Raises:
            AgiHangup, ProtocolError: as of any command.
        """
        if self._off or not await self._listens(command):
            return None
        timeout = f"{command.inter_digit / SECOND:.3f}"
        result = await self._background("&".join(files), timeout, limit)
        for _ in range(MOST_MORE):
            if result.grammar or over():
                break
            heard = await self._setting("heard")
            if not heard:
                await self._give_up("the recogniser has gone")
                return None
            if heard.startswith("result"):
                # It came between two commands of ours, where Asterisk drops it.
                sure, _, text = heard.removeprefix("result").lstrip().partition(" ")
                result = _result(SPEECH, sure, text)
            if heard != "speech":
                break
            result = await self._background(f"silence/{MORE}", "0.1", limit)
        return self._told(command, result, over())

    async def close(self) -> None:
        """The caller leaves the menus: the recogniser has room for another one."""
        if self._created and not self._off:
            self._off = True
            await self._agi.command("EXEC", "SpeechDestroy", "")

    async def _listens(self, command: Collect) -> bool:
        """Set the question's grammar, at a recogniser that answers."""
        if not self._created:
            if not self._door.open or not await self._create():
                self._off = True
                return False
            self._created = True
        # In a menu # is a key like any other; a longer entry ends with it.
        terminator = "#" if command.max_digits > 1 else ""
        await self._agi.command(
            "EXEC", "MSet",
            f"SPEECH_DTMF_MAXLEN={command.max_digits},SPEECH_DTMF_TERMINATOR={terminator},"
            f"TIMEOUT(digit)={command.inter_digit / SECOND:.3f},"
            f"SPEECH_ENGINE(grammar)={command.listen}",
        )  # fmt: skip
        taken = await self._setting("grammar")
        if not taken:
            await self._give_up("the recogniser does not answer")
            return False
        return taken == command.listen

    async def _create(self) -> bool:
        reply = await self._agi.command("EXEC", "SpeechCreate", ENGINE)
        if reply.result == "-2":
            self._door.shut("Asterisk has no application SpeechCreate; load app_speech_utils.so")
            return False
        reply = await self._agi.command("GET FULL VARIABLE", "${SPEECH(status)}")
        if reply.data != "1":
            self._door.shut(f"Asterisk reaches no recogniser {ENGINE!r}; see aeap.conf")
            return False
        return True

    async def _give_up(self, why: str) -> None:
        self._off = True
        self._door.shut(why)
        await self._agi.command("EXEC", "SpeechDestroy", "")

    async def _setting(self, name: str) -> str:
        """What the recogniser says of itself, or nothing where it is gone."""
        reply = await self._agi.command("GET VARIABLE", f"SPEECH_ENGINE({name})")
        return reply.data if reply.result == "1" else ""

    async def _background(self, files: str, timeout: str, limit: Duration) -> Result:
        await self._agi.command("EXEC", "SpeechBackground", f"{files},{timeout}", timeout_ms=limit)
        told = (await self._agi.command("GET FULL VARIABLE", _RESULT)).data
        count, score, grammar, text = (told.split("|", 3) + [""] * 4)[:4]
        if count in ("", "0"):
            return Result("", "", 0)
        return _result(grammar, score, text)

    def _told(self, command: Collect, result: Result, over: bool) -> DigitsCollected:
        call = command.call
        if result.grammar == SPEECH:
            return DigitsCollected(call, "", "full", True, result.text, result.sure)
        digits = "".join(key for key in result.text if key in KEYS)
        if command.max_digits == 1 and digits == "#":
            return DigitsCollected(call, "", "terminator")
        if command.terminator == "*" and "*" in digits:
            return DigitsCollected(call, digits.partition("*")[0], "terminator")
        if len(digits) >= command.max_digits:
            return DigitsCollected(call, digits, "full")
        return DigitsCollected(call, digits, "timeout" if over or not digits else "terminator")


def _result(grammar: str, score: str, text: str) -> Result:
    sure = int(score) if score.isdecimal() else 0
    return Result(grammar, clean(text), min(sure, 100))
