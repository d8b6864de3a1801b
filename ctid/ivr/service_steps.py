"""The steps of a flow that ask somebody outside, and go on with the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from ctid.core.instants import SECOND, Duration

Need = Literal["verified", "claimed"]
"""`verified`: code and PIN were right; `claimed`: the customer code alone was given."""


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """What all of them have."""

    next: str
    """Where an answer leads."""
    none: str
    """Where it leads that there is nothing such."""
    on_fail: str
    """Where it leads that there is no answer in time, a broken or refusing service among them."""
    prompt: str = ""
    """Heard while the question is under way; the caller goes on when both are over."""
    time_out: Duration = 3 * SECOND
    """How long the caller waits for the answer."""


class Request(Asking, frozen=True, kw_only=True, tag_field="kind", tag="request"):
    """Ask an HTTP service that the settings name."""

    service: str
    ask: str
    """Method and path as in the settings, `GET /orders/{order}`; `{name}` is a value."""
    query: Mapping[str, str] = {}
    """Name → text, in which `{name}` stands for a value."""
    body: Mapping[str, str] = {}
    """The same, sent as a JSON object."""
    into: Mapping[str, str] = {}
    """Variable → where its value stands in the answer: `order.items.0.name`."""
    serves: bool = False
    """An answer is what the caller has called for: it counts as self-service."""


class SelfService(Asking, frozen=True, kw_only=True):
    """Ask the CRM about the customer whose code was given, and about nobody else."""

    needs: Need = "verified"
    """How well the caller must be known."""
    refused: str = ""
    """Where callers lead who are not known so well. Empty: `on_fail`."""


class OrderStatus(SelfService, frozen=True, kw_only=True, tag_field="kind", tag="order_status"):
    """One order of the customer."""

    number: str = ""
    """A text in which `{name}` stands for a value. Empty: the latest order."""


class Balance(SelfService, frozen=True, kw_only=True, tag_field="kind", tag="balance"):
    """What the customer owes."""


class Appointment(SelfService, frozen=True, kw_only=True, tag_field="kind", tag="appointment"):
    """The customer's next appointment."""


class ComplaintStatus(
    SelfService, frozen=True, kw_only=True, tag_field="kind", tag="complaint_status"
):
    """The complaint that the customer made last."""


class CallbackNumber(
    SelfService, frozen=True, kw_only=True, tag_field="kind", tag="callback_number"
):
    """Change the number under which the customer wants to be called back. `none` is where a text
    leads that is no number which can be dialled."""

    number: str
    """A text in which `{name}` stands for a value."""


SELF_SERVICE: Final = (OrderStatus, Balance, Appointment, ComplaintStatus, CallbackNumber)
SERVICES: Final = (Request, *SELF_SERVICE)

ServiceStep = Request | OrderStatus | Balance | Appointment | ComplaintStatus | CallbackNumber
