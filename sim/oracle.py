"""Rows of a file with known values of queueing models: `model,lambda,mu,theta,n,metric,value,…`."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from ctid.core.errors import ConfigError
from sim.erlang import Queue

MODELS = ("M/M/n", "M/M/n+M")
METRICS = frozenset(
    {
        *("P(wait)", "P(abandon)", "E[Lq]", "rho", "utilisation"),
        *("E[W] (ASA)", "E[W] (all)", "E[W|W>0]", "E[W|served] (ASA)"),
    }
)
_LAW = re.compile(r"P\(W(<=|>)([0-9.eE+-]+)\)")
"""P(W<=t) and P(W>t)."""


@dataclass(frozen=True)
class Row:
    """One known value."""

    model: str
    queue: Queue
    metric: str
    value: float


def bound(metric: str) -> tuple[str, float] | None:
    """(`<=` or `>`, t) of a metric about the law of the wait, else None."""
    found = _LAW.fullmatch(metric)
    return (found[1], float(found[2])) if found else None


def read(path: Path) -> list[Row]:
    """The rows of M/M/n and M/M/n+M; those of other models are passed over.

    Raises:
        ConfigError: with every row that cannot be read, by its line.
        OSError: the file cannot be read.
    """
    rows: list[Row] = []
    problems: list[str] = []
    with path.open(encoding="utf-8", newline="") as file:
        for number, cells in enumerate(csv.DictReader(file), 2):
            if cells.get("model") not in MODELS:
                continue
            try:
                rows.append(_row(cells))
            except (KeyError, TypeError, ValueError) as error:
                problems.append(f"{path}: line {number}: {error}")
    if problems:
        raise ConfigError(tuple(problems))
    if not rows:
        raise ConfigError((f"{path}: no row of {' or '.join(MODELS)}; is it the right file?",))
    return rows


def _row(cells: dict[str, str]) -> Row:
    metric, model = cells["metric"].strip(), cells["model"]
    if metric not in METRICS and bound(metric) is None:
        raise ValueError(f"metric {metric!r} is not one of {', '.join(sorted(METRICS))}, P(W>t)")
    theta = float(cells["theta"] or 0)
    if (theta > 0) != (model == "M/M/n+M"):
        raise ValueError(f"theta is {cells['theta']!r}, which {model} cannot have")
    queue = Queue(float(cells["lambda"]), float(cells["mu"]), int(cells["n"]), theta)
    return Row(model, queue, metric, float(cells["value"]))


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
