"""Debian packages: which are missing, and how they come without leaving a server running."""

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import servers
from steps import LeftOut, Log

LIST = Path(__file__).with_name("debian-packages.txt")
POLICY = Path("/usr/sbin/policy-rc.d")
"""Asked by every package script before it starts a service; 101 is the answer "do not"."""
SERVICES = {"redis-server": "redis-server", "postgresql": "postgresql"}
"""Packages that switch a service on, and that service."""


@dataclass(frozen=True)
class Wanted:
    """One line of the list."""

    package: str
    commands: tuple[str, ...]
    """Any one of these on the machine, and the package is not needed."""
    why: str


def packages(log: Log) -> str:
    """Installs what the list names and the machine lacks."""
    missing = [
        wanted.package for wanted in read_list(LIST.read_text()) if not _is_there(wanted, log)
    ]
    if not missing:
        return "already there, checked"
    install(missing, log)
    return f"done ({', '.join(missing)})"


def read_list(text: str) -> list[Wanted]:
    """Reads `package | commands | why` lines; raises ValueError naming a line of another form."""
    wanted = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split("|")]
        if len(fields) != 3 or not fields[0] or not fields[2]:
            raise ValueError(f"{LIST.name}, line {number}: want `package | commands | why`: {line}")
        wanted.append(Wanted(fields[0], tuple(fields[1].split()), fields[2]))
    return wanted


def install(names: Sequence[str], log: Log) -> None:
    """Installs packages as root; raises LeftOut with the command for somebody who may."""
    by_hand = f"apt-get install --no-install-recommends {' '.join(names)}"
    if shutil.which("apt-get") is None:
        raise LeftOut(f"not a Debian machine; it lacks what these packages hold: {' '.join(names)}")
    if os.geteuid() != 0:
        raise LeftOut(f"not root; run: sudo {by_hand}")
    # One broken foreign source fails the update although Debian's own lists came: so the
    # install decides, not the update.
    log.run(_apt("update"))
    with _no_service_starts():
        failed = _install_all_or_each(names, log)
    _disable_services(names, log)
    if failed:
        raise LeftOut(f"apt-get could not install {', '.join(failed)}; try: {by_hand}")


def _apt(*words: str) -> tuple[str, ...]:
    # Another apt may hold the lock (unattended upgrades do on a fresh machine): wait for it.
    return ("apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300", *words)


def _install_all_or_each(names: Sequence[str], log: Log) -> list[str]:
    """One apt-get for all; if that fails one each, so that one bad name costs one group only."""
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}

    def fails(wanted: Sequence[str]) -> bool:
        return log.run(_apt("install", "--no-install-recommends", *wanted), quiet) != 0

    return [name for name in names if fails([name])] if fails(names) else []


@contextlib.contextmanager
def _no_service_starts() -> Iterator[None]:
    """Keeps package scripts from starting their servers; leaves a policy that is there alone."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)


def _disable_services(names: Sequence[str], log: Log) -> None:
    """Keeps the servers that we brought from starting at the next boot: tests start their own."""
    if shutil.which("systemctl") is None:
        return
    for name in names:
        if name in SERVICES:
            log.run(("systemctl", "disable", SERVICES[name]))


def _is_there(wanted: Wanted, log: Log) -> bool:
    if any(servers.find(command) for command in wanted.commands):
        return True
    return log.run(("dpkg-query", "--show", "--showformat=${Status}\\n", wanted.package)) == 0 and (
        log.last_words() == "install ok installed"
    )
