"""`python -m tests.real_pbx.reality`: is what the simulator says true of a real Asterisk?

The same callers and agents for ten minutes on the lab's telephones, in real time, and simulated.
Exit code 0: the real run lies in the intervals in which 95 % of simulated runs lie; 1: it does not;
2: this machine cannot run the lab. Both journals, the figures and a plot are kept.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

import ctid
from ctid.core.journal import FORMAT, Header, Line, encode
from sim.scenario.files import load as load_scenario
from sim.scenario.model import Scenario
from tests.real_pbx.lab.root import NoAsterisk
from tests.real_pbx.reality.run import SCENARIO, Finding, held, in_a_lab, plot


def main(argv: Sequence[str] | None = None) -> int:
    """Run, compare, tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.real_pbx.reality", description=__doc__)
    parser.add_argument("--scenario", type=Path, default=SCENARIO, metavar="FILE")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--replications", type=int, default=399, metavar="N")
    parser.add_argument("--jobs", type=int, default=2, metavar="N")
    parser.add_argument("--out", type=Path, default=Path("build/reality"), metavar="FOLDER")
    args = parser.parse_args(argv)
    scenario = load_scenario(args.scenario)
    console = Console(stderr=True)
    try:
        with tempfile.TemporaryDirectory(prefix="ctid-reality-") as folder:
            found, plan = asyncio.run(in_a_lab(scenario, args.seed, Path(folder), console.print))
    except NoAsterisk as why:
        print(f"the lab cannot run here: {why}", file=sys.stderr)
        return 2
    console.print(f"{args.replications} replications")
    finding, twin = held(scenario, plan, found, args.seed, args.replications, jobs=args.jobs)
    args.out.mkdir(parents=True, exist_ok=True)
    # Both were played with these settings, but for where the PBX is: `ctid replay` takes them.
    _keep(args.out / "real.ctid", scenario, found.lines)
    _keep(args.out / "simulated.ctid", scenario, twin)
    told = msgspec.json.format(msgspec.json.encode(finding), indent=2)
    (args.out / "reality.json").write_bytes(told + b"\n")
    plot(found, twin, finding, args.out / "reality.svg")
    print_table(finding, Console(width=None if sys.stdout.isatty() else 140))
    return 0 if finding.inside else 1


def _keep(path: Path, scenario: Scenario, lines: Sequence[Line]) -> None:
    settings = msgspec.Raw(msgspec.json.encode(scenario.centre))
    with path.open("wb") as file:
        file.write(encode(Header(FORMAT, ctid.__version__, settings)))
        file.writelines(encode(line) for line in lines)


def print_table(finding: Finding, console: Console) -> None:
    """The measures, and the delays of the PBX."""
    table = Table(
        title=f"{finding.callers} callers, {finding.agents} agents, {finding.minutes:g} minutes,"
        f" {finding.replications} replications; the latest caller came {finding.late_ms:g} ms late"
    )
    for name in ("measure", "real", "same people", "mean", "95 % of runs", ""):
        table.add_column(name, justify="left" if name == "measure" else "right")
    for row in finding.rows:
        values = [f"{v:.3f}" for v in (row.real, row.twin, row.mean)]
        within = f"{row.low:.3f} to {row.high:.3f}"
        table.add_row(row.what, *values, within, "inside" if row.inside else "OUTSIDE")
    console.print(table)
    same = finding.alike
    console.print(
        f"of {same.callers} callers {same.same_end} ended alike in both, {same.same_agent} of them"
        f" with the same agent; their waits differ by {same.wait_apart_p50:g} ms (p50),"
        f" {same.wait_apart_p95:g} ms (p95)",
        highlight=False,
    )
    delays = Table(title="what the PBX takes, ms")
    for name in ("", "where", "count", "p50", "p95", "max"):
        delays.add_column(name)
    for where, told in (("real", finding.real_delays), ("sim", finding.simulated_delays)):
        for one in told:
            figures = (one.count, one.p50, one.p95, one.max)
            delays.add_row(one.what, where, *(f"{figure:g}" for figure in figures))
    console.print(delays)


if __name__ == "__main__":
    sys.exit(main())
