"""Which steps take a customer's code, and whether customers' codes are such as they take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ctid.ivr.collecting import fits
from ctid.ivr.flow import Flow
from ctid.ivr.steps import Collect


def takers(flows: Mapping[str, Flow]) -> dict[str, Collect]:
    """`FLOW/STEP` → each step that asks the CRM for the code."""
    return {
        f"{flow.id}/{name}": step
        for flow in flows.values()
        for name, step in flow.steps.items()
        if isinstance(step, Collect) and step.check == "customer"
    }


def doubts_of(flows: Mapping[str, Flow], codes: Sequence[str], whose: str) -> tuple[str, ...]:
    """A line for each step that refuses some of these codes before it asks anybody. `whose` they
    are stands behind "codes of"."""
    lines: list[str] = []
    for name, step in takers(flows).items():
        if refused := [code for code in codes if not fits(step, code)]:
            lines.append(
                f"{name} takes {_form(step)}, and refuses {len(refused)} of {len(codes)} codes of "
                f"{whose}, {refused[0]} first: whoever keys one of these leaves by on_fail"
            )
    return tuple(lines)


def _form(step: Collect) -> str:
    most = f"{step.min}" if step.min == step.max else f"{step.min} to {step.max}"
    parts = (f"{most} figures", step.pattern, step.check_digit)
    return ", ".join(part for part in parts if part)
