"""A scenario that is an M/M/n+M queue behaves as one, through files, world and centre."""

from __future__ import annotations

import math
from pathlib import Path

from sim.erlang.queue import Queue
from sim.run.replication import replicate
from sim.scenario.files import load

CONFIG = Path(__file__).parents[3] / "config" / "ctid.toml"
TEXT = f"""
config = "{CONFIG}"
lasts_h = 5
warm_up_s = 1800

[callers]
talk = {{ kind = "exponential", mean_s = 120 }}
patience = {{ kind = "exponential", mean_s = 90 }}
hidden = 1
# Half of the talks the agent ends.
ends_call = 0.5

[agents]
answer = 0
no_answer = 0

[pbx]
setup = 0
bridge = 0

[[streams]]
id = "a"
queue = "sales"
per_hour = 210
"""
PLAIN = {
    "config.queues.sales.wrap_up_s": 0,
    "config.queues.sales.overflow": [],
    "config.queues.sales.relax": [],
}
RUNS = 6
LIMIT = 4.0


def test_a_plain_scenario_is_erlang_a(tmp_path: Path) -> None:
    path = tmp_path / "plain.toml"
    path.write_text(TEXT, encoding="utf-8")
    scenario = load(path, PLAIN)
    agents = sum("sales" in agent.queues for agent in scenario.centre.acd.agents)
    theory = Queue(lam=210 / 3600, mu=1 / 120, servers=agents, theta=1 / 90)
    abandoned, waited = [], []
    for number in range(RUNS):
        queue = replicate(scenario, 1, number).queues["sales"]
        offered = sum(one.offered for one in queue)
        abandoned.append(sum(one.abandoned for one in queue) / offered)
        waited.append(sum(one.waited for one in queue) / offered / 1000)
    assert abs(_z(abandoned, theory.p_abandon())) < LIMIT
    assert abs(_z(waited, theory.mean_wait())) < LIMIT


def _z(sample: list[float], expected: float) -> float:
    mean = math.fsum(sample) / len(sample)
    variance = math.fsum((one - mean) ** 2 for one in sample) / (len(sample) - 1)
    return (mean - expected) / math.sqrt(variance / len(sample))
