"""Visits of flows in one replication: how they ended, and what callers did at each step."""

from __future__ import annotations

import msgspec

from ctid.core.instants import Duration
from ctid.core.visits import Visit


class StaySums(msgspec.Struct):
    """One step; stays count when their visit began in what is counted."""

    ways: dict[str, int] = {}
    """How often it was left by each way, as `ctid.core.visits.Stay` names them."""
    wrong: int = 0
    silent: int = 0
    spent: Duration = 0

    @property
    def entered(self) -> int:
        """How often somebody came here."""
        return sum(self.ways.values())


class VisitSums(msgspec.Struct):
    """All flows."""

    flows: dict[str, dict[str, int]] = {}
    """By the flow that was entered: how many visits by outcome, `OUTCOME/WAY` where there is a
    way."""
    steps: dict[str, StaySums] = {}
    """By `FLOW/STEP`."""

    def note(self, visit: Visit) -> None:
        """One visit is over."""
        outcomes = self.flows.setdefault(visit.flow, {})
        name = f"{visit.outcome}/{visit.way}" if visit.way else visit.outcome
        outcomes[name] = outcomes.get(name, 0) + 1
        for stay in visit.stays:
            sums = self.steps.setdefault(f"{stay.flow}/{stay.step}", StaySums())
            sums.ways[stay.way] = sums.ways.get(stay.way, 0) + 1
            sums.wrong += stay.wrong
            sums.silent += stay.silent
            sums.spent += stay.spent

    def ended(self, outcome: str, flow: str = "") -> int:
        """Visits of one flow, or of all, that ended so, by whatever way."""
        chosen = [self.flows.get(flow, {})] if flow else self.flows.values()
        return sum(
            count
            for outcomes in chosen
            for name, count in outcomes.items()
            if name.partition("/")[0] == outcome
        )

    def all(self, flow: str = "") -> int:
        """Visits of one flow, or of all."""
        chosen = [self.flows.get(flow, {})] if flow else self.flows.values()
        return sum(sum(outcomes.values()) for outcomes in chosen)
