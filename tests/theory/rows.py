"""The rows of queueing.csv, by the test that holds the router against them."""

from pathlib import Path

from sim.theory.oracle import read

FILE = Path(__file__).parent / "queueing.csv"
ALL = read(FILE)
PLAIN = [
    row for row in ALL.rows if not (row.held.system.warm_up or row.model.startswith("M/M/n/K"))
]
"""Begin exactly stationary; M/M/n/K is with the others for its overflow rule."""
ROUTED = [row for row in ALL.rows if row not in PLAIN]
