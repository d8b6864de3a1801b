"""`ctid-sim theory`: hold the router against queueing theory."""

from __future__ import annotations

from sim.theory.hold import LIMIT, add_arguments, run

__all__ = ["DESCRIPTION", "EXAMPLES", "HELP", "add_arguments", "run"]

HELP = "hold the router against queueing theory"
DESCRIPTION = (
    "Holds the router against rows of a CSV file. Exit code 0: all within"
    f" |z| <= {LIMIT}; 1: some are not; 2: bad input."
)
EXAMPLES = """\
  ctid-sim theory --rows tests/theory/queueing.csv
      hold the real router against known values of Erlang's queues, of priority, of agents with
      their own speeds and skills, and of a full house; 20 replications each
  ctid-sim theory --rows mine.csv --replications 100 --jobs 4 --json
      other rows, more replications on four cores, for a program to read
"""
