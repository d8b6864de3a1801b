"""What is wrong with one step by itself: values that do not go together, or that nobody can use."""

from __future__ import annotations

import re
from typing import Final

from ctid.core.instants import SECOND
from ctid.core.text import nearest
from ctid.ivr import pattern, saying, values
from ctid.ivr.flow import LANGUAGES
from ctid.ivr.identity import IDENTITIES
from ctid.ivr.leaving_steps import CallBack, Transfer
from ctid.ivr.look_up_step import LookUp
from ctid.ivr.record_step import Record
from ctid.ivr.service_problems import service_problems
from ctid.ivr.service_steps import Asking
from ctid.ivr.speech_problems import collect_problems, menu_problems
from ctid.ivr.steps import AnyStep, Branch, Call, Collect, Menu, Return, Say, Set
from ctid.ivr.variables import NAME, STATUSES, name_problem, names_in, text_problem

LONGEST_RECORDING: Final = 300 * SECOND
"""Well below the time after which a step that does not end counts as broken."""
_LINK: Final = re.compile(r"https?://[^\s]{1,190}")
"""Agents click on it: no scheme that would run in our page."""
_NAMED: Final = re.compile(r"\{([^}]*)\}")
_NUMBER: Final = re.compile(r"\+?[0-9]{2,20}")


def step_problems(step: AnyStep) -> list[tuple[str, str]]:
    """(field, what is wrong and what to do) for each; the field is empty for the step itself."""
    match step:
        case Collect():
            said = collect_problems(step)
            return [*_pattern_problems(step), *_collect_problems(step), *_pin_problems(step), *said]
        case Menu():
            return menu_problems(step)
        case Set():
            return _named({"value": step.value}) + _variable("variable", step.variable)
        case Branch():
            return _branch_problems(step)
        case Say():
            return _say_problems(step)
        case CallBack():
            return _named({"number": step.number})
        case Transfer():
            return _transfer_problems(step)
        case LookUp():
            if step.by == "number" and step.value != "{code}":
                return [("value", 'is of a code; write by = "code", or take it out')]
            return _named({"value": step.value})
        case Record():
            return _record_problems(step)
        case Call() | Return():
            texts = {f"with.{name}": text for name, text in step.with_.items()}
            names = [line for name in step.with_ for line in _variable(f"with.{name}", name)]
            return _named(texts) + names
        case Asking():
            return service_problems(step)
        case _:
            return []


def _collect_problems(step: Collect) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if step.check_digit == "mod11" and step.terminator == "*":
        what = "a number by mod11 may end in *, which cannot end the input too"
        found.append(("terminator", f"{what}; use '#'"))
    if step.read_back and not step.confirm:
        found.append(("read_back", "is played before a question; name that one in confirm"))
    if step.confirm and step.max > values.MOST_DIGITS:
        what = f"a code of {step.max} figures cannot be read back"
        found.append(("confirm", f"{what}; make max {values.MOST_DIGITS} or less, or take it out"))
    if step.total and step.total < step.first_digit:
        found.append(("total_s", "is less than first_digit_s; make it longer, or take it out"))
    if step.into != "code":
        found += _variable("into", step.into)
        for field, value in (("check", step.check), ("class", step.class_)):
            if value and (field, value) != ("class", "pin"):
                found.append((field, f"is for the customer code; take out into = {step.into!r}"))
    return found


def _pin_problems(step: Collect) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if step.check == "pin" and step.class_ != "pin":
        found.append(("check", 'a PIN is never kept; write class = "pin" beside it'))
    if step.locked and step.check != "pin":
        found.append(("locked", 'is for the check of a PIN; write check = "pin", or take it out'))
    if step.class_ != "pin":
        return found
    given = {
        "pattern": step.pattern,
        "check_digit": step.check_digit,
        "confirm": step.confirm,
        "check": "" if step.check == "pin" else step.check,
        "into": "" if step.into == "code" else step.into,
    }
    what = "only the number of figures of a PIN is known here"
    return found + [(field, f"{what}; take it out") for field, value in given.items() if value]


def _pattern_problems(step: Collect) -> list[tuple[str, str]]:
    if not step.pattern or not 1 <= step.min <= step.max:
        return []
    try:
        lengths = pattern.lengths(step.pattern)
    except ValueError as error:
        return [("pattern", str(error))]
    if any(low <= step.max and high >= step.min for low, high in lengths):
        return []
    what = f"no code of {step.min} to {step.max} figures can look like that"
    return [("pattern", f"{what}; change it, or min and max")]


def _branch_problems(step: Branch) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if not step.cases:
        found.append(("cases", "a branch needs at least one case; write cases = { VALUE = STEP }"))
    if not NAME.fullmatch(step.on):
        found.append(("on", f"{step.on!r} is no name of a variable; write it without braces"))
    known = {"code_status": STATUSES, "identity": IDENTITIES, "language": LANGUAGES}.get(step.on)
    if known is not None:
        for case in step.cases:
            if case not in known:
                what = f"{step.on} is never {case!r}"
                found.append((f"cases.{case}", f"{what}; {nearest(case, filter(None, known))}"))
    return found


def _say_problems(step: Say) -> list[tuple[str, str]]:
    found = _named({"value": step.value, "currency": step.currency})
    named = names_in(step.currency)
    if step.as_ not in saying.KINDS:
        what = f"{step.as_!r} is no kind of value"
        found.append(("as", f"{what}; {nearest(step.as_, saying.KINDS)}"))
    elif step.as_ == "amount" and not named and step.currency not in saying.CURRENCIES:
        what = f"{step.currency!r} has no words" if step.currency else "an amount needs one"
        found.append(("currency", f"{what}; use {', '.join(saying.CURRENCIES)}"))
    elif not names_in(step.value) and not named and not found:
        for language in LANGUAGES:
            try:
                saying.say(step.as_, step.value, language, step.currency)
            except ValueError as error:
                found.append(("value", f"cannot be said in {language}: {error}"))
    return found


def _record_problems(step: Record) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if step.max > LONGEST_RECORDING:
        found.append(("max_s", f"is more than {LONGEST_RECORDING // SECOND} s; make it shorter"))
    if step.min >= step.max:
        found.append(("min_s", "is not less than max_s, so nothing could be kept; make it shorter"))
    if step.terminator not in ("", "#", "*"):
        found.append(("terminator", "must be '#', '*' or empty; use '#'"))
    if step.link and not _LINK.fullmatch(step.link):
        found.append(("link", "must be an address that begins with https:// or http://"))
    known = ("call", "number", "file")
    for name in _NAMED.findall(step.link):
        if name not in known:
            what = f"{{{name[:20]}}} stands for nothing"
            found.append(("link", f"{what}; known are {', '.join(f'{{{one}}}' for one in known)}"))
    return found


def _transfer_problems(step: Transfer) -> list[tuple[str, str]]:
    """A name is held against `[transfer_numbers]` with the whole settings."""
    if not step.to[:1].isdigit() and not step.to.startswith("+"):
        return [] if step.to else [("to", "is empty; write a number, or a name of one")]
    if _NUMBER.fullmatch(step.to):
        return []
    what = f"{step.to[:40]!r} is no number"
    return [("to", f"{what}; write 2 to 20 digits, with + in front or not")]


def _named(texts: dict[str, str]) -> list[tuple[str, str]]:
    return [(field, wrong) for field, text in texts.items() if (wrong := text_problem(text))]


def _variable(field: str, name: str) -> list[tuple[str, str]]:
    wrong = name_problem(name)
    return [(field, wrong)] if wrong else []
