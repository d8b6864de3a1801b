"""`ctid-sim fuzz`: look for a fact that breaks a promise of the machine, and shrink it."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sim.fuzz.case import case
from sim.fuzz.found import Found, found
from sim.fuzz.hunt import Seen, hunt
from sim.run.options import told as in_words
from sim.scenario.files import load
from sim.scenario.model import Scenario

HELP = "look for facts that break a promise of the machine, and shrink them to the shortest run"
DESCRIPTION = (
    "Each seed makes a small site, a world around it and faults, and is played with everything"
    " checked that must hold of the machine. A violation is shrunk to the shortest run that shows"
    " it. Exit code 0: none found; 1: found; 2: bad input."
)
EXAMPLES = """\
  ctid-sim fuzz --seeds 1000
      a thousand random sites; at the first violation its shortest transcript, and a journal of it
      that `ctid replay --check` refuses at the same place
  ctid-sim fuzz --seeds 10000 --jobs 2 --keep-going --json
      all of them, on two processors, for a program to read
  ctid-sim fuzz --first 4711 --seeds 1
      one seed again
  ctid-sim fuzz --seeds 20 --scenario config/scenarios/small.toml
      your own site and callers, with the scenario's faults or, where it has none, random ones
"""


class Report(msgspec.Struct):
    """What a hunt came to."""

    first: int
    seeds: int
    """Played."""
    lines: int
    """Of their journals."""
    found: list[Found]
    """The first of each kind, shrunk."""
    kinds: dict[str, list[int]]
    """Seeds by kind of violation."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `ctid-sim fuzz`."""
    parser.add_argument("--seeds", type=int, required=True, metavar="N", help="how many to play")
    parser.add_argument("--first", type=int, default=0, metavar="S", help="the first seed; 0")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes; default 1")
    parser.add_argument(
        "--scenario", type=Path, metavar="FILE", help="this site and its callers under each seed"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("fuzz-found"), metavar="FOLDER",
        help="where journals of violations go; default fuzz-found",
    )  # fmt: skip
    parser.add_argument(
        "--keep-going", action="store_true", help="play all seeds, and shrink one of each kind"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")


def run(options: argparse.Namespace) -> int:
    """Exit code 0: nothing found; 1: found; 2: bad input."""
    if options.seeds < 1 or options.jobs < 1 or options.first < 0:
        print("fuzz: --seeds and --jobs must be >= 1, --first >= 0", file=sys.stderr)
        return 2
    return in_words("fuzz", lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    scenario = load(options.scenario) if options.scenario else None
    report = _hunt(options, scenario)
    print(msgspec.json.encode(report).decode() if options.json else told(report))
    return int(bool(report.kinds))


def _hunt(options: argparse.Namespace, scenario: Scenario | None) -> Report:
    report = Report(options.first, 0, 0, [], {})
    seeds = range(options.first, options.first + options.seeds)
    for seen in _watched(hunt(seeds, options.jobs, scenario), len(seeds)):
        report.seeds += 1
        report.lines += seen.lines
        if seen.violation is None:
            continue
        known = report.kinds.setdefault(seen.violation.kind, [])
        known.append(seen.seed)
        if len(known) == 1:
            played = case(seen.seed, scenario)
            again = _repeat(seen.seed, options.scenario)
            report.found.append(found(played, seen.violation, again, options.out))
        if not options.keep_going:
            break
    return report


def _repeat(seed: int, scenario: Path | None) -> str:
    of = f" --scenario {scenario}" if scenario else ""
    return f"ctid-sim fuzz --first {seed} --seeds 1{of}"


def _watched(hunting: Iterator[Seen], seeds: int) -> Iterator[Seen]:
    """A progress bar on stderr with seeds a second; none where nobody looks."""
    if not sys.stderr.isatty():
        yield from hunting
        return
    speed = TextColumn("{task.fields[speed]:.1f} seeds/s")
    columns = (TextColumn("fuzz"), BarColumn(), MofNCompleteColumn(), speed, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("fuzz", total=seeds, speed=0.0)
        began = time.monotonic()
        for done, seen in enumerate(hunting, 1):
            bar.update(task, completed=done, speed=done / max(time.monotonic() - began, 1e-9))
            yield seen


def told(report: Report) -> str:
    """For people."""
    last = report.first + report.seeds - 1
    out = [f"seeds {report.first} to {last}: {report.lines} journal lines checked"]
    if not report.kinds:
        return f"{out[0]}, nothing found"
    for one in report.found:
        seeds = report.kinds[one.kind]
        more = f", and {len(seeds) - 1} more seeds: {seeds[1:11]}" if len(seeds) > 1 else ""
        out += ["", f"seed {one.seed}: {one.kind}{more}"]
        if one.attempts:
            out += [f"shrunk to {one.facts} facts, {one.agents} agents and {one.queues} queues"]
        else:
            out += ["the facts alone do not show it; the end of the run:"]
        out += ["", *one.transcript, "", one.text, "", f"again:   {one.repeat}"]
        if one.journal or one.trouble:
            how = f"ctid replay --check {one.journal}" if one.journal else one.trouble
            out += [f"journal: {how}"]
    return "\n".join(out)
