"""How many phones ring for one call."""

from __future__ import annotations

from ctid.acd.ringing import MODES, ONE, PROGRESSIVELY, Ringing
from ctid.core.instants import SECOND, Duration
from ctid.settings.table import Table, nearest

MOST_PHONES = 100


def read_ringing(queue: Table, ring_for: Duration) -> Ringing:
    """A queue's `ring` and what belongs to it; `ring_for` is how long one phone rings."""
    found = Ringing(
        mode=queue.text("ring", ONE),
        more_after=queue.seconds("ring_more_after_s", 5 * SECOND),
        at_most=queue.whole("ring_at_most", 20, 2, MOST_PHONES),
    )
    if found.mode not in MODES:
        what = f"there is no way to ring {found.mode!r}"
        queue.wrong("ring", f"{what}; {nearest(found.mode, MODES)}")
    if found.mode == PROGRESSIVELY and found.more_after >= ring_for:
        what = f"is not below ring_for_s ({ring_for / SECOND:g}): no second phone would ever join"
        queue.wrong("ring_more_after_s", f"{what}; lower it, or ring one phone at a time")
    return found
