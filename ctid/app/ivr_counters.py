"""Counters of what becomes of callers in the flows (docs/containment.md)."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter

from ctid.core.visits import Visit


class VisitCounters:
    """As many series as the flow files have steps, ways and ends; callers cannot make more."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.ended = self.contained = 0
        """Visits since the process began."""
        self._visits = Counter(
            "ctid_ivr_visits", "Visits of flows that have ended",
            ["flow", "outcome", "way"], registry=registry,
        )  # fmt: skip
        self._stays = Counter(
            "ctid_ivr_stays", "Stays at steps of flows, by the way out of them",
            ["flow", "step", "way"], registry=registry,
        )  # fmt: skip

    def note(self, visit: Visit) -> None:
        """One visit has ended."""
        self.ended += 1
        self.contained += visit.outcome == "contained"
        self._visits.labels(visit.flow, visit.outcome, visit.way).inc()
        for stay in visit.stays:
            self._stays.labels(stay.flow, stay.step, stay.way).inc()
