"""Counts per queue and quarter of an hour, folded from call records. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from ctid.core.instants import MINUTE, SECOND, Duration, WallMs
from ctid.core.records import CallRecord, Outcome, QueueId

INTERVAL: Final[Duration] = 15 * MINUTE
"""Every time zone lies whole quarters of an hour from UTC, so the grid is right in each of them."""
DEFAULT_TARGET: Final[Duration] = 20 * SECOND
"""Service level target of a queue that names none."""

BY_OVERFLOW: Final[tuple[Outcome, ...]] = (
    "voicemail", "overflowed", "message", "turned_away", "callback",
)  # fmt: skip
OF_CALLBACKS: Final[tuple[Outcome, ...]] = ("not_reached", "cancelled")
"""Nobody called: such a record is about a callback that was asked for in a call of its own."""


class QueueInterval(msgspec.Struct, frozen=True):
    """What became of the calls that joined `queue` in [began_at, began_at + 15 minutes).

    A call counts in the interval in which it joined the queue, however long it lasted; so
    `offered == answered + abandoned + overflowed + lost` in every interval.
    """

    queue: QueueId
    began_at: WallMs
    offered: int = 0
    answered: int = 0
    answered_within: int = 0
    """Answered after at most the queue's service level target."""
    abandoned: int = 0
    abandoned_within: int = 0
    """Abandoned after at most the target: some service level formulas leave these out."""
    overflowed: int = 0
    """Ended by an overflow rule: a message left or heard, a number outside, or turned away. One
    that went on to another queue counts there."""
    lost: int = 0
    """Ended in another way while queued, as by a restart of the PBX."""
    waited: Duration = 0
    """Sum over all calls of the interval, in milliseconds."""
    talked: Duration = 0
    """Sum, in milliseconds."""
    longest: Duration = 0
    """The longest single wait, in milliseconds."""


def interval_of(at: WallMs) -> WallMs:
    """The beginning of the interval that holds `at`; its end belongs to the next one."""
    return at - at % INTERVAL


def of_call(record: CallRecord, targets: Mapping[QueueId, Duration]) -> QueueInterval | None:
    """One call as an interval of its own; None when it never joined a queue."""
    if not record.queue or not record.queued_at or record.outcome in OF_CALLBACKS:
        return None
    within = record.waited <= targets.get(record.queue, DEFAULT_TARGET)
    answered = record.outcome == "answered"
    abandoned = record.outcome == "abandoned"
    overflowed = record.outcome in BY_OVERFLOW
    return QueueInterval(
        queue=record.queue,
        began_at=interval_of(record.queued_at),
        offered=1,
        answered=int(answered),
        answered_within=int(answered and within),
        abandoned=int(abandoned),
        abandoned_within=int(abandoned and within),
        overflowed=int(overflowed),
        lost=int(not answered and not abandoned and not overflowed),
        waited=record.waited,
        talked=record.talked,
        longest=record.waited,
    )


def add(one: QueueInterval, other: QueueInterval) -> QueueInterval:
    """Two parts of the same interval as one."""
    return QueueInterval(
        queue=one.queue,
        began_at=one.began_at,
        offered=one.offered + other.offered,
        answered=one.answered + other.answered,
        answered_within=one.answered_within + other.answered_within,
        abandoned=one.abandoned + other.abandoned,
        abandoned_within=one.abandoned_within + other.abandoned_within,
        overflowed=one.overflowed + other.overflowed,
        lost=one.lost + other.lost,
        waited=one.waited + other.waited,
        talked=one.talked + other.talked,
        longest=max(one.longest, other.longest),
    )


def fold(records: Iterable[CallRecord], targets: Mapping[QueueId, Duration]) -> list[QueueInterval]:
    """The intervals that `records` fall into, by queue and time."""
    found: dict[tuple[QueueId, WallMs], QueueInterval] = {}
    for record in records:
        part = of_call(record, targets)
        if part is not None:
            key = (part.queue, part.began_at)
            found[key] = add(found[key], part) if key in found else part
    return [found[key] for key in sorted(found)]
