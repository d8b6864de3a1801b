"""One caller in one flow. Strictly one action at a time: FastAGI does not pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from ctid.core.errors import IllegalTransition
from ctid.core.instants import WallMs
from ctid.core.records import LookUpStatus
from ctid.ivr import collecting
from ctid.ivr import flow as model
from ctid.ivr.actions import Action, Ask, Check, End, Lost, Say, ToQueue
from ctid.ivr.flow import LANGUAGES, Flow
from ctid.ivr.hours import Opens
from ctid.ivr.saying import say
from ctid.ivr.survey import Answer, value_of
from ctid.ivr.survey_step import Survey
from ctid.ivr.variables import NOBODY, OPENS, Known, fill

__all__ = (
    "MAX_DEPTH", "MAX_STEPS", "Action", "Ask", "Check", "End", "Frame", "Lost", "Say", "Session",
    "ToQueue", "Walker",
)  # fmt: skip

MAX_STEPS: Final = 500
"""A caller who has walked this many steps is hung up: nobody stays in a menu for ever."""
MAX_DEPTH: Final = 8
"""Flows that may have called one another at the same time; files that ask for more are refused."""


@dataclass(slots=True)
class Frame:
    """Where a flow goes on when the one that it called returns."""

    flow: str
    step: str
    variables: dict[str, str]


@dataclass(slots=True)
class Session:
    """Where a caller is, and what has been learned. Plain data: the journal's state holds it."""

    flow: str
    step: str
    language: str
    tries: int = 0
    code: str = ""
    """The code that was accepted, or empty."""
    pending: str = ""
    """The code that is being checked."""
    path: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    """Given to the questions of a survey, in order."""
    heard: str = ""
    """The code that was read back, until the caller has said whether it is right."""
    code_status: str = ""
    """One of `variables.STATUSES`."""
    variables: dict[str, str] = field(default_factory=dict)
    """Of the flow that is walked."""
    stack: list[Frame] = field(default_factory=list)
    """The flows that wait for this one to return, the innermost last."""


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
        return self._enter(session, step.next, wall, known)

    def collected(
        self, session: Session, digits: str, ended: str, wall: WallMs, known: Known = NOBODY
    ) -> Action:
        """The last `Ask` is over. `ended` is full, terminator or timeout."""
        if self.awaits(session) == "anything":
            return _lost(session)
        match step := self._step(session):
            case model.Menu():
                key = digits or ("#" if ended == "terminator" else "")
                if (target := step.keys.get(key)) is not None:
                    session.path[-1] += f"={key}"
                    return self._enter(session, target, wall, known)
                return self._again(session, step, _why(step, key), wall, known)
            case Survey():
                value = value_of(step.answers, digits)
                if value is None:
                    return self._again(session, step, _why(step, digits), wall, known)
                session.path[-1] += f"={digits}"
                session.answers.append(Answer(session.step, step.answers, value))
                return self._enter(session, step.next, wall, known)
            case model.Collect():
                if session.heard:
                    return self._confirmed(session, step, digits, wall, known)
                if not collecting.fits(step, digits):
                    return self._again(session, step, _why(step, digits), wall, known)
                if step.class_ == "pin":
                    return self._go_on(session, step, wall, known)
                if step.confirm:
                    session.heard = digits
                    return collecting.read_back(step, digits, session.language)
                return self._check(session, step, digits, wall, known)
            case _:
                raise IllegalTransition("ivr", type(step).__name__, "collected")

    def checked(
        self, session: Session, status: LookUpStatus, wall: WallMs, known: Known = NOBODY
    ) -> Action:
        """The answer to the last `Check`. Without an answer the code is taken as claimed."""
        if self.awaits(session) == "anything":
            return _lost(session)
        step = self._step(session)
        if not isinstance(step, model.Collect) or not session.pending:
            raise IllegalTransition("ivr", type(step).__name__, "checked")
        if status == "none":
            session.pending = ""
            if not session.code:
                session.code_status = "unknown"
            return self._again(session, step, step.invalid, wall, known)
        session.code, session.pending = session.pending, ""
        session.code_status = "found" if status in ("found", "many") else "claimed"
        return self._go_on(session, step, wall, known)

    def _confirmed(
        self, session: Session, step: model.Collect, key: str, wall: WallMs, known: Known
    ) -> Action:
        """What the caller says of the code that was read back. No or a wrong key: once more the
        same, and like a wrong code it counts as a try, so that nobody stays here for ever."""
        digits = session.heard
        if key == collecting.RIGHT:
            session.heard = ""
            return self._check(session, step, digits, wall, known)
        action = self._again(session, step, "", wall, known)
        if key == collecting.AGAIN or not isinstance(action, Ask) or not session.tries:
            return action
        session.heard = digits
        return collecting.read_back(step, digits, session.language)

    def _check(
        self, session: Session, step: model.Collect, digits: str, wall: WallMs, known: Known
    ) -> Action:
        code = collecting.written(step, digits)
        if step.check == "customer":
            session.pending = code
            return Check(code)
        if step.into == "code":
            session.code, session.code_status = code, "claimed"
        else:
            session.variables[step.into] = code
        return self._go_on(session, step, wall, known)

    def _go_on(self, session: Session, step: model.Collect, wall: WallMs, known: Known) -> Action:
        if session.tries:
            session.path[-1] += f"~{session.tries + 1}"
        return self._enter(session, step.next, wall, known)

    def _again(
        self,
        session: Session,
        step: model.Menu | model.Collect | Survey,
        why: str,
        wall: WallMs,
        known: Known,
    ) -> Action:
        """Ask once more, after the prompt `why` where there is one, or go where the step fails."""
        session.tries += 1
        session.heard = ""
        if session.tries >= step.tries:
            session.path[-1] += "!"
            return self._enter(session, step.on_fail, wall, known)
        return collecting.ask(step, why, session.tries)

    def _enter(self, session: Session, name: str, wall: WallMs, known: Known) -> Action:
        """Walk on from `name` until the caller has something to do or the flow ends."""
        while True:
            session.step, session.tries = name, 0
            step = self._step(session)
            if step is None:
                return _lost(session)
            session.path.append(f"{session.flow}/{name}" if session.stack else name)
            if len(session.path) > MAX_STEPS:
                return End()
            match step:
                case model.Play():
                    return Say((step.prompt,))
                case model.Menu() | model.Collect() | Survey():
                    return collecting.ask(step, "", 0)
                case model.Say():
                    if prompts := self._said(session, step, known):
                        return Say(prompts)
                    session.path[-1] += "!"
                    name = step.on_fail or step.next
                case model.Hours():
                    name = self._by_hours(session, step, wall)
                case model.Language():
                    session.language, name = step.language, step.next
                case model.Set():
                    session.variables[step.variable] = fill(step.value, _values(session, known))
                    name = step.next
                case model.Branch():
                    value = _values(session, known).get(step.on, "")
                    name = step.cases.get(value, step.otherwise)
                case model.Call():
                    flow = self._flows.get(step.flow)
                    if flow is None or len(session.stack) >= MAX_DEPTH:
                        return Lost(f"{step.flow}/")
                    given = _filled(step.with_, session, known)
                    session.stack.append(Frame(session.flow, step.next, session.variables))
                    session.flow, session.variables, name = flow.id, given, flow.start
                case model.Return():
                    if not session.stack:
                        return End()
                    handed = _filled(step.with_, session, known)
                    frame = session.stack.pop()
                    session.flow, name = frame.flow, frame.step
                    session.variables = {**frame.variables, **handed}
                case model.Queue():
                    return ToQueue(step.queue)
                case model.HangUp():
                    return End()

    def _by_hours(self, session: Session, step: model.Hours, wall: WallMs) -> str:
        hours = self._hours[step.hours]
        if hours.open_at(wall):
            return step.open
        session.variables |= dict(zip(OPENS, hours.opens(wall), strict=True))
        return step.closed

    def _said(self, session: Session, step: model.Say, known: Known) -> tuple[str, ...]:
        """The prompts of a value, empty where it cannot be said."""
        value = fill(step.value, _values(session, known))
        try:
            said = say(step.as_, value, session.language, step.currency)
        except ValueError:
            return ()
        return tuple(prompt for prompt in (step.before, *said, step.after) if prompt)

    def _step(self, session: Session) -> model.AnyStep | None:
        flow = self._flows.get(session.flow)
        return None if flow is None else flow.steps.get(session.step)


def _lost(session: Session) -> Lost:
    return Lost(f"{session.flow}/{session.step}")


def _why(step: model.Menu | model.Collect | Survey, keys: str) -> str:
    """The prompt that says why the caller is asked again."""
    return step.invalid if keys else step.silence


def _values(session: Session, known: Known) -> dict[str, str]:
    return {
        **session.variables,
        "language": session.language,
        "code": session.code,
        "code_status": session.code_status,
        "grade": known.grade,
        "segment": known.segment,
        "region": known.region,
    }


def _filled(texts: Mapping[str, str], session: Session, known: Known) -> dict[str, str]:
    values = _values(session, known)
    return {name: fill(text, values) for name, text in texts.items()}
