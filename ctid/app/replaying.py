"""Run a journal through the machine again and report the first difference.

example:
  ctid replay var/journal/000000000001.ctid
  ctid replay --check var/journal/000000000001.ctid
  ctid replay --json var/journal/000000000001.ctid
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import Progress

from ctid.centre.replay import Difference, replay
from ctid.core.errors import CtidError
from ctid.core.journal import Header, JournalDamaged, Line, read


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a journal file (*.ctid)")
    parser.add_argument("--check", action="store_true",
                        help="look after each line at all that must hold (slower)")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """0 when every command came out the same, 1 at a difference or a damaged line."""
    path: Path = args.file
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
    except OSError as error:
        raise CtidError(f"{path}: {error.strerror}; name a journal file") from None
    damage = ""
    begun = False
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("replaying", total=size)

        def entries() -> Iterator[Header | Line]:
            nonlocal damage, begun
            with path.open("rb") as file:
                try:
                    for entry in read(_counted(file)):
                        begun = True
                        yield entry
                except JournalDamaged as error:
                    damage = str(error)

        def _counted(file: Iterator[bytes]) -> Iterator[bytes]:
            for raw in file:
                bar.advance(task, len(raw))
                yield raw

        result = replay(entries(), check=args.check)
    if damage and not begun:
        raise CtidError(f"{path}: {damage}")
    if args.json:
        sys.stdout.buffer.write(msgspec.json.encode({
            "lines": result.lines, "difference": result.difference, "damage": damage,
        }) + b"\n")  # fmt: skip
    else:
        _print(path, result.lines, result.difference, damage)
    return 1 if result.difference or damage else 0


def _print(path: Path, lines: int, difference: Difference | None, damage: str) -> None:
    if difference is None:
        print(f"{path}: {lines} lines, no difference")
    else:
        print(f"{path}: line {difference.line} at {difference.at} ms differs")
        print(f"  event     {difference.event}")
        for text in difference.recorded:
            print(f"  recorded  {text}")
        for text in difference.replayed:
            print(f"  replayed  {text}")
    if damage:
        print(f"{path}: stopped before the end: {damage}")
