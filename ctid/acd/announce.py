"""What a queue says to those who wait."""

from __future__ import annotations

import msgspec

from ctid.core.instants import MINUTE, Duration


class WaitSettings(msgspec.Struct, frozen=True):
    """The wait in one queue, as callers are told of it."""

    handling: Duration = 4 * MINUTE
    """How long a contact keeps an agent, until the queue has seen contacts of its own."""
    half_life: int = 50
    """After so many contacts an older one counts half in what is expected."""
