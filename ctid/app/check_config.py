"""Report every problem in the config files at once, each with its path.

The exit code is 0 when the files are in order, with warnings or without, and 1 when not. Nothing is
started and nothing is connected to; `ctid doctor` looks at the PBX itself.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from ctid.app.clocks import SystemClock
from ctid.app.prompts_check import sound_problems
from ctid.app.prompts_jobs import doubts_of
from ctid.app.speech_check import check_speech
from ctid.core.errors import ConfigError
from ctid.core.instants import WallMs
from ctid.ivr.opening import local
from ctid.settings import Settings
from ctid.settings.doubts import flow_doubts
from ctid.settings.files import flow_files, load, read, without_secrets
from ctid.settings.parse import parse_what_fits


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
    parser.add_argument(
        "--sounds",
        type=Path,
        metavar="FOLDER",
        help="also look whether the prompts in this folder, as `ctid prompts build` made them, are"
        " whole and up to date",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")


def run(args: argparse.Namespace) -> int:
    """Check, say what was found, and return the exit code."""
    path: Path = args.file or args.config or Path("config/ctid.toml")
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    summary = ""
    try:
        settings = load(path)
        summary = _summary(settings, path)
        warnings = _warnings(settings, path, whole=True)
        speech = check_speech(settings, path.name, _files_of(path))
        problems, warnings = speech.problems, warnings + speech.warnings
    except ConfigError as error:
        problems = error.problems
        warnings = _warnings_beside(path)
    problems += sound_problems(path, args.sounds, settled=not problems)
    warnings += tuple(doubts_of(path.parent / "flows", path.parent / "prompts"))
    if args.json:
        answer = {"file": str(path), "ok": not problems, "problems": list(problems),
                  "warnings": list(warnings)}  # fmt: skip
        print(msgspec.json.encode(answer).decode())
        return 1 if problems else 0
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if problems:
        for problem in problems:
            print(problem, file=sys.stderr)
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        print(f"{path}: {count}", file=sys.stderr)
    else:
        print(f"{path}: in order; {summary}")
    return 1 if problems else 0


def doubts(settings: Settings, file: str, wall: WallMs) -> tuple[str, ...]:
    """What is in order today and will not be for ever: holidays of this year and the next one that
    nobody has worked out, or that the installed calendar does not know yet."""
    found = []
    for name, hours in settings.centre.hours.items():
        year = local(wall, hours.timezone).year
        told = (hours.doubt(year), hours.doubt(year + 1))
        found += [f"{file}: hours.{name}: {doubt}" for doubt in told if doubt]
    return tuple(found)


def _warnings_beside(path: Path) -> tuple[str, ...]:
    """Of files with problems: of whatever can be read all the same."""
    unread: list[str] = []
    main, flows = read(path, unread)
    if main is None:
        return ()
    settings = parse_what_fits(without_secrets(main), flows)
    beside = (main, *(raw.get("steps") for raw in flows.values()))
    return _warnings(settings, path, whole=not unread, beside=beside)


def _warnings(
    settings: Settings, path: Path, *, whole: bool, beside: Iterable[object] = ()
) -> tuple[str, ...]:
    return (
        *doubts(settings, path.name, SystemClock().wall()),
        *flow_doubts(settings.centre, _files_of(path), whole=whole, beside=beside),
    )


def _files_of(path: Path) -> dict[str, str]:
    """Id of a flow → its file's name."""
    _, flows = read(path, [])
    return {str(raw.get("id")): name for name, raw in flows.items()}


def _summary(settings: Settings, path: Path) -> str:
    acd = settings.centre.acd
    return (
        f"{len(acd.queues)} queues, {len(acd.agents)} agents, {len(settings.centre.entries)}"
        f" entries, {len(flow_files(path))} flow file(s)"
    )
