"""The customers whom a ctid with the demo directory knows: their codes and numbers."""

from __future__ import annotations

import csv
import importlib.resources
import io


def demo_pin(code: str) -> str:
    """The PIN of one of them, as `crm_link.demo.load` gives it."""
    return code[:-5:-1]


def demo_customers() -> tuple[tuple[str, str], ...]:
    """(code, first number) of everybody in the demo directory."""
    file = importlib.resources.files("crm_link.demo") / "customers.csv"
    rows = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"), newline=""))
    return tuple((row["code"], row["numbers"].split()[0]) for row in rows if row["numbers"])
