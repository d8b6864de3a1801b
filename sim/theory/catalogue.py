"""The models of a file of known values, by their names there, as systems that the router can run.

Sources of the values: Cobham (1954) for priority without pre-emption; Gopalakrishnan, Doroudi, Ward
and Wierman (2016) for agents of several speeds, where the longest-idle, the shortest-idle and the
random server first give the same; Adan and Weiss (2014) for FCFS-ALIS: the longest wait first, to
the longest-idle server who may.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from sim.theory.system import Callers, Server, System

WARM_UP = 500
"""Mean arrivals before the measuring begins where the beginning is not exactly stationary. At the
loads of the file (up to 0.9) these are five and more of the system's relaxation times,
1 / (n mu (1 - sqrt(load))²), and it begins near its law; where the load is 0.9 the number in the
system is exactly stationary from the start and only the mix of classes is not."""

Cells = Mapping[str, str]


def _speeds(model: str, cells: Cells) -> System:
    """Agents of several speeds; the strategy is the model's last word."""
    policy = model.split()[-1]
    speeds = _numbers(cells, "mu", "/")
    if policy in ("FSF", "SSF"):
        speeds.sort(reverse=policy == "FSF")
    servers = tuple(Server(f"agent mu={speed}", speed) for speed in speeds)
    return _system(model, cells, [Callers("q", float(cells["lambda"]))], servers, POLICIES[policy])


POLICIES = {
    "LISF": "longest_idle",
    "SISF": "shortest_idle",
    "RANDOM": "random",
    "FSF": "linear",
    "SSF": "linear",
}
"""Longest idle, shortest idle, any, fastest, slowest server first; the last two by order."""


def _skills(model: str, cells: Cells) -> System:
    """Types of callers, `a=0.7;b=0.9`, and who may serve which."""
    types = [_type(text) for text in cells["lambda"].split(";")]
    speeds = _numbers(cells, "mu", "/")
    servers = tuple(
        Server(f"server {n}", speed, tuple(types[i].name for i in _takes(model, n, len(types))))
        for n, speed in enumerate(speeds)
    )
    return _system(model, cells, types, servers)


def _takes(model: str, server: int, types: int) -> list[int]:
    """Which types that server may take, by their numbers."""
    if "N-model" in model:
        return list(range(types)) if server == 0 else list(range(1, types))
    if "chain" in model:
        return [server % types, (server + 1) % types]
    return list(range(types))


def _type(text: str) -> Callers:
    name, _, rate = text.partition("=")
    return Callers(f"type {name.strip()}", float(rate))


def _priority(model: str, cells: Cells) -> System:
    """Classes `0.2+0.3+0.4`, the first goes first; `mu` of each, or one for all."""
    rates, each = _numbers(cells, "lambda", "+"), _numbers(cells, "mu", "/")
    if len(each) == 1:
        each *= len(rates)
    classes = [
        Callers(f"class {n}", rate, mu, len(rates) - n)
        for n, (rate, mu) in enumerate(zip(rates, each, strict=True), 1)
    ]
    return _system(model, cells, classes, (Server(),) * int(cells["n"]))


def _room(model: str, cells: Cells) -> System:
    """`K=15`: callers in the system, above which one is turned away."""
    found = re.search(r"K=(\d+)", model)
    if found is None:
        raise ValueError(f"{model!r} does not say K=…")
    callers = (Callers("q", float(cells["lambda"]), float(cells["mu"])),)
    name = _name(model, cells)
    return System(name, callers, (Server(),) * int(cells["n"]), room=int(found[1]))


MODELS: Mapping[str, Callable[[str, Cells], System]] = {
    "M/M/3 heterogeneous": _speeds,
    "Skill-based FCFS-ALIS": _skills,
    "M/M/1 non-preemptive priority": _priority,
    "M/M/n non-preemptive priority": _priority,
    "M/M/n/K": _room,
}
"""By how a model's name begins."""


def system(model: str, cells: Cells) -> System | None:
    """The system of one row; None for a model that is not known here.

    Raises:
        KeyError, ValueError: cells that do not fit the model.
    """
    for name, make in MODELS.items():
        if model == name or model.startswith(f"{name} "):
            return make(model, cells)
    return None


def _system(
    model: str,
    cells: Cells,
    callers: Sequence[Callers],
    servers: tuple[Server, ...],
    strategy: str = "longest_idle",
) -> System:
    if len(servers) != int(cells["n"]):
        raise ValueError(f"n is {cells['n']}, but mu tells of {len(servers)} servers")
    return System(_name(model, cells), tuple(callers), servers, strategy, warm_up=WARM_UP)


def _name(model: str, cells: Cells) -> str:
    return f"{model}/{cells['lambda']}/{cells['mu']}/{cells['n']}"


def _numbers(cells: Cells, column: str, between: str) -> list[float]:
    return [float(text) for text in cells[column].split(between)]
