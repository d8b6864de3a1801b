"""How a contact moves up that is not served in time: steps of its queue, each taken once.

A step is due after a wait, or at the deadline of a task. It widens the reach of the contact to an
agent group, moves a task to another queue, or tells the supervisors. A queue's own steps of reach
(ctid.acd.reach) go on beside it: those are the plan, this is what happens when the plan failed.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

import msgspec

from ctid.core.instants import Duration, Instant

Kind = Literal["group", "queue", "supervisor"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


class Step(msgspec.Struct, frozen=True):
    """One level up."""

    kind: Kind
    target: str = ""
    """The agent group, or the queue; empty for the supervisors."""
    after: Duration | None = None
    """After so long a wait; None: at the deadline."""

    def told(self) -> str:
        """`group:seniors`, `queue:complaints` or `supervisor`."""
        return f"{self.kind}:{self.target}" if self.target else self.kind

    def due(self, joined_at: Instant, deadline: Instant | None) -> Instant | None:
        """When it is to be taken; None where the contact has no deadline."""
        return deadline if self.after is None else joined_at + self.after
