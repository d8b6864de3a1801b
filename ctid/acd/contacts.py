"""A contact in a queue, and the offer of it to one agent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from ctid.acd.need import Need
from ctid.core.callbacks import Dial
from ctid.core.instants import Duration, Instant
from ctid.core.records import AgentId, CallId, OfferId, QueueId
from ctid.core.transitions import Table

WAITING: Final = "waiting"
OFFERED: Final = "offered"
CONNECTED: Final = "connected"
MISSED: Final = "missed"

CONTACT_TRANSITIONS: Final[Table] = {
    WAITING: {"offer": OFFERED, "adopt": CONNECTED, "caller_gone": MISSED},
    OFFERED: {
        "offer": OFFERED,
        "offer_ended": WAITING,
        "caller_gone": MISSED,
        "bridged": CONNECTED,
    },
    MISSED: {"still_here": WAITING, "adopt": CONNECTED},
    CONNECTED: {},
}
"""A contact leaves the table by ending, which it may in each state. `missed`: an agent picked up
and the PBX found no caller to bridge, so the news of the caller's end is due any moment."""

RINGING: Final = "ringing"
ANSWERED: Final = "answered"
BRIDGED: Final = "bridged"
STOPPING: Final = "stopping"

OFFER_TRANSITIONS: Final[Table] = {
    RINGING: {"answered": ANSWERED, "bridged": BRIDGED, "stop": STOPPING, "adopt": BRIDGED},
    ANSWERED: {"answered": ANSWERED, "bridged": BRIDGED, "stop": STOPPING, "adopt": BRIDGED},
    BRIDGED: {"answered": BRIDGED, "bridged": BRIDGED},
    STOPPING: {"answered": STOPPING, "bridged": STOPPING, "stop": STOPPING, "adopt": BRIDGED},
}
"""Facts may come twice or late: a step never leads back (F13). An offer ends by `LegEnded`.
`adopt`: the inventory shows that the two talk, so no order to stop has reached them."""


@dataclass(slots=True, frozen=True)
class Demand:
    """What a contact asks for beyond its queue."""

    priority: int | None = None
    """The priority level to begin with, 0 to 9; None: the queue's."""
    needs: tuple[Need, ...] = ()
    """Skills that an agent must have, however long the wait."""
    preferred: AgentId = ""
    """The agent to wait for, as long as the queue's `sticky` says."""
    rule: str = ""
    """The routing rule that said so, or empty."""
    hold: Duration = 0
    """Wait for that agent so long instead, whatever the queue says, in milliseconds."""
    weight: int = 1
    """How fast the urgency grows, beside the queue's own weight."""
    deadline: Instant | None = None
    """By when somebody should have accepted it; sets the place in the order (ctid.acd.order)."""
    groups: tuple[str, ...] = ()
    """Agent groups that it has been raised to."""

    dial: Dial | None = None
    """There is nobody on the line yet: whom the PBX dials when an agent has picked up."""


PLAIN: Final = Demand()
"""Nothing beyond the queue."""


@dataclass(slots=True)
class Contact:
    """One caller in one queue."""

    call: CallId
    queue: QueueId
    channel: str
    number: str
    name: str
    joined_at: Instant
    """When the wait began; survives requeueing, restarts and cut links."""
    serial: int
    """Order of joining: the named rule that breaks ties of `joined_at`."""
    state: str = WAITING
    offer: OfferId = ""
    """The offer that rings first, or talks."""
    others: list[OfferId] = field(default_factory=list)
    """Further offers that ring for the same contact (ctid.acd.ringing)."""
    offers: int = 0
    rounds: int = 0
    """How often phones rang for it in this queue and nobody answered."""
    bridged_at: Instant = 0
    priority: int = 0
    """The priority level that the contact began with."""
    needs: tuple[Need, ...] = ()
    preferred: AgentId = ""
    """Kept for this agent first; empty when nobody is, or any more."""
    hold: Duration = 0
    """How long it is kept, in milliseconds from `joined_at`."""
    rule: str = ""
    """The routing rule that gave level and needs, or empty."""
    rung: int = 0
    """How many steps of its ladder are open (ctid.acd.reach)."""
    token: int = 0
    """Rises with each wait: entries in lines under older tokens are void."""
    dial: Dial | None = None
    """As in `Demand`."""
    weight: int = 1
    """How fast the urgency grows, beside the queue's own weight."""
    shift: Duration = 0
    """It stands as if it had joined so much later; below 0: earlier (ctid.acd.order)."""
    overdue: bool = False
    """Its deadline is over: no agent is kept free of it any more."""
    groups: tuple[str, ...] = ()
    """Agent groups that it has been raised to (ctid.acd.escalation)."""

    @property
    def place(self) -> Instant:
        """Where it stands in time; lower goes first."""
        return self.joined_at + self.shift

    def rings(self) -> tuple[OfferId, ...]:
        """All offers of this contact that are open; one where it talks."""
        return (self.offer, *self.others) if self.offer else ()

    def drop(self, offer: OfferId) -> None:
        """That offer is over; the next one that rings is in its place."""
        rest = [one for one in self.rings() if one != offer]
        self.offer, self.others = (rest[0], rest[1:]) if rest else ("", [])

    def keep(self, offer: OfferId) -> list[OfferId]:
        """That offer has got the contact; which others are in vain."""
        if self.offer == offer and not self.others:
            return []
        vain = [one for one in self.rings() if one != offer]
        self.offer, self.others = offer, []
        return vain


@dataclass(slots=True)
class Offer:
    """One agent's phone ringing for one contact, until the leg is gone."""

    id: OfferId
    call: CallId
    agent: AgentId
    queue: QueueId
    started_at: Instant
    state: str = RINGING
    answered_at: Instant = 0
    bridged_at: Instant = 0
    shared: bool = False
    """Others may ring for the same contact: letting it ring is no sign of an empty chair."""
    dials_for: Duration = 0
    """How long the customer's phone may ring once the agent has picked up, in milliseconds."""
    caller_left: bool = False
    """The contact ended before the bridge, or has gone on to somebody else: whatever the leg does
    now is not the agent's fault."""
    aside: OfferId = ""
    """The leg of the agent who asks this one, until the caller is this one's."""
    held: Duration = 0
    """How long the caller was not on this leg after its first talk, in milliseconds."""
    held_since: Instant = 0
    """Since when that is so, or 0."""
    chased: bool = False
    """The PBX was asked once more to end this leg."""
    by_hand: bool = False
    """A person chose the agent, and no strategy (ctid.acd.by_hand)."""

    def hold(self, now: Instant) -> None:
        """The caller is not on this leg for now."""
        self.held_since = self.held_since or now

    def resume(self, now: Instant) -> None:
        """The caller is on this leg (again)."""
        self.held, self.held_since = self.held_by(now), 0

    def held_by(self, now: Instant) -> Duration:
        """`held` as it is at `now`."""
        return self.held + (now - self.held_since if self.held_since else 0)
