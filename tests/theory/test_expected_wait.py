"""Given the true rates, what callers are told is right on average: the real router says who waits.

The wait that is told is that of one who stays. Of a contact that hangs up on place k it is known up
to then, and its expectation from there on is that of place k again: told - (waited + rest) has the
mean zero in each queue (optional stopping of a martingale).
"""

import math
import statistics

import pytest
import simpy
from scipy import stats

from ctid.acd.expected_wait import BEYOND, Estimate, Rates, expected
from ctid.centre.centre import Centre
from ctid.core import events as ev
from ctid.core.commands import RingAgent
from ctid.core.instants import Instant
from ctid.core.journal import Line
from sim.driver import SimDriver
from sim.erlang.queue import Queue
from sim.theory.straight import StraightWorld
from sim.theory.system import SERVICE, System, erlang

REPLICATIONS = 20
CALLS = 1_000
LIMIT = 3.5
QUEUES = (Queue(9, 1, 10), Queue(3, 1, 3, theta=0.5), Queue(22, 1, 20, theta=2))


class Audit:
    """Reads the journal: what each contact in line was told, and how its wait went."""

    def __init__(self, queue: Queue, system: System) -> None:
        hang_up = queue.theta / queue.mu / SERVICE
        self.centre = Centre(system.settings())
        self.rates = Rates(queue.servers, SERVICE, hang_up)
        self.wrong_rates = Rates(queue.servers, SERVICE * 1.25, hang_up)
        self.line: list[str] = []
        self.told: dict[str, tuple[Instant, Estimate, Estimate]] = {}
        self.errors: list[float] = []
        """Told minus waited, in mean services."""
        self.wrong: list[float] = []
        """The same for one who believes in a longer service."""
        self.longer = 0
        """Waits of those who were answered that lie above the range."""

    def read(self, line: Line) -> None:
        rung = {c.call for c in line.c if isinstance(c, RingAgent)}
        match line.e:
            case ev.CallWaiting(call=call) if call not in rung:
                self.line.append(call)
                place = self.centre.router.waits.place(call)
                assert place == len(self.line)
                told = expected(place, self.rates)
                self.told[call] = (line.t, told, expected(place, self.wrong_rates))
            case ev.CallEnded(call=call) if call in self.line:
                rest = expected(self.line.index(call) + 1, self.rates).mean
                self._end(call, line.t, rest)
            case _:
                pass
        for call in rung & self.told.keys():
            assert self.line[0] == call, "the longest wait goes first"
            self._end(call, line.t, 0)

    def _end(self, call: str, now: Instant, rest: int) -> None:
        self.line.remove(call)
        at, told, wrong = self.told.pop(call)
        self.errors.append((told.mean - (now - at) - rest) / SERVICE)
        self.wrong.append((wrong.mean - (now - at) - rest) / SERVICE)
        self.longer += now - at > told.high

    def mean(self) -> float:
        return statistics.fmean(self.errors)


def replicate(queue: Queue, seed: str) -> Audit:
    system = erlang(queue)
    audit = Audit(queue, system)
    horizon = round(CALLS / queue.lam * queue.mu * SERVICE)
    world = StraightWorld(system, horizon, system.law(), seed, lambda _: None)
    SimDriver(simpy.Environment(), audit.centre, world, audit.read).run()
    assert not audit.line
    return audit


def z_of(values: list[float]) -> float:
    """Student's t of the mean against zero, as the normal z of equal probability."""
    se = statistics.stdev(values) / math.sqrt(len(values))
    t = statistics.fmean(values) / se
    return math.copysign(float(stats.norm.isf(stats.t.sf(abs(t), len(values) - 1))), t)


@pytest.mark.parametrize("queue", QUEUES, ids=str)
def test_the_estimate_is_unbiased_given_the_true_rates(queue: Queue) -> None:
    audits = [replicate(queue, f"wait/{number}") for number in range(REPLICATIONS)]
    # Each replication's sum, not its mean: a busy hour would weigh as little as a quiet one.
    z = z_of([math.fsum(audit.errors) for audit in audits])
    assert abs(z) <= LIMIT, f"z = {z:.2f}, mean {[round(a.mean(), 3) for a in audits]}"
    wrong = [math.fsum(audit.wrong) for audit in audits]
    assert z_of(wrong) > LIMIT, "the test could not see a service time that is 25 % too long"
    if not queue.theta:
        share = sum(a.longer for a in audits) / sum(len(a.errors) for a in audits)
        assert share == pytest.approx(BEYOND, abs=0.04)
