"""What the doctor found: one record per check, and how it is shown."""

from __future__ import annotations

from typing import Literal

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

Verdict = Literal["ok", "warn", "fail", "skipped"]

STYLES: dict[Verdict, str] = {"ok": "green", "warn": "yellow", "fail": "red", "skipped": "dim"}


class Finding(msgspec.Struct, frozen=True):
    """One check."""

    name: str
    verdict: Verdict
    """`fail`: ctid will not work as it should; `warn`: look at it; `skipped`: could not be seen."""
    seen: str
    todo: str = ""
    """The next move; empty when there is none."""


def failed(findings: list[Finding]) -> bool:
    """Whether any check failed; warnings are none."""
    return any(finding.verdict == "fail" for finding in findings)


def as_json(findings: list[Finding]) -> str:
    """For programs."""
    return msgspec.json.encode({"ok": not failed(findings), "checks": findings}).decode()


def show(findings: list[Finding], title: str, console: Console) -> None:
    """A table for people. What Asterisk said is text, never markup."""
    table = Table(title=Text(title), title_justify="left", show_lines=False)
    for heading in ("check", "", "seen", "what to do"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        verdict = Text(finding.verdict, style=STYLES[finding.verdict])
        table.add_row(Text(finding.name), verdict, Text(finding.seen), Text(finding.todo))
    console.print(table)
