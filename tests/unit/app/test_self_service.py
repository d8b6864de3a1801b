"""Answers of the CRM as variables that flows read: days and times of the site, exact amounts."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from crm_link.demo.load import load_demo
from crm_link.demo.service import demo_service, load_demo_service
from crm_link.errors import CrmNotFound, CrmRefused
from crm_link.memory import MemoryDirectory
from crm_link.memory_service import MemorySelfService
from crm_link.port import Complaint, Customer, Find
from crm_link.self_service import Appointment, Balance, Order, ServiceRecord
from ctid.app.self_service import CustomersOwn, amount
from ctid.core.services import CRM, AskService
from ctid.ivr.saying import say
from ctid.ivr.services import SETS

SHANGHAI = ZoneInfo("Asia/Shanghai")


def ms(text: str, zone: ZoneInfo = SHANGHAI) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def asked(operation: str, **arguments: str) -> AskService:
    return AskService("c1", 3, CRM, operation, tuple(arguments.items()), (), 3000)


async def desk(zone: str = "Asia/Shanghai") -> tuple[CustomersOwn, MemorySelfService, str]:
    """One customer, with something that happens around midnight in Shanghai."""
    directory = MemoryDirectory()
    complaints = (Complaint("", ms("2026-10-09T23:59"), "late"),)
    await directory.load(
        (Customer("", "100001", "张伟", "", (), "zh-CN", "C", False, open_complaints=complaints),)
    )
    service = MemorySelfService(directory)
    await service.load_service(
        (
            ServiceRecord(
                "100001",
                (Order("4711", "shipped", ms("2026-10-09T00:01"), 305_020, "CNY"),),
                Balance(-5, "USD", ms("2026-12-31T23:59")),
                (Appointment(ms("2026-10-10T09:05")), Appointment(ms("2026-10-09T09:00"))),
            ),
        )
    )
    [customer] = await directory.find(Find(code="100001"))
    own = CustomersOwn(service, zone, lambda: ms("2026-10-09T09:00"))
    return own, service, customer.id


@pytest.mark.parametrize(
    ("operation", "values"),
    [
        ("order", {"order_number": "4711", "order_status": "shipped", "order_date": "2026-10-09",
                   "order_due": "", "order_total": "3050.20", "currency": "CNY"}),
        ("balance", {"balance": "-0.05", "balance_due": "2026-12-31", "currency": "USD"}),
        ("appointment", {"appointment_date": "2026-10-10", "appointment_time": "09:05"}),
        ("complaint", {"complaint_status": "open", "complaint_date": "2026-10-09",
                       "complaint_count": "1"}),
    ],
)  # fmt: skip
async def test_what_each_question_is_answered(operation: str, values: dict[str, str]) -> None:
    own, _, customer = await desk()
    assert await own.answer(asked(operation, customer=customer, number="")) == values
    assert tuple(values) == SETS[operation]
    assert await own.answer(asked(operation, customer="99", number="")) is None


async def test_days_are_those_of_the_site() -> None:
    own, _, customer = await desk("America/New_York")
    told = await own.answer(asked("order", customer=customer, number="4711"))
    assert told is not None
    assert told["order_date"] == "2026-10-08"


async def test_a_number_is_changed_under_the_key_of_the_question() -> None:
    own, service, customer = await desk()
    change = asked("callback_number", customer=customer, number="+8613900139000")
    assert await own.answer(change) == {}
    assert await service.callback_number(customer) == "+8613900139000"
    await service.change_callback_number(customer, "+442079460000", 0, "other")
    assert await own.answer(change) == {}, "sent again"
    assert await service.callback_number(customer) == "+442079460000"
    nobody = asked("callback_number", customer="99", number="+8613900139000")
    with pytest.raises(CrmNotFound):
        await own.answer(msgspec.structs.replace(nobody, request=4))


async def test_nothing_else_is_answered() -> None:
    own, _, customer = await desk()
    for operation in ("", "orders", "__init__", "GET /orders/{order}"):
        with pytest.raises(CrmRefused):
            await own.answer(asked(operation, customer=customer))


@pytest.mark.parametrize(
    ("hundredths", "told"),
    [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (100, "1.00"), (-12345, "-123.45"),
     (10**17, "1000000000000000.00")],
)  # fmt: skip
def test_amounts_are_exact(hundredths: int, told: str) -> None:
    assert amount(hundredths) == told


async def test_all_that_the_demo_answers_can_be_spoken() -> None:
    directory = MemoryDirectory()
    service = MemorySelfService(directory)
    await load_demo(directory)
    await load_demo_service(service)
    own = CustomersOwn(service, "Asia/Shanghai", lambda: 0)
    for record in demo_service()[:50]:
        [customer] = await directory.find(Find(code=record.code))
        for operation, kinds in (
            ("order", {"order_date": "date", "order_due": "date", "order_total": "amount"}),
            ("balance", {"balance": "amount"}),
            ("appointment", {"appointment_date": "date", "appointment_time": "time"}),
            ("complaint", {"complaint_date": "date", "complaint_count": "number"}),
        ):
            told = await own.answer(asked(operation, customer=customer.id, number="")) or {}
            for name, kind in kinds.items():
                if value := told.get(name):
                    for language in ("zh-CN", "en"):
                        assert say(kind, value, language, told.get("currency", ""))
