"""`ctid-sim erlang`: quick sizing by Erlang B, C and A."""

from __future__ import annotations

import argparse
import math
import sys

import msgspec

from sim.erlang.queue import blocked
from sim.erlang.sizing import (
    Demand,
    Figures,
    Goals,
    figures,
    least_agents,
    least_lines,
    patience_of,
)

HELP = "agents and lines for a load, by Erlang B, C and A"
DESCRIPTION = (
    "What so many agents give, and how few are enough, by formula and at once. Erlang A where"
    " --patience or --gave-up is told, else Erlang C; Erlang B for lines. One queue, agents who are"
    " all alike, times that are exponential: the simulator takes your real settings instead. Exit"
    " code 0: the figures, and --agents meet all goals; 1: they do not; 2: bad input."
)
EXAMPLES = """\
  ctid-sim erlang --calls 200 --per 1800 --aht 240 --agents 30 --patience 90 --target 20
      200 calls in half an hour of 4 minutes each, 30 agents, callers who wait for 90 s on average:
      service level in 20 s, waits, who gives up, how busy agents are; a line for each number near
  ctid-sim erlang --calls 200 --per 1800 --aht 240 --patience 90 --target 20 --service-level 0.8
      the least agents that answer 80 % of the calls in 20 s
  ctid-sim erlang --calls 200 --per 1800 --aht 240 --agents 30 --gave-up 0.04
      how patient callers are, if 4 % gave up with 30 agents
  ctid-sim erlang --calls 200 --per 1800 --aht 240 --agents 30 --patience 90 --blocking 0.01
      and the lines, so that at most 1 % hear the busy tone
"""
NEAR = 4
"""Lines of the table on each side of the one that was asked for."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `ctid-sim erlang`; times are seconds, shares are of 1."""
    add = parser.add_argument
    add("--calls", type=float, required=True, help="calls that come in --per seconds")
    add("--per", type=float, default=3600, help="default 3600: calls per hour")
    add("--aht", type=float, required=True, help="mean handling time: talk and wrap-up")
    add("--patience", type=float, help="mean time that callers are ready to wait")
    add(
        "--gave-up",
        type=float,
        metavar="SHARE",
        help="estimate patience: who gave up with --agents",
    )
    add("--target", type=float, default=20, help="the service level's threshold; default 20")
    add("--agents", type=int, help="what so many agents give")
    add("--service-level", type=float, metavar="SHARE", help="goal: answered in --target, at least")
    add("--abandonment", type=float, metavar="SHARE", help="goal: give up, at most")
    add("--asa", type=float, help="goal: mean wait of the answered, at most")
    add("--occupancy", type=float, metavar="SHARE", help="goal: agents' busy time, at most")
    add("--shrinkage", type=float, default=0.0, metavar="SHARE",
        help="of rostered time in which agents are not there; default 0")  # fmt: skip
    add("--blocking", type=float, metavar="SHARE", help="goal for lines: busy tones, at most")
    add("--lines", type=int, help="busy tones with so many lines")
    add("--json", action="store_true", help="print JSON instead of a table")


class Answer(msgspec.Struct):
    """What is printed."""

    load: float
    """Erlang."""
    model: str
    patience: float | None
    target: float
    least_agents: int | None = None
    """For the goals."""
    rostered: int | None = None
    """The same with those who are away."""
    goals_met: bool | None = None
    """By --agents."""
    line_load: float | None = None
    """Erlang on the lines: waits and handling."""
    least_lines: int | None = None
    busy_tone: float | None = None
    """With --lines."""
    table: list[Figures] = []


def run(options: argparse.Namespace) -> int:
    """Exit code 0; 1 where --agents do not meet the goals; 2 for bad input."""
    try:
        answer = _answer(options)
    except ValueError as error:
        print(f"erlang: {error}", file=sys.stderr)
        return 2
    print(msgspec.json.encode(answer).decode() if options.json else _told(answer, options))
    return int(answer.goals_met is False)


def _answer(options: argparse.Namespace) -> Answer:
    goals = Goals(options.service_level, options.abandonment, options.asa, options.occupancy)
    asked = goals != Goals()
    if options.agents is None and not asked:
        raise ValueError("say --agents, or a goal such as --service-level 0.8")
    if not 0 <= options.shrinkage < 1:
        raise ValueError(f"--shrinkage is {options.shrinkage:g}; a share of 0 or more, below 1")
    demand = _demand(options)
    patient = math.isinf(demand.patience)
    answer = Answer(
        demand.load, "Erlang C" if patient else "Erlang A",
        None if patient else demand.patience, options.target,
    )  # fmt: skip
    least = least_agents(demand, options.target, goals) if asked else None
    agents = least if options.agents is None else options.agents
    assert agents is not None, "one of both is asked for"
    of_agents = figures(demand, agents, options.target)
    if least is not None:
        answer.least_agents = least
        answer.rostered = math.ceil(least / (1 - options.shrinkage) - 1e-9)
        if options.agents is not None:
            answer.goals_met = goals.met(of_agents)
    _lines(answer, demand, of_agents, options)
    first = max(1, agents - NEAR, math.floor(demand.load) + 1 if patient else 1)
    answer.table = [figures(demand, n, options.target) for n in range(first, agents + NEAR + 1)]
    return answer


def _demand(options: argparse.Namespace) -> Demand:
    patience = math.inf if options.patience is None else options.patience
    demand = Demand(options.calls, options.per, options.aht, patience)
    if options.gave_up is None:
        return demand
    if options.patience is not None or options.agents is None:
        raise ValueError("--gave-up estimates the patience with --agents; say no --patience")
    found = patience_of(demand, options.agents, options.gave_up)
    return Demand(options.calls, options.per, options.aht, found)


def _lines(answer: Answer, demand: Demand, found: Figures, options: argparse.Namespace) -> None:
    """A line is held while its caller waits and while it is handled; wrap-up is taken for talk, so
    the lines are rather too many than too few."""
    if options.blocking is None and options.lines is None:
        return
    answered = 1 - found.abandonment
    load = answer.line_load = demand.rate * (found.mean_wait + answered * demand.aht)
    if options.blocking is not None:
        answer.least_lines = least_lines(load, options.blocking)
    if options.lines is not None:
        answer.busy_tone = blocked(load, options.lines)


# -- for people --


def _told(answer: Answer, options: argparse.Namespace) -> str:
    patience = f", mean patience {answer.patience:.4g} s" if answer.patience else ""
    lines = [
        f"load {answer.load:.4g} erlang: {options.calls:g} calls in {options.per:g} s,"
        f" {options.aht:g} s each; {answer.model}{patience}",
        "",
        f"{'agents':>8} {'level':>8} {'answered':>9} {'not short':>9} {'waits':>8} {'ASA s':>8}"
        f" {'wait s':>8} {'give up':>8} {'busy':>8} {'queue':>8}",
        *(_row(one, answer, options) for one in answer.table),
        "",
        f"level: answered in {answer.target:g} s of all calls; answered: of those who were"
        " answered; not short: of all but those who gave up in that time",
    ]
    if answer.least_agents is not None:
        away = f", {answer.rostered} on the roster" if options.shrinkage else ""
        lines.append(f"least agents for the goals: {answer.least_agents}{away}")
    if answer.goals_met is not None:
        lines.append(
            f"{options.agents} agents meet the goals: {'yes' if answer.goals_met else 'no'}"
        )
    if answer.least_lines is not None:
        lines.append(
            f"least lines for at most {options.blocking:.2%} busy tones: {answer.least_lines}"
            f" (load {answer.line_load:.4g} erlang)"
        )
    if answer.busy_tone is not None:
        lines.append(f"busy tones with {options.lines} lines: {answer.busy_tone:.3%}")
    return "\n".join(lines)


def _row(one: Figures, answer: Answer, options: argparse.Namespace) -> str:
    marks = ("*" if one.agents == options.agents else "") + (
        ">" if one.agents == answer.least_agents else ""
    )
    return (
        f"{marks:>2}{one.agents:6d} {one.service_level:8.2%} {one.of_answered:9.2%}"
        f" {one.without_short:9.2%} {one.waits:8.2%} {one.asa:8.4g} {one.mean_wait:8.4g}"
        f" {one.abandonment:8.2%} {one.occupancy:8.2%} {one.queue:8.4g}"
    )
