"""What callers say after a tone in a menu: what is ordered of the PBX, and what it says of it.

These are members of the unions in `ctid.core.commands` and `ctid.core.events`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from ctid.core.instants import Duration
from ctid.core.records import CallId


class RecordCaller(msgspec.Struct, frozen=True, tag=True, gc=False):
    """Play prompts and a tone, and record the caller; ends in `CallerRecorded`."""

    call: CallId
    prompts: tuple[str, ...]
    language: str
    number: int
    """Which recording of this call it is, from 1; a later order of the same number replaces it."""
    longest: Duration
    silence: Duration
    """So much of it ends the recording, in milliseconds."""
    terminator: str
    """The key that ends it, or empty."""


class CallerRecorded(msgspec.Struct, frozen=True, tag=True, gc=False):
    """The last `RecordCaller` has ended."""

    call: CallId
    file: str
    """Path at the PBX; empty where nothing could be recorded."""
    length: Duration
    ended: Literal["key", "silence", "limit", "hang_up", "failed"]
