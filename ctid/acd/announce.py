"""What a queue says to those who wait, and how the wait that it speaks of is reckoned."""

from __future__ import annotations

from typing import Literal

import msgspec

from ctid.core.instants import MINUTE, Duration

PeriodicOrder = Literal["in_order", "random"]


class WaitSettings(msgspec.Struct, frozen=True):
    """The wait in one queue, as its callers are told of it. As it stands here, nothing is said."""

    handling: Duration = 4 * MINUTE
    """How long a contact keeps an agent, until the queue has seen contacts of its own."""
    half_life: int = 50
    """After so many contacts an older one counts half in what is expected."""
    position_up_to: int = 0
    """The place in line is said from this place on to the front; 0 = never."""
    expected_wait: bool = False
    """The range of the expected wait is said, in minutes that are rounded up."""
    first_after: Duration = MINUTE // 3
    """From the beginning of the wait to the first word about place and wait."""
    every: Duration = MINUTE
    """From one such word to the next."""
    only_if_improved: bool = True
    """The place, or the wait, is said again only where it is lower than what was said last."""
    least_minutes: int = 1
    """A range that ends here or before is said as `less than`."""
    most_minutes: int = 30
    """A range that goes beyond is said as `more than`."""
    periodic: tuple[str, ...] = ()
    """Prompts that are played one at a time."""
    periodic_every: Duration = MINUTE
    periodic_order: PeriodicOrder = "in_order"
    comfort: str = "queue-comfort"
    """The prompt that says: you are still in line."""
    comfort_every: Duration = 0
    """After so long without any word comfort is played; 0 = never."""
