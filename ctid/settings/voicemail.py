"""Voicemail in the settings of one queue: `[queues.voicemail]`."""

from __future__ import annotations

from collections.abc import Sequence

from ctid.acd.settings import QueueSettings
from ctid.acd.voicemail import VoicemailRules
from ctid.core.instants import SECOND
from ctid.settings.survey import check_task_queue, read_link
from ctid.settings.table import Table

LONGEST_S, SILENCE_S = 3_600, 60


def read_voicemail(table: Table) -> VoicemailRules:
    """What `table` says; every problem with it goes to the table."""
    longest = table.whole("max_s", 0, 0, LONGEST_S)
    silence = table.whole("silence_s", 0, 0, SILENCE_S)
    rules = VoicemailRules(
        longest * SECOND,
        silence * SECOND,
        table.text("task_queue", ""),
        read_link(table, ("call", "number", "file")),
        table.whole("min_s", 2, 0, SILENCE_S) * SECOND,
    )
    if longest and silence >= longest:
        table.wrong("silence_s", f"{silence} is no less than max_s, {longest}; use a lower one")
    if longest and rules.shortest > longest * SECOND:
        table.wrong("min_s", f"is more than max_s, {longest}, so no message opens a task; lower it")
    if rules.task_link and not rules.task_queue:
        table.wrong("task_queue", "is missing; name the queue of the tasks that link there")
    table.close()
    return rules


def check_voicemail(main: Table, queues: Sequence[QueueSettings]) -> None:
    """Queues of tasks that there are not."""
    for n, queue in enumerate(queues, start=1):
        named = queue.voicemail.task_queue
        check_task_queue(main, queues, f"queues[{n}].voicemail.task_queue", named)
