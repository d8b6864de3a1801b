"""Programs that the tests start for themselves: is each on the machine, and does it run?"""

import shutil
from pathlib import Path

from steps import LeftOut, Log

DEBIAN_POSTGRESQL = Path("/usr/lib/postgresql")
"""Debian keeps PostgreSQL's server programs per version here, off the PATH."""


def chromium(log: Log) -> str:
    """The browser that the page tests drive."""
    return _runs(("chromium", "google-chrome"), log)


def postgresql(log: Log) -> str:
    """The server for the store's contract tests."""
    return _runs(("initdb",), log)


def redis(log: Log) -> str:
    """The server for the bus's contract tests."""
    return _runs(("redis-server",), log)


def find(command: str) -> Path | None:
    """Where a program is: on the PATH, or among Debian's PostgreSQL programs, newest first."""
    on_path = shutil.which(command)
    if on_path is not None:
        return Path(on_path)
    versions = DEBIAN_POSTGRESQL.glob(f"*/bin/{command}")
    return max(versions, key=lambda found: int(found.parts[-3]), default=None)


def _runs(commands: tuple[str, ...], log: Log) -> str:
    for command in commands:
        program = find(command)
        if program is not None:
            log.must((program, "--version"), f"{program} does not run")
            return f"{log.last_words()}, checked"
    raise LeftOut(f"{' or '.join(commands)} not found")
