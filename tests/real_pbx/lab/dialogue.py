"""Just enough SIP for one call: INVITE, its answer, INFO, and BYE from either side."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable
from typing import Final

from tests.real_pbx.lab.datagrams import Datagrams

_calls: Final = itertools.count(1)

OnAnswer = Callable[[int, int], None]
"""(when it came, nanoseconds since 1970; the port for our sound)"""


class Dialogue:
    """A call to the PBX at `port`, as from its trunk. `caller` is the From header's address."""

    def __init__(
        self, port: int, dialled: str, caller: str, on_answer: OnAnswer,
        on_end: Callable[[int, str], None],
    ) -> None:  # fmt: skip
        """`on_end` hears when the call has ended, and what the PBX said."""
        self._dialled, self._caller = dialled, caller
        self._on_answer, self._on_end = on_answer, on_end
        self._wire = Datagrams(self._on_datagram)
        self._wire.connect(port)
        self._there = f"127.0.0.1:{port}"
        self._here = f"127.0.0.1:{self._wire.port}"
        self._id = f"handset-{os.getpid()}-{next(_calls)}"
        self._tag, self._count = "", 0
        self._answered = self._over = False

    def invite(self, sound_port: int) -> None:
        """Dial. Our sound comes from and goes to that port: G.711, and keys as RFC 4733."""
        sdp = (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {sound_port} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\n"
            "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\n"
        )
        self._request("INVITE", "application/sdp", sdp)

    def info(self, key: str, ms: int) -> None:
        """A key by SIP INFO."""
        self._request("INFO", "application/dtmf-relay", f"Signal={key}\r\nDuration={ms}\r\n")

    def bye(self) -> None:
        """Hang up. A second time does nothing."""
        if not self._over:
            self._over = True
            self._request("BYE" if self._answered else "CANCEL")

    def close(self) -> None:
        """Nothing is heard from here on."""
        self._wire.close()

    def _request(self, method: str, kind: str = "", body: str = "") -> None:
        if method not in ("ACK", "CANCEL"):  # both go by the number of their INVITE
            self._count += 1
        about = f"Content-Type: {kind}\r\n" if kind else ""
        branch = "INVITE" if method == "CANCEL" else f"{method}-{self._count}"
        self._wire.send(
            f"{method} sip:{self._dialled}@{self._there} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self._here};branch=z9hG4bK-{branch}-{self._id}\r\n"
            f"Max-Forwards: 70\r\nFrom: {self._caller};tag=handset\r\n"
            f"To: <sip:{self._dialled}@{self._there}>{self._tag}\r\nCall-ID: {self._id}\r\n"
            f"CSeq: {self._count} {method}\r\nContact: <sip:handset@{self._here}>\r\n"
            f"{about}Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )

    def _on_datagram(self, at: int, data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        if text.startswith("SIP/2.0"):
            self._on_reply(at, text)
        elif text.startswith("BYE "):
            self._agree(text)
            self._end(at, text)

    def _on_reply(self, at: int, text: str) -> None:
        if not re.search(r"^CSeq: \d+ INVITE", text, re.M):
            if re.search(r"^CSeq: \d+ BYE", text, re.M):
                self._end(at, text)
            return
        if (tag := re.search(r"^To:.*;tag=(\S+)", text, re.M)) is not None:
            self._tag = f";tag={tag[1]}"
        status = int(text[8:11])
        if status >= 200:
            self._request("ACK")
        if status >= 300:
            self._end(at, text)
        elif status >= 200 and not self._answered:
            port = re.search(r"^m=audio (\d+)", text, re.M)
            assert port is not None, text
            self._answered = True
            self._on_answer(at, int(port[1]))

    def _agree(self, request: str) -> None:
        kept = [line for line in request.split("\r\n")
                if line.partition(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")]  # fmt: skip
        self._wire.send(
            "\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""]).encode()
        )

    def _end(self, at: int, text: str) -> None:
        self._over = True
        self._on_end(at, text)
