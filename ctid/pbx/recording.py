"""Callers who are recorded in a menu: Asterisk's Record, and what it says of the file.

Record makes the folder, ends at silence, at its limit or at a key, and keeps what was said by a
caller who hangs up; AGI's own RECORD FILE does neither the first nor tells silence from the limit
(docs/asterisk-facts.md). The file's name is ours, and nothing in it comes from a caller.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import Final, Literal

from ctid.core.events import Event
from ctid.core.instants import SECOND, Duration
from ctid.core.recording import CallerRecorded, RecordCaller
from ctid.core.records import CallId
from ctid.core.text import whole
from ctid.pbx.agi.errors import AgiHangup
from ctid.pbx.agi.server import AgiCall
from ctid.pbx.divert import BYTES_A_SECOND, WAV_HEAD

FOLDER: Final = "/var/spool/asterisk/ctid"
"""Where the dialplan's CTID_RECORDINGS names none."""
ALLOWANCE: Final[Duration] = 15_000
"""Beyond the longest recording: tone, file system."""
_SAFE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}")
_ENDS: Final[Mapping[str, Literal["key", "silence", "limit"]]] = {
    "DTMF": "key",
    "SILENCE": "silence",
    "TIMEOUT": "limit",
}
_KEYS: Final = {"#": "", "*": "t", "": "x"}
"""Option of Record for the key that ends it."""


async def record(
    call: CallId, agi: AgiCall, command: RecordCaller, submit: Callable[[Event], None]
) -> None:
    """Record the caller, and tell what came of it.

    Raises:
        AgiHangup: the caller left; what they said until then is told before.
    """
    folder = (await agi.command("GET VARIABLE", "CTID_RECORDINGS")).data or FOLDER
    file = f"{folder}/{call}-{command.number}.wav"
    if not _SAFE.fullmatch(call) or "," in folder:  # a comma would begin another argument
        submit(CallerRecorded(call, "", 0, "failed"))
        return
    silence, longest = -(-command.silence // SECOND), -(-command.longest // SECOND)
    options = f"k{_KEYS[command.terminator]}"
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        await agi.command(
            "EXEC", "Record", f"{file},{silence},{longest},{options}",
            timeout_ms=longest * SECOND + ALLOWANCE,
        )  # fmt: skip
        status = (await agi.command("GET VARIABLE", "RECORD_STATUS")).data
        size = (await agi.command("GET FULL VARIABLE", f"${{STAT(s,{file})}}")).data
    except AgiHangup:
        # Nobody can be asked any more how long the file is.
        spoken = round((loop.time() - began) * SECOND)
        submit(CallerRecorded(call, file, spoken, "hang_up"))
        raise
    length = round(max(whole(size) - WAV_HEAD, 0) / BYTES_A_SECOND * SECOND)
    if (ended := _ENDS.get(status)) is None or not length:
        submit(CallerRecorded(call, "", 0, "failed"))
    else:
        submit(CallerRecorded(call, file, length, ended))


def played(file: str) -> str:
    """The file as applications that play name it: the format is Asterisk's choice."""
    return file.removesuffix(".wav")
