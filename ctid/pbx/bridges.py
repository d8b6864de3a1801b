"""Who is in which bridge of a real Asterisk, and the facts in two channels' meeting there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ctid.core.events import CallBridged, ConsultBridged, Event
from ctid.core.records import OfferId
from ctid.pbx.offers import Leg


class Bridges:
    """The members of all bridges, ours and others', by the bridge's id."""

    def __init__(self) -> None:
        self._members: dict[str, dict[str, None]] = {}

    def restore(self, pairs: Iterable[tuple[str, str]]) -> None:
        """These (bridge, channel) are all that there are."""
        self._members = {}
        for bridge, channel in pairs:
            self._members.setdefault(bridge, {})[channel] = None

    def enter(self, bridge: str, channel: str, legs: Mapping[OfferId, Leg]) -> list[Event]:
        """The channel hears all who are there already."""
        members = self._members.setdefault(bridge, {})
        if channel in members:
            return []  # told twice
        others = list(members)
        members[channel] = None
        return [fact for other in others for fact in _meeting(legs.get(channel), legs.get(other))]

    def leave(self, bridge: str, channel: str) -> None:
        self._members.get(bridge, {}).pop(channel, None)

    def destroy(self, bridge: str) -> None:
        self._members.pop(bridge, None)


def _meeting(one: Leg | None, other: Leg | None) -> list[Event]:
    """A leg and a caller, or two legs of which one was rung for the other."""
    if one is None or other is None:
        leg = one or other
        if leg is None:
            return []
        leg.bridged = True
        return [CallBridged(leg.offer)]
    for leg, asks in ((one, other), (other, one)):
        if leg.aside and leg.aside == asks.offer:
            leg.bridged = True
            return [ConsultBridged(leg.offer)]
    return []
