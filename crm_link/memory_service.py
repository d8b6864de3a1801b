"""Self-service in memory: for tests, and for trying ctid out without a CRM."""

from __future__ import annotations

from crm_link.errors import CrmNotFound
from crm_link.memory import MemoryDirectory
from crm_link.port import Entry, Find, checked_key
from crm_link.self_service import (
    Appointment,
    Balance,
    ComplaintStatus,
    Order,
    ServiceRecord,
    changed,
    checked_number,
)


class MemorySelfService:
    """The port `crm_link.self_service.SelfService` over dictionaries, for the customers of
    `directory`; never unavailable."""

    def __init__(self, directory: MemoryDirectory) -> None:
        self._directory = directory
        self._orders: dict[str, dict[str, Order]] = {}
        self._numbers: set[str] = set()
        self._balances: dict[str, Balance] = {}
        self._appointments: dict[str, dict[int, Appointment]] = {}
        self._callback_numbers: dict[str, str] = {}
        self._keys: set[str] = set()

    async def order(self, customer_id: str, number: str) -> Order | None:
        orders = self._orders.get(customer_id, {})
        if number:
            return orders.get(number)
        return max(orders.values(), key=lambda one: (one.ordered_at, one.number), default=None)

    async def balance(self, customer_id: str) -> Balance | None:
        return self._balances.get(customer_id)

    async def appointment(self, customer_id: str, after: int) -> Appointment | None:
        theirs = self._appointments.get(customer_id, {})
        coming = min((at for at in theirs if at > after), default=None)
        return None if coming is None else theirs[coming]

    async def complaint(self, customer_id: str) -> ComplaintStatus | None:
        customer = await self._directory.get(customer_id)
        if customer is None or not customer.open_complaints:
            return None
        complaints = customer.open_complaints
        return ComplaintStatus("open", complaints[-1].opened_at, len(complaints))

    async def callback_number(self, customer_id: str) -> str:
        return self._callback_numbers.get(customer_id, "")

    async def change_callback_number(
        self, customer_id: str, number: str, at: int, key: str
    ) -> None:
        checked_key(key)
        text = changed(checked_number(number))
        if key in self._keys:
            return
        if await self._directory.get(customer_id) is None:
            raise CrmNotFound(f"change a callback number: there is no customer {customer_id!r}")
        await self._directory.log(Entry(customer_id, at, "voice", text), key)
        self._keys.add(key)
        self._callback_numbers[customer_id] = number

    async def load_service(self, records: tuple[ServiceRecord, ...]) -> int:
        """Add many records (`crm_link.self_service.LoadableService`)."""
        added = 0
        for record in records:
            found = await self._directory.find(Find(code=record.code))
            if found and self._add(found[0].id, record):
                added += 1
        return added

    def _add(self, customer_id: str, record: ServiceRecord) -> bool:
        new = [order for order in record.orders if order.number not in self._numbers]
        orders = self._orders.setdefault(customer_id, {})
        orders.update({order.number: order for order in new})
        self._numbers.update(orders)
        dates = self._appointments.setdefault(customer_id, {})
        appointments = {one.at: one for one in record.appointments if one.at not in dates}
        dates.update(appointments)
        pays = record.balance is not None and customer_id not in self._balances
        if record.balance is not None and pays:
            self._balances[customer_id] = record.balance
        return bool(new or appointments or pays)
