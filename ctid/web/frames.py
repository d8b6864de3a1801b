"""Every message of the stream, both ways, as frozen records; the wire is JSON with a `type`.

The engine's side publishes `AgentFrame`, `PopShown`, `PopUpdated` and `PopRevoked` on the bus topic
`agent.<id>`, encoded by `encode`; the room passes those bytes on as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from ctid.acd.agents import STAFFED_STATES
from ctid.acd.channels import CALL
from ctid.core.callbacks import CallbackView
from ctid.core.instants import Duration, Instant
from ctid.core.opening import HoursView, HoursWish
from ctid.core.records import AgentId, CallId, PhoneState, Pop, QueueId, TalkWish, TransferKind
from ctid.core.supervision import SpyView, SpyWish
from ctid.core.tasks import PREFIX
from ctid.core.views import AgentView, CentreView, QueueView, WaitingView

_encoder = msgspec.json.Encoder()
MOST_TASKS = 100
"""Waiting tasks that a board names one by one."""


class _Frame(msgspec.Struct, frozen=True, tag_field="type"):
    """Common shape: `type` tells the messages apart."""


# -- to the page ------------------------------------------------------------------------------


class Hello(_Frame, frozen=True, tag="hello"):
    """First frame of every connection."""

    now: Instant
    """The machine's time; the page's timers run on it."""
    login: str
    name: str
    role: str
    agent: AgentId
    break_reasons: tuple[str, ...]
    service_goal: int
    """Percent."""
    ping_every: Duration
    """How often the page should say `ping`, in milliseconds."""
    version: int = 1


class AgentFrame(_Frame, frozen=True, tag="agent"):
    """One agent as it is now, the pop included."""

    now: Instant
    agent: AgentView


class PopShown(_Frame, frozen=True, tag="pop.shown"):
    """Draw this pop now."""

    now: Instant
    pop: Pop


class PopUpdated(_Frame, frozen=True, tag="pop.updated"):
    """A newer version of a pop; the page ignores it when it has that version or a later one."""

    now: Instant
    pop: Pop


class PopRevoked(_Frame, frozen=True, tag="pop.revoked"):
    """Take the pop of this id away."""

    now: Instant
    pop: str
    reason: str


class Target(msgspec.Struct, frozen=True):
    """Somebody or something that a caller may be sent to."""

    kind: TransferKind
    target: str
    name: str
    state: str = ""
    """Of an agent; the page shows it."""


def targets(view: CentreView, agent: AgentId) -> tuple[Target, ...]:
    """Whom this agent may send callers to now."""
    return (
        *(Target("queue", q.queue, q.name) for q in view.queues if q.channel == CALL),
        *(
            Target("agent", other.agent, other.name, other.state)
            for other in view.agents
            if other.agent != agent and other.state in STAFFED_STATES
        ),
        *(Target("number", number, name) for name, number in view.numbers),
    )


class BoardAgent(msgspec.Struct, frozen=True):
    """An agent on the board: what `AgentView` says, without anything about the customer."""

    agent: AgentId
    name: str
    state: str
    reason: str
    since: Instant
    until: Instant
    next: str
    phone_state: PhoneState
    queues: tuple[QueueId, ...]
    call: CallId
    handled: int
    overrun: bool
    """The break lasts longer than its reason allows."""


class BoardFrame(_Frame, frozen=True, tag="board"):
    """The whole centre for supervisors; callers' numbers are masked, a board hangs on a wall."""

    now: Instant
    frozen: bool
    calls_in_ivr: int
    service_goal: int
    queues: tuple[QueueView, ...]
    agents: tuple[BoardAgent, ...]
    waiting: tuple[WaitingView, ...]
    spies: tuple[SpyView, ...]
    """Supervisors in agents' talks."""
    callbacks: tuple[CallbackView, ...] = ()
    """Customers who are to be called back, longest wait first."""
    hours: tuple[HoursView, ...] = ()
    """All opening hours, and which of them somebody has switched."""


class Pong(_Frame, frozen=True, tag="pong"):
    """Answer to `ping`."""

    now: Instant


class ErrorFrame(_Frame, frozen=True, tag="error"):
    """The last message from the page was refused."""

    code: str
    text: str


ToPage = Hello | AgentFrame | PopShown | PopUpdated | PopRevoked | BoardFrame | Pong | ErrorFrame


def encode(frame: ToPage) -> bytes:
    """The frame's JSON."""
    return _encoder.encode(frame)


def board(view: CentreView, service_goal: int) -> BoardFrame:
    """The supervisors' frame for this instant."""
    return BoardFrame(
        now=view.at,
        frozen=view.frozen,
        calls_in_ivr=view.calls_in_ivr,
        service_goal=service_goal,
        queues=view.queues,
        agents=tuple(
            BoardAgent(
                agent=a.agent,
                name=a.name,
                state=a.state,
                reason=a.reason,
                since=a.since,
                until=a.until,
                next=a.next,
                phone_state=a.phone_state,
                queues=a.queues,
                call=a.call,
                handled=a.handled,
                overrun=a.overrun,
            )
            for a in view.agents
        ),
        waiting=tuple(
            msgspec.structs.replace(w, number=mask(w.number)) for w in _shown(view.waiting)
        ),
        spies=view.spies,
        callbacks=tuple(msgspec.structs.replace(c, number=mask(c.number)) for c in view.callbacks),
        hours=view.hours,
    )


def _shown(waiting: Sequence[WaitingView]) -> list[WaitingView]:
    """All callers, and of the tasks, of which thousands may wait, those that were raised and the
    oldest ones; the queues' counts have all."""
    tasks = [one for one in waiting if one.call.startswith(PREFIX)]
    if len(tasks) <= MOST_TASKS:
        return list(waiting)
    kept = sorted(tasks, key=lambda one: -one.raised)[:MOST_TASKS]
    shown = {one.call for one in kept}
    return [one for one in waiting if one.call in shown or not one.call.startswith(PREFIX)]


def mask(number: str) -> str:
    """The number with all but its first three and last two characters hidden."""
    return f"{number[:3]}••••{number[-2:]}" if len(number) > 6 else "••••" if number else ""


# -- from the page ----------------------------------------------------------------------------

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+\Z")]
_PopId = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_CallId = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Target = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
_Code = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class Ready(_Frame, frozen=True, tag="ready", forbid_unknown_fields=True):
    """I want calls."""


class Break(_Frame, frozen=True, tag="break", forbid_unknown_fields=True):
    """I want no calls."""

    reason: _Name


class WrapUpEnd(_Frame, frozen=True, tag="wrapup.end", forbid_unknown_fields=True):
    """I have finished with the last call."""


class WrapUpExtend(_Frame, frozen=True, tag="wrapup.extend", forbid_unknown_fields=True):
    """I need more time for the last call."""


class DispositionFrame(_Frame, frozen=True, tag="disposition", forbid_unknown_fields=True):
    """This is how that call ended, in one of its queue's words."""

    call: _CallId
    code: _Code


class TransferFrame(_Frame, frozen=True, tag="transfer", forbid_unknown_fields=True):
    """Send the caller of this call on."""

    call: _CallId
    kind: TransferKind
    target: _Target
    note: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Consult(_Frame, frozen=True, tag="consult", forbid_unknown_fields=True):
    """I want to ask a colleague, with the caller of this call on hold."""

    call: _CallId
    kind: TransferKind
    """An agent, a queue whose next free agent is asked, or a number outside."""
    target: _Target
    note: Annotated[str, msgspec.Meta(max_length=200)] = ""


class TalkFrame(_Frame, frozen=True, tag="talk", forbid_unknown_fields=True):
    """Put the caller on hold, or bring them back; go to and fro, bring all together, hand the
    caller over, or let the colleague go."""

    call: _CallId
    wish: TalkWish


class Pull(_Frame, frozen=True, tag="pull", forbid_unknown_fields=True):
    """I take this waiting caller out of turn."""

    call: _CallId


class SpyFrame(_Frame, frozen=True, tag="spy", forbid_unknown_fields=True):
    """Let me into this agent's talk, or be in it in another way; `take`: give me the caller."""

    agent: _Name
    wish: SpyWish


class SpyStop(_Frame, frozen=True, tag="spy.stop", forbid_unknown_fields=True):
    """Let me out of the talk."""


class Assign(_Frame, frozen=True, tag="assign", forbid_unknown_fields=True):
    """This waiting caller goes to that agent now."""

    call: _CallId
    agent: _Name


class CallbackCancel(_Frame, frozen=True, tag="callback.cancel", forbid_unknown_fields=True):
    """This customer is not to be called back."""

    callback: _CallId


class HoursFrame(_Frame, frozen=True, tag="hours", forbid_unknown_fields=True):
    """These opening hours are to be open or closed at once, or by their schedule again."""

    hours: _Name
    to: HoursWish
    until: Annotated[str, msgspec.Meta(max_length=20)] = ""
    """`14:00` or `2026-10-08T09:00`, by the clock of the hours' zone; empty: until taken back."""


class HangUp(_Frame, frozen=True, tag="hangup", forbid_unknown_fields=True):
    """End the call."""


class TaskFrame(_Frame, frozen=True, tag="task", forbid_unknown_fields=True):
    """I take this task, do not take it (or give it back), or have done it."""

    task: _CallId
    do: Literal["accept", "reject", "done"]
    code: Annotated[str, msgspec.Meta(max_length=40)] = ""
    """How it ended, in one of its queue's words."""


class PopAck(_Frame, frozen=True, tag="pop.ack", forbid_unknown_fields=True):
    """This pop is drawn."""

    pop: _PopId


class Ping(_Frame, frozen=True, tag="ping", forbid_unknown_fields=True):
    """Are you there?"""


FromPage = (
    Ready | Break | WrapUpEnd | WrapUpExtend | DispositionFrame | TransferFrame | HangUp | PopAck
    | Ping | Pull | TaskFrame | SpyFrame | SpyStop | Assign | Consult | TalkFrame | CallbackCancel
    | HoursFrame
)  # fmt: skip
_decoder: msgspec.json.Decoder[FromPage] = msgspec.json.Decoder(FromPage)


def decode(text: str | bytes) -> FromPage:
    """What the page said.

    Raises:
        msgspec.DecodeError: it is not one of the messages above.
    """
    return _decoder.decode(text)
