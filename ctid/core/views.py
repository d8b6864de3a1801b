"""What pages, API and tests may see of the machine: immutable, taken at one instant."""

from __future__ import annotations

from typing import Literal

import msgspec

from ctid.core.callbacks import CallbackView
from ctid.core.fairness import Fairness
from ctid.core.instants import Duration, Instant
from ctid.core.opening import HoursView
from ctid.core.records import AgentId, CallId, Identity, PhoneState, Pop, QueueId
from ctid.core.supervision import Listener, SpyView
from ctid.core.tasks import TaskView


class TalkView(msgspec.Struct, frozen=True):
    """The agent's call or wrap-up: what may be said of it, and how wrap-up may be ended."""

    call: CallId
    codes: tuple[str, ...]
    """What the agent may say about how it ended."""
    code: str
    """What they said, or empty."""
    may_end: bool
    """Wrap-up may be ended by hand now."""
    may_extend: bool
    """Wrap-up may be prolonged now."""


class AsideView(msgspec.Struct, frozen=True):
    """An agent's talk: who is in it, and what the agent may want of it."""

    state: str
    """talking, held, asking, consulting, with_caller or conference; `asked` for the colleague."""
    since: Instant
    may: tuple[str, ...]
    """Of `hold`, `resume`, `consult`, `toggle`, `conference`, `complete`, `cancel`; nothing while
    the PBX carries an order out."""
    name: str
    """The colleague's, or of the agent who asks; or empty."""


class AgentView(msgspec.Struct, frozen=True):
    """One agent."""

    agent: AgentId
    name: str
    state: str
    """signed_out, not_ready, ready, reserved, on_call, wrap_up or working."""
    reason: str
    """Why not ready: the break's reason, `sign_in`, `no_answer`, `connection_lost`, …"""
    since: Instant
    until: Instant
    """When the state ends by itself, or 0."""
    next: str
    """Chosen for after the call: `ready`, `not_ready`, or empty."""
    phone: str
    phone_state: PhoneState
    queues: tuple[QueueId, ...]
    call: CallId
    handled: int
    """Calls bridged to this agent today, and tasks accepted."""
    pop: Pop | None
    talk: TalkView | None = None
    """There while a call or its wrap-up goes on."""
    aside: AsideView | None = None
    """There while the agent is in a talk."""
    overrun: bool = False
    """The break lasts longer than its reason allows."""
    tasks: tuple[TaskView, ...] = ()
    """What is offered on the page, then what is in hand."""
    listeners: tuple[Listener, ...] = ()
    """Supervisors in the talk, where agents are told."""
    pulls: bool = False
    """Some queue of theirs lets agents take callers out of turn."""


class WaitingView(msgspec.Struct, frozen=True):
    """One caller or task in a queue; `offered_to` is empty while nobody's phone rings for them."""

    call: CallId
    queue: QueueId
    number: str
    since: Instant
    offered_to: AgentId
    raised: int = 0
    """How many steps of escalation it has taken."""
    identity: Identity | Literal[""] = ""
    """How far a caller has proved who it is; empty for a task."""


class WaitView(msgspec.Struct, frozen=True):
    """What a caller who joins now has to expect, and how far off this was today."""

    mean: Duration | None
    """Milliseconds; None while nobody works for the queue."""
    low: Duration | None
    """One wait in ten is shorter."""
    high: Duration | None
    """One wait in ten is longer."""
    measured: int
    """Contacts of today that had to wait and were answered."""
    bias: Duration | None
    """Mean of expected minus actual over those; above zero: expected too long."""
    judged: int
    """Those, and the contacts that left after the range was over."""
    too_short: int
    """Of these: waited longer than the range."""


class QueueView(msgspec.Struct, frozen=True):
    """One queue, with today's counts (the site's day)."""

    queue: QueueId
    name: str
    waiting: int
    longest_since: Instant
    """Since when the caller who waits longest waits; 0 when nobody waits."""
    ready: int
    """Agents who could take a call now."""
    offered: int
    """Contacts that joined today."""
    answered: int
    abandoned: int
    within: int
    """Answered within the threshold."""
    target: Duration
    """The service level's threshold, in milliseconds."""
    waited_sum: Duration
    """Sum of the waits of the answered: ASA = waited_sum / answered."""
    closed: int = 0
    """Moved or turned away by an overflow rule, by what the rule says: outside opening hours."""
    no_agent: int = 0
    full: int = 0
    timed_out: int = 0
    called_back: int = 0
    """Customers who were reached by a callback."""
    by_key: int = 0
    """Left by a key that they pressed."""
    overflowed: int = 0
    """Of those five, the ones who went on to another queue or number."""
    channel: str = "call"
    """`call`, or the channel of its tasks."""
    wait: WaitView = WaitView(None, None, None, 0, None, 0, 0)
    fairness: Fairness | None = None
    """How evenly agents are loaded in this hour so far; None before anybody counts."""

    @property
    def service_level(self) -> float | None:
        """within / offered-and-ended; None before the first contact has ended."""
        ended = self.answered + self.abandoned
        return self.within / ended if ended else None


class CentreView(msgspec.Struct, frozen=True):
    """The whole centre at one instant."""

    at: Instant
    wall_at_zero: int
    frozen: bool
    """True while the PBX link is down and nothing is offered."""
    calls_in_ivr: int
    queues: tuple[QueueView, ...]
    agents: tuple[AgentView, ...]
    waiting: tuple[WaitingView, ...]
    """All queues, oldest first."""
    numbers: tuple[tuple[str, str], ...] = ()
    """(name, number) outside that agents may send callers to."""
    callbacks: tuple[CallbackView, ...] = ()
    """All that are not over, longest wait first."""
    spies: tuple[SpyView, ...] = ()
    """Supervisors in agents' talks."""
    hours: tuple[HoursView, ...] = ()
    """All opening hours, in the order of the settings."""
