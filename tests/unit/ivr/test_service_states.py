"""A branch on what the CRM says of an order or a complaint knows what the CRM may say."""

from __future__ import annotations

from typing import get_args

import pytest

from crm_link.self_service import ComplaintState, OrderState
from ctid.ivr import flow
from ctid.ivr.service_problems import state_problems
from ctid.ivr.service_steps import ComplaintStatus, OrderStatus, Request
from ctid.ivr.services import STATES

ASKS = OrderStatus(next="told", none="q", on_fail="q")
TOLD = flow.Branch("order_status", {"shiped": "q", "packed": "q", "": "q"}, otherwise="q")


def problems(**steps: flow.AnyStep) -> list[tuple[str, str]]:
    every: dict[str, flow.AnyStep] = {"q": flow.Queue("sales"), **steps}
    return state_problems(flow.Flow("f", "q", "en", every, {}))


def test_these_are_all_that_the_crm_says() -> None:
    assert STATES["order_status"] == get_args(OrderState)
    assert STATES["complaint_status"] == get_args(ComplaintState)


def test_a_misspelt_state_is_told() -> None:
    assert problems(order=ASKS, told=TOLD) == [
        ("steps.told.cases.shiped", "order_status is never 'shiped'; did you mean \"shipped\"?")
    ]
    asks = ComplaintStatus(next="told", none="q", on_fail="q")
    told = flow.Branch("complaint_status", {"closed": "q", "open": "q"}, otherwise="q")
    ((at, what),) = problems(complaint=asks, told=told)
    assert at == "steps.told.cases.closed"
    assert "known are: in_progress, open, resolved" in what


@pytest.mark.parametrize(
    "other",
    [
        flow.Set("order_status", "shiped", next="q"),
        flow.Call("elsewhere", next="q"),
        flow.Collect("p", next="q", on_fail="q", into="order_status"),
        Request(
            next="q", none="q", on_fail="q", service="shop", ask="GET /orders",
            into={"order_status": "status"},
        ),
    ],
)  # fmt: skip
def test_what_others_set_may_be_anything(other: flow.AnyStep) -> None:
    assert problems(order=ASKS, told=TOLD, other=other) == []
    assert problems(told=TOLD, other=other) == []
