"""The network cable of one agent's phone: a UDP relay between the PBX and the world.

The PBX knows the phone by the relay's port. A pulled cable drops every packet, so INVITEs get no
answer and the PBX's qualify finds the phone unreachable, as with a real one. Only what is sent to
the contact comes this way: the rest of a call, and its media, go straight.
"""

from __future__ import annotations

import asyncio
from typing import Any

Address = tuple[str, int]


class Cable(asyncio.DatagramProtocol):
    """Relays packets between the two SIP ports while it is plugged in."""

    def __init__(self, pbx: Address, world: Address) -> None:
        self._pbx, self._world = pbx, world
        self._wire: asyncio.DatagramTransport | None = None
        self.plugged = True
        self.dropped = 0
        """Packets lost while unplugged."""

    @property
    def port(self) -> int:
        assert self._wire is not None, "lay() has not been awaited"
        return int(self._wire.get_extra_info("sockname")[1])

    async def lay(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))

    def cut(self) -> None:
        """Free the port; the cable is of no more use."""
        if self._wire is not None:
            self._wire.close()

    def connection_made(self, transport: Any) -> None:
        self._wire = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if not self.plugged:
            self.dropped += 1
        elif self._wire is not None:
            self._wire.sendto(data, self._pbx if addr == self._world else self._world)

    def error_received(self, exc: Exception) -> None:
        """One end is not there (yet, or no more): as with a real cable, nobody is told."""
