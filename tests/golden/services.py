"""The stories of callers who serve themselves: each step that asks somebody outside, and each way
in which nothing comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from ctid.core import events as ev
from ctid.core.identity import PinChecked
from ctid.core.services import ServiceAnswered, ServiceStatus
from ctid.ivr import flow
from ctid.ivr.service_steps import (
    Appointment,
    Balance,
    CallbackNumber,
    ComplaintStatus,
    OrderStatus,
    Request,
)
from tests.golden.ivr import arrive, centre, keys, opened
from tests.golden.site import ZHANG, wait_in
from tests.golden.transcript import WALL, Scenario

KNOWN: Mapping[str, flow.AnyStep] = {
    "code": flow.Collect("code", next="pin", on_fail="service", min=6, max=6, check="customer"),
    "pin": flow.Collect(
        "pin", next="menu", on_fail="menu", min=4, max=8, class_="pin", check="pin", tries=1
    ),
    "bye": flow.HangUp(),
}
ORDER = OrderStatus(next="say-order", none="no-order", on_fail="service", number="{order}")
SHIPPED = (
    ("order_number", "4711"), ("order_status", "shipped"), ("order_date", "2026-01-02"),
    ("order_due", "2026-01-09"), ("order_total", "128.50"), ("currency", "CNY"),
)  # fmt: skip
STOCK = Request(
    service="shop", ask="GET /stock/{item}", query={"lang": "{language}"},
    into={"left": "stock.left"}, next="say-left", none="bye", on_fail="service",
)  # fmt: skip


def verified(steps: Mapping[str, flow.AnyStep]) -> Scenario:
    """A caller whose code and PIN were right comes to the step `menu`."""
    s = opened({**KNOWN, **steps}, "code")
    _identify(s)
    s.say(PinChecked("c1", 1, "right"), after=20)
    return s


def _identify(s: Scenario) -> None:
    arrive(s)
    keys(s, "100001")
    s.say(ev.CustomerLookedUp("c1", 1, "found", (ZHANG,)), after=20)
    keys(s, "xxxx", ended="terminator")


def told(
    s: Scenario, status: ServiceStatus, *values: tuple[str, str], request: int = 1, after: int = 120
) -> None:
    s.say(ServiceAnswered("c1", request, status, values), after=after)


def order_told() -> str:
    """The order's state chooses the words; what it costs and when it comes is spoken. The caller
    has what they called for, and hangs up."""
    s = verified(
        {
            "menu": flow.Collect("which-order", next="order", on_fail="service", into="order"),
            "order": ORDER,
            "say-order": flow.Branch("order_status", {"shipped": "shipped"}, otherwise="service"),
            "shipped": flow.Say("date", "{order_due}", "cost", before="comes-on"),
            "cost": flow.Say("amount", "{order_total}", "bye", currency="CNY", before="costs"),
            "no-order": flow.HangUp(),
        }
    )
    keys(s, "4711", ended="terminator")
    told(s, "done", *SHIPPED)
    s.say(ev.PromptsPlayed("c1"), ev.PromptsPlayed("c1"), after=4000)
    s.say(ev.CallEnded("c1", "16"), after=20)
    return s.text


def order_of_nobody() -> str:
    """There is no such order: the caller keys another number, and that one is found. An answer to
    the first question that comes twice changes nothing."""
    s = verified(
        {
            "menu": flow.Collect("which-order", next="order", on_fail="service", into="order"),
            "order": ORDER,
            "say-order": flow.Say("digits", "{order_status}{order_number}", "bye"),
            "no-order": flow.Play("not-found", "menu"),
        }
    )
    keys(s, "1", ended="terminator")
    told(s, "none")
    s.say(ev.PromptsPlayed("c1"), after=2000)
    keys(s, "4711", ended="terminator")
    told(s, "none")
    told(s, "done", ("order_number", "4711"), request=2)
    return s.text


def balance_told_beside_a_prompt() -> str:
    """The question is asked while a prompt is heard; the caller goes on when both are over, the
    answer first here."""
    s = verified({"menu": _balance(), "say": _owes()})
    told(s, "done", ("balance", "3050.20"), ("balance_due", "2026-01-31"), ("currency", "CNY"))
    s.say(ev.PromptsPlayed("c1"), after=1500)
    return s.text


def balance_later_than_its_prompt() -> str:
    """The prompt is over first."""
    s = verified({"menu": _balance(), "say": _owes()})
    s.say(ev.PromptsPlayed("c1"), after=1500)
    told(s, "done", ("balance", "0.00"), ("currency", "CNY"))
    return s.text


def balance_never_told() -> str:
    """Nobody answers, and nobody tells so: the machine's own deadline leads to an agent. What comes
    later is of no question any more."""
    s = verified({"menu": _balance(time_out=2000), "say": _owes()})
    s.say(ev.PromptsPlayed("c1"), after=1500)
    s.wait(1000)
    told(s, "done", ("balance", "3050.20"))
    wait_in(s, queue="service")
    return s.text


def balance_of_a_broken_crm() -> str:
    """It says so at once; the prompt is heard to its end."""
    s = verified({"menu": _balance(), "say": _owes()})
    told(s, "unavailable")
    s.say(ev.PromptsPlayed("c1"), after=1500)
    wait_in(s, queue="service")
    return s.text


def balance_for_the_verified_only() -> str:
    """The PIN was wrong: nothing is asked, and the step's own way leads on."""
    s = opened({**KNOWN, "menu": _balance(refused="bye"), "say": _owes()}, "code")
    _identify(s)
    s.say(PinChecked("c1", 1, "wrong"), after=20)
    return s.text


def appointment_told() -> str:
    """Whoever has given a code may hear of it here; a PIN was not even asked for."""
    steps: Mapping[str, flow.AnyStep] = {
        "code": msgspec.structs.replace(KNOWN["code"], next="menu"),
        "menu": Appointment(needs="claimed", next="day", none="bye", on_fail="service"),
        "day": flow.Say("date", "{appointment_date}", "time"),
        "time": flow.Say("time", "{appointment_time}", "bye"),
        "bye": flow.HangUp(),
    }
    s = opened(steps, "code")
    arrive(s)
    keys(s, "100001")
    s.say(ev.CustomerLookedUp("c1", 1, "found", (ZHANG,)), after=20)
    told(s, "done", ("appointment_date", "2026-01-07"), ("appointment_time", "14:00"))
    s.say(ev.PromptsPlayed("c1"), ev.PromptsPlayed("c1"), after=3000)
    return s.text


def appointment_of_a_code_that_nobody_checked() -> str:
    """The CRM did not answer when the code was checked: claimed it is, but of which customer nobody
    knows, and so nothing is asked."""
    steps: Mapping[str, flow.AnyStep] = {
        "code": msgspec.structs.replace(KNOWN["code"], next="menu"),
        "menu": Appointment(needs="claimed", next="bye", none="bye", on_fail="service"),
        "bye": flow.HangUp(),
    }
    s = opened(steps, "code")
    arrive(s)
    keys(s, "100001")
    s.wait(2000)
    wait_in(s, queue="service")
    return s.text


def complaint_told() -> str:
    s = verified(
        {
            "menu": ComplaintStatus(next="which", none="bye", on_fail="service"),
            "which": flow.Branch("complaint_status", {"resolved": "bye"}, otherwise="since"),
            "since": flow.Say("date", "{complaint_date}", "bye", before="since"),
        }
    )
    told(
        s, "done", ("complaint_status", "in_progress"), ("complaint_date", "2026-01-02"),
        ("complaint_count", "1"),
    )  # fmt: skip
    return s.text


def callback_number_changed() -> str:
    """Keyed as people write it, read back, and told to the CRM as it is dialled."""
    s = _changing_number()
    keys(s, "013900139000", ended="terminator")
    keys(s, "1")
    told(s, "done")
    return s.text


def callback_number_that_is_none() -> str:
    """No number that can be dialled, and one whose owner is paid for it: the CRM is not asked, and
    the caller keys another one."""
    s = _changing_number()
    keys(s, "123456789", ended="terminator")
    keys(s, "1")
    keys(s, "0044909879012", ended="terminator")
    keys(s, "1")
    return s.text


def request_answered() -> str:
    """Of an HTTP service; what it says that nobody asked for is not kept, nor are control
    characters."""
    s = _in_stock()
    keys(s, "77", ended="terminator")
    told(s, "done", ("left", "1\r\n2"), ("language", "zh-CN"), ("code", "1"))
    return s.text


def request_refused() -> str:
    s = _in_stock()
    keys(s, "77", ended="terminator")
    told(s, "refused")
    wait_in(s, queue="service")
    return s.text


def request_and_the_caller_leaves() -> str:
    """The answer finds nobody."""
    s = _in_stock()
    keys(s, "77", ended="terminator")
    s.say(ev.CallEnded("c1", "16"), after=50)
    told(s, "done", ("left", "3"))
    return s.text


def request_over_a_restart() -> str:
    """The process dies while the question is open: the dialplan falls back, and nothing of the
    question is left."""
    s = _in_stock()
    keys(s, "77", ended="terminator")
    s.restart()
    s.say(ev.Started("b2", WALL), after=500)
    s.wait(5000)
    wait_in(s, queue="service")
    return s.text


def request_whose_step_is_gone() -> str:
    """New settings without the step: the answer leads to the fallback queue."""
    s = _in_stock()
    keys(s, "77", ended="terminator")
    s.settings = centre({"other": flow.HangUp()}, "other")
    s.restart()
    told(s, "done", ("left", "3"))
    wait_in(s, queue="service")
    return s.text


def request_whose_step_is_another() -> str:
    """New settings in which the step plays a prompt: the same."""
    s = _in_stock()
    keys(s, "77", ended="terminator")
    s.settings = centre({"other": flow.HangUp(), "stock": flow.Play("p", "other")}, "other")
    s.restart()
    told(s, "timeout")
    wait_in(s, queue="service")
    return s.text


def _balance(time_out: int = 3000, refused: str = "") -> Balance:
    return Balance(
        next="say", none="bye", on_fail="service", prompt="one-moment", time_out=time_out,
        refused=refused,
    )  # fmt: skip


def _owes() -> flow.Say:
    return flow.Say("amount", "{balance}", "bye", currency="CNY", before="you-owe")


def _changing_number() -> Scenario:
    return verified(
        {
            "menu": flow.Collect(
                "which-number", next="change", on_fail="service", into="number", min=5, max=16,
                confirm="right-1-again-2",
            ),
            "change": CallbackNumber(
                number="{number}", next="changed", none="menu", on_fail="service"
            ),
            "changed": flow.Play("changed", "bye"),
        }
    )  # fmt: skip


def _in_stock() -> Scenario:
    s = opened(
        {
            "ask": flow.Collect("which-item", next="stock", on_fail="service", into="item"),
            "stock": msgspec.structs.replace(STOCK, time_out=4000),
            "say-left": flow.Say("digits", "{left}", "bye"),
            "bye": flow.HangUp(),
        },
        "ask",
    )
    arrive(s)
    return s


SERVICES: tuple[Callable[[], str], ...] = (
    order_told, order_of_nobody, balance_told_beside_a_prompt, balance_later_than_its_prompt,
    balance_never_told, balance_of_a_broken_crm, balance_for_the_verified_only, appointment_told,
    appointment_of_a_code_that_nobody_checked, complaint_told, callback_number_changed,
    callback_number_that_is_none, request_answered, request_refused,
    request_and_the_caller_leaves, request_over_a_restart, request_whose_step_is_gone,
    request_whose_step_is_another,
)  # fmt: skip
