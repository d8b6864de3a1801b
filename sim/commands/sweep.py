"""`ctid-sim sweep`: many settings of one scenario, side by side."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import msgspec

import ctid
from ctid.core.errors import ConfigError
from sim.report import sweep as page
from sim.report.sweep import Swept
from sim.run import figures, options
from sim.run.cluster import cluster
from sim.run.figures import Named
from sim.run.options import Overrides
from sim.run.output import (
    as_csv,
    as_json,
    may_write,
    table,
    with_half,
    write_page,
    write_whole,
)
from sim.run.pool import Pool, Run, Task
from sim.run.progress import progress
from sim.run.sweeping import Axis, Point, axis, combinations, play
from sim.scenario.files import load
from sim.scenario.model import Scenario

HELP = "play every combination of some settings, on all processors or on a cluster"
DESCRIPTION = (
    "Plays a scenario under every combination of what is varied, each with the same callers. Exit"
    " code 0: done; 2: bad input, or a replication failed."
)
EXAMPLES = """\
  ctid-sim sweep config/scenarios/monday.toml --vary staff.2.count=8..16
      from 8 to 16 agents in the second block of staff: one line each, with intervals
  ctid-sim sweep config/scenarios/monday.toml --vary staff.2.count=8..16..2 \\
      --vary config.queues.sales.strategy=longest_idle,fewest_contacts --csv sweep.csv
      both strategies with each number of agents, as a table for other programs too
  ctid-sim sweep config/scenarios/monday.toml --vary load=0.8..1.4..0.1 --dask tcp://10.0.0.5:8786
      the same day with more and more callers, on a Dask cluster whose workers have this ctid
      (pip install 'ctid[sim-dask]')
"""
SCHEMA = "ctid-sim-sweep/1"
SHOWN = ("service_level", "asa", "abandonment", "occupancy", "jain")
"""Figures that are shown where nobody asks for others."""


class Sweep(msgspec.Struct, frozen=True):
    """What `--json` prints."""

    schema: str
    version: str
    """Of ctid."""
    scenario: str
    file: str
    seed: int
    replications: int
    level: float
    axes: list[Axis]
    points: list[Point]
    """The last axis fastest."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `ctid-sim sweep`."""
    parser.add_argument("scenario", type=Path, help="a TOML file, as those in config/scenarios")
    parser.add_argument(
        "--vary", action="append", default=[], required=True, metavar="PATH=VALUES",
        help="values with commas, or LOW..HIGH, or LOW..HIGH..STEP; repeatable",
    )  # fmt: skip
    options.add(parser, replications=10)
    options.add_set(parser, "a value that is the same in all")
    parser.add_argument(
        "--figures", default=",".join(SHOWN), metavar="A,B",
        help=f"what is shown, as asa or service_level[sales]; default {', '.join(SHOWN)}",
    )  # fmt: skip
    parser.add_argument("--csv", type=Path, metavar="FILE", help="the table for other programs")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="a page with plots; JSON beside it"
    )
    parser.add_argument(
        "--dask", default="", metavar="ADDRESS", help="of a Dask scheduler; in place of --jobs"
    )


def run(asked: argparse.Namespace) -> int:
    """See DESCRIPTION."""
    return options.told("sweep", lambda: _run(asked))


def _run(asked: argparse.Namespace) -> int:
    options.check(asked)
    axes = [axis(text) for text in asked.vary]
    points = combinations(axes, options.overrides_of(asked.overrides))
    scenarios = _load(asked.scenario, points)
    asked.seed = scenarios[0].seed if asked.seed is None else asked.seed
    names = [figures.find(name.strip(), scenarios[0]) for name in asked.figures.split(",")]
    may_write(asked.csv, asked.out)
    steps = len(points) * asked.replications
    with _runner(asked, scenarios, points) as runs, progress("sweep: replications", steps) as on:
        outcomes = play(runs, len(points), asked.replications, on)
    sweep = Sweep(
        SCHEMA, ctid.__version__, scenarios[0].name, str(asked.scenario), asked.seed,
        asked.replications, asked.level, axes,
        [
            Point(overrides, figures.measure(scenario, some, names, asked.level))
            for overrides, scenario, some in zip(points, scenarios, outcomes, strict=True)
        ],
    )  # fmt: skip
    if asked.csv:
        write_csv(asked.csv, sweep, names)
    if asked.out:
        swept = Swept(sweep.scenario, axes, sweep.points, asked.replications, _command(asked))
        write_page(asked.out, page.html(swept), sweep)
    print(as_json(sweep) if asked.json else text(sweep, names))
    return 0


def _load(path: Path, points: Sequence[Overrides]) -> list[Scenario]:
    """Every combination is read before the first is played.

    Raises:
        ConfigError: naming the combination.
    """
    found: list[Scenario] = []
    for overrides in points:
        try:
            found.append(load(path, overrides))
        except ConfigError as error:
            problems = (f"with {options.as_text(overrides)}:", *error.problems)
            raise ConfigError(problems) from None
    return found


@contextmanager
def _runner(
    asked: argparse.Namespace, scenarios: Sequence[Scenario], points: Sequence[Overrides]
) -> Iterator[Run]:
    def repeat(task: Task) -> str:
        sets = options.as_sets(points[task.scenario])
        return options.repeats(asked.scenario, sets, asked.seed)(task)

    if asked.dask:
        where: AbstractContextManager[Run] = cluster(
            asked.dask, scenarios, asked.seed, check=asked.check, repeat=repeat
        )
        with where as runs:
            yield runs
    else:
        jobs = min(asked.jobs, len(points) * asked.replications)
        with Pool(scenarios, asked.seed, jobs, check=asked.check, repeat=repeat) as pool:
            yield pool.run


def _command(asked: argparse.Namespace) -> str:
    """What makes the same page again."""
    words = ["ctid-sim", "sweep", str(asked.scenario)]
    words += options.repeated("--vary", asked.vary)
    words += options.repeated("--set", asked.overrides)
    words += ["--replications", str(asked.replications), "--seed", str(asked.seed)]
    words += ["--figures", asked.figures] if asked.figures != ",".join(SHOWN) else []
    words += ["--level", str(asked.level)] if asked.level != figures.LEVEL else []
    return shlex.join(words)


# -- what is told --


def text(sweep: Sweep, names: Sequence[Named]) -> str:
    """For people."""
    head = f"{sweep.scenario}: {len(sweep.points)} combinations, {sweep.replications} replications"
    paths = [axis.path for axis in sweep.axes]
    rows = [
        [
            *(options.written(point.overrides[path]) for path in paths),
            *(with_half(point.figures[named.name]) for named in names),
        ]
        for point in sweep.points
    ]
    columns = [*paths, *(named.name for named in names)]
    return f"{head} of each\n\n{table(columns, rows, left=len(paths))}"


def write_csv(path: Path, sweep: Sweep, names: Sequence[Named]) -> None:
    """One line for each combination: the settings, then value, low and high of each figure, in
    shares and milliseconds; empty where there is none.

    Raises:
        CannotWrite: nothing is left of it then.
    """
    paths = [axis.path for axis in sweep.axes]
    parts = ("", " low", " high")
    head = [*paths, *(f"{named.name}{part}" for named in names for part in parts)]
    rows: list[list[object]] = []
    for point in sweep.points:
        found = [point.figures[named.name] for named in names]
        cells = [cell for one in found for cell in (one.value, one.low, one.high)]
        rows.append([*(options.written(point.overrides[path]) for path in paths), *cells])
    write_whole({path: as_csv(head, rows)})


__all__ = ["DESCRIPTION", "EXAMPLES", "HELP", "add_arguments", "run"]
