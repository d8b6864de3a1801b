"""Start and stop one real server for the tests: own folder, own port, stopped by its own id."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path


class ServerFailed(Exception):
    """A test server did not start or stop; the text holds the end of what it said."""


def free_port() -> int:
    """A TCP port of loopback that nobody listens on right now.

    Somebody else may take it before it is used: a server that then fails to start is tried again
    on another one by its caller.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def unprivileged_user() -> str | None:
    """Whom to run a server as that refuses root; None when we are not root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait at most 30 s for `ready`; raises `ServerFailed` when it does not come, or the process
    ends before."""
    deadline = time.monotonic() + 30
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            tail = log.read_text(errors="replace")[-2000:]
            raise ServerFailed(f"{process.args!r} did not become ready:\n{tail}")
        time.sleep(0.02)


class ServerProcess:
    """A server's folder and, between `launch` and `stop`, its process."""

    def __init__(self, name: str, user: str | None = None) -> None:
        self.user = user
        self.folder = Path(tempfile.mkdtemp(prefix=f"ctid-{name}-"))
        self.log = self.folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        if user is not None:
            account = pwd.getpwnam(user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)

    def run(self, command: list[str]) -> None:
        """Run a command to its end as the server's user; raises `ServerFailed` unless it is 0."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            user=self.user,
            group=self._group(),
            extra_groups=[] if self.user else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
            check=False,
        )
        if done.returncode:
            text = done.stdout.decode(errors="replace")[-2000:]
            raise ServerFailed(f"{command!r} ended with {done.returncode}:\n{text}")

    def launch(self, command: list[str], ready: Callable[[], bool], goodbye: int) -> None:
        """Start the server and wait until it is ready. `goodbye` is the signal that ends it."""
        self._goodbye = goodbye
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self.folder,
                user=self.user,
                group=self._group(),
                extra_groups=[] if self.user else None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C is for pytest; the fixture then stops us
                preexec_fn=_die_with_parent(goodbye),
            )
        try:
            wait_until(ready, self._process, self.log)
        except ServerFailed:
            self.end()
            raise

    def end(self) -> None:
        """End the process, if one runs, within 20 s."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(self._goodbye)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=5)

    def stop(self) -> None:
        """End the process and remove the folder; may be called twice."""
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _group(self) -> int | None:
        return pwd.getpwnam(self.user).pw_gid if self.user else None


def _die_with_parent(goodbye: int) -> Callable[[], None]:
    """What the child does before it becomes the server: ask to be told when pytest is killed."""
    libc = ctypes.CDLL(None)
    set_parent_death_signal = 1  # PR_SET_PDEATHSIG, see prctl(2)

    def prepare() -> None:
        libc.prctl(set_parent_death_signal, int(goodbye), 0, 0, 0)

    return prepare


def binary(name: str, folders: str) -> Path | None:
    """A program on PATH, or the newest one in folders that match a glob of the file system."""
    if found := shutil.which(name):
        return Path(found)
    elsewhere = sorted(Path("/").glob(f"{folders.lstrip('/')}/{name}"), reverse=True)
    return elsewhere[0] if elsewhere else None


QUIT = signal.SIGINT
"""PostgreSQL: end now, roll back, and leave a clean shutdown behind ("fast")."""

TERMINATE = signal.SIGTERM
