"""What a step of load came to, and whether it held the limits."""

from __future__ import annotations

import msgspec
import pytest

from sim.load.ctid_metrics import parse
from sim.load.machine import busy_of
from sim.load.measure import TELLING, Errors, Latency, Limits, Step, judge, latency

FAST = latency([0.001] * 100)
GOOD = Step(
    rate=10.0, seconds=10.0, calls=100, ended=100, answered=100, most_waiting=0, join_to_ring=FAST,
    agi=FAST, key_to_prompt=FAST, ring_to_pop=FAST, event_lag=FAST, errors=Errors(),
    generator_cpu=0.2, generator_lag=FAST, others_cpu=0.1, cores=2,
)  # fmt: skip
SLOW = latency([0.9] * 100)
LATENCIES = ("join_to_ring", "agi", "key_to_prompt", "ring_to_pop", "event_lag")


def judged(**changes: object) -> Step:
    return judge(msgspec.structs.replace(GOOD, **changes), Limits(), everybody_can=True)


def test_percentiles_are_nearest_rank_in_ms() -> None:
    told = latency([n / 1000 for n in range(200, 0, -1)])
    assert told == Latency(200, 100.0, 190.0, 198.0, 200.0)
    assert latency([]) == Latency()


def test_all_is_well() -> None:
    assert (judged().verdict, judged().broken) == ("good", ())


@pytest.mark.parametrize("name", LATENCIES)
def test_each_latency_has_a_limit(name: str) -> None:
    step = judged(**{name: SLOW})
    assert step.verdict == "bad"
    assert step.broken[0].startswith(f"{name} p95 900 ms > ")


def test_a_handful_of_values_tells_nothing() -> None:
    assert judged(agi=latency([0.9] * (TELLING - 1))).verdict == "good"


@pytest.mark.parametrize("name", ["lost", "unheard", "unlinked", "pages", "defects"])
def test_any_error_fails_the_step(name: str) -> None:
    step = judged(errors=Errors(**{name: 1}))
    assert step.broken == (f"errors: 1 {name}",)


def test_a_refused_hang_up_does_not() -> None:
    assert judged(errors=Errors(refused=5)).verdict == "good"


def test_callers_who_wait_while_agents_are_available() -> None:
    assert judged(most_waiting=21).broken == ("21 waited at once, with agents enough, > 20",)
    waited = msgspec.structs.replace(GOOD, most_waiting=21)
    assert judge(waited, Limits(), everybody_can=False).verdict == "good"


def test_a_late_generator_is_no_limit_of_ctid_s() -> None:
    assert judged(agi=SLOW, generator_lag=latency([0.05] * 100)).verdict == "generator"
    assert judged(agi=SLOW, generator_cpu=0.95).verdict == "generator"
    assert judged(generator_cpu=0.95).verdict == "good"


def test_nor_is_a_machine_that_others_use() -> None:
    assert judged(agi=SLOW, others_cpu=0.6).verdict == "machine"
    assert judged(agi=SLOW, others_cpu=None).verdict == "bad"


def test_what_ctid_says_of_itself() -> None:
    told = parse(
        "# HELP process_cpu_seconds_total Total\nprocess_cpu_seconds_total 12.5\n"
        "process_resident_memory_bytes 9.5e+07\nctid_loop_lag_seconds 0.003\nctid_defects 2.0\n"
        'ctid_commands_total{kind="Play"} 7.0\n'
    )
    assert (told.cpu, told.memory, told.loop_lag, told.defects) == (12.5, 9.5e7, 0.003, 2)
    assert parse("").cpu is None


def test_busy_time_of_the_machine() -> None:
    assert busy_of("cpu  100 10 50 900 40 5 5 30 20 0", 100) == 2.0
