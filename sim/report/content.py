"""What a report says, as data: the JSON file is this, and the page is a view of it.

Instants and durations are milliseconds, instants from the beginning of the simulated time; `None`
is "nothing to tell". docs/report.md tells the same for people who read the file.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

import msgspec

import ctid
from ctid.acd.settings import AcdSettings, QueueSettings
from ctid.core.instants import Duration, Instant, WallMs
from ctid.core.records import AgentId, CallId, Decision, QueueId
from sim.report.days import Day, day, edges, places, staffing
from sim.report.ivr import Ivr, ivr
from sim.report.theory import Theory, theory
from sim.run.figures import LEVEL, Estimate, measure, tidy
from sim.run.outcome import WAIT_EDGES, Outcome, QueueWaits
from sim.scenario.model import Scenario
from sim.theory.verdict import Verdict

SCHEMA = "ctid-sim-report/1"
"""The number rises when a field changes its meaning or goes; new fields may come at any time."""
SLOWEST = 20
"""Calls in the table of the slowest decisions."""
MOST_DECISIONS = 20_000
"""Decisions kept in a report: some megabytes."""


class About(msgspec.Struct, frozen=True):
    """What was simulated, and how to do it again."""

    scenario: str
    command: str
    """The command line that makes this report again, byte for byte."""
    seed: int
    replications: int
    level: float
    """Of the intervals."""
    settings: str
    """Digest of the centre's settings: two reports with the same one had the same queues, agents,
    flows and rules."""
    world: str
    """Digest of the callers' and agents' ways."""
    version: str
    """Of ctid."""
    timezone: str
    wall_at_zero: WallMs
    """Instant 0 on the wall, milliseconds since 1970 UTC."""
    begins: Instant
    """What is counted: callers who came, and time that passed, from here on …"""
    ends: Instant
    """… and up to here."""
    edges: list[Instant]
    """Where the intervals of each `day` begin, and where the last ends."""
    agents: int
    """Who were signed in at some time."""
    calls: int
    """Callers over all replications."""
    events: int
    """Facts that the machine handled, over all replications."""


class Waits(msgspec.Struct, frozen=True):
    """How waits spread: calls over all replications that waited up to each edge and longer than
    the one before; the last place is for those who waited longer still."""

    edges: list[Duration]
    answered: list[int]
    abandoned: list[int]


class QueueReport(msgspec.Struct, frozen=True):
    """One queue. Its figures stand in `figures`, as `asa[ID]`."""

    id: QueueId
    name: str
    strategy: str
    target: Duration
    agents: int
    longest: Duration
    """The longest wait in all replications."""
    day: Day
    waits: Waits | None
    theory: Theory


class AgentReport(msgspec.Struct, frozen=True):
    """One agent who was there; numbers and times are those of a mean replication."""

    id: AgentId
    name: str
    queues: list[QueueId]
    contacts: float
    offers: float
    no_answers: float
    staffed: float
    """Ready, ringing, talking, in wrap-up or on tasks."""
    away: float
    """Signed in and not ready."""
    occupancy: float | None
    """(ringing + talk + wrap-up + tasks) ÷ staffed."""
    idle: float | None
    """Mean time ready before an offer."""


class Menu(msgspec.Struct, frozen=True):
    """What became of the callers, in a mean replication."""

    calls: float
    contained: float
    """Ended by the flow without having joined a queue, served or not."""
    left: float
    """Hung up in the menu."""
    endings: dict[str, float]
    """By terminal outcome of the call record."""
    busy: float
    """Callers who found all lines busy; not among `calls`. The warm-up's are in here too."""
    redials: float
    """Calls of people who had called before; the warm-up's and busy ones are in here too."""
    callbacks: float
    """Customers dialled back."""
    callbacks_reached: float
    """Of these, who talked to an agent."""


class Slow(msgspec.Struct, frozen=True):
    """One call of the first replication that was long on its way to an agent."""

    call: CallId
    queue: QueueId
    agent: AgentId
    waited: Duration
    """Up to the last decision."""
    offers: int
    """Agents who were asked."""


class Took(msgspec.Struct, frozen=True):
    """Measured on the machine that simulated: differs from run to run."""

    what: str
    """Kind of fact."""
    count: int
    mean: float
    """Microseconds of one fact with all its consequences."""
    p99: float
    longest: float


class Report(msgspec.Struct, frozen=True):
    """All of it."""

    schema: str
    about: About
    figures: dict[str, Estimate]
    """By name, `asa` of all or `asa[sales]` of a queue, each with its interval."""
    day: Day
    """All queues together."""
    staffing: dict[str, list[float]]
    """Mean number of agents in each state, interval by interval."""
    queues: list[QueueReport]
    agents: list[AgentReport]
    menu: Menu
    slowest: list[Slow]
    decisions: list[Decision]
    """Of the first replication, at most 20,000."""
    decisions_left_out: int
    verdicts: list[Verdict] = []
    """The router against queueing theory, where `ctid-sim theory` was asked."""
    ivr: Ivr = Ivr([], [])
    """The flows: how visits ended, and what callers did at each step."""
    took: list[Took] = []
    """Only with `--timings`: measured times, which differ from run to run."""


def report(
    scenario: Scenario,
    outcomes: Sequence[Outcome],
    *,
    seed: int,
    command: str,
    level: float = LEVEL,
    verdicts: Sequence[Verdict] = (),
) -> Report:
    """Everything that these replications say: the same bytes for the same arguments.

    Args:
        outcomes: at least one replication; decisions are those of the first.
        command: the command line that does it again.
        level: of the intervals.
        verdicts: of `ctid-sim theory`, for a table of them.
    """
    acd, first = scenario.centre.acd, outcomes[0]
    present = there(outcomes)
    kept = first.decisions[:MOST_DECISIONS]
    return Report(
        schema=SCHEMA,
        about=_about(scenario, outcomes, seed, command, level),
        figures=measure(scenario, outcomes, level=level),
        day=day(outcomes, (queue.id for queue in acd.queues)),
        staffing=staffing(outcomes),
        queues=[_queue(acd, queue, present, outcomes) for queue in acd.queues],
        agents=_agents(scenario, outcomes),
        menu=_menu(outcomes),
        slowest=_slowest(first.decisions),
        decisions=kept,
        decisions_left_out=len(first.decisions) - len(kept),
        verdicts=list(verdicts),
        ivr=ivr(outcomes, level),
    )  # fmt: skip


def _queue(
    acd: AcdSettings, queue: QueueSettings, present: set[AgentId], outcomes: Sequence[Outcome]
) -> QueueReport:
    return QueueReport(
        queue.id, queue.name, queue.strategy, queue.target,
        sum(queue.id in agent.queues for agent in acd.agents if agent.id in present),
        max(s.longest for o in outcomes for s in o.queues[queue.id]),
        day(outcomes, [queue.id]),
        together([o.waits[queue.id] for o in outcomes if queue.id in o.waits]),
        theory(acd, queue, outcomes),
    )  # fmt: skip


def there(outcomes: Sequence[Outcome]) -> set[AgentId]:
    """The agents who were signed in at some time; not in any order."""
    return {
        agent
        for outcome in outcomes
        for agent, rows in outcome.agents.items()
        if any(any(msgspec.structs.astuple(row)) for row in rows)
    }


def digest(value: object) -> str:
    """The same twelve characters for the same settings."""
    # Keys that are dates (special days) become text first: only text is put in order.
    text = msgspec.json.encode(msgspec.to_builtins(value, str_keys=True), order="deterministic")
    return hashlib.sha256(text).hexdigest()[:12]


def _about(
    scenario: Scenario, outcomes: Sequence[Outcome], seed: int, command: str, level: float
) -> About:
    return About(
        scenario=scenario.name,
        command=command,
        seed=seed,
        replications=len(outcomes),
        level=level,
        settings=digest(scenario.centre),
        world=digest(scenario.world),
        version=ctid.__version__,
        timezone=scenario.centre.timezone,
        wall_at_zero=scenario.world.wall_at_zero,
        begins=outcomes[0].begins,
        ends=outcomes[0].ends,
        edges=edges(outcomes[0]),
        agents=len(there(outcomes)),
        calls=sum(outcome.calls for outcome in outcomes),
        events=sum(outcome.events for outcome in outcomes),
    )


def together(parts: Sequence[QueueWaits | Waits]) -> Waits | None:
    """All waits of these; None where there are none."""
    if not parts:
        return None
    return Waits(
        list(WAIT_EDGES),
        [sum(column) for column in zip(*(p.answered for p in parts), strict=True)],
        [sum(column) for column in zip(*(p.abandoned for p in parts), strict=True)],
    )


def _agents(scenario: Scenario, outcomes: Sequence[Outcome]) -> list[AgentReport]:
    found: list[AgentReport] = []
    present = there(outcomes)
    for agent in scenario.centre.acd.agents:
        if agent.id not in present:
            continue
        rows = [o.agents[agent.id][place] for o in outcomes for place in places(o)]
        busy, staffed = sum(r.busy for r in rows), sum(r.staffed for r in rows)
        offers = sum(r.offers for r in rows)
        n = len(outcomes)
        found.append(
            AgentReport(
                agent.id, agent.name, list(agent.queues),
                contacts=tidy(sum(r.contacts for r in rows) / n),
                offers=tidy(offers / n),
                no_answers=tidy(sum(r.no_answers for r in rows) / n),
                staffed=tidy(staffed / n),
                away=tidy(sum(r.away for r in rows) / n),
                occupancy=tidy(busy / staffed) if staffed else None,
                idle=tidy(sum(r.waited for r in rows) / offers) if offers else None,
            )
        )  # fmt: skip
    return found


def _menu(outcomes: Sequence[Outcome]) -> Menu:
    n = len(outcomes)
    endings: Counter[str] = Counter()
    for outcome in outcomes:
        endings.update(outcome.endings)
    return Menu(
        calls=tidy(sum(o.calls for o in outcomes) / n),
        contained=tidy(sum(o.contained for o in outcomes) / n),
        left=tidy(sum(o.left_menu for o in outcomes) / n),
        endings={name: tidy(endings[name] / n) for name in sorted(endings)},
        busy=tidy(sum(o.busy for o in outcomes) / n),
        redials=tidy(sum(o.redials for o in outcomes) / n),
        callbacks=tidy(sum(o.callbacks for o in outcomes) / n),
        callbacks_reached=tidy(sum(o.callbacks_reached for o in outcomes) / n),
    )


def _slowest(decisions: Sequence[Decision]) -> list[Slow]:
    """Longest wait first; of equal ones those with more agents asked, then in order of time."""
    last: dict[CallId, Decision] = {}
    asked: Counter[CallId] = Counter()
    for decision in decisions:
        last[decision.call] = decision
        asked[decision.call] += 1
    ordered = sorted(last.values(), key=lambda d: (-d.waited, -asked[d.call]))
    return [Slow(d.call, d.queue, d.agent, d.waited, asked[d.call]) for d in ordered[:SLOWEST]]
