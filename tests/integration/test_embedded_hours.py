"""The switch of opening hours on a whole ctid: page, menu, board, restart, reload, record."""

from __future__ import annotations

from pathlib import Path

from ctid.app.reload import reload
from ctid.core.opening import HoursTurned
from tests.integration.embedded_site import Site, pbx_and_config, settings_of
from tests.real_pbx.desk import desks

MENU = "4000"
"""The flow that asks the hours `always` first."""


async def heard(s: Site) -> str:
    """What the next caller hears first."""
    call = s.call(MENU)
    await s.until(lambda: call.heard_prompts)
    call.hang_up()
    await s.until(lambda: not s.view().calls_in_ivr)
    return call.heard_prompts[0].rpartition("/")[2]


async def test_closed_from_the_board_over_a_restart_and_a_reload(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path) as s:
        await s.start()
        try:
            async with desks(s.base, "sue", "anna") as desk:
                sue = desk["sue"]
                await sue.until("board", lambda f: f["hours"][0]["open"])
                assert await heard(s) == "welcome"
                await desk["anna"].say("hours", hours="always", to="closed")
                await desk["anna"].until("error", lambda f: f["code"] == "forbidden")
                await sue.say("hours", hours="nightly", to="closed")
                await sue.until("error", lambda f: f["code"] == "no_hours")
                await sue.say("hours", hours="always", to="closed")
                await sue.until("board", lambda f: f["hours"][0]["login"] == "sue")
                assert await heard(s) == "closed"

                await s.stop()
                await s.start()
                assert await heard(s) == "closed", "it outlives the process"
                s.config["hours"]["office"]["closed_on"] = ["2031-01-01"]
                assert reload(s.app, lambda: settings_of(s.config))
                assert await heard(s) == "closed", "and new settings"

                await s.until(lambda: sue.opened == 2)
                await sue.say("hours", hours="always", to="schedule")
                await s.until(lambda: s.view().hours[0].open)
                assert await heard(s) == "welcome"
                await s.until(lambda: s.app.records.lag() == 0)
                turns = (await sue.get("/api/hours"))["turns"]
                assert [(t["hours"], t["to"], t["login"]) for t in turns] == [
                    ("always", "closed", "sue"), ("always", "schedule", "sue"),
                ]  # fmt: skip
                assert [c.record.to for c in s.done(HoursTurned)] == ["closed", "schedule"]
            await s.at_rest()
        finally:
            await s.stop()
