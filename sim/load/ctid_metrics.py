"""What ctid says of itself at /metrics, as far as load wants to know it."""

from __future__ import annotations

import re

import aiohttp
import msgspec

_LINE = re.compile(r"^([a-z_]+) ([0-9.eE+-]+)$", re.MULTILINE)


class CtidMetrics(msgspec.Struct, frozen=True):
    """None where this ctid, or its system, does not tell it."""

    cpu: float | None = None
    """Seconds of CPU since its start."""
    memory: float | None = None
    """Bytes resident."""
    loop_lag: float | None = None
    """Seconds, of the last second."""
    defects: int = 0


def parse(text: str) -> CtidMetrics:
    """From the text that Prometheus would read."""
    found = {name: float(value) for name, value in _LINE.findall(text)}
    return CtidMetrics(
        found.get("process_cpu_seconds_total"),
        found.get("process_resident_memory_bytes"),
        found.get("ctid_loop_lag_seconds"),
        int(found.get("ctid_defects", 0)),
    )


async def ask(http: aiohttp.ClientSession, url: str) -> CtidMetrics:
    """As it is now. Raises aiohttp.ClientError when nobody answers; nothing known where ctid does
    not show its metrics to this machine, and with an empty `url`."""
    if not url:
        return CtidMetrics()
    async with http.get(f"{url}/metrics") as answer:
        if answer.status != 200:
            return CtidMetrics()
        return parse(await answer.text())
