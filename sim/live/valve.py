"""A link that can fall silent without closing: what passes while it is shut comes out later."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable


class Valve:
    """Everything that goes between ctid and the pretend PBX passes here, in order."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._held: deque[tuple[Callable[[bytes], None], bytes]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def through(self, sink: Callable[[bytes], None], data: bytes) -> None:
        """Hand `data` to `sink`: now, or when the valve opens."""
        if self._timer is None:
            sink(data)
        else:
            self._held.append((sink, data))

    def shut(self, seconds: float) -> None:
        """Let nothing through for so long; a second call starts the time anew."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._open)

    def close(self) -> None:
        """Forget what is held; for the end."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._held.clear()

    def _open(self) -> None:
        self._timer = None
        while self._held and self._timer is None:
            sink, data = self._held.popleft()
            sink(data)
