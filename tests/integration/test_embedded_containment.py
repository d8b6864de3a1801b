"""What becomes of callers in the flows, on the whole daemon: machine, store, REST, Prometheus."""

from __future__ import annotations

from pathlib import Path

from prometheus_client import generate_latest

from tests.integration.embedded_site import QUICK, Site, pbx_and_config
from tests.real_pbx.desk import desks


async def hang_up_in_the_menu(s: Site) -> None:
    call = s.call(QUICK)
    await s.until(lambda: any(c.session for c in s.app.driver.centre.calls.values()))
    call.hang_up()
    assert await call.over


async def test_visits_are_on_record_and_summed_up(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path) as s:
        await s.start()
        try:
            async with desks(s.base, "sue") as desk:
                await hang_up_in_the_menu(s)
                s.ready("anna")
                call = s.call(QUICK, keys=("1", "100001"))
                assert await call.talking_to == "1001"
                call.hang_up()
                await s.at_rest()
                first, second = await s.records(2)
                figures = await desk["sue"].get("/api/ivr")
                [flow] = figures["flows"]
                steps = {one["step"]: one for one in figures["steps"]}
                found = await desk["sue"].get(f"/api/calls/{first.call}")
                counted = generate_latest(s.app.registry).decode()
        finally:
            await s.stop()
    assert {first.outcome, second.outcome} == {"answered", "ivr_hangup"}
    assert (flow["visits"], flow["contained"], flow["early"]) == (2, 0, 1)
    assert flow["outcomes"] == {"hung_up": 1, "queue/asked": 1}
    assert steps["menu"]["ways"] == {"1": 1, "hung_up": 1}
    assert steps["menu"]["entered"] == 2
    assert [one["outcome"] for one in found["visits"]] == ["queue"]
    assert 'ctid_ivr_visits_total{flow="quick",outcome="hung_up",way=""} 1.0' in counted
