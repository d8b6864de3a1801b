"""Flows that a scenario walks beside those of production: a menu tried before production has it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ctid.settings.files import read_toml
from ctid.settings.table import Table

Files = dict[str, dict[str, Any]]
"""File name → what TOML gives for it."""


def with_flows(
    table: Table, folder: Path, main: Mapping[str, Any], flows: Files, problems: list[str]
) -> tuple[dict[str, Any], Files]:
    """Production's files with the scenario's `flows`, and the numbers of `entries` that lead to
    them. What cannot be read is added to `problems`."""
    more: Files = {}
    for name in table.texts("flows", ()):
        if (raw := read_toml(folder / name, name, problems)) is not None:
            more[name] = raw
    entries = table.table("entries").rest("<number>")
    known = main.get("entries")
    if not entries or not isinstance(known, Mapping):
        return dict(main), {**flows, **more}
    return {**main, "entries": {**known, **entries}}, {**flows, **more}
