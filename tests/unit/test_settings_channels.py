"""Channels, tasks' queues and escalation in the settings: what is read, and every mistake."""

from __future__ import annotations

from typing import Any

import pytest

from ctid.acd.channels import Channel
from ctid.acd.escalation import Step
from ctid.core.instants import HOUR
from tests.unit.test_settings import changed, problems, read

MAIL = 3
"""The place of the queue `mail` in the shipped file."""


def test_the_shipped_channel() -> None:
    acd = read().centre.acd
    assert acd.channels == (Channel("email", 2, ("call",)),)
    mail = acd.queues[MAIL]
    assert (mail.channel, mail.reserve) == ("email", 0)
    assert mail.escalate == (Step("supervisor"), Step("group", "backoffice", 2 * HOUR))
    assert acd.agents[0].capacity == {"email": 3}
    assert acd.tasks_kept == 120_000
    assert acd.outbound_stops_after == 20_000


def test_a_queue_is_of_calls_where_it_says_nothing() -> None:
    assert {queue.channel for queue in read().centre.acd.queues[:MAIL]} == {"call"}


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("channels.email.capacity", 101, "channels.email.capacity: 101 is out of range"),
        ("channels.email.beside", ["calls"], "channels.email.beside: there is no channel 'calls'"),
        ("channels.email.offer_for_s", 0, "channels.email.offer_for_s: 0 is out of range"),
        ("channels.email.colour", "red", "channels.email.colour: unknown key"),
        ("channels.call", {}, "channels.call: 'call' does not fit"),
        ("channels.e mail", {}, "channels.e mail: 'e mail' does not fit"),
        (f"queues.{MAIL}.channel", "fax", "queues[4].channel: there is no channel 'fax'"),
        (f"queues.{MAIL}.ring", "all", "queues[4].ring: means nothing for tasks of 'email'"),
        (f"queues.{MAIL}.overflow", [{"to": "hang_up", "waited_s": 9}], "queues[4].overflow: "),
        (f"queues.{MAIL}.reserve", -1, "queues[4].reserve: -1 is out of range"),
        ("queues.1.reserve", 1, "queues[2].reserve: keeps agents free of tasks, and this queue"),
        ("queues.1.overflow", [{"to": "queue:mail", "waited_s": 9}], "'mail' is a queue of tasks"),
        ("agents.0.capacity", {"fax": 1}, "agents[1].capacity.fax: there is no channel 'fax'"),
        ("agents.0.capacity", {"email": -1}, "agents[1].capacity.email: -1 does not fit"),
        ("agents.0.capacity", 3, "agents[1].capacity: is not a table"),
        ("routing.fallback_queue", "mail", "routing.fallback_queue: there is no queue 'mail'"),
        ("routing.tasks_kept_s", 0, "routing.tasks_kept_s: 0 is out of range"),
    ],
)
def test_what_is_wrong_is_told_with_its_path(path: str, value: object, problem: str) -> None:
    assert any(problem in line for line in problems(changed(path, value)))


@pytest.mark.parametrize(
    ("queue", "step", "problem"),
    [
        (MAIL, {"to": "boss", "after_s": 1}, "to: does not fit; write group:NAME, queue:ID or"),
        (MAIL, {"to": "supervisor:sue", "after_s": 1}, "to: does not fit"),
        (MAIL, {"to": "group", "after_s": 1}, "to: does not fit"),
        (MAIL, {"to": "supervisor"}, "after_s: give either this or at"),
        (MAIL, {"to": "supervisor", "at": "deadline", "after_s": 1}, "after_s: give either this"),
        (MAIL, {"to": "supervisor", "at": "noon"}, "at: 'noon' is not known"),
        (MAIL, {"to": "group:seniors", "after_s": 1}, "to: no agent is in the group 'seniors'"),
        (MAIL, {"to": "queue:sales", "after_s": 1}, "to: 'sales' is not another queue of 'email'"),
        (MAIL, {"to": "queue:mail", "after_s": 1}, "to: 'mail' is not another queue of 'email'"),
        (1, {"to": "queue:sales", "after_s": 1}, "to: callers go to another queue by an overflow"),
        (1, {"to": "supervisor", "at": "deadline"}, "at: callers have no deadline; write after_s"),
    ],
)
def test_steps_that_lead_nowhere(queue: int, step: dict[str, Any], problem: str) -> None:
    found = problems(changed(f"queues.{queue}.escalate", [step]))
    assert any(f"queues[{queue + 1}].escalate[1].{problem}" in line for line in found), found


def test_a_flow_leads_no_caller_into_a_queue_of_tasks() -> None:
    main = changed("queues.0.channel", "email")
    for key in ("music", "ring", "ring_for_s", "ring_more_after_s", "ring_at_most", "wrap_up",
                "wrap_up_s", "wait", "overflow", "sticky_s"):  # fmt: skip
        main["queues"][0].pop(key, None)
    assert any("there is no queue 'sales'" in line for line in problems(main))
