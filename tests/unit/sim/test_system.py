"""A queueing system told as settings of the real centre, and what one replication's sums are."""

import math
from random import Random

import pytest

from ctid.acd.need import Need
from ctid.acd.overflow import Rule, ToHangUp
from sim.erlang.queue import Queue
from sim.erlang.single import pollaczek_khinchine
from sim.theory import straight
from sim.theory.catalogue import WARM_UP, held
from sim.theory.cells import Cells
from sim.theory.measures import measure
from sim.theory.service import Service, with_scv
from sim.theory.system import SERVICE, Callers, Server, System, erlang

LAWS = [*map(with_scv, (0.0, 0.25, 0.4, 1.0, 1.5, 4.0)), Service("lognormal", 0.8)]
CELLS = {"lambda": "a=0.7;b=0.9", "mu": "1.0/1.0", "n": "2"}


def system(model: str, **cells: str) -> System:
    """The catalogue's system for a line with these cells."""
    found = held(Cells({"model": model, "metric": "E[W]", **cells}))
    assert found is not None
    return found.system


def test_skills_say_who_may_take_what() -> None:
    made = system("Skill-based FCFS-ALIS N-model", **CELLS)
    acd = made.settings().acd
    assert [queue.needs for queue in acd.queues] == [(Need("type a"),), (Need("type b"),)]
    assert [agent.skills for agent in acd.agents] == [{"type a": 1, "type b": 1}, {"type b": 1}]
    assert {agent.queues for agent in acd.agents} == {("type a", "type b")}


def test_a_chain_closes() -> None:
    cells = {"lambda": "a=1;b=1;c=1", "mu": "2/2/2", "n": "3"}
    made = system("Skill-based FCFS-ALIS chain 3x3", **cells)
    assert [server.takes for server in made.servers] == [
        ("type a", "type b"),
        ("type b", "type c"),
        ("type c", "type a"),
    ]


@pytest.mark.parametrize(
    ("policy", "strategy", "speeds"),
    [
        ("FSF", "linear", [3, 2, 1]),
        ("SSF", "linear", [1, 2, 3]),
        ("SISF", "shortest_idle", [1, 3, 2]),
    ],
)
def test_speeds_in_the_order_of_the_strategy(
    policy: str, strategy: str, speeds: list[float]
) -> None:
    cells = {"lambda": "1", "mu": "1/3/2", "n": "3"}
    made = system(f"M/M/3 heterogeneous {policy}", **cells)
    assert (made.strategy, [server.speed for server in made.servers]) == (strategy, speeds)
    assert made.warm_up == WARM_UP


def test_priority_is_strict() -> None:
    cells = {"lambda": "0.4+0.3", "mu": "2/0.6", "n": "1"}
    made = system("M/M/1 non-preemptive priority", **cells)
    acd = made.settings().acd
    assert [queue.priority for queue in acd.queues] == [1, 0]
    assert acd.age_every > 10**6 * SERVICE
    assert made.mu == pytest.approx(0.7 / 0.7), "0.2 + 0.5 erlang"


def test_a_full_house_turns_away() -> None:
    made = System("k", (Callers("q", 3.0),), (Server(),) * 2, room=5)
    (queue,) = made.settings().acd.queues
    assert queue.overflow.rules == (Rule(ToHangUp(), length=3),)
    law = made.law()
    assert math.fsum(law) == pytest.approx(1)
    assert [law[j + 1] / law[j] for j in range(5)] == pytest.approx([3, 1.5, 1.5, 1.5, 1.5])


def test_no_room_to_wait_turns_away_when_nobody_is_free() -> None:
    made = System("k", (Callers("q", 3.0),), (Server(),) * 2, room=2)
    (queue,) = made.settings().acd.queues
    assert queue.overflow.rules == (Rule(ToHangUp(), no_agent="free"),)
    records = straight.run(made, 200 * SERVICE, made.law(), "seed")
    assert {(r.outcome, r.waited) for r in records} == {("answered", 0), ("turned_away", 0)}


def test_the_slowest_class_says_how_long_the_beginning_is_remembered() -> None:
    one, alike = Callers("a", 0.9), Callers("b", 0.5)
    alone = System("r", (one,), (Server(),))
    both = System("r", (one, alike), (Server(takes=("a",)), Server(takes=("b",))))
    assert alone.relaxation == pytest.approx(0.9 / (1 - math.sqrt(0.9)) ** 2)
    assert both.relaxation == pytest.approx(1.4 / (1 - math.sqrt(0.9)) ** 2)
    assert System("r", (one,), (Server(),), theta=1).relaxation == 0


@pytest.mark.parametrize("service", LAWS, ids=lambda law: f"{law.kind} {law.scv}")
def test_services_have_their_moments(service: Service) -> None:
    draws = service.draws(Random("moments"))
    drawn = [draws() for _ in range(40_000)]
    mean = math.fsum(drawn) / len(drawn)
    variance = math.fsum((x - mean) ** 2 for x in drawn) / len(drawn)
    assert (mean, variance) == pytest.approx((1, service.scv), rel=0.06, abs=1e-9)


@pytest.mark.parametrize("service", LAWS, ids=lambda law: f"{law.kind} {law.scv}")
def test_a_service_under_way_is_a_long_one(service: Service) -> None:
    stream = Random("found")
    found = [service.found(stream) for _ in range(40_000)]
    for side in (0, 1):
        mean = math.fsum(pair[side] for pair in found) / len(found)
        assert mean == pytest.approx((1 + service.scv) / 2, rel=0.04)


@pytest.mark.parametrize("service", LAWS, ids=lambda law: f"{law.kind} {law.scv}")
def test_one_server_begins_in_its_steady_state(service: Service) -> None:
    made = System("g", (Callers("q", 0.7),), (Server(),), service=service)
    law, stream = made.law(), Random("begin")
    begun = [made.beginning(law, stream) for _ in range(30_000)]
    waiting = math.fsum(max(count - 1, 0) for count, _ in begun) / len(begun)
    assert sum(count > 0 for count, _ in begun) / len(begun) == pytest.approx(0.7, abs=0.02)
    assert waiting == pytest.approx(0.7 * pollaczek_khinchine(0.7, 1, service.scv), rel=0.06)


def test_an_erlang_queue_keeps_its_law() -> None:
    queue = Queue(3, 0.5, 8, theta=0.2)
    assert erlang(queue).law() == queue.law().tolist()
    assert erlang(queue).unit == SERVICE / 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"callers": ()},
        {"servers": ()},
        {"servers": (Server(speed=0),)},
        {"callers": (Callers("q", 0),)},
        {"callers": (Callers("q", 3),)},
        {"theta": -1},
        {"room": 1},
        {"service": with_scv(0.5)},
        {"callers": (Callers("q", 1),), "servers": (Server(takes=("p",)), Server(takes=("q",)))},
    ],
)
def test_what_cannot_be(wrong: dict[str, object]) -> None:
    good: dict[str, object] = {"callers": (Callers("q", 1),), "servers": (Server(),) * 2}
    System("good", **good)
    with pytest.raises(ValueError, match="wrong"):
        System("wrong", **(good | wrong))


def test_nobody_is_in_the_house_above_its_room() -> None:
    made = System("k", (Callers("q", 6.0),), (Server(),) * 2, room=5)
    records = straight.run(made, 200 * SERVICE, made.law(), "seed")
    assert {record.outcome for record in records} == {"answered", "turned_away"}
    inside = sorted(
        step
        for r in records
        if r.outcome == "answered"
        for step in ((r.queued_at, 1), (r.ended_at, -1))
    )
    there, most = 0, 0
    for _, step in inside:
        there += step
        most = max(most, there)
    assert most == 5
    assert all(r.waited == 0 == r.offers for r in records if r.outcome == "turned_away")


def test_the_first_class_goes_first_and_each_class_in_order() -> None:
    callers = (Callers("class 1", 0.5, level=1), Callers("class 2", 0.4))
    made = System("p", callers, (Server(),))
    records = straight.run(made, 300 * SERVICE, made.law(), "seed")
    by_start = sorted(records, key=lambda r: (r.queued_at + r.waited, r.ended_at))
    for name in ("class 1", "class 2"):
        joined = [r.queued_at for r in by_start if r.queue == name and r.queued_at > 0]
        assert joined == sorted(joined)
    first = [r for r in records if r.queue == "class 1"]
    for low in (r for r in records if r.queue == "class 2" and r.waited):
        start = low.queued_at + low.waited
        assert not [r for r in first if r.queued_at < start < r.queued_at + r.waited]


def test_the_window_cuts_times_and_chooses_calls() -> None:
    made = System("w", (Callers("q", 1.0),), (Server("one"), Server("two")))
    records = straight.run(made, 50 * SERVICE, made.law(), "seed")
    end = 50 * SERVICE
    whole = measure(made, records, 0, end, ("utilisation one", "utilisation two", "rho", "E[Lq]"))
    first = measure(made, records, 0, end // 5, ("utilisation one", "E[Lq]", "E[W]"))
    rest = measure(made, records, end // 5, end, ("utilisation one", "E[Lq]", "E[W]"))
    assert first["arrivals"][0] + rest["arrivals"][0] == whole["arrivals"][0]
    for name in ("utilisation one", "E[Lq]"):
        assert 0.2 * first[name][0] + 0.8 * rest[name][0] == pytest.approx(whole[name][0])
    both = (whole["utilisation one"][0] + whole["utilisation two"][0]) / 2
    assert whole["rho"][0] == pytest.approx(both)
    with pytest.raises(KeyError):
        measure(made, records, 0, end, ("utilisation three",))
