"""A caller of flesh and blood in front of a flow, without a telephone: the Walker of the machine
says what comes next, and the terminal says and hears it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, assert_never

import msgspec

from ctid.acd import wait_prompts
from ctid.app.ivr_answers import EXAMPLES, Answers
from ctid.app.ivr_words import are_words, understood
from ctid.core.identity import PinStatus
from ctid.core.instants import SECOND, Duration, WallMs
from ctid.core.records import Identity, LookUpStatus
from ctid.core.text import KEYS, unseen
from ctid.ivr import deciding, saying
from ctid.ivr.actions import (
    Action,
    Ask,
    AskOutside,
    Check,
    End,
    Find,
    Leave,
    Listen,
    Lost,
    Prove,
    Say,
    ToQueue,
    Waiting,
)
from ctid.ivr.flow import Flow
from ctid.ivr.hours import UNKNOWN, Next
from ctid.ivr.session import Session
from ctid.ivr.steps import Return
from ctid.ivr.steps import Say as SayStep
from ctid.ivr.survey import Answer
from ctid.ivr.variables import NOBODY, Known
from ctid.ivr.walker import Walker

Keyed = Callable[[Ask], str | None]
"""What the caller presses now: keys, empty for silence, None for one who hangs up."""

Question = Say | Ask | Listen | Check | Find | Prove | AskOutside
"""An action to which there is an answer."""


Outcome = Literal[
    "queue", "end", "returns", "hung up", "lost", "voicemail", "transfer", "callback"
]  # fmt: skip
"""`end`: the flow ended the call; `hung up`: the caller did; `returns`: the flow goes back to one
that called it; `lost`: a step is not there."""


class Spoken(msgspec.Struct, frozen=True):
    """One prompt that was played."""

    prompt: str
    text: str


class Turn(msgspec.Struct, frozen=True):
    """One exchange: what was said, and what came back."""

    step: str
    """`FLOW/STEP` within a flow that another one called."""
    does: Literal["says", "asks", "checks", "proves", "requests", "records", "fails"]
    spoken: tuple[Spoken, ...] = ()
    keys: str = ""
    """As the flow gets them: `x` for each figure of a PIN."""
    ended: str = ""
    """full, terminator or timeout, as of the PBX; `hang up` for the caller's own end."""
    lost: str = ""
    """Keys after the end of the input: the PBX does not keep them."""
    code: str = ""
    status: str = ""
    """What the pretended CRM said of the code, or a pretended service said at all; why a `say` that
    fails says nothing."""
    question: str = ""
    """What was asked of a service, with all that it was told."""
    values: Mapping[str, str] = {}
    """What it answered."""
    said: str = ""
    """In place of keys."""
    understood: bool = False
    """What was said is an answer to the question."""


class Story(msgspec.Struct, frozen=True):
    """`ctid ivr try --json` prints it."""

    flow: str
    language: str
    """At the end."""
    path: tuple[str, ...]
    outcome: Outcome
    queue: str
    """Where the caller waits, or the message or the callback goes; empty else."""
    code: str
    code_status: str
    identity: Identity
    variables: Mapping[str, str]
    answers: tuple[Answer, ...]
    turns: tuple[Turn, ...]
    served: tuple[str, ...] = ()
    """`FLOW/STEP` of each step that gave the caller what they called for."""
    handed: Mapping[str, str] = {}
    """What a flow that returns hands to the one that called it."""


@dataclass(frozen=True, slots=True)
class Pretence:
    """What a flow asks others for, and what they say here."""

    open: bool = True
    opens: Next = UNKNOWN
    """When they open, if they are closed."""
    status: LookUpStatus = "found"
    known: Known = NOBODY
    answers: Answers = EXAMPLES
    """Of services that the flow asks."""
    pin: PinStatus | Literal["locked"] = "right"
    """What the CRM says of each PIN; `locked`: none is taken of this caller."""
    outside: bool = True
    """Somebody answers at a number outside."""
    callback: bool = True
    """A callback can be had."""
    hidden: bool = False
    """The caller does not show a number, so nobody can call it back."""
    given: Mapping[str, str] = field(default_factory=dict)
    """Variables that the flow is called with."""
    speaks: Duration = 5 * SECOND
    """How long the caller speaks where they are recorded."""


_OUTCOMES: Final[Mapping[str, Outcome]] = {
    "voicemail": "voicemail",
    "external": "transfer",
    "callback": "callback",
}


RECORDED: Final = "recording"
"""Name of what is recorded here, which is nothing."""


class _Door(NamedTuple):
    """Opening hours that are the same at all times."""

    is_open: bool
    next: Next

    def open_at(self, wall: WallMs) -> bool:
        return self.is_open

    def opens(self, wall: WallMs) -> Next:
        return self.next


class Trial:
    """One walk through a flow."""

    def __init__(
        self, flows: Mapping[str, Flow], pretence: Pretence, tell: Callable[[Turn], None]
    ) -> None:
        """`tell` gets each turn once it is over, and before that its prompts."""
        door = _Door(pretence.open, pretence.opens)
        self._flows = flows
        self._walker = Walker(flows, defaultdict(lambda: door))
        self._pretence = pretence
        self._tell = tell
        self._turns: list[Turn] = []
        self._walked = 0
        """Steps of the path that were looked at."""

    def walk(self, flow: str, language: str, keyed: Keyed) -> Story:
        """From the first step to the outcome, which no keys and no silence put off for ever."""
        pretence = self._pretence
        session, action = self._walker.begin(
            flow, 0, language, pretence.known, given=pretence.given
        )
        while True:
            self._tell_unsaid(flow, session)
            match action:
                case ToQueue():
                    return self._story(flow, session, "queue", action.queue)
                case Leave():
                    if ended := self._left(session, action):
                        return self._story(flow, session, ended, action.queue)
                    action = self._walker.failed(session, 0, self._pretence.known)
                case End():
                    step = self._flows[session.flow].steps.get(session.step)
                    if isinstance(step, Return):
                        handed = deciding.filled(step.with_, session, pretence.known)
                        return self._story(flow, session, "returns", handed=handed)
                    return self._story(flow, session, "end")
                case Lost():
                    return self._story(flow, session, "lost")
                case Say() | Ask() | Listen() | Check() | Find() | Prove() | AskOutside():
                    answered = self._answer(session, action, keyed)
                    if answered is None:
                        return self._story(flow, session, "hung up")
                    action = answered
                case Waiting():
                    raise AssertionError("both answers to a question outside are given at once")
                case _:
                    assert_never(action)

    def _tell_unsaid(self, flow: str, session: Session) -> None:
        """Each `say` of the last steps that said nothing, and why."""
        walked, self._walked = session.path[self._walked :], len(session.path)
        for name in walked:
            where, _, step = name.removesuffix("!").rpartition("/")
            say = self._flows[where or flow].steps.get(step)
            if name.endswith("!") and isinstance(say, SayStep):
                here = session.flow == (where or flow)
                why = deciding.unsaid(say, session, self._pretence.known) if here else ""
                why = why or "its value cannot be said"
                self._note(Turn(step, "fails", status=why))

    def _answer(self, session: Session, action: Question, keyed: Keyed) -> Action | None:
        known = self._pretence.known
        step = session.path[-1]
        match action:
            case Say():
                self._note(Turn(step, "says", self._spoken(session, action.prompts)))
                return self._walker.played(session, 0, known)
            case Ask() if action.proves and self._pretence.pin == "locked":
                self._note(Turn(step, "proves", code=session.code, status="locked"))
                return self._walker.locked(session, 0, known)
            case Ask():
                spoken = self._heard(session, action)
                self._tell(Turn(step, "asks", spoken))
                typed = keyed(action)
                if typed is None:
                    self._turns.append(Turn(step, "asks", spoken, ended="hang up"))
                    return None
                if are_words(typed):
                    return self._spoke(session, step, spoken, "…" if action.secret else typed)
                digits, ended, lost = entered(typed, action)
                turn = Turn(step, "asks", spoken, digits, ended, lost)
                self._note(turn)
                return self._walker.collected(session, digits, ended, 0, known)
            case Listen():
                length = min(self._pretence.speaks, action.longest)
                spoken = self._spoken(session, action.prompts)
                self._note(Turn(step, "records", spoken, status=f"{length / SECOND:g} s"))
                file = f"{RECORDED}.wav"
                return self._walker.recorded(session, file, length, "key", 0, known)
            case Check():
                status = self._pretence.status
                self._note(Turn(step, "checks", code=action.code, status=status))
                return self._walker.checked(session, status, 0, known)
            case Find():
                status = self._pretence.status
                self._note(Turn(step, "checks", code=action.code or "the number", status=status))
                return self._walker.found(session, status, 0, known)
            case Prove():
                return self._proved(session, action, step)
            case AskOutside():
                return self._asked(session, action, step)

    def _spoke(self, session: Session, step: str, spoken: tuple[Spoken, ...], typed: str) -> Action:
        """Words in place of keys. Where nobody listens they are silence."""
        line, known = self._walker.listens(session), self._pretence.known
        if not line:
            self._note(Turn(step, "asks", spoken, ended="timeout", said=typed))
            return self._walker.collected(session, "", "timeout", 0, known)
        heard = understood(typed, line)
        self._note(Turn(step, "asks", spoken, ended="full", said=typed, understood=bool(heard)))
        return self._walker.spoken(session, heard, bool(heard), 0, known)

    def _asked(self, session: Session, action: AskOutside, step: str) -> Action:
        """A question to a service: whatever is said meanwhile is over before the answer is in."""
        known, answers = self._pretence.known, self._pretence.answers
        told = answers.to(action)
        said = [f"{name}={value}" for name, value in action.arguments]
        self._note(
            Turn(
                step, "requests", self._spoken(session, action.prompts), status=answers.status,
                question=" ".join((action.service, action.operation, *said)), values=dict(told),
            )
        )  # fmt: skip
        if action.prompts:
            self._walker.played(session, 0, known)
        return self._walker.answered(session, answers.status, told, 0, known)

    def _proved(self, session: Session, action: Prove, step: str) -> Action:
        """The PIN that was keyed is right or wrong as it was pretended, whatever its figures."""
        status: PinStatus = "unavailable" if self._pretence.pin == "locked" else self._pretence.pin
        self._note(Turn(step, "proves", code=action.code, status=status))
        return self._walker.proved(session, status, 0, self._pretence.known)

    def _left(self, session: Session, wish: Leave) -> Outcome | None:
        """How the flow ends there; None where it goes on."""
        if wish.place == "callback":
            # "?" is a number that nobody has keyed or shown.
            unknown = self._pretence.hidden and wish.number in ("", "?")
            if unknown or not self._pretence.callback:
                return None
        if wish.place == "external" and not self._pretence.outside:
            return None if wish.returns else "queue"
        if said := self._spoken(session, wish.prompts):
            self._note(Turn(session.path[-1], "says", said))
        return _OUTCOMES[wish.place]

    def _note(self, turn: Turn) -> None:
        self._turns.append(turn)
        self._tell(turn)

    def _heard(self, session: Session, ask: Ask) -> tuple[Spoken, ...]:
        first = (Spoken(ask.recording, "[the recording]"),) if ask.recording else ()
        return first + self._spoken(session, ask.prompts)

    def _spoken(self, session: Session, prompts: tuple[str, ...]) -> tuple[Spoken, ...]:
        texts = self._flows[session.flow].prompts
        return tuple(Spoken(name, _text(name, session.language, texts)) for name in prompts)

    def _story(
        self,
        flow: str,
        session: Session,
        outcome: Outcome,
        queue: str = "",
        handed: Mapping[str, str] | None = None,
    ) -> Story:
        return Story(
            flow, session.language, tuple(session.path), outcome, queue, session.code,
            session.code_status, session.identity, dict(session.variables), tuple(session.answers),
            tuple(self._turns),
            tuple(f"{one.flow}/{one.step}" for one in session.trail.stops if one.served),
            handed or {},
        )  # fmt: skip


def _text(prompt: str, language: str, texts: Mapping[str, Mapping[str, str]]) -> str:
    """What a prompt says: the flow's own, or one of those that ctid brings along."""
    for known in (texts, saying.TEXTS, wait_prompts.TEXTS):
        if told := known.get(prompt, {}).get(language, ""):
            return told
    return f"[{prompt}]"


def entered(typed: str, ask: Ask) -> tuple[str, str, str]:
    """(digits, how the input ended, keys that are lost) as the PBX would tell them: # always ends
    an input, and so does the last figure that fits."""
    for at, key in enumerate(typed):
        if key == "#" or key == ask.terminator:
            return _heard(typed[:at], ask), "terminator", _heard(typed[at + 1 :], ask)
        if at + 1 == ask.max_digits:
            return _heard(typed[: at + 1], ask), "full", _heard(typed[at + 1 :], ask)
    return _heard(typed, ask), "timeout", ""


def _heard(digits: str, ask: Ask) -> str:
    return unseen(digits) if ask.secret else digits


def keys_problem(typed: str) -> str:
    """Why nobody can press or say that, or empty."""
    if are_words(typed):
        return ""
    wrong = sorted({key for key in typed if key not in KEYS})
    return f"{''.join(wrong)!r} is on no telephone; press 0 to 9, * and #" if wrong else ""
