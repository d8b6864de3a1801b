"""FastAGI sessions a CPU-second: ctid and panoramisk, called by the same pretend Asterisk.

The callers run in a process of their own, so that this process's CPU time is the server's alone.
A session is what an IVR does to a caller: the environment, then five commands.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

CALLERS = 32
"""Callers in a menu at once, so that the server is busy and not waiting for us."""

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
_REPLIES = (
    b"200 result=0\n",
    b"200 result=0 endpos=8000\n",
    b"200 result=1234 (timeout)\n",
    b"200 result=1\n",
    b"200 result=1\n",
)


def ctid_agi_sessions_per_cpu_second(n: int) -> float:
    """Our server, with its limits and deadlines on."""
    from ctid.pbx.agi.server import AgiCall, AgiServer
    from ctid.pbx.agi.settings import AgiSettings

    async def script(call: AgiCall) -> None:
        await call.command("ANSWER")
        await call.command("STREAM FILE", "welcome", "")
        digits = await call.command("GET DATA", "menu", 3000, 4)
        await call.command("SET VARIABLE", "CTID_CODE", digits.result)
        await call.command("SET CONTEXT", "ctid-queue")

    async def measure() -> float:
        server = AgiServer(script, AgiSettings(port=0, scripts=("inbound",)))
        await server.start()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve())
            rate = await _rate(server.port, n)
            await server.close()
        return rate

    return asyncio.run(measure())


def panoramisk_agi_sessions_per_cpu_second(n: int) -> float:
    """panoramisk's Application behind asyncio.start_server."""
    from panoramisk.fast_agi import Application

    async def script(request: Any) -> None:
        await request.send_command("ANSWER")
        await request.send_command('STREAM FILE "welcome" ""')
        digits = await request.send_command('GET DATA "menu" 3000 4')
        await request.send_command(f'SET VARIABLE "CTID_CODE" "{digits["result"][0]}"')
        await request.send_command('SET CONTEXT "ctid-queue"')

    async def measure() -> float:
        application = Application(loop=asyncio.get_running_loop())
        application.add_route("inbound", script)
        server = await asyncio.start_server(application.handler, "127.0.0.1", 0)
        async with server:
            return await _rate(server.sockets[0].getsockname()[1], n)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return asyncio.run(measure())


async def _rate(port: int, n: int) -> float:
    await _call(port, max(n // 10, 1))  # warm up
    start = time.process_time()
    await _call(port, n)
    return n / (time.process_time() - start)


async def _call(port: int, n: int) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, __file__, str(port), str(n))
    async with asyncio.timeout(120):
        if await process.wait() != 0:
            raise RuntimeError("the pretend Asterisk failed: see its output above")


def _be_asterisk(port: int, n: int) -> None:
    """`n` sessions, `CALLERS` at a time and in step: one thread, so that it is no bottleneck."""
    for start in range(0, n, CALLERS):
        peers = [
            socket.create_connection(("127.0.0.1", port)) for _ in range(min(CALLERS, n - start))
        ]
        for peer in peers:
            peer.sendall(_ENVIRONMENT)
        for reply in _REPLIES:
            for peer in peers:
                if not peer.recv(4_096).endswith(b"\n"):
                    raise SystemExit("the server left in mid-session")
                peer.sendall(reply)
        for peer in peers:
            if peer.recv(4_096):
                raise SystemExit("the server sent more than the script")
            peer.close()


RATES: dict[str, Callable[[int], float]] = {
    "ctid": ctid_agi_sessions_per_cpu_second,
    "panoramisk": panoramisk_agi_sessions_per_cpu_second,
}

if __name__ == "__main__":
    _be_asterisk(int(sys.argv[1]), int(sys.argv[2]))
