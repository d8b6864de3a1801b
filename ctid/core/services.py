"""Questions to somebody outside while a caller waits in the menu: what is asked, what comes back.

These are members of the unions in `ctid.core.commands` and `ctid.core.events`.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from ctid.core.instants import Duration
from ctid.core.records import CallId

CRM: Final = "crm"
"""The service that answers self-service: the CRM and the shop. No HTTP service has this name."""

ServiceStatus = Literal["done", "none", "refused", "unavailable", "timeout"]
"""`done`: answered, or carried out; `none`: there is nothing such; `refused`: the question is not
one that gets an answer; `unavailable`: broken, or left alone after failures; `timeout`: not in
time, and what was asked may have been carried out all the same."""


class AskService(msgspec.Struct, frozen=True, tag=True, gc=False):
    """Ask a service; ends in `ServiceAnswered` with the same request number, always."""

    call: CallId
    request: int
    """Counted within the call."""
    service: str
    """`CRM`, or the name of an HTTP service in the settings; no other can be reached."""
    operation: str
    """What is asked: `order`, `balance`, …; of an HTTP service `GET /orders/{order}`."""
    arguments: tuple[tuple[str, str], ...]
    """Name and value. Of an HTTP service `path.NAME`, `query.NAME` and `body.NAME`."""
    wanted: tuple[tuple[str, str], ...]
    """Variable, and where in the answer of an HTTP service its value stands: `order.items.0.name`.
    """
    time_out: Duration
    """After this time the answer is `timeout`, in milliseconds."""


class ServiceAnswered(msgspec.Struct, frozen=True, tag=True, gc=False):
    """The answer to an `AskService`, whatever it is."""

    call: CallId
    request: int
    status: ServiceStatus
    values: tuple[tuple[str, str], ...] = ()
    """Variable and value, where it is `done`. They come from outside: the machine cleans them."""
