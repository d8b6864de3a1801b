"""What a replay found, in sentences and tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from ctid.core.instants import Duration, WallMs
from sim.report.words import Words, figure_name
from sim.run.comparing import REAL, Verdict, shown
from sim.run.output import table, told, with_half
from sim.whatif.changes import Change
from sim.whatif.study import JUDGED, Judgement, WhatIf, with_lost

VERDICTS: dict[Verdict, str] = {
    "better": "better", "worse": "worse", "higher": "higher", "lower": "lower",
    "same": "the same", "unclear": "too few replications", "none": "",
}  # fmt: skip
LOST = with_lost(0.0)


def text(found: WhatIf) -> str:
    """All of it."""
    parts = [
        f"{found.calls} callers in {_span(found.lasts)} from"
        f" {clock(found.begins, found.timezone)} on, {found.replications} replications",
        *(["\n".join(f"note: {note.en}" for note in found.told)] if found.told else []),
        trust(found),
        _judged(found.judged),
        f"then: the settings of the journal; new: {found.config}; both in the model",
        _differences(found),
        "\n".join(conclusion(found)),
        *([_changes(found)] if found.changes else []),
    ]
    return "\n\n".join(parts)


def trust(found: WhatIf) -> str:
    """Whether the rest is worth reading."""
    same = f"{found.same_outcome:.1%} of the callers fare in it as they did"
    if found.faithful:
        return f"The model shows the day as it was, and {same}."
    off = ", ".join(name_of(j.name).en for j in found.judged if j.name in JUDGED and not j.within)
    return f"The model does NOT show the day as it was ({off}), though {same}: do not believe it."


def name_of(name: str) -> Words:
    """A figure as people call it, with its queue."""
    return Words(LOST.en, LOST.zh) if name == LOST.name else figure_name(name)


def _judged(judged: tuple[Judgement, ...]) -> str:
    rows = [
        (
            name_of(one.name).en, told(one.recorded, one.unit), told(one.model, one.unit),
            f"{told(one.low, one.unit)} … {told(one.high, one.unit)}",
            "yes" if one.within else "NO",
        )
        for one in judged
        if one.recorded or one.model
    ]  # fmt: skip
    return table(("", "recorded", "model", "where one more day would lie", "within"), rows)


def _differences(found: WhatIf) -> str:
    rows = [
        (
            name_of(one.name).en, with_half(one.first), with_half(one.second),
            f"{told(one.low, one.unit, signed=True)} … {told(one.high, one.unit, signed=True)}",
            VERDICTS[one.verdict],
        )
        for one in shown(found.differences)
    ]  # fmt: skip
    return table(("", "then", "new", "new - then", "new is"), rows)


def conclusion(found: WhatIf) -> Iterator[str]:
    """What it comes to."""
    for verdict in REAL:
        names = [name_of(one.name).en for one in shown(found.differences) if one.verdict == verdict]
        if names:
            yield f"With the new settings {verdict}: {', '.join(names)}."
    unclear = [name_of(one.name).en for one in shown(found.differences) if one.verdict == "unclear"]
    if unclear:
        yield f"More replications would tell about: {', '.join(unclear)}."
    yield (
        f"{found.outcome_changed:.1%} of the callers end otherwise, and of those who are answered"
        f" either way {found.agent_changed:.1%} talk to another agent."
    )


def _changes(found: WhatIf) -> str:
    rows = [
        (
            one.call, clock(one.at, found.timezone), one.queue, recorded_of(one),
            f"{one.answered_before:.0%} -> {one.answered_after:.0%}",
            f"{one.wait_before / 1000:.0f} s -> {one.wait_after / 1000:.0f} s",
            f"{one.agent_before or '-'} -> {one.agent_after or '-'}",
        )
        for one in found.changes
    ]  # fmt: skip
    heads = ("caller", "came", "queue", "that day", "answered", "mean wait", "agent")
    return "Whom it changes most\n" + table(heads, rows, left=4)


def recorded_of(change: Change) -> str:
    """`answered by agent3 after 12 s`."""
    end = change.recorded
    by = f" by {end.agent}" if end.outcome == "answered" else ""
    return f"{end.outcome}{by} after {end.waited / 1000:.0f} s"


def clock(at: WallMs, zone: str) -> str:
    """`01-05 09:30`."""
    return datetime.fromtimestamp(at / 1_000, ZoneInfo(zone)).strftime("%m-%d %H:%M")


def _span(span: Duration) -> str:
    return f"{span // 3_600_000} h {span // 60_000 % 60:02d} min"
