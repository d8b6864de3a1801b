"""One agent: the states, what leads from one to the next, and when an offer may come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from ctid.acd.wrapup import Talk, WrapUp
from ctid.core.instants import Instant
from ctid.core.records import AgentId, OfferId, PhoneState, QueueId
from ctid.core.tasks import TaskId
from ctid.core.transitions import Table

SIGNED_OUT: Final = "signed_out"
NOT_READY: Final = "not_ready"
READY: Final = "ready"
RESERVED: Final = "reserved"
ON_CALL: Final = "on_call"
WRAP_UP: Final = "wrap_up"
WORKING: Final = "working"
"""Has tasks in hand and no call."""

AGENT_TRANSITIONS: Final[Table] = {
    SIGNED_OUT: {"sign_in": NOT_READY, "adopt": ON_CALL},
    NOT_READY: {
        "ready": READY,
        "offer": RESERVED,
        "not_ready": NOT_READY,
        "work": WORKING,
        "sign_out": SIGNED_OUT,
        "adopt": ON_CALL,
    },
    READY: {
        "offer": RESERVED,
        "not_ready": NOT_READY,
        "sign_out": SIGNED_OUT,
        "adopt": ON_CALL,
    },
    RESERVED: {
        "bridged": ON_CALL,
        "withdrawn": READY,
        "work": WORKING,
        "not_ready": NOT_READY,
        "sign_out": SIGNED_OUT,
    },
    ON_CALL: {
        "wrap_up": WRAP_UP,
        "ready": READY,
        "work": WORKING,
        "not_ready": NOT_READY,
        "sign_out": SIGNED_OUT,
    },
    WRAP_UP: {
        "ready": READY,
        "work": WORKING,
        "not_ready": NOT_READY,
        "sign_out": SIGNED_OUT,
        "adopt": ON_CALL,
    },
    WORKING: {
        "offer": RESERVED,
        "ready": READY,
        "not_ready": NOT_READY,
        "sign_out": SIGNED_OUT,
        "adopt": ON_CALL,
    },
}
"""Agent states. `adopt`: the inventory shows this agent in a call that we did not know of. `work`:
the agent is free of calls and has tasks in hand, so this takes the place of `ready`."""

FREE_STATES: Final = (READY, WORKING)
"""In these an offer may come."""

BUSY_STATES: Final = (RESERVED, ON_CALL, WRAP_UP)
"""In these a wish of the agent is kept as the next state instead of being carried out."""

STAFFED_STATES: Final = (READY, *BUSY_STATES, WORKING)
"""In these the agent is there for contacts: the time counts in shares of the work."""

Next = Literal["", "ready", "not_ready", "signed_out"]


@dataclass(slots=True, frozen=True)
class Work:
    """A task that an agent has in hand."""

    offer: OfferId
    task: TaskId
    channel: str


@dataclass(slots=True)
class Agent:
    """The router's own, mutable view of one agent; pages get `AgentView`."""

    id: AgentId
    order: int
    """Position in the settings: the named rule that breaks ties."""
    phone: str
    queues: tuple[QueueId, ...]
    idle_since: Instant = 0
    """Since when the agent waits for a call; kept when an offer came to nothing through no fault
    of the agent, so that nobody loses their turn to a caller who hung up."""
    token: int = 0
    """Rises with each change of availability: entries under older tokens are void."""
    open: tuple[str, ...] = ()
    """The channels whose contacts may be offered to the agent now (ctid.acd.channels)."""
    work: tuple[Work, ...] = ()
    """Tasks in hand, the oldest first."""
    tasks_paused: bool = False
    """A task was rejected so recently that no other is offered."""
    state: str = SIGNED_OUT
    reason: str = ""
    since: Instant = 0
    next: Next = ""
    next_reason: str = ""
    phone_state: PhoneState = "unreachable"
    backed_off: bool = False
    """A failed offer is so recent that the phone is left alone."""
    screen_lost: bool = False
    offer: OfferId = ""
    handled: int = 0
    no_answers: int = 0
    """Unanswered offers in a row; whatever shows that somebody is there ends the row."""
    overrun: bool = False
    """The break lasts longer than its reason allows; somebody else must see to it."""
    talk: Talk | None = None
    """The call that goes on, or the last one: a code may still come for it."""
    wrap_up: WrapUp | None = None
    """There in the state of that name and in no other."""
    last_contact: Instant = 0
    """When the last contact ended; when the agent signed in, before the first."""

    @property
    def available(self) -> bool:
        """Whether some channel is open for the agent."""
        return bool(self.open)

    def may_be_offered(self) -> bool:
        """Whether a call may be offered now to an agent without tasks in hand: ready, with an idle
        phone that is not backed off."""
        return self.state == READY and self.phone_state == "idle" and not self.backed_off
