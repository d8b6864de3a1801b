"""The virtual environment, from the locks with their hashes and from nothing else."""

import shutil
import sys
from pathlib import Path

import debian
from steps import PYTHON, ROOT, LeftOut, Log, fingerprint

VENV = ROOT / ".venv"
RUN_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
# Twice quiet is errors only: a machine with mirrors of its own has a warning for each package.
QUIET = ("-qq", "--disable-pip-version-check", "--no-input")


def for_running(log: Log) -> str:
    """An environment that can run ctid. One made for developing will do: its lock holds more."""
    if _is_stamped(DEV_LOCK):
        return "already there, checked"
    return _install(RUN_LOCK, log)


def for_developing(log: Log) -> str:
    """An environment that can run ctid, its tests and its checks."""
    return _install(DEV_LOCK, log)


def _install(lock: Path, log: Log) -> str:
    if _is_stamped(lock):
        return "already there, checked"
    _create(log)
    pip = (PYTHON, "-m", "pip", "install", *QUIET)
    # Everything is built against what the lock names: an isolated build would fetch its own
    # build tools, unlocked.
    log.must((*pip, "--require-hashes", "-r", lock), "pip could not install the locked packages")
    log.must(
        (*pip, "--no-deps", "--no-build-isolation", "--editable", ROOT),
        "pip could not install ctid itself",
    )
    _stamp_file(lock).write_text(_stamp(lock))
    return "done"


def _create(log: Log) -> None:
    """Makes an empty environment where there is none, or where its Python is another or gone."""
    if log.run((PYTHON, "-m", "pip", "--version")) == 0 and _made_by() == _our_python():
        return
    if log.run((sys.executable, "-c", "import ensurepip")) != 0:
        # Debian takes the part that puts pip into a new environment out of python3.
        debian.install(("python3-venv",), log)
    if VENV.exists():
        shutil.rmtree(VENV)
    log.must((sys.executable, "-m", "venv", VENV), "the virtual environment could not be made")


def _our_python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _made_by() -> str:
    """The Python version that the environment was made with, as its own record says it."""
    try:
        record = (VENV / "pyvenv.cfg").read_text()
    except FileNotFoundError:
        return ""
    for line in record.splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "version":
            return ".".join(value.strip().split(".")[:2])
    raise LeftOut(f"{VENV / 'pyvenv.cfg'} names no version: remove .venv and try again")


def _stamp(lock: Path) -> str:
    # The checkout's path is in it because an editable install and every script name it.
    return fingerprint((lock, ROOT / "pyproject.toml", str(ROOT), sys.version))


def _stamp_file(lock: Path) -> Path:
    return VENV / f"stamp-{lock.name}"


def _is_stamped(lock: Path) -> bool:
    stamp = _stamp_file(lock)
    return PYTHON.exists() and stamp.exists() and stamp.read_text() == _stamp(lock)
