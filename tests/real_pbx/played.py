"""Which sound files Asterisk has played to whom, by its own log."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from tests.real_pbx.lab.lab import Lab

_PLAYED: Final = re.compile(r"<(\S+)> Playing '([^']+?)(?:\.[a-z0-9]+)?' \(")


class Played:
    """Read it when the calls have ended."""

    def __init__(self, lab: Lab) -> None:
        self._file = lab.asterisk.home / "log/played"

    def to(self, channel: str) -> list[str]:
        """The files in the order in which that channel heard them, without silence."""
        told = _PLAYED.findall(self._file.read_text("utf-8", "replace"))
        return [file for name, file in told if name == channel and "silence/" not in file]


_BEGIN: Final = ("logger add channel played verbose(3)", "core set verbose 3")
"""The file alone does not make Asterisk say it."""
_END: Final = ("core set verbose 0", "logger remove channel played")


@asynccontextmanager
async def played(lab: Lab) -> AsyncIterator[Played]:
    """Asterisk logs what it plays while this lasts, to a file of its own."""
    ami = lab.asterisk.ami
    for command in _BEGIN:
        told = await ami.ask("Command", Command=command)
        assert told.get("Response") == "Success", told
    try:
        yield Played(lab)
    finally:
        for command in _END:
            await ami.ask("Command", Command=command)
