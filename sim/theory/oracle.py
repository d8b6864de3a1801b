"""Rows of a file with known values of queueing models: `model,lambda,mu,theta,n,metric,value,…`."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ctid.core.errors import ConfigError
from sim.theory import catalogue
from sim.theory.cells import Cells
from sim.theory.measures import known
from sim.theory.row import Row

COLUMNS = ("model", "lambda", "mu", "theta", "n", "metric", "value")


@dataclass(frozen=True)
class Rows:
    """What a file holds."""

    rows: list[Row]
    passed_over: dict[str, int]
    """Models that are not known here, and how many rows they have."""


def read(path: Path) -> Rows:
    """The rows of the models that the router can be held against.

    Blanks around a cell, empty lines, a byte order mark and more columns do no harm.

    Raises:
        ConfigError: with every row that cannot be read, by its line.
        OSError: the file cannot be read.
    """
    rows: list[Row] = []
    passed_over: Counter[str] = Counter()
    problems: list[str] = []
    for number, line in _lines(path):
        cells = Cells(line)
        try:
            row = _row(cells)
        except ValueError as error:
            problems.append(f"{path}: line {number}: {error}")
            continue
        if row:
            rows.append(row)
        else:
            passed_over[cells["model"]] += 1
    if problems:
        raise ConfigError(tuple(problems))
    if not rows:
        names = ", ".join(model.name for model in catalogue.MODELS)
        raise ConfigError((f"{path}: no row of a model like {names}; is it the right file?",))
    return Rows(rows, dict(passed_over))


def _lines(path: Path) -> list[tuple[int, Mapping[str, str]]]:
    """(number of the line, cells) of each line with a model."""
    lines: list[tuple[int, Mapping[str, str]]] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        try:
            head = [name.strip().lower() for name in next(reader, [])]
            missing = [name for name in COLUMNS if name not in head]
            if missing:
                wanted = ",".join(COLUMNS)
                raise ConfigError(
                    (f"{path}: no column {', '.join(missing)}; the first line must be {wanted}",)
                )
            for cells in reader:
                line = dict(zip(head, (cell.strip() for cell in cells), strict=False))
                if any(line.values()):
                    lines.append((reader.line_num, line))
        except (csv.Error, UnicodeDecodeError) as error:
            raise ConfigError((f"{path}: not a CSV file in UTF-8: {error}",)) from None
    return lines


def _row(cells: Cells) -> Row | None:
    if not cells["model"]:
        raise ValueError("no model")
    held = catalogue.held(cells)
    if held is None:
        return None
    if not known(held.system, held.measure):
        raise ValueError(f"metric {cells['metric']!r} is not something that {cells['model']} has")
    return Row(cells["model"], cells["metric"], cells.number("value"), held)
