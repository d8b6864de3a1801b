"""What must hold of the board: whoever joined a queue is in it, or counted where they went."""

from __future__ import annotations

from ctid.acd.channels import CALL
from ctid.acd.contacts import CONNECTED
from ctid.acd.counts import QueueCounts
from ctid.centre.centre import Centre
from ctid.centre.invariants.broken import must
from ctid.core.records import QueueId


class Board:
    """Per queue of callers: offered is answered, abandoned, moved, or still there."""

    def __init__(self, centre: Centre) -> None:
        self._before: dict[QueueId, tuple[QueueCounts, int]] = {}
        """Today's counts, and by how much they differed when their day began: those who came
        yesterday and are still there."""
        self.check(centre)

    def check(self, centre: Centre) -> None:
        """After every fact."""
        here = dict.fromkeys(centre.router.queues, 0)
        for contact in centre.router.contacts.values():
            here[contact.queue] += contact.state != CONNECTED and contact.dial is None
        for queue, counts in centre.router.counts.items():
            if centre.router.queues[queue].channel != CALL:
                continue
            open_now = _open(counts) - here[queue]
            known, usual = self._before.get(queue, (None, 0))
            if counts is not known:  # another day, or another process
                self._before[queue] = counts, open_now
                continue
            must(open_now == usual, "whoever joined is there or counted", queue, counts, here)


def _open(counts: QueueCounts) -> int:
    moved = counts.closed + counts.no_agent + counts.full + counts.timed_out + counts.by_key
    return counts.offered - counts.answered - counts.abandoned - moved
