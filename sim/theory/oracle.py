"""Rows of a file with known values of queueing models: `model,lambda,mu,theta,n,metric,value,…`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from ctid.core.errors import ConfigError
from sim.erlang.queue import Queue
from sim.theory import catalogue
from sim.theory.measures import ADMITTED, METRICS, bound, own
from sim.theory.system import System, erlang

MODELS = ("M/M/n", "M/M/n+M")
"""What we have formulas for ourselves; for the other models see `sim.theory.catalogue`."""


@dataclass(frozen=True)
class Row:
    """One known value."""

    model: str
    queue: Queue | System
    metric: str
    value: float

    @property
    def system(self) -> System:
        """The same in the words of the simulator."""
        return erlang(self.queue) if isinstance(self.queue, Queue) else self.queue


def read(path: Path) -> list[Row]:
    """The rows of the models that the router can be held against; others are passed over.

    Raises:
        ConfigError: with every row that cannot be read, by its line.
        OSError: the file cannot be read.
    """
    rows: list[Row] = []
    problems: list[str] = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, cells in enumerate(csv.DictReader(file), 2):
            try:
                row = _row(cells)
            except (KeyError, TypeError, ValueError) as error:
                problems.append(f"{path}: line {number}: {error}")
            else:
                rows += [row] if row else []
    if problems:
        raise ConfigError(tuple(problems))
    if not rows:
        known = ", ".join((*MODELS, *catalogue.MODELS))
        raise ConfigError((f"{path}: no row of {known}; is it the right file?",))
    return rows


def _row(cells: dict[str, str]) -> Row | None:
    model = cells.get("model") or ""
    queue = _erlang(model, cells) if model in MODELS else catalogue.system(model, cells)
    if queue is None:
        return None
    metric = cells["metric"].strip()
    known = METRICS if isinstance(queue, Queue) else METRICS | own(queue)
    if isinstance(queue, System) and queue.room:
        known |= ADMITTED
    if metric not in known and bound(metric) is None:
        raise ValueError(f"metric {metric!r} is not one of {', '.join(sorted(known))}, P(W>t)")
    return Row(model, queue, metric, float(cells["value"]))


def _erlang(model: str, cells: dict[str, str]) -> Queue:
    theta = float(cells["theta"] or 0)
    if (theta > 0) != (model == "M/M/n+M"):
        raise ValueError(f"theta is {cells['theta']!r}, which {model} cannot have")
    return Queue(float(cells["lambda"]), float(cells["mu"]), int(cells["n"]), theta)


def expected(queue: Queue, metric: str) -> float:
    """The value by our own formulas."""
    if (law := bound(metric)) is not None:
        longer = queue.p_wait_longer(law[1])
        return longer if law[0] == ">" else 1 - longer
    match metric:
        case "P(wait)":
            return queue.p_wait()
        case "P(abandon)":
            return queue.p_abandon()
        case "E[Lq]":
            return queue.queue_length()
        case "rho" | "utilisation":
            return queue.utilisation()
        case "E[W] (ASA)" | "E[W] (all)":
            return queue.mean_wait()
        case "E[W|W>0]":
            return queue.mean_wait() / queue.p_wait()
        case "E[W|served] (ASA)":
            return queue.mean_wait_served()
        case _:
            raise ValueError(f"no formula for {metric!r}")
