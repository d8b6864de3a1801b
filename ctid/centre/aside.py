"""An agent's talk while the caller is put aside: on hold, while a colleague is asked, with both.

Plain data and one table; what each step does is in `ctid.centre.consult`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ctid.core.instants import Instant
from ctid.core.records import AgentId, Handed, OfferId, QueueId, TalkWish, TransferKind
from ctid.core.transitions import Table

TALKING: Final = "talking"
"""With the caller; the hold is ordered and not confirmed yet."""
HELD: Final = "held"
ASKING: Final = "asking"
"""The colleague's phone rings."""
CONSULTING: Final = "consulting"
WITH_CALLER: Final = "with_caller"
"""The agent talks to the caller again, and the colleague waits."""
CONFERENCE: Final = "conference"
COMPLETING: Final = "completing"
"""The caller is the colleague's; the PBX is about to bring them together."""
RETURNING: Final = "returning"
"""No agent is left; the PBX is about to take the caller back into the queue."""

ASIDE_TRANSITIONS: Final[Table] = {
    TALKING: {"held": HELD, "alone": RETURNING},
    HELD: {"rings": ASKING, "back": TALKING, "alone": RETURNING},
    ASKING: {"met": CONSULTING, "back": WITH_CALLER, "gone": HELD, "alone": RETURNING},
    CONSULTING: {"back": WITH_CALLER, "all": CONFERENCE, "gone": HELD, "taken": COMPLETING},
    WITH_CALLER: {
        "met": CONSULTING, "held": CONSULTING, "all": CONFERENCE, "gone": TALKING,
        "taken": COMPLETING, "alone": RETURNING,
    },
    CONFERENCE: {"gone": TALKING, "taken": COMPLETING},
    COMPLETING: {"alone": RETURNING},
    RETURNING: {},
}  # fmt: skip
"""`held`, `back`, `met`, `all`: the PBX says who hears whom now. `gone`: the colleague's leg has
ended. `taken`: the colleague has the caller. `alone`: neither leg is left. It is over when the
agent talks to the caller and no colleague is there, and when the caller is elsewhere."""

WISHES: Final[dict[str, tuple[TalkWish, ...]]] = {
    HELD: ("resume",),
    ASKING: ("cancel",),
    CONSULTING: ("toggle", "conference", "complete", "cancel"),
    WITH_CALLER: ("toggle", "conference", "complete", "cancel"),
    CONFERENCE: ("complete", "cancel"),
}
"""What the agent may ask for in each state, besides a consult (`ASKABLE`)."""
ASKABLE: Final = (HELD,)
"""A colleague may be asked in these, and in a plain talk."""


@dataclass(slots=True, frozen=True)
class Ask:
    """Whom the agent wants to ask."""

    kind: TransferKind
    target: str
    note: str


@dataclass(slots=True)
class Aside:
    """What goes on beside the plain talk of one agent and one caller."""

    by: AgentId
    first: OfferId
    """That agent's leg."""
    queue: QueueId
    """Where the caller waits again when no agent is left."""
    since: Instant
    """When the present state began."""
    state: str = TALKING
    pending: str = ""
    """What was ordered and is not confirmed yet: hold, caller, colleague, all, second or queue."""
    latched: bool = False
    """The PBX keeps the caller when the agent hangs up, for the colleague who waits."""
    late: str = ""
    """What was not confirmed in time; should it be carried out after all, that still counts."""
    ask: Ask | None = None
    other: OfferId = ""
    """The colleague's leg, or the line to the number outside once it has answered."""
    outside: str = ""
    """The number outside that is asked in place of a colleague."""
    handed: Handed | None = None
    """What the colleague reads, and what stays with the call if it is handed over."""

    def awaits(self, order: str) -> bool:
        """Whether the PBX may still say that this order is carried out."""
        return order in (self.pending, self.late)
