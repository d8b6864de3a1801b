"""The way of facts to the machine: some come late, twice, not at all, or all at once."""

from __future__ import annotations

import heapq
from random import Random

from ctid.core import events as ev
from ctid.core.callbacks import CallbackAgreed, CustomerDialled
from ctid.core.events import Event
from ctid.core.instants import Instant
from sim.faults.model import Faults

BY_LINK = (
    ev.AgentRinging, ev.AgentAnswered, ev.CallBridged, ev.LegEnded, ev.PhoneChanged,
    ev.CallWaiting, ev.CallEnded, ev.CallHeld, ev.ConsultBridged, ev.OutsideAnswered,
    ev.OutsideFailed, ev.Announced, ev.KeyPressed, ev.CallDiverted, ev.RecordingStored,
    ev.ExternalAnswered, CallbackAgreed, CustomerDialled,
)  # fmt: skip
"""What the AMI link carries."""
SURE = (ev.Started, ev.Inventory, ev.LinkLost, ev.WallClockAdjusted)
"""Facts of the driver itself, which no network carries."""


class Wire:
    """See the module. Facts of one instant keep their order."""

    def __init__(self, faults: Faults, dice: Random) -> None:
        self._faults = faults
        self._dice = dice
        self._way: list[tuple[Instant, int, Event]] = []
        self._serial = 0
        self._stalled_until: Instant = 0
        self.lost = 0
        """Facts that were lost since the last inventory."""

    def next_at(self) -> Instant | None:
        """When the next fact arrives."""
        return self._way[0][0] if self._way else None

    def stall(self, until: Instant) -> None:
        """Nothing comes over the link before that."""
        self._stalled_until = max(self._stalled_until, until)

    def send(self, fact: Event, now: Instant, *, may_be_lost: bool) -> None:
        """One fact sets out."""
        faults, dice = self._faults, self._dice
        if isinstance(fact, SURE):
            if isinstance(fact, ev.Inventory | ev.LinkLost):
                self.cut()
            self.put(fact, now)
            return
        by_link = isinstance(fact, BY_LINK)
        if by_link and may_be_lost and faults.lost and dice.random() < faults.lost:
            self.lost += 1
            return
        at = self._stalled_until if by_link and self._stalled_until > now else now
        times = 1 + faults.chatter if isinstance(fact, ev.PhoneChanged) else 1
        late = faults.late and dice.random() < faults.late
        delay = dice.randrange(faults.late_by) if late else 0
        for _ in range(times):
            self.put(fact, at + delay)
        if faults.doubled and dice.random() < faults.doubled:
            self.put(fact, at + dice.randrange(faults.doubled_within))

    def cut(self) -> None:
        """What is on its way over the link is dropped with it, or older than the inventory."""
        self._way = [one for one in self._way if not isinstance(one[2], BY_LINK)]
        heapq.heapify(self._way)
        self.lost = 0

    def empty(self) -> list[Event]:
        """Nobody takes what is on its way."""
        facts = [fact for _, _, fact in sorted(self._way)]
        self._way = []
        return facts

    def put(self, fact: Event, at: Instant) -> None:
        """The fact arrives then."""
        self._serial += 1
        heapq.heappush(self._way, (at, self._serial, fact))

    def arrived(self, now: Instant) -> list[Event]:
        """All that is here by now, in order."""
        facts = []
        while self._way and self._way[0][0] <= now:
            facts.append(heapq.heappop(self._way)[2])
        return facts
