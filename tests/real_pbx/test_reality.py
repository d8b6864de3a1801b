"""The simulator against a real Asterisk, for a minute; `make reality` does it for ten."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from sim.scenario.files import load
from sim.scenario.model import Scenario
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.reality import compare
from tests.real_pbx.reality.measures import closed
from tests.real_pbx.reality.run import DIALLED, SCENARIO, held, plot, real

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.alone]

AGENTS, SEED, REPLICATIONS = 6, 1, 79
SHORT: dict[str, object] = {
    "lasts_h": 0.0111,  # 40 s
    "callers.patience": {"kind": "uniform", "low_s": 4, "high_s": 25},
    "callers.talk": {"kind": "uniform", "low_s": 4, "high_s": 20},
    "streams.all.per_hour": 1300,
}


def short() -> Scenario:
    """The scenario of ten minutes, with fewer agents and nobody who talks for long."""
    made = load(SCENARIO, SHORT)
    acd = made.centre.acd
    centre = msgspec.structs.replace(
        made.centre, acd=msgspec.structs.replace(acd, agents=acd.agents[:AGENTS])
    )
    return msgspec.structs.replace(made, centre=centre)


async def test_a_minute_on_real_telephones_is_a_minute_in_the_simulator(
    lab: Lab, tmp_path: Path
) -> None:
    scenario = short()
    plan = compare.plan_of(scenario, SEED, DIALLED)
    found = await real(lab, scenario, plan, SEED, tmp_path)
    finding, twin = held(scenario, plan, found, SEED, REPLICATIONS)
    plot(found, twin, finding, tmp_path / "reality.svg")
    assert len(plan) > 8
    # Both have served the very same callers, one by one.
    by_number = [
        {record.number: record for record in closed(lines)} for lines in (found.lines, twin)
    ]
    assert len(by_number[0]) == len(by_number[1]) == len(plan)
    assert finding.inside, finding.rows
    assert all(delay.count for delay in finding.real_delays)
