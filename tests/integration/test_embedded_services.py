"""Callers serve themselves through a whole ctid: out of its own CRM, and out of an HTTP service
that answers, that never does, and that comes with a reload."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from crm_link.demo.load import demo_pin
from crm_link.demo.service import demo_service
from crm_link.port import Find
from ctid.app.reload import reload
from ctid.app.self_service import amount
from ctid.core.commands import HoldInQueue, Play
from ctid.core.records import CallRecord
from ctid.core.services import AskService, ServiceAnswered
from ctid.core.visits import FlowEnded
from ctid.ivr.saying import say
from tests.integration.embedded_site import Site, pbx_and_config, settings_of

NUMBER = "4092"
WHOLE = next(one for one in demo_service() if one.orders and one.balance and one.balance.amount)
"""A demo customer who has everything."""
KNOWN = (WHOLE.code, f"{demo_pin(WHOLE.code)}")
SECRET = "Bearer 4hf93hf9"


@asynccontextmanager
async def running(folder: Path, url: str = "http://127.0.0.1:9") -> AsyncIterator[Site]:
    """The PBX and ctid, with the service `shop` at that address."""
    async with pbx_and_config(folder) as s:
        s.config["entries"][NUMBER] = "own"
        s.config["services"]["shop"] |= {"url": url, "secret": SECRET}
        await s.start()
        try:
            s.ready("anna")
            yield s
        finally:
            await s.stop()


@asynccontextmanager
async def serving(answer: Callable[[web.Request], object]) -> AsyncIterator[str]:
    """An HTTP service; its address."""

    async def reply(request: web.Request) -> web.Response:
        return web.json_response(await asyncio.to_thread(answer, request))

    app = web.Application()
    app.router.add_get("/orders/{code}", reply)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def silent() -> AsyncIterator[str]:
    """One that takes every question and never answers."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until whoever asks gives up
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def served(s: Site, *keys: str) -> CallRecord:
    """A call that ends by itself, or at an agent."""
    call = s.call(NUMBER, keys=(*KNOWN, *keys))
    done, _ = await asyncio.wait(
        (call.over, call.talking_to), timeout=10, return_when=asyncio.FIRST_COMPLETED
    )
    assert done, "neither served nor at an agent"
    if not call.over.done():
        call.hang_up()
    await s.at_rest()
    return s.closed(call)


def heard(s: Site) -> list[tuple[str, ...]]:
    return [command.prompts for command in s.done(Play)]


def asked(s: Site) -> tuple[AskService, ServiceAnswered]:
    """The one question, and its answer."""
    [question] = s.done(AskService)
    [answer] = [line.e for line in s.lines() if isinstance(line.e, ServiceAnswered)]
    return question, answer


async def test_the_latest_order_is_told(tmp_path: Path) -> None:
    order = max(WHOLE.orders, key=lambda one: one.ordered_at)
    shanghai = datetime.fromtimestamp(order.ordered_at / 1000, UTC).astimezone(
        ZoneInfo("Asia/Shanghai")
    )
    async with running(tmp_path) as s:
        record = await served(s, "1")
    assert record.path == (
        "code",
        "pin",
        "what=1",
        "order=done",
        "order-date",
        "order-total",
        "bye",
    )
    assert (record.outcome, record.identity) == ("ivr_ended", "verified")
    assert heard(s) == [
        ("own-order", *say("date", f"{shanghai:%Y-%m-%d}", "en")),
        tuple(say("amount", amount(order.total), "en", "CNY")),
    ]
    question, answer = asked(s)
    assert (question.service, question.operation) == ("crm", "order")
    assert dict(answer.values)["order_number"] == order.number
    [visit] = [command.visit for command in s.done(FlowEnded)]
    assert visit.outcome == "contained"


async def test_the_balance_is_told_after_a_prompt(tmp_path: Path) -> None:
    assert WHOLE.balance is not None
    async with running(tmp_path) as s:
        record = await served(s, "2")
    assert record.path[-3:] == ("balance=done", "balance-told", "bye")
    told = say("amount", amount(WHOLE.balance.amount), "en", "CNY")
    assert heard(s) == [("own-one-moment",), ("own-balance", *told)]


async def test_the_callback_number_is_changed_and_written_down(tmp_path: Path) -> None:
    with structlog.testing.capture_logs() as logs:
        async with running(tmp_path) as s:
            record = await served(s, "4", "13900139000")
            [customer] = await s.app.directory.find(Find(code=WHOLE.code))
            number = await s.app.self_service.callback_number(customer.id)
    assert record.path[-3:] == ("number", "change=done", "bye")
    assert number == "+8613900139000"
    assert (
        customer.last_contacts[0].summary == f"Callback number changed to {number} (self-service)"
    )
    [told] = [log for log in logs if log["event"] == "callback_number_changed"]
    assert (told["call"], told["customer"]) == (record.call, customer.id)
    assert number not in str(told)


async def test_a_number_that_is_none_is_not_told_to_the_crm(tmp_path: Path) -> None:
    async with running(tmp_path) as s:
        record = await served(s, "4", "12345#")
        assert s.done(AskService) == []
    assert record.path[-2:] == ("change=none", "support")


async def test_a_service_answers(tmp_path: Path) -> None:
    seen: list[web.Request] = []

    def answer(request: web.Request) -> object:
        seen.append(request)
        return {"stock": [{"left": 12}]}

    async with serving(answer) as url, running(tmp_path, url) as s:
        record = await served(s, "3")
        assert record.path[-3:] == ("elsewhere=done", "elsewhere-told", "bye")
        assert heard(s) == [("own-one-moment",), ("number-1", "number-2")]
        [request] = seen
        assert request.path_qs == f"/orders/{WHOLE.code}?language=en"
        assert request.headers["Authorization"] == SECRET
    for file in (file for file in tmp_path.rglob("*") if file.is_file()):
        assert SECRET.encode() not in file.read_bytes(), file


async def test_a_service_that_never_answers_leads_to_an_agent_in_time(tmp_path: Path) -> None:
    async with silent() as url, running(tmp_path, url) as s:
        record = await served(s, "3")
        lines = s.lines()
    assert (record.path[-2:], record.outcome) == (("elsewhere!timeout", "support"), "answered")
    [asked_at] = [line.t for line in lines for c in line.c if isinstance(c, AskService)]
    [led_at] = [line.t for line in lines for c in line.c if isinstance(c, HoldInQueue)]
    assert 1_000 <= led_at - asked_at < 2_000


async def test_who_hangs_up_while_nobody_answers_leaves_nothing_behind(tmp_path: Path) -> None:
    """Not the FastAGI session either, which no word of Asterisk's would end before the answer."""
    async with silent() as url, running(tmp_path, url) as s:
        call = s.call(NUMBER, keys=(*KNOWN, "3"))
        await s.until(lambda: s.done(AskService) and len(heard(s)) == 1)
        call.hang_up()
        await s.until(lambda: not s.app.driver.centre.calls)
        await s.until(lambda: s.app.switch.agi.connections == 0, 1)
        await s.at_rest()
    assert s.closed(call).path[-1] == "elsewhere"


async def test_who_is_not_verified_hears_nothing(tmp_path: Path) -> None:
    async with running(tmp_path) as s:
        call = s.call(NUMBER, keys=(WHOLE.code, "9999", "2"))
        assert await call.talking_to
        call.hang_up()
        await s.at_rest()
        assert s.done(AskService) == []
    assert s.closed(call).path[-2:] == ("balance=unverified", "support")


async def test_a_reload_takes_a_service_away_and_brings_it_back(tmp_path: Path) -> None:
    async with serving(lambda _: {"stock": [{"left": 3}]}) as url, running(tmp_path) as s:
        assert (await served(s, "3")).path[-2] == "elsewhere!unavailable"
        config = copy.deepcopy(s.config)
        config["services"]["shop"]["url"] = url
        with structlog.testing.capture_logs() as logs:
            assert reload(s.app, lambda: settings_of(config))
        assert "reload_partly" not in json.dumps(logs)
        assert (await served(s, "3")).path[-3] == "elsewhere=done"


async def test_questions_are_counted_by_service_and_end(tmp_path: Path) -> None:
    async with running(tmp_path) as s:
        await served(s, "2")
        await served(s, "3")
        counted = {
            (service, status): s.app.registry.get_sample_value(
                "ctid_service_questions_total", {"service": service, "status": status}
            )
            for service, status in (("crm", "done"), ("shop", "unavailable"))
        }
    assert counted == {("crm", "done"): 1.0, ("shop", "unavailable"): 1.0}
