"""Callers serve themselves on a real Asterisk: what was played to them, by its own log, and what a
service that never answers leads to."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crm_link.demo.load import demo_pin
from crm_link.demo.service import demo_service
from ctid.app.self_service import amount
from ctid.core.commands import HoldInQueue, ShowPop
from ctid.core.events import CallArrived
from ctid.core.services import AskService, ServiceAnswered
from ctid.ivr.saying import say
from ctid.settings import Settings, parse
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers, calls
from tests.real_pbx.played import played
from tests.real_pbx.site import SiteUnderTest, config_for, flows, site

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHOLE = next(one for one in demo_service() if one.orders and one.balance and one.balance.amount)
"""A demo customer who has everything."""
CALLER = "+8613900000001"


def settings_with(lab: Lab, folder: Path, url: str = "http://127.0.0.1:9") -> Settings:
    config = config_for(lab, folder, flow="own")
    config["services"]["shop"]["url"] = url
    return parse(config, flows())


def keys(*more: str) -> list[tuple[float, str]]:
    """Code and PIN, then these: a prompt lasts 0.45 s, and a key stops it."""
    entries = (WHOLE.code, demo_pin(WHOLE.code), *more)
    return [(0.8 if n == 0 else 1.2, entry) for n, entry in enumerate(entries)]


def channels(s: SiteUnderTest) -> list[str]:
    """Of the callers, in the order in which they came."""
    return [line.e.channel for line in s.lines() if isinstance(line.e, CallArrived)]


async def test_order_and_balance_are_spoken(lab: Lab, tmp_path: Path) -> None:
    order = max(WHOLE.orders, key=lambda one: one.ordered_at)
    day = datetime.fromtimestamp(order.ordered_at / 1000, ZoneInfo("Asia/Shanghai"))
    assert WHOLE.balance is not None
    told = {
        "1": ("own-order", *say("date", f"{day:%Y-%m-%d}", "en"),
              *say("amount", amount(order.total), "en", order.currency)),
        "2": ("own-one-moment", "own-balance",
              *say("amount", amount(WHOLE.balance.amount), "en", WHOLE.balance.currency)),
    }  # fmt: skip
    settings = settings_with(lab, tmp_path)
    async with played(lab) as files, site(lab, tmp_path, settings=settings) as s:
        for n, key in enumerate(told, start=1):
            await lab.world.place_call("4000", CALLER, calls(keys(key)))
            await s.records(n, 40)
        records = await s.records(2)
        await s.at_rest()
        heard = [files.to(channel) for channel in channels(s)]
    assert {record.outcome for record in records} == {"ivr_ended"}
    assert {record.identity for record in records} == {"verified"}
    assert {record.path[3] for record in records} == {"order=done", "balance=done"}
    for said, prompts in zip(heard, told.values(), strict=True):
        # Keys that stop a prompt leave it in the log, so that these come first.
        assert said[-len(prompts) :] == [f"ctid/en/{prompt}" for prompt in prompts]


async def test_a_service_that_never_answers_leads_to_an_agent_in_time(
    lab: Lab, tmp_path: Path
) -> None:
    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until whoever asks gives up
        writer.close()

    await lab.world.all_phones(answers(after=0.1, talk=0.3))
    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    settings = settings_with(
        lab, tmp_path, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    )
    async with server, site(lab, tmp_path, settings=settings, ready=["anna"]) as s:
        await lab.world.place_call("4000", CALLER, calls(keys("3")))
        [record] = await s.records(1, 40)
        lines = s.lines()
        [pop] = [one.pop for one in s.done(ShowPop)]
        await s.at_rest()
    assert (record.outcome, record.path[-2:]) == ("answered", ("elsewhere!timeout", "support"))
    assert pop.path == record.path, "the agent knows what the caller has tried"
    [asked] = [line.t for line in lines for c in line.c if isinstance(c, AskService)]
    [led] = [line.t for line in lines for c in line.c if isinstance(c, HoldInQueue)]
    assert 1_000 <= led - asked < 1_500, "its own time-out, beside the prompt"
    assert [line.e.status for line in lines if isinstance(line.e, ServiceAnswered)] == ["timeout"]
