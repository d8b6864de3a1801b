"""The router held against exact values, as `ctid-sim theory --json` says it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from ctid.core.errors import ConfigError
from sim.report.markup import Html, element, join
from sim.report.parts import paragraph, table
from sim.report.words import say
from sim.theory.verdict import LIMIT, Verdict


def read(path: Path) -> list[Verdict]:
    """What `ctid-sim theory --json` printed into that file.

    Raises:
        ConfigError: it is not such a file.
        OSError: it cannot be read.
    """
    try:
        found = msgspec.json.decode(path.read_bytes(), type=list[Verdict])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        problem = f"{path}: not what `ctid-sim theory --json` prints: {error}"
        raise ConfigError((problem,)) from None
    if not found:
        raise ConfigError((f"{path}: holds no row; was the right file written?",))
    return found


def verdicts(rows: Sequence[Verdict]) -> Html:
    """The router against exact values."""
    beyond = sum(row.beyond for row in rows)
    worst = max(abs(row.z) for row in rows)
    said = (
        say("verdicts.bad", beyond=beyond, count=len(rows))
        if beyond
        else say("verdicts.good", count=len(rows), worst=f"{worst:.2f}")
    )
    heads = [
        say("verdicts.model"), "λ", "μ", "θ", "n", say("verdicts.metric"), say("verdicts.theory"),
        say("verdicts.measured"), say("verdicts.se"), "z",
    ]  # fmt: skip
    cells = [
        [
            row.model, row.lam, row.mu, f"{row.theta:.4g}", row.n, row.metric,
            _theory(row), f"{row.measured:.6g}", f"{row.se:.2g}", _z(row),
        ]
        for row in rows
    ]  # fmt: skip
    return join(
        paragraph(say("verdicts.lead", limit=LIMIT), class_="lead"),
        paragraph(said, class_="said"),
        table(say("verdicts.caption"), heads, cells),
    )


def _theory(row: Verdict) -> Html:
    """A limit is held against what so many servers differ from it by."""
    if not row.gap:
        return join(f"{row.theory:.6g}")
    note = say("verdicts.gap", n=row.n, value=f"{row.theory + row.gap:.6g}")
    return join(f"{row.theory:.6g}", element("small", note))


def _z(row: Verdict) -> Html:
    if not row.beyond:
        return join(f"{row.z:.2f}")
    return join(f"{row.z:.2f} ", say("verdicts.beyond"))
