"""The steps that lead a caller out of the flow to no agent: voicemail, a number, a callback."""

from __future__ import annotations

import msgspec

from ctid.core.records import QueueId

StepId = str


class Voicemail(msgspec.Struct, frozen=True, tag_field="kind", tag="voicemail"):
    """Leave a message with a queue; its `[queues.voicemail]` says how long it may be, and what
    becomes of it."""

    queue: QueueId
    prompt: str = ""
    """Before the tone."""


class Transfer(msgspec.Struct, frozen=True, tag_field="kind", tag="transfer"):
    """Talk to somebody outside the queues, or on another extension of the PBX."""

    to: str
    """A name under `[transfer_numbers]`, or a number."""
    queue: QueueId = ""
    """Where the caller waits who reaches nobody; empty: in the fallback queue."""
    on_fail: StepId = ""
    """Where the caller goes on who reaches nobody; empty: waits in `queue`."""


class CallBack(msgspec.Struct, frozen=True, tag_field="kind", tag="callback"):
    """Be called back by the agents of a queue, without having waited there."""

    queue: QueueId
    on_fail: StepId
    """Where the caller goes on who cannot be called back at that number."""
    number: str = ""
    """A text in which `{name}` stands for a value; empty: the number that they call from."""
    prompt: str = ""
    """What the caller hears at the end; empty: the words of a callback that was asked for in the
    queue."""


LeavingStep = Voicemail | Transfer | CallBack
