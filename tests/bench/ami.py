"""AMI events a second: ctid and its peers, each reading the same bytes from a loopback socket.

Each function starts a plain threaded server that logs the client in and then sends `n` realistic
events as fast as they are read; the clock runs from the client's first event to its last. The
application's part is the same for all: look at the name, and read two headers of every event.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import random
import socket
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

from ctid.pbx.ami.client import AmiClient
from ctid.pbx.ami.codec import AmiMessage
from ctid.pbx.ami.session import AmiUp
from ctid.pbx.ami.settings import AmiSettings

_HEADERS = """\
Privilege: call,all
Timestamp: 1763776191.{n:06d}
Channel: PJSIP/trunk-{n:08x}
ChannelState: 6
ChannelStateDesc: Up
CallerIDNum: +8613800{n:06d}
CallerIDName: 张伟 {n}
ConnectedLineNum: 1001
ConnectedLineName: Agent \\"One\\"
Language: zh
AccountCode:\x20
Context: ctid-queue
Exten: s
Priority: 3
Uniqueid: 1763776191.{n}
Linkedid: 1763776191.{n}
"""
_KINDS = ("Event: Newchannel\n", "Event: Newstate\n", "Event: VarSet\nVariable: X\nValue: y\\n\n")


def events(n: int) -> bytes:
    """`n` events of 17 to 20 headers."""
    block = "".join(
        f"{_KINDS[i % 3]}{_HEADERS.format(n=i)}\n".replace("\n", "\r\n") for i in range(300)
    ).encode()
    whole, rest = divmod(n, 300)
    some = b"".join(piece + b"\r\n\r\n" for piece in block.split(b"\r\n\r\n")[:rest])
    return block * whole + some


class _Source:
    """A manager that accepts any login and then sends its bytes to one client."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> _Source:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        # The client may close while we write: that ends the measurement, not the test.
        with contextlib.suppress(OSError):
            peer, _ = self._listener.accept()
            with peer:
                peer.sendall(b"Asterisk Call Manager/9.0.0\r\n")
                self._talk(peer)

    def _talk(self, peer: socket.socket) -> None:
        held = b""
        while data := peer.recv(65_536):
            held += data
            while b"\r\n\r\n" in held:
                action, _, held = held.partition(b"\r\n\r\n")
                headers = dict(
                    line.decode().split(": ", 1) for line in action.split(b"\r\n") if b": " in line
                )
                peer.sendall(
                    f"Response: Success\r\nActionID: {headers['ActionID']}\r\n"
                    "Challenge: 1\r\nPing: Pong\r\n\r\n".encode()
                )
                if headers["Action"] == "Logoff":
                    return
                if headers["Action"] == "Login":
                    peer.sendall(b"Event: FullyBooted\r\nUptime: 1\r\n\r\n")
                    if "AuthType" not in headers:
                        peer.sendall(self._data)
                if headers["Action"] == "CoreStatus":
                    peer.sendall(self._data)


class _Meter:
    """Counts events and knows the rate between the first and the last of `n`."""

    def __init__(self, n: int) -> None:
        self._n = n
        self._seen = 0
        self._start = 0.0
        self.rate = 0.0

    def count(self) -> bool:
        if self._seen == 0:
            self._start = time.perf_counter()
        self._seen += 1
        if self._seen < self._n:
            return False
        if self._seen == self._n:
            self.rate = (self._n - 1) / (time.perf_counter() - self._start)
        return True


def ctid_events_per_second(n: int) -> float:
    """Our client, login and reconnect included; every event goes through the session."""

    async def measure(port: int) -> float:
        meter, done = _Meter(n), asyncio.Event()

        def on_event(event: AmiMessage) -> None:
            wanted = event.name != "FullyBooted" and event.get("Channel") and event.get("Uniqueid")
            if wanted and meter.count():
                done.set()

        async def on_up(_: AmiUp) -> None:
            pass

        settings = AmiSettings(port=port, username="u", secret="s")
        client = AmiClient(
            settings, on_event, on_up, print, random.Random(1), lambda: int(time.monotonic() * 1e3)
        )
        async with asyncio.timeout(120), asyncio.TaskGroup() as tasks:
            run = tasks.create_task(client.run())
            await done.wait()
            run.cancel()
        return meter.rate

    with _Source(events(n)) as source:
        return asyncio.run(measure(source.port))


def panoramisk_events_per_second(n: int) -> float:
    """panoramisk's Manager with one callback for all events."""
    from panoramisk import Manager

    async def measure(port: int) -> float:
        meter, done = _Meter(n), asyncio.Event()
        loop = asyncio.get_running_loop()
        manager = Manager(loop=loop, port=port, username="u", secret="s", ping_delay=600)

        def on_event(_: Any, event: Any) -> None:
            wanted = event.event != "FullyBooted" and event.channel and event.uniqueid
            if wanted and meter.count():
                done.set()

        manager.register_event("*", on_event)
        manager.connect()
        async with asyncio.timeout(240):
            await done.wait()
        manager.close()
        return meter.rate

    with _Source(events(n)) as source, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return asyncio.run(measure(source.port))


def pyst2_events_per_second(n: int) -> float:
    """pyst2's threaded Manager with one callback for all events; use a small `n` (1,000/s)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from asterisk import manager as pyst2

        meter, done = _Meter(n), threading.Event()

        def on_event(event: Any, _: Any) -> None:
            wanted = event.name != "FullyBooted" and event["Channel"] and event["Uniqueid"]
            if wanted and meter.count():
                done.set()

        client: Any = pyst2.Manager()
        with _Source(events(n)) as source, contextlib.redirect_stdout(io.StringIO()):
            client.connect("127.0.0.1", source.port)
            client.register_event("*", on_event)
            client.login("u", "s")
            done.wait(240)
            client.close()
    return meter.rate


RATES: dict[str, Callable[[int], float]] = {
    "ctid": ctid_events_per_second,
    "panoramisk": panoramisk_events_per_second,
    "pyst2": pyst2_events_per_second,
}
