"""Orders, balances and appointments of the demo customers: the same ones on every run."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Final

from crm_link.demo.load import demo_customers
from crm_link.self_service import (
    Appointment,
    Balance,
    LoadableService,
    Order,
    OrderState,
    ServiceRecord,
)

_ORDERED: Final = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
"""No order is later."""
_APPOINTED: Final = datetime(2030, 1, 7, 1, 0, tzinfo=UTC)
"""No appointment is earlier: a demo has some to tell of for years."""
_STATES: Final[tuple[OrderState, ...]] = (
    "received", "packed", "shipped", "shipped", "delivered", "delivered", "cancelled", "returned",
)  # fmt: skip


def demo_service() -> tuple[ServiceRecord, ...]:
    """One record for each demo customer; some have no order, no account or no appointment. The
    number of an order is the customer's code and a figure."""
    return tuple(_record(customer.code) for customer in demo_customers())


async def load_demo_service(service: LoadableService) -> int:
    """Add what is not there yet, in one transaction; return for how many customers. Raises what
    `load_service` raises."""
    return await service.load_service(demo_service())


def _record(code: str) -> ServiceRecord:
    draw = random.Random(f"self-service {code}")
    orders = tuple(_order(draw, f"{code}{n}") for n in range(1, draw.randint(0, 3) + 1))
    balance = None
    if draw.random() < 0.8:
        due = _ms(_ORDERED + timedelta(days=draw.randint(5, 60))) if draw.random() < 0.6 else 0
        balance = Balance(draw.randint(100, 500_000) if due else 0, "CNY", due)
    appointments = tuple(
        Appointment(
            _ms(_APPOINTED + timedelta(days=draw.randint(0, 700), hours=draw.randint(0, 7)))
        )
        for _ in range(draw.randint(0, 1))
    )
    return ServiceRecord(code, orders, balance, appointments)


def _order(draw: random.Random, number: str) -> Order:
    ordered = _ORDERED - timedelta(minutes=draw.randint(1, 60 * 24 * 120))
    due = ordered + timedelta(days=draw.randint(2, 14))
    return Order(
        number, draw.choice(_STATES), _ms(ordered), draw.randint(1_000, 900_000), "CNY", _ms(due)
    )


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
