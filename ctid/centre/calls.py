"""One call, from its first fact to its record."""

from __future__ import annotations

from typing import Literal

import msgspec

from ctid.core.commands import CallClosed
from ctid.core.instants import Epoch, Instant
from ctid.core.records import (
    AgentId,
    CallId,
    CallRecord,
    CustomerCard,
    LookUpStatus,
    Outcome,
    QueueId,
)
from ctid.ivr.session import Session
from ctid.screenpop.match import Match

IVR = "ivr"
HELD = "held"
"""On the way from the menu to the PBX's queue; also a call whose menu broke and that falls back."""
QUEUED = "queued"
TALKING = "talking"
ENDING = "ending"
"""The flow has asked for the hang-up."""


class Call(msgspec.Struct):
    """What the centre knows of one caller. Plain data: the journal's state holds it."""

    id: CallId
    channel: str
    name: str
    dialled: str
    arrived_at: Instant
    number: str = ""
    number_kind: str = "unknown"
    region: str = ""
    spellings: tuple[str, ...] = ()
    """Ways to write the number, for the look-up and the match."""
    language: str = ""
    code: str = ""
    queue: QueueId = ""
    phase: str = IVR
    session: Session | None = None
    path: tuple[str, ...] = ()
    queued_at: Instant = 0
    was_queued: bool = False
    bridged_at: Instant = 0
    was_bridged: bool = False
    agent: AgentId = ""
    offers: int = 0
    request: int = 0
    """Number of the last look-up; answers to older ones are passed over."""
    asked_by: str = ""
    """Boot id of the process that asked: one that was killed takes its look-ups along."""
    status: LookUpStatus = "pending"
    matched_by: Literal["code", "number", ""] = ""
    customers: tuple[CustomerCard, ...] = ()

    def take(self, match: Match) -> bool:
        """Note what the CRM found; a match by code is never replaced by one by number, and a
        customer who was found is not taken back because the CRM did not answer later."""
        if self.matched_by == "code" and match.matched_by != "code":
            return False
        if self.customers and match.status in ("timeout", "unavailable"):
            return False
        self.status, self.matched_by, self.customers = match
        return True

    def answered(self, agent: AgentId, now: Instant) -> None:
        """Somebody talks to the caller; `agent` is empty when it is nobody of ours."""
        self.phase, self.was_bridged, self.bridged_at, self.agent = TALKING, True, now, agent

    def outcome(self) -> Outcome:
        """The one terminal outcome, from how far the call came."""
        if self.was_bridged:
            return "answered"
        if self.phase == QUEUED:
            return "abandoned"
        return "ivr_ended" if self.phase == ENDING else "ivr_hangup"

    def close(self, outcome: Outcome, cause: str, epoch: Epoch, now: Instant) -> CallClosed:
        """The call's record."""
        until = self.bridged_at if self.was_bridged else now
        customer = self.customers[0].id if len(self.customers) == 1 else ""
        return CallClosed(
            CallRecord(
                call=self.id,
                number=self.number,
                dialled=self.dialled,
                language=self.language,
                code=self.code,
                queue=self.queue,
                agent=self.agent,
                customer=customer,
                path=tuple(self.session.path) if self.session else self.path,
                arrived_at=epoch.wall(self.arrived_at),
                queued_at=epoch.wall(self.queued_at) if self.was_queued else 0,
                answered_at=epoch.wall(self.bridged_at) if self.was_bridged else 0,
                ended_at=epoch.wall(now),
                waited=until - self.queued_at if self.was_queued else 0,
                talked=now - self.bridged_at if self.was_bridged else 0,
                offers=self.offers,
                outcome=outcome,
                cause=cause,
            )
        )
