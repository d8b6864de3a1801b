"""Carries out look-ups: the CRM's answer, or its silence, comes back as one event."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from crm_link.lookup import Lookup
from crm_link.port import Customer, Find
from ctid.core.commands import LookUpCustomer
from ctid.core.events import CustomerLookedUp, Event
from ctid.core.records import Complaint, CustomerCard, PastContact


class CallerLookUps:
    """Runs beside the ringing; never on its path."""

    def __init__(self, lookup: Lookup, submit: Callable[[Event], None]) -> None:
        self._lookup = lookup
        self._submit = submit
        self._tasks: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Own the look-ups until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            await asyncio.Event().wait()

    def carry_out(self, command: LookUpCustomer) -> None:
        """Start one look-up."""
        assert self._tasks is not None, "run() starts before the first event"
        self._tasks.create_task(self._find(command))

    async def _find(self, command: LookUpCustomer) -> None:
        result = await self._lookup.find(Find(code=command.code, numbers=command.numbers))
        cards = tuple(card(customer) for customer in result.customers)
        self._submit(CustomerLookedUp(command.call, command.request, result.status, cards))


def card(customer: Customer) -> CustomerCard:
    """The CRM's record as the machine and the pages know it."""
    return CustomerCard(
        id=customer.id,
        code=customer.code,
        name=customer.name,
        name_latin=customer.name_latin,
        company=customer.company,
        numbers=customer.numbers,
        email=customer.email,
        language=customer.language,
        grade=customer.grade,
        vip=customer.vip,
        segment=customer.segment,
        order_value=customer.order_value,
        open_complaints=tuple(
            Complaint(c.id, c.opened_at, c.text) for c in customer.open_complaints
        ),
        last_contacts=tuple(
            PastContact(c.at, c.channel, c.summary, c.agent) for c in customer.last_contacts
        ),
    )
