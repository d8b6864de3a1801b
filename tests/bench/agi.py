"""FastAGI sessions a CPU-second: ctid and panoramisk, called by the same pretend Asterisk.

Each server is a process of its own that tells its own CPU time; the callers are in ours. They come
in turn, and so do the two servers: a site's menu gets a few hundred replies a second, one at a
time, and a server that is never late never finds two of them in one turn of its loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator
from typing import Any, Literal

Server = Literal["ctid", "panoramisk"]

_ENVIRONMENT = """\
agi_network: yes
agi_network_script: inbound
agi_request: agi://127.0.0.1:4573/inbound
agi_channel: PJSIP/trunk-0000002a
agi_language: zh
agi_type: PJSIP
agi_uniqueid: 1763776191.42
agi_version: 22.10.1
agi_callerid: +8613800000042
agi_calleridname: 张伟
agi_callingpres: 0
agi_callingani2: 0
agi_callington: 0
agi_callingtns: 0
agi_dnid: 4000
agi_rdnis: unknown
agi_context: ctid-inbound
agi_extension: 4000
agi_priority: 2
agi_enhanced: 0.0
agi_accountcode:\x20
agi_threadid: 140203

""".encode()

_SESSION = (
    ("ANSWER", (), b"200 result=0\n"),
    ("STREAM FILE", ("ctid/zh-CN/welcome", ""), b"200 result=0 endpos=8000\n"),
    ("SET VARIABLE", ("TIMEOUT(response)", "5.000"), b"200 result=1\n"),
    ("SET VARIABLE", ("TIMEOUT(digit)", "3.000"), b"200 result=1\n"),
    ("GET DATA", ("ctid/zh-CN/menu", "0", "1"), b"200 result=1\n"),
    ("GET DATA", ("ctid/zh-CN/code", "0", "6"), b"200 result=123456 (timeout)\n"),
    ("SET VARIABLE", ("CTID_QUEUE", "sales"), b"200 result=1\n"),
    ("SET VARIABLE", ("CTID_CODE", "123456"), b"200 result=1\n"),
    ("SET VARIABLE", ("CTID_NEXT", "queue"), b"200 result=1\n"),
    ("SET CONTEXT", ("ctid-queue",), b"200 result=0\n"),
    ("SET EXTENSION", ("wait",), b"200 result=0\n"),
    ("SET PRIORITY", ("1",), b"200 result=0\n"),
)
"""A menu, a customer code, and the hand-over to the queue: command, words, Asterisk's reply."""


async def serve_ctid() -> None:
    """Our server, with its limits and deadlines on."""
    from ctid.pbx.agi.server import AgiCall, AgiServer
    from ctid.pbx.agi.settings import AgiSettings

    async def script(call: AgiCall) -> None:
        for name, words, _ in _SESSION:
            reply = await call.command(name, *words)
            assert reply.code == 200

    server = AgiServer(script, AgiSettings(port=0, scripts=("inbound",)))
    await server.start()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve())
        await _tell_cpu_time(server.port)
        await server.close()


async def serve_panoramisk() -> None:
    """panoramisk's Application behind asyncio.start_server, as its documentation has it."""
    from panoramisk.fast_agi import Application

    async def script(request: Any) -> None:
        for name, words, _ in _SESSION:
            quoted = "".join(f' "{word}"' for word in words)
            reply = await request.send_command(name + quoted)
            assert reply["status_code"] == 200

    application = Application(loop=asyncio.get_running_loop())
    application.add_route("inbound", script)
    server = await asyncio.start_server(application.handler, "127.0.0.1", 0)
    async with server:
        await _tell_cpu_time(server.sockets[0].getsockname()[1])


async def _tell_cpu_time(port: int) -> None:
    """The port first; then, for each line in, the CPU seconds used so far; until input ends."""
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    print(port, flush=True)
    while await lines.readline():
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(used.ru_utime + used.ru_stime, flush=True)


class Process:
    """One of the two servers, in its own process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._port = int(self._hear())

    def cpu_seconds(self, sessions: int) -> float:
        """CPU time of the server for so many sessions."""
        before = self._used()
        for _ in range(sessions):
            _be_asterisk(self._port)
        return self._used() - before

    def _used(self) -> float:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._hear())

    def _hear(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the FastAGI server ended early; see its message above")
        return line


@contextlib.contextmanager
def running(server: Server) -> Iterator[Process]:
    """That server, warmed up."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.agi", server],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            started = Process(process)
            started.cpu_seconds(50)
            yield started
        finally:
            process.terminate()


def _be_asterisk(port: int) -> None:
    """One session from the environment to the server's closing."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as peer:
        peer.sendall(_ENVIRONMENT)
        for name, _, reply in _SESSION:
            heard = peer.recv(4_096)
            if not heard.startswith(name.encode()) or not heard.endswith(b"\n"):
                raise RuntimeError(f"the server sent {heard!r} in place of {name}")
            peer.sendall(reply)
        if rest := peer.recv(4_096):
            raise RuntimeError(f"the server sent {rest!r} after the script's end")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    asyncio.run({"ctid": serve_ctid, "panoramisk": serve_panoramisk}[sys.argv[1]]())
