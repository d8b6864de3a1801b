"""Voicemail in the settings: what is read, and every bad value with its path."""

from __future__ import annotations

from typing import Any

import pytest

from ctid.acd.voicemail import VoicemailRules
from tests.unit.test_settings import changed, problems, read


def of_support(**keys: Any) -> dict[str, Any]:
    """The shipped file with this voicemail in the queue `support`."""
    return changed("queues.1.voicemail", keys)


def test_the_defaults_and_every_key() -> None:
    assert [queue.voicemail for queue in read().centre.acd.queues] == [VoicemailRules()] * 4
    main = of_support(
        max_s=90, silence_s=3, task_queue="mail", task_link="https://pbx.example/{file}", min_s=4
    )
    assert read(main).centre.acd.queues[1].voicemail == VoicemailRules(
        90_000, 3_000, "mail", "https://pbx.example/{file}", 4_000
    )


@pytest.mark.parametrize(
    ("wrong", "path", "what"),
    [
        ({"max_s": 3601}, "max_s", "3601 is out of range; use 0 to 3600"),
        ({"max_s": 1.5}, "max_s", "is a number; write a whole number"),
        ({"silence_s": -1}, "silence_s", "out of range"),
        ({"max_s": 5, "silence_s": 5}, "silence_s", "5 is no less than max_s, 5"),
        ({"task_queue": "sales"}, "task_queue", "there is no queue 'sales' for tasks"),
        ({"task_queue": "mial"}, "task_queue", 'did you mean "mail"?'),
        ({"task_link": "https://x/{file}"}, "task_queue", "is missing"),
        ({"task_queue": "mail", "task_link": "/x"}, "task_link", "does not fit"),
        ({"task_queue": "mail", "task_link": "https://x/{agent}"}, "task_link", "known are {call}"),
        ({"min_s": 61}, "min_s", "61 is out of range; use 0 to 60"),
        ({"max_s": 5, "min_s": 6}, "min_s", "is more than max_s, 5"),
        ({"longest_s": 5}, "longest_s", "unknown key"),
    ],
)
def test_bad_values(wrong: dict[str, Any], path: str, what: str) -> None:
    [found] = problems(of_support(**wrong))
    assert f"queues[2].voicemail.{path}: " in found
    assert what in found


def test_a_queue_of_tasks_has_no_voicemail() -> None:
    found = problems(changed("queues.3.voicemail", {"max_s": 5}))
    assert any("queues[4].voicemail: means nothing for tasks" in line for line in found)
