"""State machines as tables: what is not in the table is a defect, and says so."""

from __future__ import annotations

from collections.abc import Mapping

from ctid.core.errors import IllegalTransition

Table = Mapping[str, Mapping[str, str]]
"""state → event → next state."""


def step(machine: str, table: Table, state: str, event: str) -> str:
    """The next state.

    Raises:
        IllegalTransition: the table has no such row; the caller has a defect, not the user.
    """
    try:
        return table[state][event]
    except KeyError:
        raise IllegalTransition(machine, state, event) from None


def allows(table: Table, state: str, event: str) -> bool:
    """Whether the table has a row for `event` in `state`."""
    return event in table.get(state, {})


def mermaid(table: Table, start: str) -> str:
    """The table as a Mermaid state diagram; docs/ hold this text and a test keeps them equal."""
    lines = ["stateDiagram-v2", f"    [*] --> {start}"]
    for state, row in table.items():
        lines += [f"    {state} --> {target}: {event}" for event, target in row.items()]
    return "\n".join(lines) + "\n"
