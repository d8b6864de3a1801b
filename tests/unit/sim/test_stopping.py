"""A command that is asked to stop leaves no process behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.run.options import told


def test_term_is_as_ctrl_c(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        os.kill(os.getpid(), signal.SIGTERM)
        raise AssertionError("the signal is handled before the next step")

    before = signal.getsignal(signal.SIGTERM)
    assert told("run", work) == 130
    assert "stopped by hand; nothing was written" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) is before


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def alive(pid: str) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


@pytest.mark.parametrize(("how", "code"), [(signal.SIGTERM, 130), (signal.SIGKILL, -9)])
def test_workers_go_with_their_command(how: signal.Signals, code: int) -> None:
    words = ["run", "config/scenarios/small.toml", "--replications", "500", "--jobs", "2"]
    with subprocess.Popen([sys.executable, "-m", "sim.cli", *words], stderr=subprocess.PIPE) as run:
        deadline = time.monotonic() + 60
        while len(children(run.pid)) < 3:  # two workers, and who looks after what they share
            assert time.monotonic() < deadline
            assert run.poll() is None
            time.sleep(0.05)
        workers = children(run.pid)
        run.send_signal(how)
        run.communicate(timeout=60)
    assert run.returncode == code
    while any(map(alive, workers)):  # they go by themselves, and soon
        assert time.monotonic() < deadline
        time.sleep(0.05)
