"""The port of a customer directory: what ctid asks of a CRM, and the records that pass.

Times are Unix milliseconds in UTC (``int``): exact in every database and in JSON. Identifiers are
text of the directory's own making. Text from outside is hostile: a directory treats it as data,
takes control characters out of what it stores (`storable`), and finds nothing by a code or number
that has them.
"""

from __future__ import annotations

import unicodedata
from typing import Final, Literal, Protocol

from msgspec import Struct

Language = Literal["zh-CN", "en"]
Grade = Literal["A", "B", "C", "D", "E"]
Channel = Literal["voice", "email", "chat", "sms", "visit"]

MOST_MATCHES: Final = 20
"""Customers that one find returns at most; more share a switchboard than an agent can read."""

MOST_CONTACTS: Final = 5
"""Last contacts that come with a customer, newest first."""

MOST_COMPLAINTS: Final = 20
"""Open complaints that come with a customer, oldest first."""

CODE_LENGTH: Final = 32
"""Characters that a customer code may have."""


class Find(Struct, frozen=True):
    """Whom to look for; the code counts before the numbers."""

    code: str = ""
    """Customer code as the caller keyed it, matched whole; empty if there is none."""
    numbers: tuple[str, ...] = ()
    """Spellings of the caller's number (`ctid.screenpop.numbers.candidates`), likeliest first."""


class Complaint(Struct, frozen=True):
    """A complaint that is still open."""

    id: str
    opened_at: int
    """Unix milliseconds, UTC."""
    text: str


class Contact(Struct, frozen=True):
    """One past contact with a customer."""

    at: int
    """When it began, in Unix milliseconds, UTC."""
    channel: Channel
    summary: str
    agent: str
    """Name of the agent who dealt with it; empty where nobody did."""


class Customer(Struct, frozen=True):
    """One customer as the screen pop shows them."""

    id: str
    code: str
    """Customer code, or empty."""
    name: str
    name_latin: str
    """The name in Latin letters, for agents and voices that read no Chinese; may equal `name`."""
    numbers: tuple[str, ...]
    """Phone numbers in E.164, the main one first."""
    language: Language
    grade: Grade
    """Worth to the business, from A (most) to E."""
    vip: bool
    company: str = ""
    email: str = ""
    segment: str = ""
    """What kind of customer, in the directory's own words."""
    order_value: int = 0
    """What the customer's orders are worth, in whole units of the business's currency."""
    open_complaints: tuple[Complaint, ...] = ()
    """Oldest first, at most `MOST_COMPLAINTS`."""
    last_contacts: tuple[Contact, ...] = ()
    """Newest first, at most `MOST_CONTACTS`."""


class Draft(Struct, frozen=True):
    """A customer to be created."""

    name: str
    code: str = ""
    """Customer code, unique in the directory; empty for a customer without one."""
    name_latin: str = ""
    numbers: tuple[str, ...] = ()
    """E.164, the main one first; doubles are dropped."""
    language: Language = "en"
    grade: Grade = "C"
    vip: bool = False
    company: str = ""
    email: str = ""
    segment: str = ""
    order_value: int = 0


class Entry(Struct, frozen=True):
    """One contact to be written back to the customer's history."""

    customer_id: str
    at: int
    """When the contact began, in Unix milliseconds, UTC."""
    channel: Channel
    summary: str
    agent: str = ""


class EntryChange(Struct, frozen=True):
    """What to change in a log entry; None leaves a field as it is."""

    summary: str | None = None
    agent: str | None = None


class Health(Struct, frozen=True):
    """Whether the directory answers."""

    ok: bool
    text: str
    """What was found, or what is wrong and what to do."""


class CrmDirectory(Protocol):
    """A customer directory.

    Every method may raise `CrmUnavailable` or its kind `CrmTimeout`; nothing else but what is named
    leaves a directory. All may be cancelled at any await.
    """

    async def find(self, query: Find) -> tuple[Customer, ...]:
        """The customer with the code; without one, those with the first number that anyone has.

        In order of id, at most `MOST_MATCHES`; empty when nobody matches.
        """
        ...

    async def get(self, customer_id: str) -> Customer | None:
        """The customer with that id, or None."""
        ...

    async def create(self, draft: Draft) -> Customer:
        """Create a customer. Raises `CrmConflict` when the code is taken, ValueError for a code
        that is too long or has control characters."""
        ...

    async def log(self, entry: Entry, key: str) -> str:
        """Write a contact to the customer's history once, and return the id of the log entry.

        `key` (1 to 128 characters, say the contact's id) makes it safe to send again: a key that
        was written before returns the id it had then, and the first entry stands. Raises
        `CrmNotFound` when there is no such customer, ValueError for a bad key.
        """
        ...

    async def update_log(self, log_id: str, change: EntryChange) -> None:
        """Change a log entry. Raises `CrmNotFound` when there is none with that id."""
        ...

    async def health(self) -> Health:
        """Probe the directory; never raises, the answer says what is wrong."""
        ...


class Loadable(Protocol):
    """A directory that takes whole customers in bulk (imports, the demo set)."""

    async def load(self, customers: tuple[Customer, ...]) -> int:
        """Add the customers whose code is not yet there, in one transaction; return how many.

        The ids given are ignored, the directory makes its own. Raises ValueError when a customer
        has no code: without one a second load would double them.
        """
        ...


def storable(text: str) -> str:
    """The text without control characters other than line ends and tabs, and without halves of
    surrogate pairs: what every database can hold and no terminal or page trips over."""
    if text.isprintable():
        return text
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


def searchable(query: Find) -> Find:
    """The query without a code and numbers that no record can have (control characters, length)."""
    code = query.code if query.code.isprintable() and len(query.code) <= CODE_LENGTH else ""
    numbers = tuple(n for n in query.numbers if 0 < len(n) <= 32 and n.isprintable())
    return Find(code=code, numbers=numbers[:MOST_MATCHES])


def checked_code(code: str) -> str:
    """The customer code, or ValueError when it is too long or has control characters."""
    if len(code) > CODE_LENGTH or not code.isprintable():
        raise ValueError(f"a customer code has at most {CODE_LENGTH} printable characters")
    return code


def checked_key(key: str) -> str:
    """The idempotency key, or ValueError when it is empty, too long or not printable."""
    if not 0 < len(key) <= 128 or not key.isprintable():
        raise ValueError("an idempotency key has 1 to 128 printable characters")
    return key
