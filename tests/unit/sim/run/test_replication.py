"""One replication's sums, held against the centre's own records of the same run."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from ctid.core.commands import AgentTimed, CallClosed, Command, Overflowed
from ctid.core.instants import MINUTE, SECOND, Epoch
from ctid.core.journal import Line
from ctid.core.visits import FlowEnded
from ctid.store.intervals import fold
from sim.run import replication
from sim.run.collector import Collector
from sim.run.outcome import AgentSums, Outcome, QueueSums
from sim.run.replication import NeverEnds, replicate
from sim.scenario.model import Scenario
from tests.unit.sim.run.small import scenario


def with_commands(made: Scenario, number: int = 0) -> tuple[Outcome, list[Command]]:
    lines: list[Line] = []
    outcome = replicate(made, 7, number, write=lines.append, check=True)
    return outcome, [command for line in lines for command in line.c]


def total(sums: list[QueueSums], field: str) -> int:
    return sum(getattr(one, field) for one in sums)


def test_the_sums_are_those_of_the_records_as_the_database_folds_them() -> None:
    made = scenario()
    outcome, commands = with_commands(made)
    records = [c.record for c in commands if isinstance(c, CallClosed)]
    zero = made.world.wall_at_zero
    counted = [r for r in records if r.arrived_at < zero + made.lasts]
    assert outcome.calls == len(counted) > 300
    assert outcome.endings == dict(Counter(r.outcome for r in counted))
    assert outcome.left_menu == sum(r.outcome == "ivr_hangup" for r in counted)
    targets = {queue.id: queue.target for queue in made.centre.acd.queues}
    seen = 0
    for row in fold(counted, targets):
        place = (row.began_at - zero) // made.interval
        if place < len(outcome.queues[row.queue]) - 1:
            sums = outcome.queues[row.queue][place]
            told = (sums.offered, sums.answered, sums.in_target, sums.abandoned)
            assert told == (row.offered, row.answered, row.answered_within, row.abandoned)
            told = (sums.waited, sums.longest, sums.talked, sums.abandoned_in_target)
            assert told == (row.waited, row.longest, row.talked, row.abandoned_within)
            seen += 1
    assert seen > 10
    waits = outcome.waits["service"]
    assert sum(waits.answered) == total(outcome.queues["service"], "answered")
    assert sum(waits.abandoned) == total(outcome.queues["service"], "abandoned")


def test_each_call_of_a_queue_ends_in_one_way() -> None:
    made = scenario(overflows=True)
    outcome, commands = with_commands(made)
    ends = ("answered", "abandoned", "moved", "turned_away", "lost")
    for sums in outcome.queues.values():
        for one in sums:
            assert one.offered == sum(getattr(one, field) for field in ends)
    on = [c.move for c in commands if isinstance(c, Overflowed) and c.move.to == "queue:service"]
    assert total(outcome.queues["sales"], "moved_on") == len(on) > 0
    assert outcome.callbacks >= outcome.callbacks_reached > 0
    joined = sum(total(one, "offered") - total(one, "moved_on") for one in outcome.queues.values())
    assert joined + outcome.contained + outcome.left_menu == outcome.calls


def test_time_in_states_is_what_the_machine_says_of_agents() -> None:
    made = scenario(warm_up=17 * MINUTE)
    outcome, commands = with_commands(made)
    zero = made.world.wall_at_zero
    begins, ends = zero + made.warm_up, zero + made.lasts
    times = [c.time for c in commands if isinstance(c, AgentTimed)]
    fields = {"not_ready": "away", "on_call": "talking", "wrap_up": "wrap_up"}
    for agent, sums in outcome.agents.items():
        for state, field in fields.items():
            spent = sum(
                max(0, min(t.ended_at, ends) - max(t.began_at, begins))
                for t in times
                if t.agent == agent and t.state == state
            )
            assert sum(getattr(one, field) for one in sums) == spent
        states = ("ready", "ringing", "talking", "wrap_up", "away")
        spent = sum(getattr(one, state) for one in sums for state in states)
        assert spent == made.lasts - made.warm_up, "signed in from the first moment to the last"
    assert outcome.agents["agent0"][0] == AgentSums(), "all of it is warm-up"


def test_the_waiting_is_the_time_in_the_queue_wherever_it_was_spent() -> None:
    made = scenario(overflows=True)
    _, commands = with_commands(made)
    whole = Collector(
        made.centre, lambda: Epoch(made.world.wall_at_zero), 0, 10 * made.lasts, MINUTE
    )
    for command in commands:
        if isinstance(command, Overflowed):
            at = command.move.at - made.world.wall_at_zero
            whole.follow([command], at)
        elif isinstance(command, CallClosed) and "-cb" not in command.record.call:
            whole.follow([command], 0)
    outcome = whole.outcome(0, 0, 0)
    waited = sum(
        c.record.waited for c in commands
        if isinstance(c, CallClosed) and "-cb" not in c.record.call
    )  # fmt: skip
    assert sum(total(sums, "waiting") for sums in outcome.queues.values()) == waited


def test_a_replication_follows_from_its_arguments() -> None:
    made = scenario(hours=0.5)
    one = replicate(made, 3, 5)
    assert one == replicate(made, 3, 5)
    assert one.queues != replicate(made, 3, 6).queues
    assert one.queues != replicate(made, 4, 5).queues
    assert not one.decisions
    assert len(replicate(made, 3, 5, decisions=True).decisions) > 50


def test_another_staff_has_the_same_callers() -> None:
    few, many = (replicate(scenario(hours=1, agents=n), 1, 1) for n in (6, 12))
    assert few.calls == many.calls
    assert total(few.queues["service"], "abandoned") > total(many.queues["service"], "abandoned")


def test_who_arrives_in_the_warm_up_does_not_count() -> None:
    made = scenario(hours=1)
    cut = msgspec.structs.replace(made, warm_up=20 * MINUTE)
    whole, part = replicate(made, 1, 1), replicate(cut, 1, 1)
    assert 0 < part.calls < whole.calls
    assert part.queues["service"][0].waiting == 0 < whole.queues["service"][0].waiting


def test_a_scenario_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replication, "RUN_OUT", 10 * SECOND)
    made = scenario(hours=0.5)
    short = msgspec.structs.replace(made, lasts=5 * MINUTE)
    with pytest.raises(NeverEnds, match="hours after the last arrival"):
        replicate(short, 1, 1)


def test_a_caller_who_goes_round_and_round_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replication, "AT_ONCE", 3)
    with pytest.raises(NeverEnds, match="without that time"):
        replicate(scenario(hours=0.5), 1, 1)


def test_visits_of_flows_are_those_that_the_machine_tells_of() -> None:
    made = scenario(warm_up=17 * MINUTE)
    outcome, commands = with_commands(made)
    began = made.world.wall_at_zero + 17 * MINUTE
    told = [c.visit for c in commands if isinstance(c, FlowEnded)]
    counted = [v for v in told if began <= v.began_at < began - 17 * MINUTE + made.lasts]
    sums = outcome.visits
    assert 0 < len(counted) < len(told)
    assert sums.all() == len(counted)
    assert sums.ended("hung_up") == sum(v.outcome == "hung_up" for v in counted)
    for step, one in sums.steps.items():
        stays = [s for v in counted for s in v.stays if f"{s.flow}/{s.step}" == step]
        assert one.ways == dict(Counter(s.way for s in stays))
        assert (one.entered, one.spent) == (len(stays), sum(s.spent for s in stays))
