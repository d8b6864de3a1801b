"""`python -m sim.live`: the pretend Asterisk as a process, for the demo; it talks JSON lines.

The first line in is `Orders`; the answer is `{"ami_port": N}`. After a line `{"do": "begin"}` the
callers come. It ends when its standard input ends, and does not mind Ctrl-C: whoever started it
closes its input when they are done.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time

import msgspec

from sim.live.customers import demo_customers
from sim.live.phones import PhoneBehaviour
from sim.live.pretend import PretendAsterisk, PretendSettings
from sim.live.traffic import Choice, TrafficSettings

_LINE_LIMIT = 1024 * 1024
"""Bytes of one line in; thousands of customers fit."""


class Orders(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the pretend PBX is to be, and who calls it."""

    seed: int
    agi_host: str
    agi_port: int
    agi_token: str
    ami_user: str
    ami_secret: str
    phones: tuple[str, ...]
    fallback_queue: str
    calls_per_minute: float
    ami_port: int = 0
    dialled: str = "4000"
    customers: tuple[tuple[str, str], ...] | None = None
    """(code, number) of callers whom the CRM knows; None: the demo's customers."""
    menus: tuple[Choice, ...] = (
        (("1", 0.7), ("2", 0.3)),
        (("1", 0.55), ("2", 0.4), ("0", 0.05)),
    )
    """What callers key at config/flows/main.toml: a language, then a department."""
    talk_mean: float = 20.0
    patience_mean: float = 60.0


def settings_of(orders: Orders) -> tuple[PretendSettings, TrafficSettings]:
    """The PBX and its traffic."""
    known = demo_customers() if orders.customers is None else orders.customers
    pretend = PretendSettings(
        seed=orders.seed, agi_host=orders.agi_host, agi_port=orders.agi_port,
        agi_token=orders.agi_token, ami_port=orders.ami_port, ami_user=orders.ami_user,
        ami_secret=orders.ami_secret, phones=orders.phones, fallback_queue=orders.fallback_queue,
        behaviour=PhoneBehaviour(answer_after=(1.0, 4.0), talk=(15.0, 60.0)),
        epoch=time.time(),
    )  # fmt: skip
    traffic = TrafficSettings(
        calls_per_minute=orders.calls_per_minute, dialled=orders.dialled, customers=known,
        menus=orders.menus, code_terminator="", talk_mean=orders.talk_mean,
        patience_mean=orders.patience_mean,
    )  # fmt: skip
    return pretend, traffic


async def serve() -> None:
    """Obey the lines on standard input until it ends."""
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=_LINE_LIMIT)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    first = await lines.readline()
    if not first:
        return
    pretend, traffic = settings_of(msgspec.json.decode(first, type=Orders))
    async with PretendAsterisk(pretend) as pbx, asyncio.TaskGroup() as group:
        print(msgspec.json.encode({"ami_port": pbx.ami_port}).decode(), flush=True)
        calls: asyncio.Task[None] | None = None
        while line := await lines.readline():
            if msgspec.json.decode(line) == {"do": "begin"} and calls is None:
                calls = group.create_task(pbx.run_traffic(traffic, None))
        if calls is not None:
            calls.cancel()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    asyncio.run(serve())
