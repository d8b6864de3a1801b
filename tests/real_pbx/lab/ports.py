"""A block of free ports per lab, so that several labs run on one machine."""

from __future__ import annotations

import socket
from dataclasses import dataclass

BLOCK = 2000
FIRST, LAST = 10_000, 30_000
"""Below the range from which the kernel hands out ports to others (32768 and up)."""
RTP_EACH = 900
"""Ports for the media of each Asterisk: two a stream, so 450 streams."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one lab, all on 127.0.0.1."""

    pbx_sip: int
    world_sip: int
    pbx_ami: int
    world_ami: int
    agi: int
    """For ctid's FastAGI to listen on; nothing in the lab does."""
    speech: int
    """For a recogniser, likewise."""
    pbx_rtp: tuple[int, int]
    world_rtp: tuple[int, int]


def claim() -> tuple[Ports, socket.socket]:
    """Ports that nobody uses, and the socket that keeps other labs away until it is closed."""
    for block in range(FIRST, LAST, BLOCK):
        owner = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            owner.bind(("127.0.0.1", block))
        except OSError:
            owner.close()
            continue
        sip = [n for n in range(block + 1, block + 50) if _free(n, socket.SOCK_DGRAM)][:2]
        tcp = [n for n in range(block + 50, block + 100) if _free(n, socket.SOCK_STREAM)][:4]
        if len(sip) == 2 and len(tcp) == 4:
            rtp = block + 100
            ports = Ports(
                pbx_sip=sip[0],
                world_sip=sip[1],
                pbx_ami=tcp[0],
                world_ami=tcp[1],
                agi=tcp[2],
                speech=tcp[3],
                pbx_rtp=(rtp, rtp + RTP_EACH - 1),
                world_rtp=(rtp + RTP_EACH, rtp + 2 * RTP_EACH - 1),
            )
            return ports, owner
        owner.close()
    raise RuntimeError(f"no free block of {BLOCK} ports from {FIRST} to {LAST} on 127.0.0.1")


def _free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
