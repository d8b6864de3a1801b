"""`ctid-sim compile`: the machine as native code, for long simulations."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from sim.compiled.build import build
from sim.run.options import told
from sim.run.progress import waiting

HELP = "build the machine as native code, for long simulations"
DESCRIPTION = (
    "Compiles the machine and what drives it in the simulator with mypyc, into a folder of their"
    " own. Decisions, journals and reports stay the same, byte for byte. Takes two to four minutes,"
    " a C compiler and `pip install 'ctid[compiled]'`. Exit code 0: built; 2: it cannot be built."
)
EXAMPLES = """\
  ctid-sim compile
      build into build/compiled
  PYTHONPATH=build/compiled ctid-sim run config/scenarios/small.toml --replications 500
      and simulate with it
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `ctid-sim compile`."""
    parser.add_argument(
        "--out", type=Path, default=Path("build/compiled"), metavar="FOLDER",
        help="what stands there is replaced; default: build/compiled",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON instead of a sentence")


def run(options: argparse.Namespace) -> int:
    """Exit code 0 when it is built, 2 when it cannot be."""
    return told("compile", lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    begun = time.monotonic()
    with waiting("compiling"):
        count = build(options.out.resolve())
    took = time.monotonic() - begun
    if options.json:
        print(json.dumps({"modules": count, "seconds": round(took, 1), "folder": str(options.out)}))
    else:
        print(f"{count} modules compiled in {took:.0f} s. Simulate with them:")
        print(f"  PYTHONPATH={options.out} ctid-sim run SCENARIO")
    return 0
