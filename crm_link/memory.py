"""The customer directory in memory: for the simulator, tests, and trying ctid out without a CRM.

Real code under the same contract tests as the SQL directory; what it holds is gone at the end.
"""

from __future__ import annotations

from itertools import count

from msgspec import Struct
from msgspec.structs import replace

from crm_link.errors import CrmConflict, CrmNotFound
from crm_link.port import (
    MOST_COMPLAINTS,
    MOST_CONTACTS,
    MOST_MATCHES,
    Complaint,
    Contact,
    Customer,
    Draft,
    Entry,
    EntryChange,
    Find,
    Health,
    checked_code,
    checked_key,
    searchable,
    storable,
)


class _Logged(Struct, frozen=True):
    customer_id: str
    contact: Contact


class MemoryDirectory:
    """The port `crm_link.port.CrmDirectory` over dictionaries; never unavailable."""

    def __init__(self) -> None:
        self._ids = count(1)
        self._complaint_ids = count(1)
        self._log_ids = count(1)
        self._customers: dict[str, Customer] = {}
        self._by_code: dict[str, str] = {}
        self._by_number: dict[str, list[str]] = {}
        self._log: dict[str, _Logged] = {}
        self._log_of: dict[str, list[str]] = {}
        self._by_key: dict[str, str] = {}

    async def find(self, query: Find) -> tuple[Customer, ...]:
        query = searchable(query)
        if query.code and (found := self._by_code.get(query.code)):
            return (self._whole(found),)
        for number in query.numbers:
            if ids := self._by_number.get(number):
                return tuple(self._whole(customer_id) for customer_id in ids[:MOST_MATCHES])
        return ()

    async def get(self, customer_id: str) -> Customer | None:
        return self._whole(customer_id) if customer_id in self._customers else None

    async def create(self, draft: Draft) -> Customer:
        code = checked_code(draft.code)
        if code and code in self._by_code:
            raise CrmConflict(f"create a customer: code {code!r} is taken; use another")
        return self._whole(
            self._add(
                Customer(
                    id="",
                    code=code,
                    name=draft.name,
                    name_latin=draft.name_latin,
                    numbers=tuple(dict.fromkeys(draft.numbers)),
                    language=draft.language,
                    grade=draft.grade,
                    vip=draft.vip,
                    company=draft.company,
                    email=draft.email,
                    segment=draft.segment,
                    order_value=draft.order_value,
                )
            )
        )

    async def log(self, entry: Entry, key: str) -> str:
        checked_key(key)
        if earlier := self._by_key.get(key):
            return earlier
        if entry.customer_id not in self._customers:
            raise CrmNotFound(f"log a contact: there is no customer {entry.customer_id!r}")
        contact = Contact(
            at=entry.at, channel=entry.channel, summary=entry.summary, agent=entry.agent
        )
        self._by_key[key] = log_id = self._add_contact(entry.customer_id, contact)
        return log_id

    async def update_log(self, log_id: str, change: EntryChange) -> None:
        logged = self._log.get(log_id)
        if logged is None:
            raise CrmNotFound(f"change a log entry: there is none with id {log_id!r}")
        old = logged.contact
        contact = replace(
            old,
            summary=old.summary if change.summary is None else storable(change.summary),
            agent=old.agent if change.agent is None else storable(change.agent),
        )
        self._log[log_id] = replace(logged, contact=contact)

    async def health(self) -> Health:
        return Health(ok=True, text=f"memory holds {len(self._customers)} customers")

    async def load(self, customers: tuple[Customer, ...]) -> int:
        """Add many customers (`crm_link.port.Loadable`)."""
        if any(not checked_code(customer.code) for customer in customers):
            raise ValueError("every customer to be loaded needs a code")
        added = 0
        for customer in customers:
            if customer.code not in self._by_code:
                self._add(customer)
                added += 1
        return added

    def _add(self, customer: Customer) -> str:
        customer_id = str(next(self._ids))
        complaints = tuple(
            Complaint(
                id=str(next(self._complaint_ids)), opened_at=c.opened_at, text=storable(c.text)
            )
            for c in sorted(customer.open_complaints, key=lambda c: c.opened_at)
        )
        self._customers[customer_id] = replace(
            customer,
            id=customer_id,
            name=storable(customer.name),
            name_latin=storable(customer.name_latin),
            company=storable(customer.company),
            email=storable(customer.email),
            segment=storable(customer.segment),
            open_complaints=complaints,
            last_contacts=(),
        )
        if customer.code:
            self._by_code[customer.code] = customer_id
        for number in customer.numbers:
            self._by_number.setdefault(number, []).append(customer_id)
        self._log_of[customer_id] = []
        for contact in reversed(customer.last_contacts):
            self._add_contact(customer_id, contact)
        return customer_id

    def _add_contact(self, customer_id: str, contact: Contact) -> str:
        log_id = str(next(self._log_ids))
        stored = replace(contact, summary=storable(contact.summary), agent=storable(contact.agent))
        self._log[log_id] = _Logged(customer_id=customer_id, contact=stored)
        self._log_of[customer_id].append(log_id)
        return log_id

    def _whole(self, customer_id: str) -> Customer:
        customer = self._customers[customer_id]
        logged = [
            (self._log[log_id].contact.at, int(log_id)) for log_id in self._log_of[customer_id]
        ]
        newest = sorted(logged, reverse=True)[:MOST_CONTACTS]
        return replace(
            customer,
            open_complaints=customer.open_complaints[:MOST_COMPLAINTS],
            last_contacts=tuple(self._log[str(log_id)].contact for _, log_id in newest),
        )
