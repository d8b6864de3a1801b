"""`ctid-sim theory`: hold the router against queueing theory."""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from ctid.core.errors import ConfigError
from sim.report.held import held_page
from sim.run import options
from sim.run.output import may_write, write_whole
from sim.run.pool import cores
from sim.run.progress import progress
from sim.theory.hold import hold
from sim.theory.oracle import read
from sim.theory.table import table
from sim.theory.verdict import LIMIT

HELP = "hold the router against queueing theory"
DESCRIPTION = (
    "Holds the router against rows of a CSV file. Exit code 0: all within"
    f" |z| <= {LIMIT}; 1: some are not; 2: bad input."
)
EXAMPLES = """\
  ctid-sim theory --rows tests/theory/queueing.csv
      hold the real router against known values of Erlang's queues, of priority, of agents with
      their own speeds and skills, of a full house and of any law of service; 20 replications each
  ctid-sim theory --rows mine.csv --replications 100 --jobs 4 --json
      other rows, more replications on four cores, for a program to read
  ctid-sim theory --rows tests/theory/queueing.csv --out theory.html
      the table as a page, and a plot of the z-scores against the normal
"""
FEWEST = 5
"""Replications below which there is no honest standard error."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `ctid-sim theory`."""
    parser.add_argument(
        "--rows", type=Path, required=True, metavar="FILE",
        help="CSV: model,lambda,mu,theta,n,metric,value; rows of other models are passed over",
    )  # fmt: skip
    parser.add_argument("--replications", type=int, default=20, help="at least 5; default 20")
    parser.add_argument("--calls", type=int, default=0, help="mean arrivals in a replication")
    parser.add_argument(
        "--jobs", type=int, default=cores(), help="processes; default: all processors"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, metavar="FILE", help="a page with table and plot")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(asked: argparse.Namespace) -> int:
    """Exit code 0 when every row lies within |z| <= 3.5, 1 when not, 2 for bad input."""
    return options.told("theory", lambda: _run(asked))


def _run(asked: argparse.Namespace) -> int:
    if asked.replications < FEWEST or asked.jobs < 1 or asked.calls < 0:
        raise ConfigError(("--replications must be >= 5, --jobs >= 1, --calls >= 0",))
    found = read(asked.rows)
    may_write(asked.out)
    systems = len({row.held.system for row in found.rows})
    with progress("theory", systems * asked.replications) as advance:
        verdicts = hold(
            found.rows, asked.replications, asked.jobs, asked.seed, asked.calls, advance
        )
    if asked.out:
        page = held_page(asked.rows.name, verdicts, found.passed_over)
        write_whole({asked.out: page.encode()})
    if asked.json:
        print(msgspec.json.encode(verdicts).decode())
    else:
        print(table(verdicts, found.passed_over))
    return int(any(v.beyond for v in verdicts))
