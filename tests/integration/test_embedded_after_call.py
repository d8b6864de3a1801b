"""The time after a call on the whole daemon: from the page's button to the store and back."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ctid.core.commands import Noticed
from ctid.core.events import BreakAsked
from tests.integration.embedded_site import PATIENCE, POLL, pbx_and_config
from tests.real_pbx.desk import desks

SOLVED = "已解决 Solved"


async def test_the_code_that_wrap_up_waits_for_is_kept_over_a_restart(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path) as s:
        for queue in s.config["queues"]:
            del queue["wrap_up_s"]
            queue.pop("wrap_up_extend_s", None)
            queue |= {"wrap_up": "disposition", "wrap_up_max_s": 60, "dispositions": [SOLVED]}
        await s.start()
        try:
            async with desks(s.base, "anna", "sue") as desk:
                call = s.call()
                await desk["anna"].state("on_call")
                call.hang_up()
                frame = await desk["anna"].state("wrap_up")
                talk = frame["agent"]["talk"]
                assert (talk["codes"], talk["code"], talk["may_end"]) == ([SOLVED], "", False)

                await s.stop()
                await s.start()
                await s.until(lambda: desk["anna"].opened == 2)
                again = s.agent("anna")
                assert again.state == "wrap_up", "it goes on where it was"
                assert again.until == frame["agent"]["until"]

                await desk["anna"].say("disposition", call=talk["call"], code=SOLVED)
                await desk["anna"].state("ready")
                [record] = await s.records(1)
                async with asyncio.timeout(PATIENCE):
                    while not (kept := await s.app.store.dispositions(record.call)):
                        await asyncio.sleep(POLL)
                assert [(one.agent, one.code) for one in kept] == [("anna", SOLVED)]
                found = await desk["sue"].get(f"/api/calls/{record.call}")
                assert [one["code"] for one in found["dispositions"]] == [SOLVED]
            await s.at_rest()
        finally:
            await s.stop()


async def test_a_break_that_is_too_long_comes_to_the_board(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path) as s:
        s.config["break_max_s"] = {"lunch": 0.2}
        await s.start()
        try:
            s.ready("anna")
            async with desks(s.base, "sue") as desk:
                s.app.submit(BreakAsked("anna", "lunch"))
                board = await desk["sue"].until(
                    "board", lambda f: [a for a in f["agents"] if a["overrun"]]
                )
                [late] = [a for a in board["agents"] if a["overrun"]]
                assert (late["agent"], late["reason"]) == ("anna", "lunch")
            assert [n.code for n in s.done(Noticed)] == ["break_overrun"]
        finally:
            await s.stop()
