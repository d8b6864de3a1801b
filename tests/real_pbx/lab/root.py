"""The Asterisk that the lab runs: a small Debian root, built once per machine, or an installed one.

    python -m tests.real_pbx.lab.root

builds it and says where it is. Debian 12 has no Asterisk package, so the root is Debian testing
in a folder of the user's cache. It is named for its recipe: a changed recipe builds a new one.
The environment variable CTID_ASTERISK names an installed `asterisk` to use instead.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SUITES = ("forky", "sid")
PACKAGES = ("asterisk", "asterisk-core-sounds-en-gsm")
RECIPE = hashlib.sha256(repr((1, SUITES, PACKAGES)).encode()).hexdigest()[:10]
"""Changes with everything that goes into the root; raise the number when build() changes."""

Say = Callable[[str], None]


class NoAsterisk(Exception):
    """This machine cannot run the lab; the text says why and what would help."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an Asterisk is, and how a process of it is started."""

    binary: str
    """Path of `asterisk`, as seen from inside `root` when there is one."""
    root: Path | None
    """Root folder to change into; None: the machine's own."""
    modules: str
    sounds: str
    documentation: str
    version: str

    def seen(self, home: Path) -> str:
        """The path under which the started process sees the host's folder `home`."""
        return "/lab" if self.root else str(home)

    def command(self, home: Path) -> list[str]:
        """The command line of an Asterisk whose whole tree is below `home`.

        Its mounts are in a namespace of its own and vanish with it, and the kernel kills it
        when the process that started it dies: nothing is left to undo.
        """
        asterisk = [self.binary, "-f", "-C", f"{self.seen(home)}/etc/asterisk.conf"]
        leash = ["setpriv", "--pdeathsig", "KILL", "--"]
        if self.root is None:
            return [*leash, *asterisk]
        # Without the hosts and the empty resolv.conf each call blocks on two DNS look-ups.
        script = (
            'mount --rbind /proc "$1/proc" && mount --bind "$2" "$1/lab" '
            '&& mount --bind "$2/hosts" "$1/etc/hosts" '
            '&& mount --bind "$2/resolv.conf" "$1/etc/resolv.conf" '
            '&& r="$1" && shift 2 && exec chroot "$r" "$@"'
        )
        inside = ["sh", "-c", script, "sh", str(self.root), str(home), *asterisk]
        return [*leash, "unshare", "--mount", "--propagation", "private", "--", *inside]


def cache_folder() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "ctid" / "asterisk"


def find(say: Say = print) -> Place:
    """The Asterisk to use, built first where it must be. Raises NoAsterisk."""
    if named := os.environ.get("CTID_ASTERISK"):
        return _installed(named)
    for tool in ("mmdebstrap", "unshare", "setpriv"):
        if shutil.which(tool) is None:
            raise NoAsterisk(
                f"{tool} is missing; on Debian: apt-get install mmdebstrap util-linux, "
                "or name an installed asterisk in CTID_ASTERISK"
            )
    if os.geteuid() != 0:
        raise NoAsterisk("the lab needs root for chroot and mount, or CTID_ASTERISK")
    folder = cache_folder() / f"recipe-{RECIPE}"
    with _locked(cache_folder(), say):
        if not (folder / "stamp").is_file():
            _build(folder, say)
    version = (folder / "stamp").read_text().strip()
    modules = next((folder / "usr/lib").glob("*/asterisk/modules"))
    return Place(
        binary="/usr/sbin/asterisk",
        root=folder,
        modules=f"/{modules.relative_to(folder)}",
        sounds="/usr/share/asterisk/sounds",
        documentation="/usr/share/asterisk/documentation",
        version=version,
    )


def _installed(named: str) -> Place:
    binary = shutil.which(named)
    if binary is None:
        raise NoAsterisk(f"CTID_ASTERISK={named}: no such program")
    said = subprocess.run([binary, "-V"], capture_output=True, text=True, check=False).stdout
    found = [p for p in Path("/usr").glob("lib/**/asterisk/modules") if p.is_dir()]
    share = [p for p in map(Path, ("/usr/share/asterisk", "/var/lib/asterisk")) if p.is_dir()]
    with_sounds = [p for p in share if (p / "sounds/en").is_dir()]
    if not found or not with_sounds:
        raise NoAsterisk(f"CTID_ASTERISK={named}: its modules or English sounds were not found")
    data = with_sounds[0]
    return Place(
        binary, None, str(found[0]), str(data / "sounds"), str(data / "documentation"), said.strip()
    )


def _build(folder: Path, say: Say) -> None:
    mirror = machine_mirror()
    folder.parent.mkdir(parents=True, exist_ok=True)
    failed: list[str] = []
    for suite in SUITES:
        say(f"asterisk root: building Debian {suite} in {folder} (once, 30 to 90 s)")
        new = Path(tempfile.mkdtemp(prefix="building-", dir=folder.parent))
        try:
            said = subprocess.run(
                [
                    *("mmdebstrap", "--quiet", "--mode=root", "--variant=minbase"),
                    '--aptopt=Acquire::Check-Valid-Until "false"',
                    f"--include={','.join(PACKAGES)}",
                    *(suite, str(new), mirror),
                ],
                capture_output=True,
                text=True,
                check=False,
            )
            if said.returncode == 0:
                version = _finish(new)
                new.chmod(0o755)
                new.rename(folder)
                say(f"asterisk root: ready, {version} from Debian {suite}")
                return
            failed.append(f"{suite}: {said.stderr.strip()[-400:]}")
            say(f"asterisk root: Debian {suite} failed: {said.stderr.strip()[-200:]}")
        finally:
            shutil.rmtree(new, ignore_errors=True)
    raise NoAsterisk("mmdebstrap could not build the Asterisk root; " + "; ".join(failed))


def _finish(root: Path) -> str:
    """Make the mount points and write the stamp, the last act. Returns Asterisk's version."""
    for folder in ("lab", "proc"):
        (root / folder).mkdir(exist_ok=True)
    for file in ("etc/hosts", "etc/resolv.conf"):
        (root / file).unlink(missing_ok=True)
        (root / file).touch()
    said = subprocess.run(
        ["chroot", str(root), "/usr/sbin/asterisk", "-V"],
        capture_output=True,
        text=True,
        check=True,
    )
    (root / "stamp").write_text(said.stdout)
    return said.stdout.strip()


def machine_mirror(apt: Path = Path("/etc/apt")) -> str:
    """The mirror that this machine's own apt sources name for Debian. Raises NoAsterisk."""
    files = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]
    for file in files:
        if not file.is_file():
            continue
        for line in file.read_text(errors="replace").splitlines():
            found = re.match(r"\s*(?:URIs:|deb\s+(?:\[[^\]]*\])?)\s*(\S+)", line)
            if found and re.search(r"/debian/?$", found[1]):
                return found[1]
    raise NoAsterisk(f"no Debian mirror found in {apt}; name an installed one in CTID_ASTERISK")


@contextmanager
def _locked(folder: Path, say: Say) -> Iterator[None]:
    """One builder at a time on this machine; the kernel frees the lock of a dead one."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("asterisk root: another process builds it, waiting")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    try:
        place = find()
    except NoAsterisk as why:
        sys.exit(f"asterisk root: {why}")
    print(f"asterisk root: {place.version} in {place.root or place.binary}")
