"""Keys of a caller: how they are asked for, and what is wrong with what was keyed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ctid.core.text import is_number
from ctid.ivr import pattern
from ctid.ivr.actions import Ask
from ctid.ivr.checkdigits import CHECKS
from ctid.ivr.flow import Flow
from ctid.ivr.saying import say
from ctid.ivr.steps import Collect, Menu
from ctid.ivr.survey_step import Survey

RIGHT: Final = "1"
AGAIN: Final = "2"
"""Keys after a code was read back."""


def ask(step: Menu | Collect | Survey, first: str, tries: int) -> Ask:
    """The question, for the try after `tries` that failed; `first` says why the last one did."""
    prompts = (first, _wording(step, tries)) if first else (_wording(step, tries),)
    if not isinstance(step, Collect):
        return Ask(prompts, 1, "", step.first_digit, step.first_digit)
    return Ask(
        prompts, step.max, step.terminator, step.first_digit, step.inter_digit, step.total,
        step.class_ == "pin", step.check == "pin",
    )  # fmt: skip


def read_back(step: Collect, digits: str, language: str) -> Ask:
    """The code as it was understood, and whether that is right."""
    before = (step.read_back,) if step.read_back else ()
    prompts = (*before, *say("digits", written(step, digits), language), step.confirm)
    return Ask(prompts, 1, "", step.first_digit, step.first_digit)


def fits(step: Collect, digits: str) -> bool:
    """Whether that may be such a code. Of a PIN only the number of figures is known, each an x."""
    if not step.min <= len(digits) <= step.max:
        return False
    if step.class_ == "pin":
        return digits == "x" * len(digits)
    # A star in the last place of a number by mod 11 stands for ten, and fits where a figure does.
    starred = step.check_digit == "mod11" and digits.endswith("*")
    figures = f"{digits[:-1]}0" if starred else digits
    if not is_number(figures):
        return False
    if step.pattern and not pattern.matches(step.pattern, figures):
        return False
    return not step.check_digit or CHECKS[step.check_digit](digits)


def masks_codes(flows: Mapping[str, Flow]) -> bool:
    """Whether some flow asks for the customer code as of class `code`. A rule for the whole site: a
    code that comes back from the PBX after a restart does not say which step asked for it."""
    steps = (step for flow in flows.values() for step in flow.steps.values())
    return any(isinstance(step, Collect) and step.class_ == "code" for step in steps)


def written(step: Collect, digits: str) -> str:
    """The code as it is printed and kept: the star of a number by mod 11 is an X there."""
    return digits.replace("*", "X") if step.check_digit == "mod11" else digits


def _wording(step: Menu | Collect | Survey, tries: int) -> str:
    if tries and not isinstance(step, Survey) and step.again:
        return step.again[min(tries, len(step.again)) - 1]
    return step.prompt
