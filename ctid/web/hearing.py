"""What a person wants, from the stream or over REST: may they, can it be, and the fact for the
machine. The same messages both ways, so that whatever a page can do a program can do too."""

from __future__ import annotations

from typing import NamedTuple, assert_never

from ctid.core.callbacks import CallbackCancelAsked
from ctid.core.events import (
    AssignAsked,
    BreakAsked,
    ConsultAsked,
    DispositionGiven,
    Event,
    ExtendWrapUpAsked,
    HangUpAsked,
    PopAcknowledged,
    PullAsked,
    ReadyAsked,
    SpyAsked,
    SpyStopAsked,
    TalkAsked,
    TransferAsked,
    WrapUpDone,
)
from ctid.core.opening import HoursSwitched
from ctid.core.records import AgentId
from ctid.core.supervision import Supervisor
from ctid.core.tasks import TaskAccepted, TaskDone, TaskId, TaskRejected
from ctid.ports import Engine, Session
from ctid.web import frames
from ctid.web.fanout import FanOut
from ctid.web.policy import Action, allows
from ctid.web.settings import WebSettings

Wish = (
    frames.Ready
    | frames.Break
    | frames.WrapUpEnd
    | frames.WrapUpExtend
    | frames.DispositionFrame
    | frames.TransferFrame
    | frames.HangUp
    | frames.PopAck
    | frames.Consult
    | frames.TalkFrame
    | frames.Pull
    | frames.TaskFrame
)
"""What an agent wants for themselves."""

Supervising = (
    frames.SpyFrame | frames.SpyStop | frames.Assign | frames.CallbackCancel | frames.HoursFrame
)


class Refusal(NamedTuple):
    """Why a message was not handed to the machine."""

    code: str
    text: str


class Hearing:
    """Hands messages to the machine; what the machine then refuses comes over the stream."""

    def __init__(self, settings: WebSettings, engine: Engine, fanout: FanOut) -> None:
        self._settings, self._engine, self._fanout = settings, engine, fanout

    def hear(self, session: Session, said: frames.FromPage) -> Refusal | None:
        """Take one message; None when the machine has it, or there is nothing to do."""
        if not allows(session.role, action_of(said)):
            return Refusal("forbidden", "Your role does not allow this.")
        if isinstance(said, frames.Ping):
            return None
        if isinstance(said, Supervising):
            self._engine.submit(_supervision(said, session))
            return None
        if not session.agent:
            return Refusal("no_agent", "This account takes no calls.")
        if (why := self._wrong(said, session.agent)) is not None:
            return why
        self._engine.submit(_wish(said, session.agent))
        return None

    def _wrong(self, said: Wish, agent: AgentId) -> Refusal | None:
        if isinstance(said, frames.Break) and said.reason not in self._settings.break_reasons:
            return Refusal("unknown_reason", "This break reason is not configured.")
        if isinstance(said, frames.DispositionFrame) and self._unknown(said, agent):
            return Refusal("unknown_code", "The queue of this call has no such code.")
        if isinstance(said, frames.TransferFrame | frames.Consult) and self._nowhere(said, agent):
            return Refusal("no_target", "Callers cannot be sent there now.")
        if isinstance(said, frames.TaskFrame):
            return self._not_so(said, agent)
        return None

    def _not_so(self, said: frames.TaskFrame, agent: AgentId) -> Refusal | None:
        view = self._fanout.agent(agent)
        found = next((one for one in view.tasks if one.task == said.task), None) if view else None
        if found is None:
            return Refusal("not_yours", "This task is neither offered to you nor in your hands.")
        if said.do == ("done" if found.state == "offered" else "accept"):
            return Refusal("wrong_state", f"This task is {found.state}.")
        if said.code and said.code not in found.codes:
            return Refusal("unknown_code", "The queue of this task has no such code.")
        return None

    def _unknown(self, said: frames.DispositionFrame, agent: AgentId) -> bool:
        # A call that is no longer on the page is the machine's to judge: it knows the last one.
        view = self._fanout.agent(agent)
        talk = view.talk if view else None
        return talk is not None and talk.call == said.call and said.code not in talk.codes

    def _nowhere(self, said: frames.TransferFrame | frames.Consult, agent: AgentId) -> bool:
        there = self._fanout.targets(agent)
        return (said.kind, said.target) not in [(one.kind, one.target) for one in there]


def action_of(said: frames.FromPage) -> Action:
    """The policy's name for a message."""
    match said:
        case frames.Ready():
            return "agent.ready"
        case frames.Break():
            return "agent.break"
        case frames.WrapUpEnd():
            return "agent.wrapup_end"
        case frames.WrapUpExtend():
            return "agent.wrapup_extend"
        case frames.DispositionFrame():
            return "agent.disposition"
        case frames.TransferFrame():
            return "agent.transfer"
        case frames.HangUp():
            return "agent.hangup"
        case frames.PopAck():
            return "agent.pop_ack"
        case frames.Consult():
            return "agent.consult"
        case frames.TalkFrame():
            return "agent.talk"
        case frames.Pull():
            return "agent.pull"
        case frames.TaskFrame():
            return "agent.task"
        case frames.SpyFrame():
            return "supervise.talk"
        case frames.SpyStop():
            return "supervise.stop"
        case frames.Assign():
            return "supervise.assign"
        case frames.CallbackCancel():
            return "supervise.callback_cancel"
        case frames.HoursFrame():
            return "supervise.hours"
        case frames.Ping():
            return "stream.ping"
        case _:
            assert_never(said)


def _wish(said: Wish, agent: AgentId) -> Event:
    """The fact for the machine; the agent is the session's, never one that a message names."""
    match said:
        case frames.Ready():
            return ReadyAsked(agent)
        case frames.Break(reason):
            return BreakAsked(agent, reason)
        case frames.WrapUpEnd():
            return WrapUpDone(agent)
        case frames.WrapUpExtend():
            return ExtendWrapUpAsked(agent)
        case frames.DispositionFrame(call, code):
            return DispositionGiven(agent, call, code)
        case frames.TransferFrame(call, kind, target, note):
            return TransferAsked(agent, call, kind, target, note)
        case frames.HangUp():
            return HangUpAsked(agent)
        case frames.PopAck(pop):
            return PopAcknowledged(agent, pop)
        case frames.Consult(call, kind, target, note):
            return ConsultAsked(agent, call, kind, target, note)
        case frames.TalkFrame(call, wish):
            return TalkAsked(agent, call, wish)
        case frames.Pull(call):
            return PullAsked(agent, call)
        case frames.TaskFrame(task, do, code):
            return _of_task(agent, task, do, code)
        case _:
            assert_never(said)


def _of_task(agent: AgentId, task: TaskId, do: str, code: str) -> Event:
    if do == "accept":
        return TaskAccepted(agent, task)
    return TaskDone(agent, task, code) if do == "done" else TaskRejected(agent, task)


def _supervision(said: Supervising, session: Session) -> Event:
    """The fact for the machine; who asks is the session, never one that a message names."""
    by = Supervisor(session.login, session.name, session.agent)
    match said:
        case frames.SpyFrame(agent, wish):
            return SpyAsked(by, agent, wish)
        case frames.SpyStop():
            return SpyStopAsked(by)
        case frames.Assign(call, agent):
            return AssignAsked(by, call, agent)
        case frames.CallbackCancel(callback):
            return CallbackCancelAsked(by, callback)
        case frames.HoursFrame(hours, to, until):
            return HoursSwitched(by, hours, to, until)
        case _:
            assert_never(said)
