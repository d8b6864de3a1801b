"""The plain world where two things happen in one millisecond."""

from __future__ import annotations

import simpy

from ctid.centre.centre import Centre
from ctid.core.records import CallRecord
from sim.driver import SimDriver
from sim.erlang.queue import Queue
from sim.theory.straight import StraightWorld
from sim.theory.system import erlang


def test_who_gives_up_in_the_millisecond_of_the_answer_is_not_talked_to() -> None:
    system = erlang(Queue(20.0, 1.0, 2, 200_000.0))  # patience of a few milliseconds
    records: list[CallRecord] = []
    world = StraightWorld(system, 400 * round(system.unit), system.law(), "s", records.append)
    centre = Centre(system.settings())
    SimDriver(simpy.Environment(), centre, world, check=True).run()
    assert {record.outcome for record in records} == {"answered", "abandoned"}
    assert not centre.router.offers
