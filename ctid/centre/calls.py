"""One call, from its first fact to its record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from ctid.centre.aside import Aside
from ctid.core.commands import CallClosed
from ctid.core.instants import SECOND, Duration, Epoch, Instant
from ctid.core.records import (
    AgentId,
    CallId,
    CallRecord,
    CustomerCard,
    DivertPlace,
    Handed,
    Identity,
    LookUpStatus,
    OfferId,
    Outcome,
    QueueId,
    Recorded,
    TransferKind,
)
from ctid.ivr.session import Session
from ctid.ivr.survey import Answer
from ctid.screenpop.match import Match

IVR: Final = "ivr"
HELD: Final = "held"
"""On the way from the menu to the PBX's queue; also a call whose menu broke and that falls back."""
QUEUED: Final = "queued"
TALKING: Final = "talking"
ENDING: Final = "ending"
"""The flow has asked for the hang-up."""
SENT: Final = "sent"
"""An overflow rule has sent the caller out of the queues: voicemail, a number, a message."""
TURNED_AWAY: Final = "turned_away"
"""An overflow rule has asked for the hang-up."""

CONFIRM_WITHIN: Final[Duration] = 5 * SECOND
"""How long the PBX may take to say that a caller is where they were sent."""


@dataclass(slots=True)
class Sent:
    """Where a rule has sent the caller, and what came of it."""

    place: DivertPlace
    confirmed: bool = False
    """The PBX has said that the caller is there."""
    over: bool = False
    """The caller waits in a queue again."""
    answered_at: Instant = 0
    recording: str = ""
    """Path of the message at the PBX."""
    length: Duration = 0
    flow: str = ""
    """Of the place `menu`."""
    session: Session | None = None
    """The flow to go on with at its `on_fail`, when nobody answers."""


@dataclass(slots=True)
class Transfer:
    """A transfer that an agent has asked for, until the PBX says that the caller is there."""

    by: AgentId
    offer: OfferId
    """That agent's leg."""
    kind: TransferKind
    target: str
    queue: QueueId
    """Where the caller waits, at once or when the number outside does not answer."""
    note: str
    given_up: bool = False
    """Not confirmed in time, and the two talk on."""


@dataclass(slots=True)
class Survey:
    """What the caller is to be asked after the talk."""

    flow: str
    queue: QueueId
    """Of the talk."""
    agent: AgentId = ""
    """Who hung up."""
    began: bool = False
    """The caller has come to be asked; that is once in a call."""
    asks: bool = False
    """The caller is in the survey's flow."""


@dataclass(slots=True)
class Call:
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
    to_queue: QueueId = ""
    """The queue that the caller is kept from for a moment, until the look-up is in."""
    was_kept: bool = False
    """The caller has been kept from a queue once, which is enough."""
    phase: str = IVR
    session: Session | None = None
    path: tuple[str, ...] = ()
    queued_at: Instant = 0
    was_queued: bool = False
    bridged_at: Instant = 0
    was_bridged: bool = False
    agent: AgentId = ""
    """Who talks to the caller, or did last."""
    offers: int = 0
    entered: bool = False
    """The rules for joining were looked at."""
    moves: int = 0
    """How often the machine moved the caller; facts of the PBX with a lower number are old."""
    hops: int = 0
    """How often an overflow rule moved the caller on to a queue or a number."""
    tried: dict[QueueId, tuple[int, ...]] = field(default_factory=dict)
    """Rules of each queue that have had their turn."""
    called_back: bool = False
    """The caller has hung up, or is about to, in order to be called back."""
    dials: bool = False
    """A callback's turn, and the customer has not answered yet."""
    attempt: int = 0
    """Of a callback's turn, from 1."""
    key: str = ""
    """Pressed while an agent's phone rang; counts when that comes to nothing."""
    sent: Sent | None = None
    left_at: Instant = 0
    """When a rule took the caller out of the queues for the last time."""
    transfer: Transfer | None = None
    aside: Aside | None = None
    hold: int = 0
    """Number of the last move that put the caller on hold and was confirmed."""
    hold_over: bool = False
    """The caller has come back to a queue from that hold."""
    held: Duration = 0
    """Of all talks, on hold."""
    held_since: Instant = 0
    """Since when the caller is on hold now, or 0."""
    handed: Handed | None = None
    """The last transfer that was carried out."""
    talks: int = 0
    """Talks with agents that ended in a transfer; the times of these follow."""
    first_queued_at: Instant = 0
    first_bridged_at: Instant = 0
    waited_before: Duration = 0
    talked_before: Duration = 0
    request: int = 0
    """Number of the last look-up; answers to older ones are passed over."""
    asked_by: str = ""
    """Boot id of the process that asked: one that was killed takes its look-ups along."""
    status: LookUpStatus = "pending"
    matched_by: Literal["code", "number", ""] = ""
    customers: tuple[CustomerCard, ...] = ()
    survey: Survey | None = None
    answers: list[Answer] = field(default_factory=list)
    """To the questions of a survey, in order."""
    asked_code: str = ""
    """The code that the last look-up asked for, or empty."""
    answered_request: int = 0
    """Number of the last look-up that was answered."""
    recordings: list[Recorded] = field(default_factory=list)
    """What the caller has said in the menus, in order."""
    visits: int = 0
    """Visits of flows that have ended, surveys not among them."""
    identity: Identity = "unknown"
    """Of whoever gave `code`, or has the number."""
    pins: int = 0
    """Number of the last check of a PIN; answers to older ones are passed over."""
    questions: int = 0
    """Asked of somebody outside so far; answers to older ones are passed over."""

    def take(self, match: Match) -> bool:
        """Note what the CRM found; a match by code is never replaced by one by number, and a
        customer who was found is not taken back because the CRM did not answer later."""
        if self.matched_by == "code" and match.matched_by != "code":
            return False
        if self.customers and match.status in ("timeout", "unavailable"):
            return False
        self.status, self.matched_by, self.customers = match
        if self.customers and self.identity == "unknown":
            self.identity = "claimed"
            if self.session is not None:
                self.session.identity = "claimed"
        return True

    def answered(self, agent: AgentId, now: Instant) -> None:
        """Somebody talks to the caller; `agent` is empty when it is nobody of ours."""
        self.phase, self.was_bridged, self.bridged_at, self.agent = TALKING, True, now, agent
        self.key = ""

    def on_hold(self, held: bool, now: Instant) -> None:
        """Nobody talks to the caller for now, or somebody does (again)."""
        if held:
            self.held_since = self.held_since or now
        elif self.held_since:
            self.held, self.held_since = self.held + now - self.held_since, 0

    def end_talk(self, now: Instant) -> None:
        """An agent has sent the caller on: another wait begins, and another talk may come."""
        if not self.talks:
            self.first_queued_at, self.first_bridged_at = self.queued_at, self.bridged_at
        self.talks += 1
        self.waited_before += self.bridged_at - self.queued_at
        self.talked_before += now - self.bridged_at
        self.phase, self.was_bridged, self.queued_at, self.sent = QUEUED, False, now, None

    def send(self, sent: Sent, queue: QueueId, now: Instant) -> None:
        """The caller is out of the queues; `queue` is where they wait when they come back."""
        self.phase, self.sent, self.queue, self.left_at = SENT, sent, queue, now

    def outcome(self) -> Outcome:
        """The one terminal outcome, from how far the call came."""
        if self.was_bridged or self.talks:
            return "answered"
        if self.dials or self.called_back:
            return "not_reached" if self.dials else "callback"
        if self.phase == TURNED_AWAY:
            return "turned_away"
        if self.phase == SENT and self.sent is not None:
            return self._outcome_outside(self.sent)
        if self.phase == QUEUED:
            return "abandoned"
        return "ivr_ended" if self.phase == ENDING else "ivr_hangup"

    def _outcome_outside(self, sent: Sent) -> Outcome:
        # Who was sent by the flow and not by a queue's rule has not waited for anybody.
        left: Outcome = "abandoned" if self.was_queued else "ivr_hangup"
        match sent.place:
            case "voicemail":
                return "voicemail" if sent.recording else left
            case "external":
                return "overflowed" if sent.answered_at else left
            case "message":
                return "message"
            case "callback" | "menu":
                return left

    def _waited(self, now: Instant) -> Duration:
        if not self.was_queued:
            return 0
        if self.was_bridged:
            return self.bridged_at - self.queued_at
        left = self.phase in (SENT, TURNED_AWAY, IVR, ENDING)
        return (self.left_at if left else now) - self.queued_at

    def _talked(self, now: Instant) -> Duration:
        if self.was_bridged:
            return now - self.bridged_at
        outside = self.sent.answered_at if self.phase == SENT and self.sent else 0
        return now - outside if outside else 0

    def close(self, outcome: Outcome, cause: str, epoch: Epoch, now: Instant) -> CallClosed:
        """The call's record."""
        customer = self.customers[0].id if len(self.customers) == 1 else ""
        queued_at, answered_at = self.queued_at, self.bridged_at
        if self.talks:
            queued_at, answered_at = self.first_queued_at, self.first_bridged_at
        return CallClosed(
            CallRecord(
                self.id, self.number, self.dialled, self.language, self.code, self.queue,
                self.agent, customer, tuple(self.session.path) if self.session else self.path,
                epoch.wall(self.arrived_at),
                epoch.wall(queued_at) if self.was_queued or self.talks else 0,
                epoch.wall(answered_at) if self.was_bridged or self.talks else 0,
                epoch.wall(now),
                self.waited_before + self._waited(now), self.talked_before + self._talked(now),
                self.offers, outcome, cause,
                self.sent.recording if self.sent else "", self.sent.length if self.sent else 0,
                self.held + (now - self.held_since if self.held_since else 0),
                tuple([told(answer) for answer in self.answers]), self.identity,
                tuple(self.recordings),
            )
        )  # fmt: skip


def told(answer: Answer) -> str:
    """`service=4`, `solved=yes`."""
    if answer.kind != "yes_no":
        return f"{answer.question}={answer.value}"
    return f"{answer.question}={'yes' if answer.value else 'no'}"
