"""The step of a flow that records what the caller says."""

from __future__ import annotations

import msgspec

from ctid.core.instants import SECOND, Duration
from ctid.core.records import QueueId


class Record(msgspec.Struct, frozen=True, tag_field="kind", tag="record"):
    """Record the caller after a tone: a name, an address, a message."""

    prompt: str
    next: str
    """The step after a recording that was kept."""
    on_fail: str
    """Where to go after the last try that was too short, and where nothing can be recorded."""
    max: Duration = 60 * SECOND
    silence: Duration = 3 * SECOND
    """So much of it ends the recording."""
    min: Duration = 1_500
    """A shorter one is none: of who says nothing Asterisk keeps about a second."""
    terminator: str = "#"
    """The key that ends it, or empty."""
    short: str = ""
    """Prompt before the question is asked again after one that was too short."""
    confirm: str = ""
    """Prompt behind the recording, which the caller hears first: 1 = keep, 2 = again. Empty: it is
    kept as it is."""
    tries: int = 3
    link: str = ""
    """Where agents can hear it, with `{call}`, `{number}` and `{file}` in it; empty: nowhere."""
    task_queue: QueueId = ""
    """Where a task goes for each recording; empty: nowhere."""
