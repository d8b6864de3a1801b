"""Steps that ask somebody outside: what they ask, what they take of the answer, where it leads."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest

from ctid.core.records import Identity
from ctid.core.services import CRM, ServiceStatus
from ctid.ivr import flow, services
from ctid.ivr.actions import WAITING, Action, AskOutside, Lost, Say, ToQueue
from ctid.ivr.parser import parse_flow
from ctid.ivr.service_problems import settings_problems
from ctid.ivr.service_steps import (
    SELF_SERVICE,
    Appointment,
    Balance,
    CallbackNumber,
    ComplaintStatus,
    OrderStatus,
    Request,
    ServiceStep,
)
from ctid.ivr.session import Session
from ctid.ivr.walker import Walker

WAYS = {"next": "next", "none": "none", "on_fail": "fail"}
REQUEST = Request(service="shop", ask="GET /orders/{order}", into={"state": "state"}, **WAYS)
ENDS: dict[str, flow.AnyStep] = {
    name: flow.Queue(name) for name in ("next", "none", "fail", "refused")
}


def walk(
    step: ServiceStep, identity: Identity = "verified", **variables: str
) -> tuple[Walker, Session, Action]:
    """A caller, known so well, comes to this step with these variables."""
    steps = {"wait": flow.Play("p", "s"), "s": step, **ENDS}
    walker = Walker({"f": flow.Flow("f", "wait", "en", steps, {})}, {})
    session, _ = walker.begin("f", 0)
    session.identity = identity
    session.variables |= variables
    return walker, session, walker.played(session, 0)


@pytest.mark.parametrize(
    ("step", "operation", "arguments"),
    [
        (OrderStatus(**WAYS), "order", {"number": ""}),
        (OrderStatus(number="A{order}", **WAYS), "order", {"number": "A12"}),
        (Balance(**WAYS), "balance", {}),
        (Appointment(**WAYS), "appointment", {}),
        (ComplaintStatus(**WAYS), "complaint", {}),
        (CallbackNumber(number="{order}", **WAYS), "callback_number", {"number": "12"}),
    ],
)
def test_what_the_crm_is_asked(
    step: ServiceStep, operation: str, arguments: dict[str, str]
) -> None:
    _, _, action = walk(step, order="12")
    assert action == AskOutside(CRM, operation, tuple(arguments.items()), (), 3000)


def test_what_an_http_service_is_asked() -> None:
    step = Request(
        service="shop", ask="POST /customers/{code}/orders/{order}", time_out=1500, prompt="wait",
        query={"lang": "{language}"}, body={"note": "by {nobody} of {order}"},
        into={"a": "x.0", "b": "y"}, **WAYS,
    )  # fmt: skip
    _, session, action = walk(step, "unknown", order="12")
    assert action == AskOutside(
        "shop", "POST /customers/{code}/orders/{order}",
        (("path.code", ""), ("path.order", "12"), ("query.lang", "en"), ("body.note", "by  of 12")),
        (("a", "x.0"), ("b", "y")), 1500, ("wait",),
    )  # fmt: skip
    assert (session.variables["a"], session.variables["b"]) == ("", "")


@pytest.mark.parametrize(
    ("status", "queue", "mark"),
    [
        ("done", "next", "s=done"), ("none", "none", "s=none"), ("refused", "fail", "s!refused"),
        ("unavailable", "fail", "s!unavailable"), ("timeout", "fail", "s!timeout"),
    ],
)  # fmt: skip
def test_where_each_answer_leads(status: ServiceStatus, queue: str, mark: str) -> None:
    walker, session, _ = walk(REQUEST)
    assert walker.awaits(session) == "answered"
    assert walker.answered(session, status, (("state", "x"),), 0) == ToQueue(queue)
    assert session.path == ["wait", mark, queue]
    assert session.variables == {"state": "x" if status == "done" else ""}
    assert session.outside is None


def test_every_status_is_led_somewhere() -> None:
    for status in get_args(ServiceStatus):
        walker, session, _ = walk(REQUEST)
        assert isinstance(walker.answered(session, status, (), 0), ToQueue)


@pytest.mark.parametrize("answer_first", [True, False])
def test_a_prompt_meanwhile_and_the_answer_are_both_waited_for(answer_first: bool) -> None:
    walker, session, action = walk(msgspec.structs.replace(REQUEST, prompt="wait"))
    assert isinstance(action, AskOutside)
    assert action.prompts == ("wait",)
    assert walker.awaits(session) == "either"
    if answer_first:
        assert walker.answered(session, "done", (), 0) == WAITING
        session = msgspec.json.decode(msgspec.json.encode(session), type=Session)
        assert walker.awaits(session) == "played"
        assert walker.played(session, 0) == ToQueue("next")
    else:
        assert walker.played(session, 0) == WAITING
        assert walker.awaits(session) == "answered"
        assert walker.answered(session, "done", (), 0) == ToQueue("next")


def test_what_comes_from_outside_is_cleaned_and_short_and_nothing_else_is_kept() -> None:
    walker, session, _ = walk(REQUEST, kept="as it was")
    told = (("state", "a\x00\r\n\x1b[31mb\u202e" + "c" * 500), ("code", "1"), ("kept", "other"))
    walker.answered(session, "done", told, 0)
    assert session.variables == {"kept": "as it was", "state": "a[31mb" + "c" * 74}
    assert session.code == ""


def test_an_earlier_answer_is_forgotten_when_the_next_question_is_asked() -> None:
    walker, session, _ = walk(OrderStatus(**WAYS), order_status="shipped", currency="CNY", mine="1")
    assert session.variables == dict.fromkeys(services.SETS["order"], "") | {"mine": "1"}
    walker.answered(session, "done", (("order_status", "packed"),), 0)
    assert session.variables["order_status"] == "packed"
    assert session.variables["currency"] == ""


@pytest.mark.parametrize("kind", SELF_SERVICE)
@pytest.mark.parametrize(
    ("needs", "identity", "asks"),
    [
        ("verified", "verified", True), ("verified", "claimed", False),
        ("verified", "unknown", False), ("claimed", "verified", True),
        ("claimed", "claimed", True), ("claimed", "unknown", False),
    ],
)  # fmt: skip
def test_who_may_ask(kind: Any, needs: str, identity: Identity, asks: bool) -> None:
    more = {"number": "1"} if kind is CallbackNumber else {}
    for refused, queue in (("", "fail"), ("refused", "refused")):
        step = kind(needs=needs, refused=refused, **more, **WAYS)
        _, session, action = walk(step, identity)
        assert isinstance(action, AskOutside) == asks
        if not asks:
            assert action == ToQueue(queue)
            assert session.path == ["wait", "s=unverified", queue]


def test_nobody_needs_to_be_known_for_a_request() -> None:
    assert isinstance(walk(REQUEST, "unknown")[2], AskOutside)


def test_what_counts_as_self_service() -> None:
    asks = [kind(**({"number": "1"} if kind is CallbackNumber else {}), **WAYS)
            for kind in SELF_SERVICE]  # fmt: skip
    assert all(services.served(step) for step in asks)
    assert not services.served(REQUEST)
    assert services.served(msgspec.structs.replace(REQUEST, serves=True))
    assert not services.served(flow.HangUp())


@pytest.mark.parametrize(("status", "served"), [("done", True), ("none", False)])
def test_the_trail_knows_who_was_served(status: ServiceStatus, served: bool) -> None:
    walker, session, _ = walk(Balance(**WAYS))
    walker.answered(session, status, (), 0)
    [stop] = [one for one in session.trail.stops if one.step == "s"]
    assert (stop.served, stop.way) == (served, "next" if served else "none")


def test_a_step_that_new_settings_have_made_another_is_lost() -> None:
    walker, session, _ = walk(REQUEST)
    other = Walker({"f": flow.Flow("f", "s", "en", {"s": flow.Play("p", "s")}, {})}, {})
    assert other.awaits(session) == "anything"
    assert other.answered(session, "done", (), 0) == Lost("f/s")
    assert isinstance(walker.answered(session, "done", (), 0), ToQueue)


def test_a_play_that_new_settings_have_made_a_question_is_lost() -> None:
    walker = Walker({"f": flow.Flow("f", "s", "en", {"s": flow.Play("p", "s")}, {})}, {})
    session, action = walker.begin("f", 0)
    assert isinstance(action, Say)
    other = Walker({"f": flow.Flow("f", "s", "en", {"s": REQUEST, **ENDS}, {})}, {})
    assert other.played(session, 0) == Lost("f/s")


# -- what check-config says --

ASKS = {"next": "q", "none": "q", "on_fail": "q"}
HTTP = {"kind": "request", "service": "shop", "ask": "GET /a", **ASKS}
POST = HTTP | {"ask": "POST /a"}
ORDER = {"kind": "order_status", **ASKS}
NUMBER = {"kind": "callback_number", "number": "{n}", **ASKS}


def problems(step: dict[str, Any]) -> list[str]:
    raw = {
        "id": "f", "start": "s", "steps": {"s": step, "q": {"kind": "queue", "queue": "sales"}},
        "prompts": {"p": {"en": "One moment", "zh-CN": "请稍候"}},
    }  # fmt: skip
    return parse_flow(raw, "f.toml", ["sales"], [])[1]


@pytest.mark.parametrize(
    "step",
    [
        HTTP, HTTP | {"time_out_s": 10, "prompt": "p", "serves": True, "query": {"q": "{a}"}},
        POST | {"ask": "POST /v1/{a}/b.c/{d}/", "body": {"n": "x{a}"}, "into": {"a": "b.0.c-d"}},
        ORDER, ORDER | {"number": "{order}", "needs": "claimed", "refused": "q"}, NUMBER,
        {"kind": "balance", **ASKS}, {"kind": "appointment", **ASKS},
        {"kind": "complaint_status", **ASKS},
    ],
)  # fmt: skip
def test_good(step: dict[str, Any]) -> None:
    assert problems(step) == []


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ({"kind": "order_status", "next": "q", "on_fail": "q"},
         "steps.s.none: is missing; write none = …"),
        ({"kind": "request", "ask": "GET /a", **ASKS}, "service: is missing; write service = …"),
        (ORDER | {"none": "x"}, "steps.s.none: there is no step 'x'"),
        (ORDER | {"refused": "x"}, "steps.s.refused: there is no step 'x'"),
        (ORDER | {"prompt": "x"}, "steps.s.prompt: there is no prompt 'x'"),
        (ORDER | {"needs": "nothing"}, "steps.s.needs: 'nothing' is not known here"),
        (ORDER | {"time_out_s": 11}, "steps.s.time_out_s: is longer than 10 seconds"),
        (ORDER | {"time_out_s": 0}, "time_out_s: must be a positive number of seconds"),
        (ORDER | {"number": "{Order}"}, "steps.s.number: '{Order}' has a brace that names nothing"),
        (ORDER | {"ordr": "1"}, "steps.s.ordr: unknown key; known are"),
        (NUMBER | {"number": " "}, "steps.s.number: is empty; write the name that keeps it"),
        (HTTP | {"ask": "DELETE /a"}, "steps.s.ask: 'DELETE /a' does not fit; write it as GET"),
        (HTTP | {"ask": "GET a"}, "steps.s.ask: 'GET a' does not fit"),
        (HTTP | {"ask": "GET https://elsewhere/a"}, "steps.s.ask: 'GET https://elsewhere/a' does"),
        (HTTP | {"ask": "GET /a/../b"}, "steps.s.ask: 'GET /a/../b' does not fit"),
        (HTTP | {"ask": "GET /a/.."}, "steps.s.ask: 'GET /a/..' does not fit"),
        (HTTP | {"ask": "GET /a{b}"}, "steps.s.ask: 'GET /a{b}' does not fit"),
        (HTTP | {"ask": "GET /a?b=c"}, "steps.s.ask: 'GET /a?b=c' does not fit"),
        (HTTP | {"ask": "GET /a\r\nHost: b"}, "does not fit"),
        (HTTP | {"body": {"a": "b"}}, "steps.s.body: goes with POST only"),
        (POST | {"body": {"a": "}"}}, "steps.s.body.a: '}' has a brace"),
        (HTTP | {"query": {"a": "{"}}, "steps.s.query.a: '{' has a brace"),
        (HTTP | {"query": {str(n): "" for n in range(21)}}, "steps.s.query: has more than 20"),
        (HTTP | {"into": {"code": "a"}}, "steps.s.into.code: 'code' can be read but not set"),
        (HTTP | {"into": {"a": "a..b"}}, "steps.s.into.a: 'a..b' is no place in an answer"),
        (HTTP | {"into": {"a": "$.b[0]"}}, "steps.s.into.a: '$.b[0]' is no place"),
        (HTTP | {"next": "s"}, "steps.s: goes round without the caller doing anything"),
        (HTTP | {"on_fail": "s"}, "steps.s: goes round without the caller doing anything"),
    ],
)  # fmt: skip
def test_bad(step: dict[str, Any], problem: str) -> None:
    found = problems(step)
    assert any(problem in line for line in found), found


def test_what_the_settings_do_not_allow() -> None:
    allowed = {"shop": ("GET /orders/{number}", "POST /a")}

    def found(ask: str, service: str = "shop") -> list[tuple[str, str]]:
        step = Request(service=service, ask=ask, **WAYS)
        return settings_problems(flow.Flow("f", "s", "en", {"s": step, **ENDS}, {}), allowed)

    assert found("GET /orders/{order}") == []
    assert found("POST /a") == []
    [(at, what)] = found("GET /order/{order}")
    assert at == "steps.s.ask"
    assert what.startswith("'GET /order/{order}' is not in paths of services.shop; did you mean")
    assert found("GET /a")[0][0] == "steps.s.ask"
    [(at, what)] = found("POST /a", "shopp")
    assert at == "steps.s.service"
    assert what.startswith("there is no service 'shopp' in the settings; did you mean \"shop\"?")


# -- an amount in the currency that the answer names --


@pytest.mark.parametrize(
    ("currency", "way"),
    [("CNY", "amount-yuan"), ("EUR", "amount-euro"), ("XXX", ""), ("", "")],
)
def test_the_currency_of_an_answer_is_spoken(currency: str, way: str) -> None:
    say = flow.Say("amount", "{balance}", "next", currency="{currency}", on_fail="fail")
    steps = {"s": Balance(**(WAYS | {"next": "tell"})), "tell": say, **ENDS}
    walker = Walker(
        {"f": flow.Flow("f", "wait", "en", {"wait": flow.Play("p", "s"), **steps}, {})}, {}
    )
    session, _ = walker.begin("f", 0)
    session.identity = "verified"
    walker.played(session, 0)
    action = walker.answered(session, "done", (("balance", "2"), ("currency", currency)), 0)
    if way:
        assert isinstance(action, Say)
        assert way in action.prompts[-1]
    else:
        assert action == ToQueue("fail")


@pytest.mark.parametrize(
    ("currency", "fits"), [("{currency}", True), ("{Currency}", False), ("XXX", False)]
)
def test_what_a_currency_may_be(currency: str, fits: bool) -> None:
    say = {"kind": "say", "as": "amount", "value": "1", "next": "q", "currency": currency}
    assert (problems(say) == []) == fits
