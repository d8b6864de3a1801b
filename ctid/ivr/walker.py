"""One caller in one flow. Strictly one action at a time: FastAGI does not pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from ctid.core.errors import IllegalTransition
from ctid.core.instants import WallMs
from ctid.core.records import LookUpStatus
from ctid.ivr import answering, collecting, deciding
from ctid.ivr import flow as model
from ctid.ivr.actions import Action, End, Lost, Say, ToQueue
from ctid.ivr.containment import FAILED
from ctid.ivr.flow import LANGUAGES, Flow
from ctid.ivr.hours import Opens
from ctid.ivr.session import Frame, Session
from ctid.ivr.survey_step import Survey
from ctid.ivr.variables import NOBODY, Known

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
        self, flow_id: str, wall: WallMs, language: str = "", known: Known = NOBODY
    ) -> tuple[Session, Action]:
        """A caller enters a flow, in the flow's language where none is given that we speak."""
        flow = self._flows[flow_id]
        speaks = language if language in LANGUAGES else flow.language
        session = Session(flow_id, flow.start, speaks)
        return session, self._enter(session, flow.start, wall, known)

    def awaits(self, session: Session) -> Literal["played", "collected", "checked", "anything"]:
        """Which fact this session waits for; any other is a second copy or comes late. Whichever
        comes next where new settings have taken the step away: it will lead to `Lost`."""
        step = self._step(session)
        if (session.pending or session.heard) and not isinstance(step, model.Collect):
            return "anything"
        if session.pending:
            return "checked"
        match step:
            case model.Play() | model.Say():
                return "played"
            case model.Menu() | model.Collect() | Survey():
                return "collected"
            case _:
                return "anything"

    def played(self, session: Session, wall: WallMs, known: Known = NOBODY) -> Action:
        """The prompts of the last `Say` are over."""
        if self.awaits(session) == "anything":
            return _lost(session)
        step = self._step(session)
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
            case _:
                raise IllegalTransition("ivr", type(step).__name__, "collected")
        session.trail.answered()
        return self._go(session, turn, wall, known)

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

    def _go(self, session: Session, turn: answering.Turn, wall: WallMs, known: Known) -> Action:
        return self._enter(session, turn, wall, known) if isinstance(turn, str) else turn

    def _enter(self, session: Session, name: str, wall: WallMs, known: Known) -> Action:
        """Walk on from `name` until the caller has something to do or the flow ends."""
        while True:
            session.step, session.tries = name, 0
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
                case model.Menu() | model.Collect() | Survey():
                    return collecting.ask(step, "", 0)
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
                case model.Queue():
                    return ToQueue(step.queue)
                case model.HangUp():
                    if step.serves:
                        session.trail.served()
                    return End()

    def _step(self, session: Session) -> model.AnyStep | None:
        flow = self._flows.get(session.flow)
        return None if flow is None else flow.steps.get(session.step)


def _lost(session: Session) -> Lost:
    return Lost(f"{session.flow}/{session.step}")
