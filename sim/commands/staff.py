"""`ctid-sim staff`: the least staff for a target."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from ctid.core.errors import ConfigError
from sim.report.axes import TimeOfDay
from sim.report.staffing import page
from sim.run import options
from sim.run.output import as_csv, as_json, may_write, table, told, write_whole
from sim.scenario.files import load
from sim.scenario.model import Scenario
from sim.staffing.crew import template
from sim.staffing.goal import Goal, parse
from sim.staffing.plan import Asked, Interval, Plan, plan

HELP = "the least staff for a target"
DESCRIPTION = (
    "Finds the least number of agents with which a target is reached: one number for the whole run,"
    " or with --per-interval one for each interval, and the target in each. Erlang A says where to"
    " begin, the simulator judges, with the same callers each time: enough is what reaches the"
    " target with the whole confidence interval, and what holds with fresh chance. The agents are"
    " copies of one kind, there when wanted: shifts, breaks and absence are the roster's and not"
    " done here. Exit code 0: found; 1: found, and it did not hold with fresh chance; 2: bad input,"
    " or the target cannot be reached."
)
EXAMPLES = """\
  ctid-sim staff config/scenarios/small.toml --target service_level:0.8 --like anna
      how many agents like anna it takes to answer 80 % of all calls in time
  ctid-sim staff config/scenarios/small.toml --target service_level[sales]:0.8 --like anna \\
      --per-interval --csv staff.csv --out staff.html
      a number for each interval with 80 % in each; a table for programs, a page for people
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `ctid-sim staff`."""
    parser.add_argument("scenario", type=Path, help="a TOML file, as those in config/scenarios")
    parser.add_argument(
        "--target", required=True, metavar="FIGURE:VALUE",
        help="service_level:0.8, service_level[sales]:80%%, abandonment:0.05, asa:20s",
    )  # fmt: skip
    parser.add_argument(
        "--per-interval", action="store_true", help="a number for each, the target in each"
    )
    parser.add_argument(
        "--like", default="", metavar="AGENT", help="of whose kind; needed where agents differ"
    )
    parser.add_argument(
        "--alone", action="store_true", help="leave out the agents of all other kinds"
    )
    parser.add_argument("--least", type=int, default=1, metavar="N", help="never fewer; default 1")
    parser.add_argument("--most", type=int, default=500, metavar="N", help="default 500")
    options.add(parser, replications=20)
    options.add_set(parser, "another value")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="the staff by interval as CSV")
    parser.add_argument("--out", type=Path, metavar="FILE", help="a page with a plot")


def run(asked: argparse.Namespace) -> int:
    """See DESCRIPTION."""
    return options.told("staff", lambda: _run(asked))


def _run(asked: argparse.Namespace) -> int:
    options.check(asked, least=2)
    if not 1 <= asked.least <= asked.most:
        raise ConfigError((f"--least {asked.least}: must be from 1 to --most {asked.most}",))
    scenario = load(asked.scenario, options.overrides_of(asked.overrides))
    goal = parse(asked.target, scenario)
    one = template(scenario, asked.like)
    if goal.named.queue and goal.named.queue not in one.queues:
        where = f"{one.id} does not serve {goal.named.queue}"
        raise ConfigError((f"--target {asked.target}: {where}; name another agent with --like",))
    may_write(asked.csv, asked.out)
    seed = scenario.seed if asked.seed is None else asked.seed
    found = plan(
        scenario, one,
        Asked(goal, asked.per_interval, asked.replications, seed, asked.jobs, asked.level,
              asked.least, asked.most, asked.alone, asked.check),
    )  # fmt: skip
    if asked.csv:
        write_whole({asked.csv: in_columns(scenario, found)})
    if asked.out:
        write_whole({asked.out: page(scenario, found).encode()})
    print(as_json(document(scenario, found)) if asked.json else told_of(scenario, found))
    return 0 if found.verified else 1


def clock(scenario: Scenario, row: Interval) -> str:
    """When it begins, as the site's clock shows it."""
    axis = TimeOfDay(scenario.centre.timezone)
    return axis.moment(scenario.world.wall_at_zero + row.begins)


def document(scenario: Scenario, found: Plan) -> dict[str, object]:
    """For programs."""
    return {
        "scenario": scenario.name,
        "target": {"figure": found.goal.named.name, "value": found.goal.value},
        "per_interval": found.per_interval,
        "handling": found.start.handling,
        "patience": found.start.patience,
        "intervals": msgspec.to_builtins(found.intervals),
        "whole": msgspec.to_builtins(found.whole),
        "agent_hours": found.hours(scenario),
        "verified": found.verified,
        "replications": found.played,
    }


def in_columns(scenario: Scenario, found: Plan) -> bytes:
    """CSV, a line for each interval."""
    head = ("begins", "calls", "load", "erlang", "agents", "value", "low", "high")
    rows: list[list[object]] = []
    for row in found.intervals:
        got = (row.found.value, row.found.low, row.found.high)
        cells = ("" if value is None else f"{value:.6g}" for value in got)
        rows.append([clock(scenario, row), f"{row.calls:g}", f"{row.load:.4g}", row.erlang,
                     row.agents, *cells])  # fmt: skip
    return as_csv(head, rows)


def told_of(scenario: Scenario, found: Plan) -> str:
    """For people."""
    head = ["begins", "calls", "load", "Erlang A", "agents", found.goal.named.name, "interval"]
    rows = [
        [
            clock(scenario, row), f"{row.calls:.1f}", f"{row.load:.2f}", str(row.erlang),
            str(row.agents), told(row.found.value, row.found.unit), between(row),
        ]
        for row in found.intervals
    ]  # fmt: skip
    whole = found.whole
    return "\n".join([
        table(head, rows), "",
        f"{found.hours(scenario):.1f} agent hours; {whole.name} over the whole run"
        f" {told(whole.value, whole.unit)} ({told(whole.low, whole.unit)} to"
        f" {told(whole.high, whole.unit)})",
        *(["?: too few calls for the interval to tell; the value itself was judged"]
          if any(row.unsure for row in found.intervals) else []),
        verdict(found.goal, found),
    ])  # fmt: skip


def between(row: Interval) -> str:
    """`78.1 % to 83.0 %`."""
    if row.found.low is None:
        return "-"
    few = " ?" if row.unsure else ""
    return f"{told(row.found.low, row.found.unit)} to {told(row.found.high, row.found.unit)}{few}"


def verdict(goal: Goal, found: Plan) -> str:
    """Whether it holds."""
    value = told(goal.value, goal.named.figure.unit)
    side = "at least" if goal.at_least else "at most"
    where = "in every interval" if found.per_interval else "over the whole run"
    holds = "holds" if found.verified else "does NOT hold; more --replications make it surer"
    return (
        f"{goal.named.name} {side} {value} {where}, {found.played} replications to find it; with"
        f" fresh chance it {holds}"
    )


__all__ = ["DESCRIPTION", "EXAMPLES", "HELP", "add_arguments", "run"]
