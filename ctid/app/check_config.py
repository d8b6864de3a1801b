"""Report every problem in the config files at once, each with its path.

The exit code is 0 when the files are in order and 1 when not. Nothing is started and nothing is
connected to; `ctid doctor` looks at the PBX itself.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from ctid.core.errors import ConfigError
from ctid.settings import Settings
from ctid.settings.files import flow_files, load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words that may follow `ctid check-config`."""
    parser.add_argument(
        "file",
        nargs="?",
        type=Path,
        default=None,
        metavar="FILE",
        help="the main file, default config/ctid.toml; flows/*.toml beside it belong to it",
    )
    parser.add_argument("--config", type=Path, default=None, metavar="FILE", help="the same")
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")


def run(args: argparse.Namespace) -> int:
    """Check, say what was found, and return the exit code."""
    path: Path = args.file or args.config or Path("config/ctid.toml")
    problems: tuple[str, ...] = ()
    summary = ""
    try:
        summary = _summary(load(path), path)
    except ConfigError as error:
        problems = error.problems
    if args.json:
        answer = {"file": str(path), "ok": not problems, "problems": list(problems)}
        print(msgspec.json.encode(answer).decode())
    elif problems:
        for problem in problems:
            print(problem, file=sys.stderr)
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        print(f"{path}: {count}", file=sys.stderr)
    else:
        print(f"{path}: in order; {summary}")
    return 1 if problems else 0


def _summary(settings: Settings, path: Path) -> str:
    acd = settings.centre.acd
    return (
        f"{len(acd.queues)} queues, {len(acd.agents)} agents, {len(settings.centre.entries)}"
        f" entries, {len(flow_files(path))} flow file(s)"
    )
