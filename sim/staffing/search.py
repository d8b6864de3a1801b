"""The least staff: whole numbers, tried out with the same chance each time.

More agents are taken to make no interval worse (monotone), which holds for the figures that can be
a target. All trials play the same replications, so callers are the same ones and a difference is
the staff's (common random numbers).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ctid.core.errors import CtidError
from sim.run.figures import Estimate
from sim.staffing.goal import Goal

Play = Callable[[Sequence[int]], list[Estimate]]
"""The target's figure in each interval, with so many agents in each."""
APART = 2
"""Intervals that are lowered at once have at least so many others between them: what an interval
lacks shows in it and in those that follow."""


class NotReached(CtidError):
    """Even the most agents that may be tried do not reach the target."""


def least_for_each(
    begin: Sequence[int], play: Play, goal: Goal, fewest: int, most: int
) -> list[int]:
    """A number for each interval with which the target is reached surely in each, and of which no
    single one can be lowered.

    Args:
        begin: where to begin, one for each interval.

    Raises:
        NotReached: see there.
    """
    counts, found = raised(begin, play, goal, most)
    # An interval without calls has nothing to judge by: it keeps what the formula says.
    settled = {place for place, one in enumerate(found) if one.value is None}
    while lowered := _some(counts, settled, fewest):
        trial = [count - (place in lowered) for place, count in enumerate(counts)]
        failing = _failing(play(trial), goal)
        while failing:
            blamed = {_blame(place, lowered) for place in failing}
            settled |= blamed
            lowered = [place for place in lowered if place not in blamed]
            trial = [count - (place in lowered) for place, count in enumerate(counts)]
            if not lowered:
                break
            failing = _failing(play(trial), goal)
        counts = trial
    return counts


def raised(
    begin: Sequence[int], play: Play, goal: Goal, most: int
) -> tuple[list[int], list[Estimate]]:
    """Add agents where they lack until the target is reached surely in each interval.

    Raises:
        NotReached: see there.
    """
    counts = [min(count, most) for count in begin]
    while True:
        found = play(counts)
        failing = _failing(found, goal)
        if not failing:
            return counts, found
        if all(counts[place] >= most for place in failing):
            raise NotReached(
                f"{most} agents do not reach {goal.named.name} in interval {failing[0] + 1}: the"
                " interval's bound does not. More --replications narrow it; --most allows more"
                " agents; or something else than staff is in the way"
            )
        for place in failing:
            more = max(1, counts[place] // 12) if goal.far(found[place]) else 1
            counts[place] = min(counts[place] + more, most)


def least_for_all(begin: int, play: Play, goal: Goal, fewest: int, most: int) -> int:
    """One number for the whole run.

    Raises:
        NotReached: see there.
    """
    low, high, step = fewest - 1, min(max(begin, fewest), most), 1
    while _failing(play([high]), goal):
        if high >= most:
            raise NotReached(
                f"{most} agents do not reach {goal.named.name}. More --replications narrow its"
                " interval; --most allows more agents; or something else than staff is in the way"
            )
        low, high, step = high, min(high + step, most), 2 * step
    step = 1
    while high - low > 1:
        # Near to what the formula says first: it is seldom far off.
        middle = max(high - step, (low + high) // 2)
        if _failing(play([middle]), goal):
            low = middle
        else:
            high, step = middle, 2 * step
    return high


def _failing(found: Sequence[Estimate], goal: Goal) -> list[int]:
    return [place for place, one in enumerate(found) if not goal.sure(one)]


def _some(counts: Sequence[int], settled: set[int], fewest: int) -> list[int]:
    """Intervals that may be lowered together."""
    found: list[int] = []
    for place, count in enumerate(counts):
        far = not found or place - found[-1] > APART
        if far and place not in settled and count > fewest:
            found.append(place)
    return found


def _blame(place: int, lowered: Sequence[int]) -> int:
    """Whose lowering it was: the last at or before the interval, for a backlog goes forward."""
    before = [one for one in lowered if one <= place]
    return before[-1] if before else lowered[0]
