"""Messages that callers leave in a queue's voicemail: how long, and what becomes of them."""

from __future__ import annotations

import msgspec

from ctid.core.instants import SECOND, Duration
from ctid.core.records import QueueId


class VoicemailRules(msgspec.Struct, frozen=True):
    """The voicemail of one queue."""

    longest: Duration = 0
    """How long a message may be; 0: what the dialplan's CTID_MESSAGE_LIMIT says."""
    silence: Duration = 0
    """So much silence ends it; 0: what the dialplan's CTID_MESSAGE_SILENCE says."""
    task_queue: QueueId = ""
    """Where a task goes for each message; empty: nowhere."""
    task_link: str = ""
    """Where the task links to, with `{call}`, `{number}` and `{file}` in it."""
    shortest: Duration = 2 * SECOND
    """A shorter message opens no task: of who says nothing Asterisk keeps about a second."""
