"""Each fault does to machine and world what it says, and the machine comes out of it."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import pytest

from ctid.centre.centre import Centre
from ctid.core import events as ev
from ctid.core.commands import CallClosed, LegClosed, Repaired
from ctid.core.identity import PinChecked
from ctid.core.instants import MINUTE, SECOND
from ctid.core.journal import Line, encode
from ctid.core.records import CallRecord
from sim import site
from sim.faults.beset import Beset, beset
from sim.faults.engine import Engine, RecoveryFailed
from sim.faults.model import NONE, Faults, Spell
from sim.fuzz.busy import Busy
from sim.fuzz.sites import made
from sim.spreads import Exponential, Fixed
from sim.world.habits import CallerHabits, WorldSettings
from sim.world.world import World

SOON = Spell(lasts=Fixed(20 * SECOND), at=(2 * MINUTE, 5 * MINUTE))


class Ran(NamedTuple):
    """A run to its end."""

    lines: list[Line]
    beset: Beset
    world: World

    @property
    def records(self) -> list[CallRecord]:
        return [c.record for line in self.lines for c in line.c if isinstance(c, CallClosed)]

    @property
    def facts(self) -> Counter[str]:
        return Counter(type(line.e).__name__ for line in self.lines)

    def between(self, begin: int, end: int) -> list[ev.Event]:
        return [line.e for line in self.lines if begin <= line.t < end and line.e is not None]


def ran(faults: Faults, seed: int = 3) -> Ran:
    """Sixty callers, six agents; every line is checked."""
    settings = site.settings(6)
    habits = WorldSettings(callers=CallerHabits(calls=60), customers=site.customers(12))
    world = World(habits, settings.acd, seed)
    lines: list[Line] = []
    made = beset(Centre(settings), world, faults, seed, write=lines.append)
    made.driver.run()
    centre = made.driver.centre
    assert not centre.calls
    assert not centre.router.offers
    return Ran(lines, made, world)


def test_without_faults_all_is_as_it_was() -> None:
    plain, seeded = ran(NONE), ran(Faults(seed=9))
    assert [encode(line) for line in plain.lines] == [encode(line) for line in seeded.lines]


def test_the_same_seed_is_the_same_run() -> None:
    faults = Faults(doubled=0.2, late=0.2, link_cut=SOON, engine_restart=SOON, flood=SOON)
    once, again = ran(faults), ran(faults)
    assert [encode(line) for line in once.lines] == [encode(line) for line in again.lines]


def test_doubled_and_late_facts_change_no_record_count() -> None:
    spoilt = ran(Faults(doubled=0.3, late=0.3))
    assert max(Counter(record.call for record in spoilt.records).values()) == 1
    assert spoilt.facts.total() > 1.1 * ran(NONE).facts.total()


def test_while_the_link_is_cut_nothing_comes_over_it() -> None:
    cut = ran(Faults(link_cut=SOON))
    assert cut.facts["LinkLost"] == 2
    told = {type(fact).__name__ for fact in cut.between(2 * MINUTE + 1, 2 * MINUTE + 20 * SECOND)}
    assert told
    assert not told & {"CallWaiting", "AgentRinging", "AgentAnswered", "CallBridged", "LegEnded"}


def test_a_link_that_hangs_gives_all_at_once_in_order() -> None:
    stalled = ran(Faults(link_stall=SOON))
    end = 2 * MINUTE + 20 * SECOND
    at_once = [line for line in stalled.lines if line.t == end and line.e is not None]
    assert len(at_once) > 3
    assert stalled.facts["LinkLost"] == 0


def test_lost_facts_are_mended_by_an_inventory_at_the_end() -> None:
    lossy = ran(Faults(lost=0.2))
    repaired = [c for line in lossy.lines for c in line.c if isinstance(c, Repaired)]
    assert repaired
    assert lossy.facts["Inventory"] == 2


def test_ctid_is_killed_and_nobody_is_in_limbo() -> None:
    killed = ran(Faults(engine_restart=SOON))
    assert killed.facts["Started"] == 3
    assert len(killed.beset.engine.restarts) == 2
    assert killed.between(2 * MINUTE + 1, 2 * MINUTE + 20 * SECOND) == []
    assert {fact.boot for line in killed.lines if isinstance(fact := line.e, ev.Started)} == {
        "sim", "sim1", "sim2",
    }  # fmt: skip


def test_asterisk_is_gone_with_every_call() -> None:
    restarted = ran(Faults(pbx_restart=SOON))
    outcomes = Counter(record.outcome for record in restarted.records)
    assert outcomes["pbx_restart"] > 0
    flags = [line.e.restarted for line in restarted.lines if isinstance(line.e, ev.Inventory)]
    assert flags == [False, True, True]
    assert max(Counter(record.call for record in restarted.records).values()) == 1


def test_a_silent_phone_is_not_picked_up() -> None:
    always = Spell(Fixed(1), Fixed(30 * MINUTE))
    silent = ran(Faults(phone_silent=always))
    [name] = [phone.name for phone in silent.world.phones.values() if phone.silent_until]
    agent = next(a for a, phone in silent.world.phones.items() if phone.name == name)
    legs = [c.record for line in silent.lines for c in line.c if isinstance(c, LegClosed)]
    mine = [leg for leg in legs if leg.agent == agent]
    assert mine
    assert not any(leg.answered_at for leg in mine)


def test_an_unplugged_phone_ends_its_leg() -> None:
    often = Spell(Exponential(20 * SECOND), Fixed(5 * SECOND))
    pulled = ran(Faults(phone_unreachable=often))
    causes = Counter(line.e.cause for line in pulled.lines if isinstance(line.e, ev.LegEnded))
    assert causes["unreachable"] > 0


def test_full_trunks_keep_callers_out() -> None:
    full = ran(Faults(trunks_full=Spell(at=(MINUTE,), lasts=Fixed(3 * MINUTE))))
    assert full.world.tally.blocked > 5
    assert len(full.records) == 60 - full.world.tally.blocked
    assert not [f for f in full.between(MINUTE, 4 * MINUTE) if isinstance(f, ev.CallArrived)]


@pytest.mark.parametrize(
    ("faults", "status"),
    [
        (Faults(crm_silent=1.0), "timeout"),
        (Faults(crm_unavailable=1.0), "unavailable"),
        (Faults(crm_many=1.0), "many"),
        (Faults(crm_slow=Fixed(MINUTE)), "timeout"),
        (Faults(crm_down=Spell(Fixed(1), Fixed(60 * MINUTE))), "timeout"),
    ],
)
def test_the_crm(faults: Faults, status: str) -> None:
    answers = [line.e for line in ran(faults).lines if isinstance(line.e, ev.CustomerLookedUp)]
    assert answers
    assert {answer.status for answer in answers} == {status}


@pytest.mark.parametrize(
    ("faults", "statuses"),
    [
        (Faults(crm_silent=1.0), {"timeout"}),
        (Faults(crm_unavailable=1.0), {"unavailable"}),
        (Faults(crm_many=1.0), {"right", "wrong", "timeout"}),
        (Faults(crm_slow=Fixed(MINUTE)), {"timeout"}),
    ],
)
def test_the_crm_and_pins(faults: Faults, statuses: set[str]) -> None:
    """What befalls its look-ups befalls its word on PINs, but for finding too many."""
    seed = next(n for n in range(99) if "pin" in made(Busy(6), n).flows["main"].steps)
    settings = made(Busy(6), seed)
    habits = WorldSettings(callers=CallerHabits(calls=60), customers=site.customers(12))
    lines: list[Line] = []
    beset(
        Centre(settings), World(habits, settings.acd, 3), faults, 3, write=lines.append
    ).driver.run()
    told = {line.e.status for line in lines if isinstance(line.e, PinChecked)}
    assert told
    assert told <= statuses


def test_the_clock_jumps_and_no_time_is_negative() -> None:
    jumped = ran(Faults(clock_jump=SOON))
    assert jumped.facts["WallClockAdjusted"] == 2
    assert all(record.waited >= 0 and record.talked >= 0 for record in jumped.records)


def test_a_flood_and_chatter() -> None:
    flooded = ran(Faults(flood=Spell(at=(MINUTE,)), flood_calls=80, chatter=4))
    assert flooded.facts["CallArrived"] == 140
    assert len({record.call for record in flooded.records}) == 140
    assert flooded.facts["PhoneChanged"] % 5 == 0


def test_a_state_that_the_journal_does_not_lead_to_is_found() -> None:
    settings = site.settings(2)
    centre = Centre(settings)
    engine = Engine(centre)
    world = World(WorldSettings(callers=CallerHabits(calls=1)), settings.acd, 1)
    made = beset(centre, world, NONE, 1)
    engine.attach(made.driver)
    made.driver.submit(ev.Started("b", 0))
    with pytest.raises(RecoveryFailed, match="not the one before the kill"):
        engine.start()
