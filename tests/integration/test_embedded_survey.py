"""The survey on the whole daemon beside the pretend PBX: FastAGI, AMI, store and pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ctid.core.commands import Collect, Noticed
from ctid.core.events import HangUpAsked
from ctid.core.survey import SurveyAnswered
from tests.integration.embedded_site import Site, pbx_and_config
from tests.real_pbx.desk import desks


@asynccontextmanager
async def asking(folder: Path, **survey: Any) -> AsyncIterator[Site]:
    """Sales asks everybody, and Anna is ready for calls."""
    async with pbx_and_config(folder) as s:
        s.config["queues"][0]["survey"] = {"flow": "survey", **survey}
        await s.start()
        try:
            s.ready("anna")
            yield s
        finally:
            await s.stop()


async def test_who_is_left_by_the_agent_is_asked(tmp_path: Path) -> None:
    async with asking(tmp_path) as s, desks(s.base, "sue") as desk:
        call = s.call(keys=("4", "2"))
        await s.state("anna", "on_call")
        s.app.submit(HangUpAsked("anna"))
        await s.until(lambda: s.agent("anna").state in ("wrap_up", "ready"))
        assert await call.over == 16
        await s.at_rest()
        record = s.closed(call)
        assert record.survey == ("service=4", "solved=no")
        assert (record.outcome, record.agent) == ("answered", "anna")
        assert [prompt.rpartition("/")[2] for prompt in call.heard_prompts] == ["rate", "yes-no"]
        await s.records(1)
        found = await desk["sue"].get(f"/api/calls/{record.call}")
        assert [(one["question"], one["value"]) for one in found["survey"]] == [
            ("service", 4), ("solved", 0),
        ]  # fmt: skip
        figures = (await desk["sue"].get("/api/surveys"))["surveys"]
        assert [(one["agent"], one["question"], one["mean"]) for one in figures] == [
            ("anna", "service", 4.0), ("anna", "solved", 0.0),
        ]  # fmt: skip


async def test_who_hangs_up_first_is_not(tmp_path: Path) -> None:
    async with asking(tmp_path) as s:
        call = s.call(keys=("4", "2"))
        await s.state("anna", "on_call")
        call.hang_up()
        await s.at_rest()
        assert s.closed(call).survey == ()
        assert s.done(Collect) == []


async def test_who_hangs_up_in_the_survey_has_said_so_much(tmp_path: Path) -> None:
    async with asking(tmp_path) as s:
        call = s.call(keys=("2",))
        await s.state("anna", "on_call")
        s.app.submit(HangUpAsked("anna"))
        await s.until(lambda: s.done(SurveyAnswered))
        call.hang_up()
        await s.at_rest()
        assert s.closed(call).survey == ("service=2",)


async def test_nobody_is_asked_by_a_ctid_that_is_gone(tmp_path: Path) -> None:
    """The caller is hung up by the dialplan, and waits for nobody."""
    async with asking(tmp_path) as s:
        call = s.call(keys=("4",))
        await s.state("anna", "on_call")
        await s.until(lambda: call.channel.variables.get("CTID_AFTER") == "ctid-survey")
        await s.stop()
        s.pbx.phone("1001").hang_up()
        async with asyncio.timeout(5):
            assert await call.over == 16
        assert call.queues == ["sales"], "and no fallback"
        await s.start()
        await s.at_rest()
        assert (s.closed(call).survey, s.closed(call).outcome) == ((), "answered")


async def test_a_ctid_that_started_in_the_talk_asks(tmp_path: Path) -> None:
    async with asking(tmp_path) as s:
        call = s.call(keys=("5", "1"))
        await s.state("anna", "on_call")
        await s.until(lambda: call.channel.variables.get("CTID_AFTER") == "ctid-survey")
        await s.stop()
        await s.start()
        await s.state("anna", "on_call")
        s.pbx.phone("1001").hang_up()
        async with asyncio.timeout(5):
            await call.over
        await s.at_rest()
        assert s.closed(call).survey == ("service=5", "solved=yes")
        assert s.done(Noticed) == []
