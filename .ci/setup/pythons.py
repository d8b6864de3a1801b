"""Other Pythons on this machine, each with what the simulator needs: the same seed must give the
same report under each of them. They are made once per machine, in the user's cache."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from steps import BUILD, PYTHON, ROOT, Log, fingerprint

LOCK = ROOT / "requirements.lock"
FOUND = BUILD / "other-pythons.json"
"""Version → interpreter, for the tests."""
OLDEST = (3, 11)
NEEDED = (
    *("msgspec", "simpy", "numpy", "scipy", "rich", "tzdata", "holidays", "phonenumbers"),
    *("matplotlib", "contourpy", "cycler", "fonttools", "kiwisolver", "packaging", "pillow"),
    *("pyparsing", "python-dateutil", "six", "markdown-it-py", "mdurl", "pygments"),
)
"""What `ctid-sim run` imports, and what that imports; the versions are the lock's."""


def others(log: Log) -> str:
    """Makes an environment for the newest patch of each minor version but our own."""
    found: dict[str, str] = {}
    failed: list[str] = []
    for version, interpreter in sorted(_interpreters(log).items()):
        python = _environment(version, interpreter, log)
        if python is None:
            failed.append(version)
        else:
            found[version] = str(python)
    FOUND.write_text(json.dumps(found, indent=2) + "\n")
    told = f"{', '.join(found)}, checked" if found else "none on this machine, which is all right"
    return f"{told}; {', '.join(failed)} could not be made ready" if failed else told


def _interpreters(log: Log) -> dict[str, Path]:
    """Version → interpreter. The project's own version is not among them."""
    ask = "import sys; print('%d.%d.%d' % sys.version_info[:3])"
    ours = _says(PYTHON, ask).rpartition(".")[0]
    newest: dict[tuple[int, ...], tuple[tuple[int, ...], Path]] = {}
    for candidate in _candidates():
        version = _says(candidate, ask)
        numbers = tuple(int(part) for part in version.split(".") if part.isdigit())
        minor = numbers[:2]
        if len(numbers) != 3 or minor < OLDEST or version.rpartition(".")[0] == ours:
            continue
        if minor not in newest or newest[minor][0] < numbers:
            newest[minor] = (numbers, candidate)
    return {".".join(map(str, numbers)): path for numbers, path in newest.values()}


def _candidates() -> Iterator[Path]:
    for minor in range(OLDEST[1], OLDEST[1] + 10):
        on_path = shutil.which(f"python3.{minor}")
        if on_path is not None:
            yield Path(on_path)
    for folder in (Path.home() / ".pyenv" / "versions", Path("/opt/python")):
        yield from sorted(folder.glob("*3.*/bin/python3"))


def _says(python: Path, code: str) -> str:
    """What it prints; empty where it does not run, as pyenv's place holders do not."""
    try:
        done = subprocess.run(
            [python, "-c", code], capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _environment(version: str, interpreter: Path, log: Log) -> Path | None:
    """The Python of an environment that has what is needed; None where it cannot be had."""
    wanted = _wanted()
    stamp = fingerprint((wanted, str(interpreter), version))[:16]
    place = _cache() / f"python-{version}-{stamp}"
    python = place / "bin" / "python"
    if (place / "ready").exists() and log.run((python, "-c", "import scipy, msgspec")) == 0:
        return python
    shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    needed = BUILD / "other-pythons.lock"
    needed.write_text(wanted)
    pip = (python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input")
    steps = (
        (interpreter, "-m", "venv", place),
        (*pip, "--only-binary", ":all:", "--no-deps", "--require-hashes", "-r", needed),
    )
    if any(log.run(step) != 0 for step in steps):
        shutil.rmtree(place, ignore_errors=True)
        return None
    (place / "ready").touch()
    return python


def _wanted() -> str:
    """The lines of the lock for what is needed, with their hashes."""
    kept: list[str] = []
    keep = False
    for line in LOCK.read_text().splitlines():
        if line and not line.startswith((" ", "#")):
            keep = line.partition("==")[0] in NEEDED
        if keep and not line.lstrip().startswith("#"):
            kept.append(line)
    return "\n".join(kept) + "\n"


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ctid" / "pythons"
