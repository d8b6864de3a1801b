"""The step of a flow that finds out who calls."""

from __future__ import annotations

from typing import Literal

import msgspec

StepId = str


class LookUp(msgspec.Struct, frozen=True, tag_field="kind", tag="look_up"):
    """Ask the CRM for the caller, and go on by what it says. A look-up that is on its way already
    is waited for, and an answer that is there is not asked for again."""

    found: StepId
    none: StepId
    on_fail: StepId
    """Where to go when the CRM does not answer in time."""
    many: StepId = ""
    """Where to go when several customers have this number; empty: `none`."""
    by: Literal["number", "code"] = "number"
    value: str = "{code}"
    """With `by = "code"`: the code, a text in which `{name}` stands for a value."""
    language: bool = False
    """Go on in the language of the one customer who was found, where ctid speaks it."""
