"""The port of self-service: what customers ask of the CRM and the shop by themselves, by telephone.

It stands beside `crm_link.port`, under the same rules: times are Unix milliseconds in UTC, text
from outside is data, and every method may raise `CrmUnavailable` or its kind `CrmTimeout`, and may
be cancelled at any await. Amounts are hundredths of the currency's unit. Everything asked is about
one customer: nobody hears of an order that is another's.
"""

from __future__ import annotations

from typing import Final, Literal, Protocol

from msgspec import Struct

OrderState = Literal["received", "packed", "shipped", "delivered", "cancelled", "returned"]
ComplaintState = Literal["open", "in_progress", "resolved"]

NUMBER_LENGTH: Final = 40
"""Characters that the number of an order may have."""


class Order(Struct, frozen=True):
    """One order."""

    number: str
    """As the customer knows it; unique among the orders of all customers."""
    status: OrderState
    ordered_at: int
    total: int
    currency: str
    """ISO 4217, `CNY`."""
    due_at: int = 0
    """When it is to arrive, or did; 0 where nobody knows."""


class Balance(Struct, frozen=True):
    """What a customer owes; less than nothing: what is owed to the customer."""

    amount: int
    currency: str
    due_at: int = 0
    """When the next payment is due; 0: none is."""


class Appointment(Struct, frozen=True):
    """One appointment of a customer."""

    at: int


class ComplaintStatus(Struct, frozen=True):
    """The complaint that a customer made last."""

    status: ComplaintState
    opened_at: int
    still_open: int
    """How many of the customer's complaints are not resolved."""


class SelfService(Protocol):
    """What customers may ask and change. A customer is named by the directory's id; one who does
    not exist has no orders, owes nothing, and so on."""

    async def order(self, customer_id: str, number: str) -> Order | None:
        """The customer's order of that number; with an empty one the latest order."""
        ...

    async def balance(self, customer_id: str) -> Balance | None:
        """None where the customer has no account."""
        ...

    async def appointment(self, customer_id: str, after: int) -> Appointment | None:
        """The customer's first appointment after that moment."""
        ...

    async def complaint(self, customer_id: str) -> ComplaintStatus | None: ...

    async def callback_number(self, customer_id: str) -> str:
        """The number under which the customer wants to be called back, or empty."""
        ...

    async def change_callback_number(
        self, customer_id: str, number: str, at: int, key: str
    ) -> None:
        """Call the customer back under this number (E.164) from now on, and say so in the
        customer's history.

        `key` (1 to 128 characters) makes it safe to send again: what was carried out under a key is
        not carried out again. Raises `CrmNotFound` when there is no such customer, ValueError for
        a bad key or number.
        """
        ...


class ServiceRecord(Struct, frozen=True):
    """Everything that self-service tells of one customer, to be loaded."""

    code: str
    """The customer's."""
    orders: tuple[Order, ...] = ()
    balance: Balance | None = None
    appointments: tuple[Appointment, ...] = ()


class LoadableService(Protocol):
    """A self-service that takes records in bulk (imports, the demo set)."""

    async def load_service(self, records: tuple[ServiceRecord, ...]) -> int:
        """Add what is not yet there of customers who exist, in one transaction; return for how many
        customers something was added. A second load of the same changes nothing."""
        ...


def checked_number(number: str) -> str:
    """The telephone number, or ValueError when it is not `+` and 7 to 15 digits."""
    digits = number[1:]
    if number[:1] != "+" or not (digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15):
        raise ValueError("a callback number is + and 7 to 15 digits")
    return number


def changed(number: str) -> str:
    """What the customer's history says of a changed number."""
    return f"Callback number changed to {number} (self-service)"
