"""One caller in one flow. Strictly one action at a time: FastAGI does not pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from ctid.core.errors import IllegalTransition
from ctid.core.instants import WallMs
from ctid.core.records import LookUpStatus, QueueId
from ctid.ivr import flow as model
from ctid.ivr.flow import Flow
from ctid.ivr.hours import Hours
from ctid.ivr.survey import Answer, value_of
from ctid.ivr.survey_step import Survey

MAX_STEPS: Final = 500
"""A caller who has walked this many steps is hung up: nobody stays in a menu for ever."""


@dataclass(slots=True, frozen=True)
class Say:
    """Play these prompts; the answer is `played`."""

    prompts: tuple[str, ...]


@dataclass(slots=True, frozen=True)
class Ask:
    """Play these prompts and collect keys; the answer is `collected`."""

    prompts: tuple[str, ...]
    max_digits: int
    terminator: str
    first_digit: int
    inter_digit: int


@dataclass(slots=True, frozen=True)
class Check:
    """Find out whether this code belongs to a customer; the answer is `checked`."""

    code: str


@dataclass(slots=True, frozen=True)
class ToQueue:
    """The flow has ended in a queue."""

    queue: QueueId


@dataclass(slots=True, frozen=True)
class End:
    """The flow has ended the call."""


Action = Say | Ask | Check | ToQueue | End


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


class Walker:
    """Moves sessions through flows. Holds no state of its own."""

    def __init__(self, flows: Mapping[str, Flow], hours: Mapping[str, Hours]) -> None:
        self._flows = flows
        self._hours = hours

    def begin(self, flow_id: str, wall: WallMs, language: str = "") -> tuple[Session, Action]:
        """A caller enters a flow, in the flow's language where none is given."""
        flow = self._flows[flow_id]
        session = Session(flow_id, flow.start, language or flow.language)
        return session, self._enter(session, flow.start, wall)

    def awaits(self, session: Session) -> Literal["played", "collected", "checked"]:
        """Which fact this session waits for; any other is a second copy or comes late."""
        if session.pending:
            return "checked"
        return "played" if isinstance(self._step(session), model.Play) else "collected"

    def played(self, session: Session, wall: WallMs) -> Action:
        """The prompts of the last `Say` are over."""
        step = self._step(session)
        if not isinstance(step, model.Play):
            raise IllegalTransition("ivr", type(step).__name__, "played")
        return self._enter(session, step.next, wall)

    def collected(self, session: Session, digits: str, ended: str, wall: WallMs) -> Action:
        """The last `Ask` is over. `ended` is full, terminator or timeout."""
        match step := self._step(session):
            case model.Menu():
                key = digits or ("#" if ended == "terminator" else "")
                if (target := step.keys.get(key)) is not None:
                    session.path[-1] += f"={key}"
                    return self._enter(session, target, wall)
                return self._again(session, step, silent=not key, wall=wall)
            case Survey():
                value = value_of(step.answers, digits)
                if value is None:
                    return self._again(session, step, silent=not digits, wall=wall)
                session.path[-1] += f"={digits}"
                session.answers.append(Answer(session.step, step.answers, value))
                return self._enter(session, step.next, wall)
            case model.Collect():
                if not digits:
                    return self._again(session, step, silent=True, wall=wall)
                if not step.min <= len(digits) <= step.max or not _is_number(digits):
                    return self._again(session, step, silent=False, wall=wall)
                session.pending = digits
                if step.check == "customer":
                    return Check(digits)
                return self._accept(session, step, wall)
            case _:
                raise IllegalTransition("ivr", type(step).__name__, "collected")

    def checked(self, session: Session, status: LookUpStatus, wall: WallMs) -> Action:
        """The answer to the last `Check`. Without an answer the code is taken as claimed."""
        step = self._step(session)
        if not isinstance(step, model.Collect) or not session.pending:
            raise IllegalTransition("ivr", type(step).__name__, "checked")
        if status == "none":
            session.pending = ""
            return self._again(session, step, silent=False, wall=wall)
        return self._accept(session, step, wall)

    def _accept(self, session: Session, step: model.Collect, wall: WallMs) -> Action:
        session.code, session.pending = session.pending, ""
        return self._enter(session, step.next, wall)

    def _again(
        self,
        session: Session,
        step: model.Menu | model.Collect | Survey,
        *,
        silent: bool,
        wall: WallMs,
    ) -> Action:
        session.tries += 1
        if session.tries >= step.tries:
            session.path[-1] += "!"
            return self._enter(session, step.on_fail, wall)
        first = step.silence if silent else step.invalid
        return _ask(step, (first,) if first else ())

    def _enter(self, session: Session, name: str, wall: WallMs) -> Action:
        """Walk on from `name` until the caller has something to do or the flow ends."""
        flow = self._flows[session.flow]
        while True:
            session.step, session.tries = name, 0
            session.path.append(name)
            step = flow.steps[name]
            if len(session.path) > MAX_STEPS:
                return End()
            match step:
                case model.Play():
                    return Say((step.prompt,))
                case model.Menu() | model.Collect() | Survey():
                    return _ask(step, ())
                case model.Hours():
                    name = step.open if self._hours[step.hours].open_at(wall) else step.closed
                case model.Language():
                    session.language, name = step.language, step.next
                case model.Queue():
                    return ToQueue(step.queue)
                case model.HangUp():
                    return End()

    def _step(self, session: Session) -> model.AnyStep:
        return self._flows[session.flow].steps[session.step]


def _is_number(digits: str) -> bool:
    return digits.isascii() and digits.isdecimal()


def _ask(step: model.Menu | model.Collect | Survey, first: tuple[str, ...]) -> Ask:
    prompts = (*first, step.prompt)
    if isinstance(step, model.Menu | Survey):
        return Ask(prompts, 1, "", step.first_digit, step.first_digit)
    return Ask(prompts, step.max, step.terminator, step.first_digit, step.inter_digit)
