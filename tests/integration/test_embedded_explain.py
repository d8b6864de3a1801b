"""`ctid explain` beside a running ctid, on the journal that it is writing; and the hours' figures
on their way to the store."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ctid.app.cli import main
from ctid.core.commands import FairnessMeasured
from ctid.core.events import BreakAsked
from ctid.core.fairness import Fairness
from tests.integration.embedded_site import NEVER, site

Ask = Callable[..., Any]


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    def explain(*argv: str) -> Any:
        capsys.readouterr()
        assert main(["explain", *argv, "--journal", str(tmp_path / "journal"), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return explain


async def test_why_this_call_went_to_that_agent(tmp_path: Path, ask: Ask) -> None:
    async with site(tmp_path, ready=("anna", "ben", "chen")) as s:
        s.app.submit(BreakAsked("chen", "lunch"))
        s.phones(NEVER, "1001")
        call = s.call()
        assert await call.talking_to == "1002", "anna does not answer; ben is next"
        story = await asyncio.to_thread(ask, call.unique_id)
        assert (story["outcome"], story["differs"], story["damage"]) == ("", [], [])
        first, second = story["moments"]
        assert [m["decision"]["agent"] for m in story["moments"]] == ["anna", "ben"]
        assert first["ring"]["cause"] == "no_answer"
        assert 0 <= second["ring"]["rang"] <= second["ring"]["answered"]
        before, after = ({a["agent"]: a["code"] for a in m["agents"]} for m in story["moments"])
        assert (before["anna"], before["ben"], before["chen"]) == (
            "chosen", "later_turn", "not_ready",
        )  # fmt: skip
        assert after["ben"] == "chosen"
        assert after["anna"] in ("backed_off", "not_ready"), "as the settings say of no answer"
        assert before["dora"] == "signed_out"
        assert await asyncio.to_thread(ask, first["decision"]["offer"]) == story

        chen = await asyncio.to_thread(ask, "--agent", "chen")
        assert chen["standing"]["text"].startswith("not ready: lunch")
        assert [p["to"] for p in chen["passed"]] == ["anna", "ben"]
        call.hang_up()
        [record] = await s.records(1)
        story = await asyncio.to_thread(ask, call.unique_id)
        assert (story["outcome"], story["waited"]) == ("answered", record.waited)
        assert story["moments"][1]["ring"]["cause"] == "hangup"
        await s.at_rest()


async def test_an_hours_figures_reach_the_store(tmp_path: Path) -> None:
    async with site(tmp_path) as s:
        figures = Fairness("sales", 3_600_000, 2, 7_000_000, 5_000, 200, 100, 900, 9_990, 9_980)
        s.app.executor.carry_out(1, [FairnessMeasured(figures)])
        async with asyncio.timeout(10):
            while not (found := await s.app.store.fairness(0, 2**53)):
                await asyncio.sleep(0.01)
        assert found == [figures]
