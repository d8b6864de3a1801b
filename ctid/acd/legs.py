"""Offers as the PBX sees them: one leg each, from the order to ring to the end of the leg.

A leg ends when the PBX says so and not before; one that should be over is asked for once more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ctid.acd.contacts import ANSWERED, BRIDGED, OFFER_TRANSITIONS, STOPPING, Offer
from ctid.acd.settings import AcdSettings
from ctid.core.commands import Command, HangUpAgent, LegClosed, StopRinging
from ctid.core.deadlines import Deadlines
from ctid.core.instants import Duration, Epoch, Instant
from ctid.core.records import LegCause, LegRecord, OfferId

LEG_OVERDUE: Final = "leg"


class Legs:
    """All offers that are not over yet."""

    def __init__(
        self, settings: AcdSettings, deadlines: Deadlines, epoch: Callable[[], Epoch]
    ) -> None:
        self.open: dict[OfferId, Offer] = {}
        self._grace = settings.leg_grace
        self._deadlines = deadlines
        self._epoch = epoch

    def ring(self, offer: Offer, ring_for: Duration, now: Instant) -> None:
        """The agent's phone is about to ring for so long."""
        self.open[offer.id] = offer
        self._deadlines.arm((LEG_OVERDUE, offer.id), now + ring_for + self._grace)

    def bridged(self, offer: Offer, now: Instant) -> None:
        """The two talk, for as long as they like."""
        self._deadlines.cancel((LEG_OVERDUE, offer.id))
        offer.bridged_at = now
        offer.answered_at = offer.answered_at or now

    def chase(self, offer: Offer, now: Instant) -> None:
        """The leg should move on, or end, by itself: be woken when it does not."""
        dials = offer.dials_for if offer.state == ANSWERED else 0
        self._deadlines.arm((LEG_OVERDUE, offer.id), now + dials + self._grace)

    def stop(self, offer: Offer, reason: str, now: Instant) -> list[Command]:
        """End the leg, in whatever state it is."""
        self.chase(offer, now)
        if offer.state == BRIDGED:
            return [HangUpAgent(offer.id, reason)]
        offer.state = OFFER_TRANSITIONS[offer.state]["stop"]
        assert offer.state == STOPPING
        return [StopRinging(offer.id, reason)]

    def close(self, offer_id: OfferId) -> Offer | None:
        """The leg is gone."""
        self._deadlines.cancel((LEG_OVERDUE, offer_id))
        return self.open.pop(offer_id, None)

    def record(self, offer: Offer, cause: LegCause, now: Instant) -> LegClosed:
        """The one record of a leg that is gone."""
        wall = self._epoch().wall
        return LegClosed(
            LegRecord(
                offer.id, offer.call, offer.queue, offer.agent, wall(offer.started_at),
                wall(offer.answered_at) if offer.answered_at else 0,
                wall(offer.bridged_at) if offer.bridged_at else 0, wall(now), cause,
                offer.held_by(now),
            )
        )  # fmt: skip
