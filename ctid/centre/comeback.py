"""A caller who gave up, or was cut off, and calls again soon has the old place in the queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ctid.centre.calls import Call
from ctid.core.instants import Duration, Instant
from ctid.core.records import Outcome, QueueId

LOST: Final = ("abandoned", "pbx_restart")
"""Outcomes after which the place is kept."""
REMEMBERED: Final = 10_000
"""So many places at most; the oldest go first."""


@dataclass(slots=True, frozen=True)
class Place:
    """A place that is kept."""

    number: str
    queue: QueueId
    joined_at: Instant
    left_at: Instant


class Comebacks:
    """The places of callers who left without an answer, each kept for `keep` milliseconds."""

    def __init__(self, keep: Duration) -> None:
        self._keep = keep
        self._places: dict[tuple[str, QueueId], Place] = {}

    def closed(self, call: Call, outcome: Outcome, now: Instant) -> None:
        """The call is over; remember its place where it was lost while waiting."""
        if self._keep and outcome in LOST and call.was_queued and _known(call):
            self._put(Place(call.number, call.queue, call.queued_at, now))

    def since(self, call: Call, queue: QueueId, since: Instant, now: Instant) -> Instant:
        """Since when the call counts as waiting in this queue: from before, where it comes back.
        The place is used up."""
        place = self._places.pop((call.number, queue), None) if _known(call) else None
        if place is None or now - place.left_at > self._keep:
            return since
        return min(since, place.joined_at)

    def dump(self) -> list[Place]:
        """All places that are kept, oldest first."""
        return list(self._places.values())

    def restore(self, places: list[Place]) -> None:
        """Go on with the places of a saved state."""
        for place in places:
            self._put(place)

    def _put(self, place: Place) -> None:
        key = (place.number, place.queue)
        self._places.pop(key, None)
        self._places[key] = place
        while self._places:
            oldest = next(iter(self._places))
            expired = self._places[oldest].left_at + self._keep < place.left_at
            if not expired and len(self._places) <= REMEMBERED:
                break
            del self._places[oldest]


def _known(call: Call) -> bool:
    # Several colleagues behind one hidden or internal number are not one caller.
    return call.number_kind == "e164"
