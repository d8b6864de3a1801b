"""`python -m tests.bench`: one table of ratios, all taken in one run on this machine.

Ours and the peer's are measured in turn, and the ratio is the median over the turns: the machine's
mood of a minute is in both. Exit code 0 when every target is met, 1 when one is missed or a part
could not be measured.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence

import msgspec
from rich.console import Console
from rich.table import Table

from tests.bench import ivr, pops, protocols, real_pbx, simulator
from tests.bench.row import Row
from tests.real_pbx.lab.root import NoAsterisk

GROUPS = ("protocols", "simulator", "pbx", "ivr")


class Result(msgspec.Struct, frozen=True):
    """What `--json` prints."""

    rows: tuple[Row, ...]
    missed: tuple[str, ...]
    """What the rows say that did not meet its target."""
    left_out: tuple[str, ...]
    """What could not be measured, and why."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, judge."""
    args = _parser().parse_args(argv)
    console = Console(stderr=True)
    with console.status("starting", spinner="line") as status:
        result = measure(args, _say(console, status.update))
    if args.json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    else:
        _print(result)
    return 1 if result.missed or result.left_out else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON in place of the table")
    parser.add_argument(
        "--only",
        choices=GROUPS,
        help="protocols: what needs no Asterisk; simulator: against Ciw and simpy; pbx: the real "
        "lab; ivr: menus there",
    )
    parser.add_argument(
        "--small", action="store_true", help="a few of everything, to see that it runs"
    )
    return parser


def measure(args: argparse.Namespace, say: Callable[[str], None]) -> Result:
    """All rows that `args` ask for."""
    rows: list[Row] = []
    left_out: list[str] = []
    if args.only in (None, "protocols"):
        sizes = protocols.SMALL if args.small else protocols.Sizes()
        rows += protocols.rows(sizes, say)
    if args.only in (None, "simulator"):
        if args.small:
            rows += simulator.rows(simulator.SMALL, say)  # to compile takes minutes
        else:
            rows += simulator.all_rows(simulator.Sizes(), say)
    if args.only in (None, "pbx"):
        plan = real_pbx.SMALL if args.small else real_pbx.Plan()
        try:
            blocks = asyncio.run(real_pbx.measure(plan, say))
        except NoAsterisk as why:
            left_out.append(f"real PBX: {why}")
        else:
            rows += real_pbx.rows(blocks)
            rows += pops.rows(blocks, plan.desks)
    if args.only in (None, "ivr"):
        menus = ivr.SMALL if args.small else ivr.Plan()
        try:
            rows += ivr.rows(asyncio.run(ivr.measure(menus, say)), menus)
        except NoAsterisk as why:
            left_out.append(f"menus: {why}")
    missed = tuple(f"{row.what}: {row.note or f'{row.ratio:.2f}'}" for row in rows if not row.good)
    return Result(tuple(rows), missed, tuple(left_out))


def _say(console: Console, update: Callable[[str], None]) -> Callable[[str], None]:
    """Progress: one changing line on a terminal, lines elsewhere."""

    def say(text: str) -> None:
        if console.is_terminal:
            update(text)
        else:
            console.print(text, highlight=False)

    return say


def _print(result: Result) -> None:
    console = Console(width=None if sys.stdout.isatty() else 140)
    table = Table(title="ctid against the alternatives, side by side on this machine")
    table.add_column("what", overflow="fold")
    for name in ("ctid", "peer's", "ratio", "lowest to highest", "target"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("peer")
    table.add_column("verdict")
    for row in result.rows:
        table.add_row(*_cells(row))
    console.print(table)
    for row in result.rows:
        if row.note:
            console.print(f"{row.what}: {row.note}", highlight=False, markup=False)
    for text in result.left_out:
        console.print(f"left out: {text}", highlight=False, markup=False)


def _cells(row: Row) -> tuple[str, ...]:
    sign = "≥" if row.bound == "at least" else "≤"
    if row.peers is None:
        ratio, spread, target = "", "", f"{sign} {row.target:g} {row.unit}"
    else:
        assert row.spread is not None, "a row with a peer was made from pairs"
        ratio, target = f"{row.ratio:.2f}x", f"{sign} {row.target:g}x"
        spread = f"{row.spread[0]:.2f} to {row.spread[1]:.2f}"
    theirs = "" if row.peers is None else f"{_figure(row.peers)} {row.unit}"
    verdict = "[green]met[/green]" if row.good else "[red]missed[/red]"
    return (
        row.what, f"{_figure(row.ours)} {row.unit}", theirs, ratio, spread, target, row.peer,
        verdict,
    )  # fmt: skip


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main())
