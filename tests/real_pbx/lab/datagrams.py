"""UDP on loopback, each datagram with the instant at which the kernel took it in."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Final

_SO_TIMESTAMPNS: Final = 35
"""Linux's own number; Python has no name for it."""
_TIME: Final = struct.Struct("ll")
_LARGEST: Final = 65_536

OnDatagram = Callable[[int, bytes], None]
"""(nanoseconds since 1970, the datagram)"""


class Datagrams:
    """A socket of its own port. A busy Python reads late, and the stamps are right all the same."""

    def __init__(self, on_datagram: OnDatagram) -> None:
        self._on_datagram = on_datagram
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        # Two seconds of sound: what comes while the test's own work holds the loop is not lost.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 100 * 2_048)
        self._socket.setblocking(False)
        self._socket.bind(("127.0.0.1", 0))
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket.fileno(), self._read)

    @property
    def port(self) -> int:
        """Our own one."""
        return int(self._socket.getsockname()[1])

    def connect(self, port: int) -> None:
        """Send to that port from now on, and hear nobody else."""
        self._socket.connect(("127.0.0.1", port))

    def send(self, data: bytes) -> None:
        """Nothing happens where nobody listens."""
        try:
            self._socket.send(data)
        except OSError:
            """The other side's socket is closed: the call has ended."""

    def close(self) -> None:
        """Nothing is heard from here on. A second time does nothing."""
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket.fileno())
            self._socket.close()

    def _read(self) -> None:
        while self._socket.fileno() >= 0:
            try:
                data, about, _, _ = self._socket.recvmsg(_LARGEST, socket.CMSG_SPACE(_TIME.size))
            except OSError:  # nothing more, or the other side is gone
                return
            [(_, _, stamp)] = about
            seconds, rest = _TIME.unpack(stamp)
            self._on_datagram(seconds * 1_000_000_000 + rest, data)
