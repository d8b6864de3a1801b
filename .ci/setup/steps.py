"""What every group shares: a progress line, a log of its commands, a stamp of its inputs."""

import hashlib
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""
BUILD = ROOT / "build"
"""Where logs, stamps and made things go; `make clean` removes it."""
PYTHON = ROOT / ".venv" / "bin" / "python"
"""The Python of the project's own environment."""
LAST_LINES = 12
"""How much of a failed command's output is shown; the log has all of it."""


class LeftOut(Exception):
    """The group cannot be had on this machine, or could not be made; says why and what to do."""


@dataclass(frozen=True)
class Group:
    """One thing to make ready."""

    name: str
    """As it stands in the progress line and in `build/left-out.json`."""
    make: Callable[["Log"], str]
    """Does what is missing and returns what it found or did; raises LeftOut."""


class Log:
    """Runs commands with their output going to `build/setup-GROUP.log`."""

    def __init__(self, group: str) -> None:
        slug = re.sub(r"[^a-z0-9]+", "-", group.lower())
        self.path = BUILD / f"setup-{slug}.log"
        self.path.write_text("")

    def run(self, command: Sequence[object], env: Mapping[str, str] | None = None) -> int:
        """Runs one command to its end in the checkout; returns its exit code (127: not found)."""
        words = [str(word) for word in command]
        with self.path.open("a") as log:
            log.write(f"$ {' '.join(words)}\n")
            log.flush()
            try:
                return subprocess.run(
                    words,
                    cwd=ROOT,
                    env={**os.environ, **(env or {})},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    check=False,
                ).returncode
            except OSError as problem:
                log.write(f"{problem}\n")
                return 127

    def must(
        self, command: Sequence[object], what: str, env: Mapping[str, str] | None = None
    ) -> None:
        """Runs one command; raises LeftOut(`what`) with the command's last words on failure."""
        code = self.run(command, env)
        if code != 0:
            raise LeftOut(f"{what} (exit code {code}): {self.last_words()}")

    def lines(self) -> list[str]:
        """Everything the commands printed."""
        return self.path.read_text(errors="replace").splitlines()

    def last_words(self) -> str:
        """The last line that was not empty: most programs put their reason there."""
        said = [line.strip() for line in self.lines() if line.strip()]
        return said[-1][:300] if said else "it printed nothing"


def run_group(group: Group, place: int, count: int) -> str | None:
    """Makes one group, printing one progress line; returns why it was left out, or None."""
    print(f"[{place}/{count}] {group.name} … ", end="", flush=True)
    log = Log(group.name)
    started = time.monotonic()
    try:
        outcome = group.make(log)
    except LeftOut as reason:
        print(f"left out: {reason}", flush=True)
        for line in log.lines()[-LAST_LINES:]:
            print(f"      | {line}")
        if log.lines():
            print(f"      whole log: {log.path.relative_to(ROOT)}", flush=True)
        return str(reason)
    print(f"{outcome} in {time.monotonic() - started:.0f} s", flush=True)
    return None


def fingerprint(inputs: Iterable[Path | str]) -> str:
    """A hash over texts and the names and contents of files; equal inputs need no new work."""
    digest = hashlib.sha256()
    for given in inputs:
        if isinstance(given, Path):
            digest.update(str(given.relative_to(ROOT)).encode() + b"\0")
            digest.update(given.read_bytes())
        else:
            digest.update(given.encode())
        digest.update(b"\0")
    return digest.hexdigest()
