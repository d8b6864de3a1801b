"""Hours of fairness in the whole machine: by the site's clock, across restarts, in the snapshot."""

from __future__ import annotations

import msgspec
import pytest

from ctid.centre.centre import Centre
from ctid.centre.state import CentreState
from ctid.core import events as ev
from ctid.core.commands import Command, FairnessMeasured
from ctid.core.fairness import Fairness
from ctid.core.instants import HOUR, MINUTE, SECOND
from tests.golden.site import opened, settings, talk, to_sales
from tests.golden.transcript import WALL, Scenario


def measured(commands: list[Command]) -> list[Fairness]:
    return [c.figures for c in commands if isinstance(c, FairnessMeasured)]


def drive(centre: Centre, until: int) -> list[Fairness]:
    """All deadlines up to `until`; what was measured on the way."""
    found = []
    while (due := centre.next_deadline()) is not None and due <= until:
        found += measured(centre.advance(due))
    return found


def one_call(s: Scenario) -> None:
    """Anna talks for two minutes; the first offer of a fresh centre is b1-2."""
    to_sales(s)
    talk(s, "b1-2")
    s.say(ev.CallEnded("c1", "16"), ev.LegEnded("b1-2", "hangup"), after=2 * MINUTE)


def test_the_snapshot_shows_the_hour_so_far() -> None:
    s = opened("anna", "bob")
    one_call(s)
    assert [q.fairness for q in s.centre.snapshot(s.now).queues] == [None, None], (
        "nobody counts yet"
    )
    s.wait(10 * MINUTE)
    sales, service = (q.fairness for q in s.centre.snapshot(s.now).queues)
    assert sales is not None
    assert service is not None
    assert (sales.began_at, sales.agents, service.agents) == (WALL, 2, 1)
    assert sales.jain_contacts == 5_000
    assert sales.occupancy_spread > 0
    assert service.jain_contacts == 10_000


def test_at_the_full_hour_the_figures_go_on_record() -> None:
    s = opened("anna", "bob")
    one_call(s)
    before = s.centre.snapshot(HOUR - 1).queues[0].fairness
    assert before is not None
    found = drive(s.centre, HOUR)
    assert [(f.queue, f.began_at) for f in found] == [("sales", WALL), ("service", WALL)]
    assert found[0].agents == 2
    assert found[0].staffed == before.staffed + 2
    assert s.centre.snapshot(HOUR).queues[0].fairness is None
    assert [f.began_at for f in drive(s.centre, 2 * HOUR)] == [WALL + HOUR] * 2


def test_a_restart_in_the_hour_loses_nothing_of_it() -> None:
    s = opened("anna", "bob")
    one_call(s)
    saved = msgspec.json.encode(s.centre.dump())
    again = Centre.load(s.settings, msgspec.json.decode(saved, type=CentreState))
    again.handle(ev.Started("b2", WALL), 20 * MINUTE)
    assert drive(again, HOUR) == drive(s.centre, HOUR)


@pytest.mark.parametrize("down", [HOUR, 3 * HOUR + 7 * MINUTE])
def test_the_hour_that_ended_while_no_process_ran_is_closed_at_the_start(down: int) -> None:
    s = opened("anna", "bob")
    one_call(s)
    saved = msgspec.json.encode(s.centre.dump())
    again = Centre.load(s.settings, msgspec.json.decode(saved, type=CentreState))
    found = measured(again.handle(ev.Started("b2", WALL), down))
    assert [(f.queue, f.began_at) for f in found] == [("sales", WALL), ("service", WALL)]
    assert found[0].staffed <= 2 * HOUR


def test_the_hour_is_the_sites() -> None:
    """In Kolkata noon UTC is half past five: the first hour ends after 30 minutes."""
    s = Scenario(msgspec.structs.replace(settings(), timezone="Asia/Kolkata"))
    s.say(ev.Started("b1", WALL), ev.SignInAsked("anna"), ev.ReadyAsked("anna"), after=0)
    assert [f.began_at for f in drive(s.centre, HOUR)] == [WALL - 30 * MINUTE]


def test_a_wall_clock_that_is_set_right_closes_the_hour() -> None:
    s = opened("anna")
    s.wait(20 * MINUTE)
    found = measured(s.centre.handle(ev.WallClockAdjusted(WALL + 30 * SECOND), s.now))
    assert found == [], "the same hour goes on"
    [closed] = measured(s.centre.handle(ev.WallClockAdjusted(WALL + 5 * HOUR), s.now))
    assert (closed.queue, closed.began_at) == ("sales", WALL)
    assert [f.began_at for f in drive(s.centre, s.now + HOUR)] == [WALL + 5 * HOUR]
