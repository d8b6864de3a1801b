"""The kinds of steps that a flow is made of. Durations are milliseconds; files say seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from ctid.core.instants import SECOND, Duration
from ctid.core.records import QueueId
from ctid.ivr.leaving_steps import CallBack, Transfer, Voicemail
from ctid.ivr.look_up_step import LookUp
from ctid.ivr.record_step import Record
from ctid.ivr.service_steps import Asking, SelfService, ServiceStep
from ctid.ivr.survey_step import Survey

StepId = str


class Step(msgspec.Struct, frozen=True, tag_field="kind", tag=str.lower):
    """Common shape of all steps."""


class Play(Step, frozen=True):
    """Say something, then go on."""

    prompt: str
    next: StepId
    serves: bool = False
    """Who has heard it has what they called for: it counts as self-service."""


class Menu(Step, frozen=True):
    """Ask for one key."""

    prompt: str
    keys: Mapping[str, StepId]
    """Key → step."""
    on_fail: StepId
    """Where to go after the last wrong or missing key."""
    invalid: str = ""
    """Prompt before the question is asked again after a wrong key."""
    silence: str = ""
    """Prompt before the question is asked again after no key."""
    tries: int = 3
    first_digit: Duration = 5 * SECOND
    again: tuple[str, ...] = ()
    """Prompts in place of `prompt` from the second try on, the last for all further ones."""
    words: Mapping[str, Mapping[str, str]] = msgspec.field(default_factory=dict)
    """Language → what may be said in it → the key that it stands for."""
    unsure: str = ""
    """Prompt before the question is asked again, for keys, after words that nobody understood;
    empty: `invalid`."""


class Collect(Step, frozen=True):
    """Ask for a customer code, or another number."""

    prompt: str
    next: StepId
    on_fail: StepId
    """Where to go after the last wrong or missing code; the caller is not lost for it."""
    min: int = 1
    max: int = 20
    terminator: str = "#"
    """The key that ends the input early, or empty. A code of full length never waits for it."""
    invalid: str = ""
    silence: str = ""
    tries: int = 3
    first_digit: Duration = 6 * SECOND
    inter_digit: Duration = 3 * SECOND
    check: Literal["", "customer", "pin"] = ""
    """`customer`: the code must belong to a customer. A CRM that does not answer accepts it.
    `pin`, with the class pin: it must be that of the code given before; nothing accepts it but the
    CRM's yes."""
    total: Duration = 0
    """From the prompt's beginning to the last key; then what was keyed counts. 0 = no limit."""
    check_digit: Literal["", "luhn", "mod11", "mod97"] = ""
    """The rule that the last figures must keep, see `ctid.ivr.checkdigits`."""
    pattern: str = ""
    """What a code looks like, see `ctid.ivr.pattern`; empty: any figures."""
    again: tuple[str, ...] = ()
    """As for a menu."""
    confirm: str = ""
    """Prompt behind the code that is read back: 1 = right, 2 = again. Empty: not read back."""
    read_back: str = ""
    """Prompt before it."""
    into: str = "code"
    """The variable that keeps it; `code` is the customer code, which goes to the pop."""
    class_: Literal["", "code", "pin"] = msgspec.field(default="", name="class")
    """`code`: kept, but pages show the last figures only. `pin`: never kept, nowhere; the machine
    learns how many figures there were."""
    locked: StepId = ""
    """With the check `pin`: where callers go of whom no PIN is taken for now; empty: `on_fail`."""
    speech: bool = False
    """The figures may be said, where the site has a recogniser for the caller's language."""
    unsure: str = ""
    """As for a menu."""


class Hours(Step, frozen=True):
    """Branch on the opening hours."""

    hours: str
    open: StepId
    closed: StepId


class Language(Step, frozen=True):
    """Go on in this language."""

    language: str
    next: StepId


class Set(Step, frozen=True):
    """Remember a text, in which `{name}` stands for a value, under a name."""

    variable: str
    value: str
    next: StepId


class Branch(Step, frozen=True):
    """Go on by a value."""

    on: str
    """A variable, or one of `ctid.ivr.variables.BUILT_IN`."""
    cases: Mapping[str, StepId]
    """Value → step."""
    otherwise: StepId
    """For every other value, and for none."""


class Say(Step, frozen=True):
    """Speak a value: a number, an amount, a date."""

    as_: str = msgspec.field(name="as")
    """One of the kinds of `ctid.ivr.saying`."""
    value: str
    """A text in which `{name}` stands for a value."""
    next: StepId
    currency: str = ""
    """For `amount`: three letters, as in CNY, or a text in which `{name}` stands for a value."""
    before: str = ""
    after: str = ""
    """Prompts around it."""
    on_fail: StepId = ""
    """Where to go when the value cannot be said: not set, say, or no number. Empty: `next`."""
    serves: bool = False
    """As of `Play`."""


class Call(Step, frozen=True):
    """Walk another flow, and go on where that one returns."""

    flow: str
    next: StepId
    with_: Mapping[str, str] = msgspec.field(default_factory=dict, name="with")
    """Its variables at the beginning: name → text, in which `{name}` stands for a value here."""


class Return(Step, frozen=True):
    """Back to the flow that called this one."""

    with_: Mapping[str, str] = msgspec.field(default_factory=dict, name="with")
    """Variables of the flow that called: name → text, in which `{name}` stands for a value here."""


class Queue(Step, frozen=True):
    """Leave the flow for a queue."""

    queue: QueueId


class HangUp(Step, frozen=True):
    """End the call."""

    serves: bool = False
    """Who has come this far has what they called for."""


AnyStep = (
    Play
    | Menu
    | Collect
    | Hours
    | Language
    | Set
    | Branch
    | Say
    | Call
    | Return
    | Queue
    | HangUp
    | Survey
    | ServiceStep
    | Voicemail
    | Transfer
    | CallBack
    | Record
    | LookUp
)


def targets(step: AnyStep) -> tuple[tuple[str, StepId], ...]:
    """(field, step) for everywhere in its own flow that `step` may lead to."""
    match step:
        case Play() | Language() | Set() | Call():
            return (("next", step.next),)
        case Menu():
            keys = tuple((f"keys.{key}", target) for key, target in step.keys.items())
            return (*keys, ("on_fail", step.on_fail))
        case Collect() | Survey() | Record():
            locked = step.locked if isinstance(step, Collect) else ""
            more = (("locked", locked),) if locked else ()
            return (("next", step.next), ("on_fail", step.on_fail), *more)
        case Hours():
            return (("open", step.open), ("closed", step.closed))
        case Branch():
            cases = tuple((f"cases.{case}", target) for case, target in step.cases.items())
            return (*cases, ("otherwise", step.otherwise))
        case Say():
            fails = (("on_fail", step.on_fail),) if step.on_fail else ()
            return (("next", step.next), *fails)
        case Asking():
            ways = (("next", step.next), ("none", step.none), ("on_fail", step.on_fail))
            refused = step.refused if isinstance(step, SelfService) else ""
            return (*ways, ("refused", refused)) if refused else ways
        case LookUp():
            ways = (("found", step.found), ("none", step.none), ("on_fail", step.on_fail))
            return (*ways, ("many", step.many)) if step.many else ways
        case Transfer() | CallBack():
            return (("on_fail", step.on_fail),) if step.on_fail else ()
        case Queue() | HangUp() | Return() | Voicemail():
            return ()


def may_end(step: AnyStep) -> bool:
    """Whether the flow may be over at this step."""
    return isinstance(step, Queue | HangUp | Return | Voicemail | Transfer | CallBack)


def prompts_of(step: AnyStep) -> tuple[tuple[str, str], ...]:
    """(field, prompt) for everything that `step` may say, but for values."""
    named: tuple[tuple[str, str], ...]
    match step:
        case Play() | Voicemail() | CallBack():
            named = (("prompt", step.prompt),)
        case Menu() | Collect() | Survey():
            named = (("prompt", step.prompt), ("invalid", step.invalid), ("silence", step.silence))
            if not isinstance(step, Survey):
                named += tuple((f"again[{n}]", one) for n, one in enumerate(step.again, start=1))
            if isinstance(step, Collect):
                named += (("read_back", step.read_back), ("confirm", step.confirm))
            if isinstance(step, Menu | Collect):
                named += (("unsure", step.unsure),)
        case Record():
            named = (("prompt", step.prompt), ("short", step.short), ("confirm", step.confirm))
        case Say():
            named = (("before", step.before), ("after", step.after))
        case Asking():
            named = (("prompt", step.prompt),)
        case _:
            named = ()
    return tuple((field, prompt) for field, prompt in named if prompt)
