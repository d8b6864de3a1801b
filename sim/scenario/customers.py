"""What the pretend CRM knows: customers from a file, or as many as are asked for."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from random import Random

from ctid.core.records import Complaint, CustomerCard
from ctid.ivr.flow import Flow
from ctid.settings.table import Table
from sim.calibrate.records import SHOWN
from sim.scenario.codes import codes
from sim.scenario.streams import GRADES
from sim.scenario.values import share, shares, shown
from sim.world.inflow import pick

_MOST = 1_000_000
_COLUMNS = ("id", "code", "name", "number", "grade", "language", "vip", "segment", "order_value",
            "complaint")  # fmt: skip
_YES = ("1", "true", "yes")


def customers(
    table: Table, flows: Mapping[str, Flow], folder: Path, seed: int
) -> tuple[CustomerCard, ...]:
    """Reads `[customers]`; the same seed makes the same customers. Those who are made have codes
    that the steps of `flows` take."""
    name = table.text("file", "")
    made = _made(table, flows, seed)
    if name and "count" in table.raw:
        table.wrong("count", "stands beside file; keep one of them")
    table.close()
    return _from_file(table, folder / name) if name else made


def _made(table: Table, flows: Mapping[str, Flow], seed: int) -> tuple[CustomerCard, ...]:
    count = table.whole("count", 0, 0, _MOST)
    grades = shares(table, "grades", GRADES, "grade")
    segments, languages = shares(table, "segments"), shares(table, "languages")
    vip, complaint = share(table, "vip", 0.0), share(table, "complaint", 0.0)
    shared = share(table, "shared_number", 0.0)
    low, high = _order_values(table)
    stream = Random(f"{seed}/customers")
    cards: list[CustomerCard] = []
    for n, code in enumerate(codes(flows, count), start=1):
        draws = [stream.random() for _ in range(3)]
        number = f"+8613{n:09d}"
        if cards and draws[2] < shared:
            number = cards[-1].numbers[0]
        cards.append(
            CustomerCard(
                f"c{n}", code, f"客户{n}", f"Customer {n}", numbers=(number,),
                language=pick(languages, stream) if languages else "",
                grade=pick(grades, stream) if grades else "",
                vip=draws[0] < vip,
                segment=pick(segments, stream) if segments else "",
                order_value=stream.randint(low, high),
                open_complaints=(Complaint("1", 0, "…"),) if draws[1] < complaint else (),
            )
        )  # fmt: skip
    return tuple(cards)


def _order_values(table: Table) -> tuple[int, int]:
    raw = table.any("order_value", [0, 0])
    whole = isinstance(raw, list) and all(type(one) is int and one >= 0 for one in raw)
    if whole and len(raw) == 2 and raw[0] <= raw[1]:
        return raw[0], raw[1]
    table.wrong("order_value", f"{shown(raw)} does not fit; write the least and the most, [0, 900]")
    return 0, 0


def _from_file(table: Table, path: Path) -> tuple[CustomerCard, ...]:
    cards: dict[str, CustomerCard] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            missing = [one for one in ("id", "number") if one not in (rows.fieldnames or ())]
            unknown = [one for one in rows.fieldnames or () if one not in _COLUMNS]
            if missing or unknown:
                what = f"{path.name}: has no column {missing[0]}" if missing else ""
                what = what or f"{path.name}: has a column {unknown[0]!r} that means nothing"
                table.wrong("file", f"{what}; known are {', '.join(_COLUMNS)}")
                return ()
            before = len(table.problems.lines)
            for row in rows:
                if len(table.problems.lines) - before >= SHOWN:
                    table.wrong("file", f"{path.name}: and perhaps more; correct these first")
                    break
                _row(table, f"{path.name}: line {rows.line_num}", row, cards)
    except OSError as error:
        table.wrong("file", f"{path} cannot be read ({error.strerror}); check the path")
    except (UnicodeDecodeError, csv.Error) as error:
        table.wrong("file", f"{path.name} is no CSV in UTF-8 ({error}); save it again")
    return tuple(cards.values())


def _row(
    table: Table, where: str, row: dict[str, str | None], cards: dict[str, CustomerCard]
) -> None:
    cell = {key: (row.get(key) or "").strip() for key in _COLUMNS}
    if not cell["id"] or cell["id"] in cards:
        what = f"the customer {cell['id']!r} stands there twice" if cell["id"] else "id is empty"
        table.wrong("file", f"{where}: {what}; give each customer an id of its own")
    elif cell["grade"] and cell["grade"] not in GRADES:
        table.wrong("file", f"{where}: there is no grade {cell['grade']!r}; use A to E")
    elif cell["order_value"] and not cell["order_value"].isdecimal():
        table.wrong("file", f"{where}: order_value is no whole number; write one without a unit")
    else:
        cards[cell["id"]] = CustomerCard(
            cell["id"], cell["code"], cell["name"], cell["name"],
            numbers=(cell["number"],) if cell["number"] else (),
            language=cell["language"], grade=cell["grade"], vip=cell["vip"].lower() in _YES,
            segment=cell["segment"], order_value=int(cell["order_value"] or 0),
            open_complaints=(Complaint("1", 0, "…"),) if cell["complaint"].lower() in _YES else (),
        )  # fmt: skip
