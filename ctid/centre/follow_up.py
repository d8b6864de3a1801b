"""Tasks that ctid opens by itself: a message in voicemail, a bad answer in a survey."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from ctid.core.commands import Command
from ctid.core.instants import Instant
from ctid.core.records import QueueId
from ctid.core.tasks import PREFIX, TaskSubmitted

if TYPE_CHECKING:
    from ctid.centre.calls import Call
    from ctid.centre.centre import Centre


def opened(
    centre: Centre,
    call: Call,
    what: str,
    queue: QueueId,
    said: tuple[str, ...],
    link: str,
    now: Instant,
) -> list[Command]:
    """One task of this kind for one call, by the task's id, however often it is asked for.

    Args:
        what: the kind, the first part of the task's id.
        queue: a queue of tasks.
        said: parts of the subject; empty ones are left out.
        link: where the task links to.
    """
    known = centre.router.queues.get(queue)
    customer = call.customers[0].id if len(call.customers) == 1 else ""
    return centre.tasks.submitted(
        TaskSubmitted(
            f"{PREFIX}{what}:{call.id}", queue, known.channel if known else "",
            subject=", ".join(part for part in said if part), link=link, customer=customer,
        ),
        now,
    )  # fmt: skip


def linked(template: str, **values: str) -> str:
    """The address with these values in place of their `{name}`s, quoted: a number may be anything
    that a stranger sent."""
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", quote(value, safe="", errors="replace"))
    return template
