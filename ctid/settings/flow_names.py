"""What flows name of the settings beyond queues of callers: numbers, and queues of tasks."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ctid.core.text import nearest
from ctid.ivr.flow import Flow, Record, Transfer


def transfer_problems(
    flows: Mapping[str, Flow], files: Mapping[str, str], numbers: Collection[str]
) -> list[str]:
    """One line for each name that `[transfer_numbers]` does not have.

    Args:
        files: id of a flow → its file's name.
    """
    found = []
    for name, flow in flows.items():
        for step_name, step in flow.steps.items():
            if isinstance(step, Transfer) and step.to not in numbers and not _is_number(step.to):
                what = f"there is no number {step.to!r} in [transfer_numbers]"
                advice = (
                    nearest(step.to, numbers) if numbers else "write it there, or a number here"
                )
                found.append(f"{files[name]}: steps.{step_name}.to: {what}; {advice}")
    return found


def recording_problems(
    flows: Mapping[str, Flow], files: Mapping[str, str], tasks: Collection[str]
) -> list[str]:
    """One line for each queue of tasks that there is not.

    Args:
        files: id of a flow → its file's name.
        tasks: the queues that take tasks.
    """
    found = []
    for name, flow in flows.items():
        for step_name, step in flow.steps.items():
            if isinstance(step, Record) and step.task_queue and step.task_queue not in tasks:
                what = f"there is no queue {step.task_queue!r} for tasks"
                at = f"steps.{step_name}.task_queue"
                found.append(f"{files[name]}: {at}: {what}; {nearest(step.task_queue, tasks)}")
    return found


def _is_number(to: str) -> bool:
    return to.removeprefix("+").isdecimal()
