"""What a scenario says of tasks: e-mails and other work that waits in queues of its own."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ctid.acd.channels import CALL
from ctid.acd.settings import AcdSettings
from ctid.core.instants import HOUR, SECOND, Duration
from ctid.settings.table import Table
from sim.scenario.spreads import spread
from sim.scenario.values import number, share
from sim.spreads import Exponential, LogNormal, Uniform
from sim.world.tasks import TaskHabits

ORDINARY = TaskHabits(
    deadline=Uniform(3_600 * SECOND, 14_400 * SECOND),
    accept=Uniform(1 * SECOND, 10 * SECOND),
    work=LogNormal(240 * SECOND, 0.8),
    rejected=0.0, unseen=0.0, doubled=0.0, cancelled=0.0, given_back=0.0,
    priorities=(None,), weights=(1,),
)  # fmt: skip
SPREADS = ("deadline", "accept", "work")
SHARES = ("rejected", "unseen", "doubled", "cancelled", "given_back")


def tasks(table: Table, acd: AcdSettings, lasts: Duration, folder: Path) -> TaskHabits:
    """Reads `[tasks]`."""
    per_hour = number(table, "per_hour", 0.0, most=1e6)
    spreads = {key: spread(table, key, getattr(ORDINARY, key), folder) for key in SPREADS}
    shares = {key: share(table, key, getattr(ORDINARY, key)) for key in SHARES}
    table.close()
    if not per_hour:
        return TaskHabits()
    if all(queue.channel == CALL for queue in acd.queues):
        table.wrong("per_hour", "no queue of the config takes tasks; give a queue another channel")
    arrivals = Exponential(HOUR / per_hour)
    return msgspec.structs.replace(ORDINARY, until=lasts, arrivals=arrivals, **spreads, **shares)
