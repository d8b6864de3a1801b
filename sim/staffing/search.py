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
    """Not even plenty of agents reach the target."""


class Search:
    """One search: with a number for each interval, or with one for all of the run."""

    def __init__(self, play: Play, goal: Goal, fewest: int, plenty: Sequence[int]) -> None:
        """
        Args:
            plenty: for each interval a number with which nobody waits; no more are tried.
        """
        self._play, self._goal, self._fewest, self._plenty = play, goal, fewest, plenty
        self.unsure: set[int] = set()
        """Intervals whose calls are too few for the confidence interval to reach the target even
        with plenty: there the figure itself is judged."""

    def each(self, begin: Sequence[int]) -> list[int]:
        """A number for each interval with which the target is reached in each, and of which no
        single one can be lowered.

        Raises:
            NotReached: see there.
        """
        counts = self._raised(begin)
        # An interval without calls has nothing to judge by: it keeps what the formula says.
        settled = {place for place, one in enumerate(self._play(counts)) if one.value is None}
        while lowered := self._some(counts, settled):
            trial = _fewer(counts, lowered)
            while lowered and (failing := self._failing(trial)):
                blamed = {_blame(place, lowered) for place in failing}
                settled |= blamed
                lowered = [place for place in lowered if place not in blamed]
                trial = _fewer(counts, lowered)
            counts = trial
        return counts

    def one(self, begin: int) -> int:
        """One number for the whole run, the least that reaches the target.

        Raises:
            NotReached: see there.
        """
        most = self._plenty[0]
        low, high, step = self._fewest - 1, min(max(begin, self._fewest), most), 1
        while failing := self._failing([high]):
            if high == most:
                self._give_in(failing, [high])
                low = self._fewest - 1  # what failed before was judged more strictly
            else:
                low, high, step = high, min(high + step, most), 2 * step
        step = 1
        while high - low > 1:
            # Near to what the formula says first: it is seldom far off.
            middle = max(high - step, (low + high) // 2)
            if self._failing([middle]):
                low = middle
            else:
                high, step = middle, 2 * step
        return high

    def _raised(self, begin: Sequence[int]) -> list[int]:
        """Agents are added where they lack until nothing fails."""
        counts = [min(pair) for pair in zip(begin, self._plenty, strict=True)]
        while failing := self._failing(counts):
            self._give_in(
                [place for place in failing if counts[place] == self._plenty[place]], counts
            )
            found = self._play(counts)
            for place in failing:
                more = max(1, counts[place] // 12) if self._goal.far(found[place]) else 1
                counts[place] = min(counts[place] + more, self._plenty[place])
        return counts

    def _give_in(self, places: Sequence[int], counts: Sequence[int]) -> None:
        """With plenty there: judge by the figure itself, if that does."""
        found = self._play(counts)
        for place in places:
            if not self._goal.reached(found[place]):
                raise NotReached(
                    f"{counts[place]} agents, which is plenty, do not reach"
                    f" {self._goal.named.name} in interval {place + 1}: something else than staff"
                    " is in the way, or --most is too low"
                )
            self.unsure.add(place)

    def _failing(self, counts: Sequence[int]) -> list[int]:
        return [
            place
            for place, one in enumerate(self._play(counts))
            if not (self._goal.reached if place in self.unsure else self._goal.sure)(one)
        ]

    def _some(self, counts: Sequence[int], settled: set[int]) -> list[int]:
        """Intervals that may be lowered together."""
        found: list[int] = []
        for place, count in enumerate(counts):
            far = not found or place - found[-1] > APART
            if far and place not in settled and count > self._fewest:
                found.append(place)
        return found


def _fewer(counts: Sequence[int], places: Sequence[int]) -> list[int]:
    return [count - (place in places) for place, count in enumerate(counts)]


def _blame(place: int, lowered: Sequence[int]) -> int:
    """Whose lowering it was: the last at or before the interval, for a backlog goes forward."""
    before = [one for one in lowered if one <= place]
    return before[-1] if before else lowered[0]
