"""An asyncio loop whose clock jumps to the next timer when nothing is ready: hours in a second."""

from __future__ import annotations

import asyncio
import selectors
from typing import Any


class NothingToWaitFor(RuntimeError):
    """No timer is armed and nothing is ready: the test would hang for ever."""


class _JumpingSelector(selectors.DefaultSelector):
    """Never waits: it moves the loop's clock by the time that it was asked to wait."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise NothingToWaitFor("no timer is armed and nothing is ready")
            self.loop.jump(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Begins at second 0. Real sockets are seen, but no time passes while they are silent."""

    def __init__(self) -> None:
        self._seconds = 0.0
        selector = _JumpingSelector()
        selector.loop = self
        super().__init__(selector)
        # Timers of one millisecond are due together, whatever their floats' last bits are.
        self._clock_resolution = 1e-6

    def time(self) -> float:
        return self._seconds

    def jump(self, seconds: float) -> None:
        """Let time pass."""
        self._seconds += max(seconds, 0.0)


def run(main: Any) -> Any:
    """`asyncio.run` on a virtual loop."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
