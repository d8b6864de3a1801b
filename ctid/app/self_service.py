"""What the CRM tells customers by themselves: questions of menus go to the port, and its answers
come back as the variables that flows read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from crm_link.errors import CrmRefused
from crm_link.self_service import SelfService
from ctid.core.instants import WallMs
from ctid.core.services import AskService

Values = dict[str, str]


class CustomersOwn:
    """Answers questions of the service `ctid.core.services.CRM`. Names of variables are those of
    `ctid.ivr.services.SETS`."""

    def __init__(self, port: SelfService, timezone: str, wall: Callable[[], WallMs]) -> None:
        """Dates and times are told as the clock shows them in `timezone`."""
        self._port = port
        self._zone = ZoneInfo(timezone)
        self._wall = wall
        self._operations: dict[str, Callable[[AskService, Values], Awaitable[Values | None]]] = {
            "order": self._order,
            "balance": self._balance,
            "appointment": self._appointment,
            "complaint": self._complaint,
            "callback_number": self._callback_number,
        }

    async def answer(self, command: AskService) -> Values | None:
        """What came of it; None where there is nothing such.

        Raises:
            CrmError: there is no answer.
        """
        operation = self._operations.get(command.operation)
        if operation is None:
            raise CrmRefused(f"self-service has no {command.operation!r}")
        return await operation(command, dict(command.arguments))

    async def _order(self, _: AskService, asked: Values) -> Values | None:
        order = await self._port.order(asked["customer"], asked["number"])
        if order is None:
            return None
        return {
            "order_number": order.number,
            "order_status": order.status,
            "order_date": self._date(order.ordered_at),
            "order_due": self._date(order.due_at),
            "order_total": amount(order.total),
            "currency": order.currency,
        }

    async def _balance(self, _: AskService, asked: Values) -> Values | None:
        balance = await self._port.balance(asked["customer"])
        if balance is None:
            return None
        return {
            "balance": amount(balance.amount),
            "balance_due": self._date(balance.due_at),
            "currency": balance.currency,
        }

    async def _appointment(self, _: AskService, asked: Values) -> Values | None:
        appointment = await self._port.appointment(asked["customer"], self._wall())
        if appointment is None:
            return None
        at = appointment.at
        return {"appointment_date": self._date(at), "appointment_time": f"{self._at(at):%H:%M}"}

    async def _complaint(self, _: AskService, asked: Values) -> Values | None:
        complaint = await self._port.complaint(asked["customer"])
        if complaint is None:
            return None
        return {
            "complaint_status": complaint.status,
            "complaint_date": self._date(complaint.opened_at),
            "complaint_count": str(complaint.still_open),
        }

    async def _callback_number(self, command: AskService, asked: Values) -> Values | None:
        key = f"callback-number:{command.call}:{command.request}"
        await self._port.change_callback_number(
            asked["customer"], asked["number"], self._wall(), key
        )
        return {}

    def _at(self, wall: WallMs) -> datetime:
        return datetime.fromtimestamp(wall / 1000, self._zone)

    def _date(self, wall: WallMs) -> str:
        return f"{self._at(wall):%Y-%m-%d}" if wall else ""


def amount(hundredths: int) -> str:
    """`-3050.20`, as `say` takes it."""
    units, rest = divmod(abs(hundredths), 100)
    return f"{'-' if hundredths < 0 else ''}{units}.{rest:02}"
