"""The stories of escalation: what is not served in time moves up, once for each step."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ctid.acd.escalation import Step
from ctid.acd.settings import QueueSettings
from ctid.core import events as ev
from ctid.core.instants import MINUTE
from ctid.core.tasks import TaskAccepted, TaskDone, TaskRejected
from tests.golden.site import phones, to_sales
from tests.golden.tasks import mail, office
from tests.golden.transcript import WALL, Scenario

UP = (
    Step("queue", "complaints", 20 * MINUTE), Step("group", "seniors", 5 * MINUTE),
    Step("supervisor"),
)  # fmt: skip


def opened(*ready: str) -> Scenario:
    """Mail moves up to Bob, a senior, then to a queue of complaints; callers of sales to him."""
    made = office(escalate=UP)
    replace = msgspec.structs.replace
    anna, bob = made.acd.agents
    sales, service, letters, chat = made.acd.queues
    steps = (Step("supervisor", "", 30_000), Step("group", "seniors", 60_000))
    sales = replace(sales, escalate=steps)
    complaints = QueueSettings("complaints", "Complaints", channel="email")
    bob = replace(bob, queues=("service",), groups=("seniors",))
    queues = (sales, service, letters, chat, complaints)
    acd = replace(made.acd, queues=queues, agents=(anna, bob))
    scenario = Scenario(replace(made, acd=acd))
    scenario.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    for agent in ready:
        scenario.say(ev.SignInAsked(agent), ev.ReadyAsked(agent), after=100)
    return scenario


def a_task_moves_up() -> str:
    """To the seniors after 5 minutes; Bob gives it back, and loses it to nobody; to another queue
    after 20; at the deadline the supervisors are told. Each step once."""
    s = opened("bob")
    mail(s, "m1", deadline=WALL + 30 * MINUTE)
    s.wait(5 * MINUTE)
    s.say(TaskAccepted("bob", "task:m1"))
    s.say(TaskRejected("bob", "task:m1"))
    s.say(TaskAccepted("bob", "task:m1"), after=10_000)
    s.note(
        "in his hand: the other queue comes when it waits again, the supervisors at the deadline"
    )
    s.wait(28 * MINUTE)
    s.restart()
    s.say(TaskRejected("bob", "task:m1"))
    s.note("nobody is in that queue, and the seniors may still take it")
    s.wait(10 * MINUTE)
    s.say(TaskDone("bob", "task:m1"))
    return s.text


def a_caller_moves_up() -> str:
    """The supervisors are told after 30 s, and after 60 s Bob's phone rings, who is in service."""
    s = opened("bob")
    to_sales(s)
    s.wait(60_000)
    s.say(ev.LegEnded("b1-2", "rejected"))
    s.wait(10_000)
    s.say(ev.CallEnded("c1", "16"), ev.LegEnded("b1-3", "caller_gone"))
    s.wait(60_000)
    return s.text


ESCALATION: tuple[Callable[[], str], ...] = (a_task_moves_up, a_caller_moves_up)
