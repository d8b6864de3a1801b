"""A caller of a few lines of SIP, for what no honest phone would send."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from tests.real_pbx.lab.lab import Lab

Answer = tuple[str, str]
"""The status line, and the whole message."""


class RawCaller(asyncio.DatagramProtocol):
    """Calls once with a From header of the test's making; sends no audio."""

    def __init__(self, dialled: str, caller: str) -> None:
        self._dialled, self._caller = dialled, caller
        self._wire: asyncio.DatagramTransport
        self._said: asyncio.Queue[str] = asyncio.Queue()

    def connection_made(self, transport: Any) -> None:
        self._wire = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._said.put_nowait(data.decode("utf-8", "replace"))

    async def answered(self) -> None:
        """Call, and return when the PBX has answered and was told that we know."""
        port = self._wire.get_extra_info("sockname")[1]
        sdp = (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
        )
        self._send("INVITE", 1, "", sdp)
        async with asyncio.timeout(5):
            while not (answer := await self._said.get()).startswith("SIP/2.0 200"):
                assert answer.startswith("SIP/2.0 1"), answer[:200]
        tag = re.search(r"^To:.*;tag=(\S+)", answer, re.M)
        assert tag is not None, answer
        self._tag = f";tag={tag[1]}"
        self._send("ACK", 1, self._tag)

    def hang_up(self) -> None:
        self._send("BYE", 2, self._tag)
        self._wire.close()

    def _send(self, method: str, number: int, tag: str, body: str = "") -> None:
        here = "127.0.0.1:{}".format(self._wire.get_extra_info("sockname")[1])
        there = "{}:{}".format(*self._wire.get_extra_info("peername"))
        kind = "Content-Type: application/sdp\r\n" if body else ""
        self._wire.sendto(
            f"{method} sip:{self._dialled}@{there} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {here};branch=z9hG4bK-raw-{method}\r\nMax-Forwards: 70\r\n"
            f"From: {self._caller};tag=raw\r\nTo: <sip:{self._dialled}@{there}>{tag}\r\n"
            f"Call-ID: raw-{here}\r\nCSeq: {number} {method}\r\nContact: <sip:raw@{here}>\r\n"
            f"{kind}Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )


async def raw_caller(lab: Lab, dialled: str, caller: str) -> RawCaller:
    """A caller to the lab's PBX, as from its trunk; `caller` is the From header's address."""
    config = (lab.folder / "pbx/etc/pjsip.conf").read_text()
    bind = re.search(r"^bind = 127\.0\.0\.1:(\d+)", config, re.M)
    assert bind is not None, config
    _, raw = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: RawCaller(dialled, caller), remote_addr=("127.0.0.1", int(bind[1]))
    )
    return raw
