"""The models of a file of known values, by their names there, as systems that the router can run.

Sources of the values: see `sim.theory.formulas`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sim.erlang.limits import garnett, halfin_whitt
from sim.erlang.queue import Queue
from sim.theory.cells import Cells, number
from sim.theory.row import Held
from sim.theory.service import Kind, Service, with_scv
from sim.theory.structure import takes
from sim.theory.system import Callers, Server, System, erlang

WARM_UP = 500
RELAXATIONS = 5
"""Mean arrivals before the measuring begins where the beginning is not exactly stationary: at least
so many, and so many relaxation times of the system (`System.relaxation`), after which e^-5 is left
of what the beginning was wrong by. It begins near its law: with the number of callers that as many
mean servers would have."""

MANY = 100
"""Servers with which a limit of many servers is simulated; what is still missing to the limit is
known exactly and told. More servers would be nearer and far noisier: the waits of one relaxation
time are much alike, and it takes as many more calls as there are more servers."""


def _erlang(model: re.Match[str], cells: Cells) -> Held:
    theta = cells.number("theta", empty=0.0)
    if (theta > 0) != bool(model["patience"]):
        raise ValueError(f"theta is {cells['theta']!r}, which {model[0]} cannot have")
    queue = Queue(cells.number("lambda"), cells.number("mu"), cells.servers(model["n"]), theta)
    return Held(erlang(queue), cells["metric"])


def _limited(model: re.Match[str], cells: Cells) -> Held:
    """`M/M/n/K K=15`: callers in the system, above which one is turned away; `M/M/n/n`."""
    n = cells.servers(model["n"])
    room = int(model["room"] or n)
    theta = cells.number("theta", empty=0.0)
    callers = (Callers("q", cells.number("lambda"), cells.number("mu")),)
    return Held(
        System(cells.name(), callers, (Server(),) * n, theta=theta, room=room), cells["metric"]
    )


def _limit(model: re.Match[str], cells: Cells) -> Held:
    """The limit of many servers by `beta=`; with theta Garnett's."""
    beta, metric = cells.told("beta")
    if beta is None or metric != "P(wait)":
        raise ValueError(f"metric {cells['metric']!r} is not P(wait) beta=…")
    if cells["n"].lower() not in ("", "inf", "infinity", "∞"):
        raise ValueError(f"n is {cells['n']!r}; a limit of many servers has inf")
    mu, theta = cells.number("mu", empty=1.0), cells.number("theta", empty=0.0)
    limit = garnett(beta, mu, theta) if theta else halfin_whitt(beta)
    n = max(MANY, math.ceil(4 * beta * beta))
    queue = Queue((n - beta * math.sqrt(n)) * mu, mu, n, theta)
    note = f"n = inf is simulated with n = {n}, whose P(wait) differs from the limit's by"
    return Held(erlang(queue), metric, queue.p_wait() - limit, note)


def _single(model: re.Match[str], cells: Cells) -> Held:
    """M/G/1 by `scv=`, or by the letters of the service."""
    scv, metric = cells.told("scv")
    service = _service(model["service"] or "G", scv)
    if scv is not None and not math.isclose(service.scv, scv, rel_tol=2e-3):
        raise ValueError(f"{model[0]} has an scv of {service.scv:g}, not {scv:g}")
    callers = (Callers("q", cells.number("lambda"), cells.number("mu")),)
    servers = (Server(),) * cells.servers("1")
    return Held(System(f"{cells.name()}/{service.scv}", callers, servers, service=service), metric)


def _service(letters: str, scv: float | None) -> Service:
    if letters == "D":
        return with_scv(0.0)
    if letters == "M":
        return with_scv(1.0)
    if phases := re.fullmatch(r"E_?([1-9]\d*)", letters):
        return with_scv(1 / int(phases[1]))
    if scv is None:
        raise ValueError(f"M/{letters}/1 needs scv=… in its metric or model")
    if letters == "G":
        return with_scv(scv)
    if letters.upper() not in LAWS:
        raise ValueError(
            f"no law of service is called {letters!r}; D, M, E4, G, {', '.join(LAWS)} are"
        )
    return Service(LAWS[letters.upper()], scv)


LAWS: Mapping[str, Kind] = {
    "H2": "hyperexponential", "GAMMA": "gamma", "LN": "lognormal", "LOGNORMAL": "lognormal",
}  # fmt: skip


def _speeds(model: re.Match[str], cells: Cells) -> Held:
    """Agents of several speeds; the strategy is the model's last word."""
    policy = model["policy"]
    speeds = cells.numbers("mu", "/")
    if policy in ("FSF", "SSF"):
        speeds.sort(reverse=policy == "FSF")
    servers = tuple(Server(f"agent mu={speed}", speed) for speed in speeds)
    callers = [Callers("q", cells.number("lambda"))]
    return _unlike(model["n"], cells, callers, servers, POLICIES[policy])


POLICIES = {
    "LISF": "longest_idle",
    "SISF": "shortest_idle",
    "RANDOM": "random",
    "FSF": "linear",
    "SSF": "linear",
}
"""Longest idle, shortest idle, any, fastest, slowest server first; the last two by order."""


def _skills(model: re.Match[str], cells: Cells) -> Held:
    """Types of callers, `a=0.7;b=0.9`, and who may serve which."""
    types = [_type(text) for text in cells["lambda"].split(";")]
    names = [one.name for one in types]
    speeds = cells.numbers("mu", "/")
    reach = takes(model["structure"], len(types), len(speeds))
    servers = tuple(
        Server(f"server {n}", speed, tuple(names[i] for i in reach[n]))
        for n, speed in enumerate(speeds)
    )
    return _unlike("n", cells, types, servers)


def _type(text: str) -> Callers:
    name, sign, rate = text.partition("=")
    if not sign:
        raise ValueError(f"lambda {text.strip()!r} is not written like a=0.7")
    return Callers(f"type {name.strip()}", number("lambda", rate.strip()))


def _priority(model: re.Match[str], cells: Cells) -> Held:
    """Classes `0.2+0.3+0.4`, the first goes first; `mu` of each, or one for all."""
    rates, each = cells.numbers("lambda", "+"), cells.numbers("mu", "/")
    if len(each) == 1:
        each *= len(rates)
    if len(each) != len(rates):
        raise ValueError(f"lambda tells of {len(rates)} classes, but mu of {len(each)}")
    if len(rates) > LEVELS:
        raise ValueError(f"{len(rates)} classes; there are {LEVELS} levels of priority")
    classes = [
        Callers(f"class {n}", rate, mu, len(rates) - n)
        for n, (rate, mu) in enumerate(zip(rates, each, strict=True), 1)
    ]
    return _unlike(model["n"], cells, classes, (Server(),) * cells.servers(model["n"]))


LEVELS = 10
"""Of a queue's `priority`, 0 to 9."""


@dataclass(frozen=True)
class Model:
    """One kind of row."""

    name: str
    """How such models are written."""
    begins: str
    """A name that begins so is of this kind, …"""
    rest: str
    """… and must go on so; regular expressions both."""
    make: Callable[[re.Match[str], Cells], Held]


_M = r"M/M/(?P<n>n|\d+)"
MODELS = (
    Model("M/M/n", rf"{_M}$", r"(?P<patience>)", _erlang),
    Model("M/M/n+M", rf"{_M}(?P<patience>\+M)$", "", _erlang),
    Model("M/M/n/n", r"M/M/(?P<n>n)/n\b", r"(?P<room>)", _limited),
    Model("M/M/n/K K=15", rf"{_M}/K\b", r" +K *= *(?P<room>\d+)", _limited),
    Model("M/M/n non-preemptive priority", rf"{_M} +non-preemptive +priority\b", "", _priority),
    Model(
        "M/M/3 heterogeneous LISF", rf"{_M} +heterogeneous\b",
        rf" +(?P<policy>{'|'.join(POLICIES)})", _speeds,
    ),
    Model("M/G/1 M/D/1", r"M/G/1\b", r"( +M/(?P<service>\w+)/1)?( +scv *= *\S+)?", _single),
    Model("M/D/1", r"M/(?P<service>D|E_?\d+|H2|LN|Gamma)/1\b", r"( +scv *= *\S+)?", _single),
    Model("Halfin-Whitt limit", r"(Halfin-Whitt|Garnett)\b", ".*", _limit),
    Model("Skill-based FCFS-ALIS N-model", r"Skill-based +FCFS-ALIS\b", r" +(?P<structure>.+)",
          _skills),
)  # fmt: skip


def held(cells: Cells) -> Held | None:
    """How the row is held against the router; None for a model that is not known here.

    Raises:
        ValueError: cells that do not fit the model.
    """
    for model in MODELS:
        if re.match(model.begins, cells["model"]):
            found = re.fullmatch(model.begins + model.rest, cells["model"])
            if found is None:
                raise ValueError(f"model {cells['model']!r} is not written like {model.name!r}")
            return model.make(found, cells)
    return None


def _unlike(
    n: str,
    cells: Cells,
    callers: Sequence[Callers],
    servers: tuple[Server, ...],
    strategy: str = "longest_idle",
) -> Held:
    """What does not begin exactly stationary."""
    if len(servers) != cells.servers(n):
        raise ValueError(f"n is {cells['n']}, but mu tells of {len(servers)} servers")
    if cells.number("theta", empty=0.0):
        raise ValueError(f"theta is {cells['theta']!r}, which {cells['model']} cannot have")
    name = cells.name()
    made = System(name, tuple(callers), servers, strategy)
    warm_up = max(WARM_UP, math.ceil(RELAXATIONS * made.relaxation))
    return Held(replace(made, warm_up=warm_up), _spoken(cells["metric"]))


def _spoken(metric: str) -> str:
    """`agent mu=1` and `agent mu=1.0` are the same agent."""
    return re.sub(r"(?<=agent mu=)\S+", lambda m: f"{float(m[0])}", metric)
