"""Options that `run`, `compare` and `sweep` have in common, and what they mean."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
import threading
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ctid.core.errors import ConfigError, CtidError
from sim.run.figures import LEVEL
from sim.run.pool import Task, cores

Overrides = dict[str, object]
"""Dotted path → value, as `sim.scenario.files.load` takes them."""


def add(parser: argparse.ArgumentParser, replications: int) -> None:
    """How often, how, and what of it."""
    parser.add_argument(
        "--replications", type=int, default=replications, metavar="N",
        help=f"how often the scenario is played; default {replications}",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=int, metavar="N", help="another one is another chance; default: the file's"
    )
    parser.add_argument(
        "--jobs", type=int, default=cores(), metavar="N",
        help="processes; default: all processors. The results are the same for any number",
    )  # fmt: skip
    parser.add_argument("--level", type=float, default=LEVEL, help="of the intervals; default 0.95")
    parser.add_argument(
        "--check", action="store_true",
        help="hold all that must be true of the machine against each fact; slower",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def add_set(parser: argparse.ArgumentParser, what: str) -> None:
    """`--set path=value`."""
    parser.add_argument(
        "--set", action="append", default=[], dest="overrides", metavar="PATH=VALUE",
        help=f"{what}: a key of the scenario, or of production's file as config.…; repeatable",
    )  # fmt: skip


def check(options: argparse.Namespace, least: int = 1) -> None:
    """
    Raises:
        ConfigError: all that is out of range.
    """
    problems: list[str] = []
    if options.replications < least:
        why = "; one says nothing of the spread" if least > 1 else ""
        problems.append(f"--replications {options.replications}: must be {least} or more{why}")
    if options.jobs < 1:
        problems.append(f"--jobs {options.jobs}: must be 1 or more")
    if not 0.5 <= options.level < 1:
        problems.append(f"--level {options.level}: must be from 0.5 to below 1, as 0.95")
    if problems:
        raise ConfigError(tuple(problems))


def value_of(text: str) -> object:
    """A value as TOML would have it; what is none is a string: `true`, `12`, `[1, 2]`, `linear`."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def overrides_of(texts: Sequence[str]) -> Overrides:
    """`--set` as written.

    Raises:
        ConfigError: without path or value, or twice the same path.
    """
    found: Overrides = {}
    problems: list[str] = []
    for text in texts:
        path, equals, value = text.partition("=")
        path = path.strip()
        if not path or not equals:
            problems.append(f"--set {text}: want PATH=VALUE, as callers.talk.mean_s=200")
        elif path in found:
            problems.append(f"--set {text}: {path} is set twice")
        else:
            found[path] = value_of(value.strip())
    if problems:
        raise ConfigError(tuple(problems))
    return found


def repeated(option: str, values: Iterable[str]) -> list[str]:
    """The words of a command line that say the option once for each value."""
    return [word for value in values for word in (option, value)]


def repeats(scenario: Path, overrides: Sequence[str], seed: int) -> Callable[[Task], str]:
    """The command line that plays one replication again, in this process."""

    def line(task: Task) -> str:
        sets = repeated("--set", overrides)
        words = ["ctid-sim", "run", str(scenario), *sets, "--seed", str(seed)]
        words += ["--first", str(task.number), "--replications", "1", "--jobs", "1", "--check"]
        return shlex.join(words)

    return line


@contextmanager
def _stopped_by_term() -> Iterator[None]:
    """SIGTERM ends the work as Ctrl-C does: workers would stay behind for ever otherwise."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's
        return

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def told(command: str, work: Callable[[], int]) -> int:
    """The exit code of `work`; what ctid foresaw becomes a text on stderr and exit code 2."""
    try:
        with _stopped_by_term():
            return work()
    except BrokenPipeError:
        # `| head` has seen enough; Python would complain once more when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (CtidError, OSError) as error:
        print(f"{command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{command}: stopped by hand; nothing was written", file=sys.stderr)
        return 130


def as_text(overrides: Mapping[str, object]) -> str:
    """`a=1, b=true`."""
    return ", ".join(as_sets(overrides))


def as_sets(overrides: Mapping[str, object]) -> list[str]:
    """As `--set` takes them."""
    return [f"{path}={written(value)}" for path, value in overrides.items()]


def written(value: object) -> str:
    """The value as `value_of` reads it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
