"""`ctid-sim`: the simulator from the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from sim import theory

EXAMPLES = """\
examples:
  ctid-sim theory --rows tests/theory/queueing.csv
      hold the real router against known values of Erlang's queues, of priority, of agents with
      their own speeds and skills, and of a full house; 20 replications each
  ctid-sim theory --rows mine.csv --replications 100 --jobs 4 --json
      other rows, more replications on four cores, for a program to read
"""


def parser() -> argparse.ArgumentParser:
    """All commands."""
    top = argparse.ArgumentParser(
        prog="ctid-sim",
        description="Simulates a contact centre with the very code that runs in production.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    hold = commands.add_parser(
        "theory",
        help="hold the router against queueing theory",
        description="Holds the router against rows of a CSV file. Exit code 0: all within"
        f" |z| <= {theory.LIMIT}; 1: some are not; 2: bad input.",
    )
    theory.add_arguments(hold)
    hold.set_defaults(run=theory.run)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """The `ctid-sim` script."""
    options = parser().parse_args(argv)
    code: int = options.run(options)
    return code


if __name__ == "__main__":
    sys.exit(main())
