"""PINs: what is asked of the CRM, and what it says. The PIN itself is in neither.

Members of the unions in `ctid.core.commands` and `ctid.core.events`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from ctid.core.instants import Duration
from ctid.core.records import CallId

PinStatus = Literal["right", "wrong", "unset", "unavailable", "timeout"]
"""`wrong`: also of a code that the CRM does not know; `unset`: the customer has no PIN."""


class CheckPin(msgspec.Struct, frozen=True, tag=True, gc=False):
    """Hold the PIN that the caller has keyed last against this code's; ends in `PinChecked` with
    the same request number, always. The PBX's side of ctid has it, and gives it away once."""

    call: CallId
    request: int
    code: str
    budget: Duration
    """After this time the answer is `timeout`, in milliseconds."""


class PinChecked(msgspec.Struct, frozen=True, tag=True, gc=False):
    """The answer to a `CheckPin`, whatever it is; a silent CRM is an answer too."""

    call: CallId
    request: int
    status: PinStatus
