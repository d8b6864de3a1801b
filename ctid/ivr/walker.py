"""One caller in one flow. Strictly one action at a time: FastAGI does not pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from ctid.core.errors import IllegalTransition
from ctid.core.identity import PinStatus
from ctid.core.instants import Duration, WallMs
from ctid.core.records import LookUpStatus
from ctid.core.services import ServiceStatus
from ctid.ivr import (
    answering,
    collecting,
    deciding,
    leaving,
    looking_up,
    recording,
    services,
    speech,
)
from ctid.ivr import flow as model
from ctid.ivr.actions import WAITING, Action, End, Lost, Say, ToQueue
from ctid.ivr.containment import FAILED
from ctid.ivr.flow import LANGUAGES, Flow
from ctid.ivr.hours import Opens
from ctid.ivr.identity import LOCKED, NO_CODE, NOTHING, Claim
from ctid.ivr.leaving_steps import LeavingStep
from ctid.ivr.service_steps import Asking, ServiceStep
from ctid.ivr.session import Frame, Session
from ctid.ivr.survey_step import Survey
from ctid.ivr.variables import NOBODY, Known

Awaited = Literal[
    "played",
    "collected",
    "checked",
    "proved",
    "answered",
    "recorded",
    "found",
    "either",
    "anything",
]
"""`either`: of `played` and `answered` whichever comes first, and then the other."""

MAX_STEPS: Final = 500
"""A caller who has walked this many steps is hung up: nobody stays in a menu for ever."""
MAX_DEPTH: Final = 8
"""Flows that may have called one another at the same time; files that ask for more are refused."""


class Walker:
    """Moves sessions through flows. Holds no state of its own.

    `wall` is the time for opening hours, `known` what others know of the caller, for branches.
    """

    def __init__(self, flows: Mapping[str, Flow], hours: Mapping[str, Opens]) -> None:
        self._flows = flows
        self._hours = hours

    def begin(
        self,
        flow_id: str,
        wall: WallMs,
        language: str = "",
        known: Known = NOBODY,
        shown: Claim = NOTHING,
        given: Mapping[str, str] | None = None,
    ) -> tuple[Session, Action]:
        """A caller enters a flow, in the flow's language where none is given that we speak, with
        what the call has shown before. `given`: variables that the flow begins with."""
        flow = self._flows[flow_id]
        speaks = language if language in LANGUAGES else flow.language
        session = Session(flow_id, flow.start, speaks)
        session.code, session.code_status = shown.code, shown.status
        session.identity = shown.identity
        if given is not None:
            session.variables.update(given)
        return session, self._enter(session, flow.start, wall, known)

    def awaits(self, session: Session) -> Awaited:
        """Which fact this session waits for; any other is a second copy or comes late. Whichever
        comes next where new settings have taken the step away: it will lead to `Lost`."""
        step = self._step(session)
        waits = session.pending or session.heard or session.proving
        if waits and not isinstance(step, model.Collect):
            return "anything"
        if session.finding:
            return "found" if isinstance(step, model.LookUp) else "anything"
        if session.taken is not None and not isinstance(step, model.Record):
            return "anything"
        if session.pending:
            return "checked"
        if session.proving:
            return "proved"
        if (outside := session.outside) is not None:
            if not isinstance(step, Asking):
                return "anything"
            if not outside.plays:
                return "answered"
            return "played" if outside.status else "either"
        match step:
            case model.Play() | model.Say():
                return "played"
            case model.Menu() | model.Collect() | Survey():
                return "collected"
            case model.Record():
                return "recorded" if session.taken is None else "collected"
            case _:
                return "anything"

    def played(self, session: Session, wall: WallMs, known: Known = NOBODY) -> Action:
        """The prompts of the last `Say` are over."""
        if self.awaits(session) == "anything":
            return _lost(session)
        step = self._step(session)
        if isinstance(step, Asking) and session.outside is not None:
            session.outside.plays = False
            return self._on(session, step, wall, known)
        if not isinstance(step, model.Play | model.Say):
            raise IllegalTransition("ivr", type(step).__name__, "played")
        if step.serves:
            session.trail.served()
        return self._enter(session, step.next, wall, known)

    def collected(
        self, session: Session, digits: str, ended: str, wall: WallMs, known: Known = NOBODY
    ) -> Action:
        """The last `Ask` is over. `ended` is full, terminator or timeout."""
        if self.awaits(session) == "anything":
            return _lost(session)
        match step := self._step(session):
            case model.Menu():
                turn = answering.menu(session, step, digits, ended)
            case Survey():
                turn = answering.survey(session, step, digits)
            case model.Collect():
                turn = answering.collect(session, step, digits)
            case model.Record():
                session.trail.answered()
                return self._go(session, recording.said(session, step, digits), wall, known)
            case _:
                raise IllegalTransition("ivr", type(step).__name__, "collected")
        session.trail.answered()
        return self._go(session, turn, wall, known)

    def listens(self, session: Session) -> str:
        """What the caller may say to the last `Ask`, see `ctid.core.grammar`; empty: keys only."""
        return speech.listens(session, self._step(session))

    def spoken(
        self, session: Session, said: str, sure: bool, wall: WallMs, known: Known = NOBODY
    ) -> Action:
        """The last `Ask` is over, and the caller has spoken. `said`: what was heard of what may be
        said, or nothing."""
        step = self._step(session)
        if not isinstance(step, model.Menu | model.Collect) or not speech.listens(session, step):
            return self.collected(session, "", "timeout", wall, known)
        session.by_keys = True
        if keys := speech.meant(session, step, said) if sure else "":
            return self.collected(session, keys, "full", wall, known)
        session.trail.answered()
        return self._go(session, answering.unsure(session, step), wall, known)

    def checked(
        self, session: Session, status: LookUpStatus, wall: WallMs, known: Known = NOBODY
    ) -> Action:
        """The answer to the last `Check`. Without an answer the code is taken as claimed."""
        if self.awaits(session) == "anything":
            return _lost(session)
        step = self._step(session)
        if not isinstance(step, model.Collect) or not session.pending:
            raise IllegalTransition("ivr", type(step).__name__, "checked")
        return self._go(session, answering.checked(session, step, status), wall, known)

    def proved(
        self, session: Session, status: PinStatus, wall: WallMs, known: Known = NOBODY
    ) -> Action:
        """The answer to the last `Prove`."""
        if self.awaits(session) == "anything":
            return _lost(session)
        step = self._step(session)
        if not isinstance(step, model.Collect) or not session.proving:
            raise IllegalTransition("ivr", type(step).__name__, "proved")
        return self._go(session, answering.proved(session, step, status), wall, known)

    def locked(self, session: Session, wall: WallMs, known: Known = NOBODY) -> Action:
        """No PIN is taken of this caller for now: in place of the question, or of the check."""
        step = self._step(session)
        if not isinstance(step, model.Collect):
            raise IllegalTransition("ivr", type(step).__name__, "locked")
        return self._enter(session, answering.unproved(session, step, LOCKED), wall, known)

    def answered(
        self,
        session: Session,
        status: ServiceStatus,
        values: Iterable[tuple[str, str]],
        wall: WallMs,
        known: Known = NOBODY,
    ) -> Action:
        """The answer to the last `AskOutside`."""
        if self.awaits(session) == "anything":
            return _lost(session)
        step = self._step(session)
        if not isinstance(step, Asking) or session.outside is None:
            raise IllegalTransition("ivr", type(step).__name__, "answered")
        services.answered(session, step, status, values)
        return self._on(session, step, wall, known)

    def _on(self, session: Session, step: ServiceStep, wall: WallMs, known: Known) -> Action:
        """On from a question to somebody outside, once its prompt and its answer are in."""
        target = services.leads(session, step)
        return WAITING if target is None else self._enter(session, target, wall, known)

    def found(
        self, session: Session, status: LookUpStatus, wall: WallMs, known: Known = NOBODY
    ) -> Action:
        """The answer to the last `Find`."""
        if self.awaits(session) == "anything":
            return _lost(session)
        step = self._step(session)
        if not isinstance(step, model.LookUp) or not session.finding:
            raise IllegalTransition("ivr", type(step).__name__, "found")
        return self._enter(session, looking_up.found(session, step, status, known), wall, known)

    def recorded(
        self,
        session: Session,
        file: str,
        length: Duration,
        ended: str,
        wall: WallMs,
        known: Known = NOBODY,
    ) -> Action:
        """The last `Listen` is over; without a file nothing could be recorded. Who has hung up
        while they spoke has said it all the same, and goes nowhere."""
        if self.awaits(session) == "anything":
            return _lost(session)
        step = self._step(session)
        if not isinstance(step, model.Record):
            raise IllegalTransition("ivr", type(step).__name__, "recorded")
        session.trail.answered()
        if ended == "hang_up":
            recording.taken(session, step, file, length)
            return WAITING
        return self._go(session, recording.recorded(session, step, file, length), wall, known)

    def failed(self, session: Session, wall: WallMs, known: Known = NOBODY) -> Action:
        """The caller cannot go where the last `Leave` leads, or nobody is there."""
        step = self._step(session)
        if not isinstance(step, LeavingStep) or not (target := leaving.on_fail(step)):
            return _lost(session)
        session.path[-1] += "!"
        session.trail.takes(FAILED)
        return self._enter(session, target, wall, known)

    def _go(self, session: Session, turn: Action | str, wall: WallMs, known: Known) -> Action:
        return self._enter(session, turn, wall, known) if isinstance(turn, str) else turn

    def _enter(self, session: Session, name: str, wall: WallMs, known: Known) -> Action:
        """Walk on from `name` until the caller has something to do or the flow ends."""
        while True:
            session.step, session.tries, session.by_keys = name, 0, False
            step = self._step(session)
            if step is None:
                return _lost(session)
            session.path.append(f"{session.flow}/{name}" if session.stack else name)
            session.trail.enter(session.flow, name)
            if len(session.path) > MAX_STEPS:
                return End()
            match step:
                case model.Play():
                    return Say((step.prompt,))
                case model.Collect() if step.check == "pin" and not session.code:
                    name = answering.unproved(session, step, NO_CODE)
                case model.Menu() | model.Collect() | Survey():
                    return collecting.ask(step, "", 0)
                case model.Record():
                    return recording.ask(step)
                case model.LookUp():
                    sought = looking_up.ask(session, step, known)
                    if not isinstance(sought, str):
                        return sought
                    name = sought
                case model.Say():
                    if prompts := deciding.said(session, step, known):
                        return Say(prompts)
                    session.path[-1] += "!"
                    session.trail.takes(FAILED)
                    name = step.on_fail or step.next
                case model.Hours():
                    name = deciding.by_hours(session, step, self._hours[step.hours], wall)
                case model.Language():
                    session.language, name = step.language, step.next
                case model.Set():
                    name = deciding.remember(session, step, known)
                case model.Branch():
                    value = deciding.values(session, known).get(step.on, "")
                    name = step.cases.get(value, step.otherwise)
                case model.Call():
                    flow = self._flows.get(step.flow)
                    if flow is None or len(session.stack) >= MAX_DEPTH:
                        return Lost(f"{step.flow}/")
                    given = deciding.filled(step.with_, session, known)
                    session.stack.append(Frame(session.flow, step.next, session.variables))
                    session.flow, session.variables, name = flow.id, given, flow.start
                case model.Return():
                    if not session.stack:
                        return End()
                    handed = deciding.filled(step.with_, session, known)
                    frame = session.stack.pop()
                    session.flow, name = frame.flow, frame.step
                    session.variables = {**frame.variables, **handed}
                case Asking():
                    turn = services.ask(session, step, known)
                    if not isinstance(turn, str):
                        return turn
                    name = turn
                case model.Queue():
                    return ToQueue(step.queue)
                case model.Voicemail() | model.Transfer() | model.CallBack():
                    return leaving.wish(session, step, known)
                case model.HangUp():
                    if step.serves:
                        session.trail.served()
                    return End()

    def _step(self, session: Session) -> model.AnyStep | None:
        flow = self._flows.get(session.flow)
        return None if flow is None else flow.steps.get(session.step)


def _lost(session: Session) -> Lost:
    return Lost(f"{session.flow}/{session.step}")
