"""Why an agent gets no task, or no call because of tasks."""

from __future__ import annotations

import msgspec

from ctid.acd.agents import WORKING, Work
from ctid.acd.channels import Channel
from ctid.acd.contacts import Demand
from ctid.acd.explain import Standing, agent_standing, standings
from ctid.acd.router import Router
from ctid.acd.settings import AcdSettings, AgentSettings, QueueSettings
from ctid.core.deadlines import Deadlines
from ctid.core.instants import Epoch

QUEUES = (
    QueueSettings("sales", "Sales"), QueueSettings("mail", "Mail", channel="email", reserve=1),
    QueueSettings("list", "List", channel="list"),
)  # fmt: skip
CHANNELS = (Channel("email", capacity=2, beside=("call",)), Channel("list", outbound=True))


def router(*in_hand: str, phone: str = "idle", email: int = 2) -> Router:
    """Frozen; Anna is there, with these tasks in hand."""
    anna = AgentSettings("anna", "", "P/1", ("sales", "mail", "list"), capacity={"email": email})
    made = Router(AcdSettings(QUEUES, (anna,), channels=CHANNELS), Deadlines(), Epoch)
    made.staff.phone_changed("P/1", phone)
    agent = made.staff.agents["anna"]
    made.staff.sign_in(agent, 0)
    made.staff.wish(agent, "ready", "", 0)
    agent.work = tuple(Work(f"o{n}", f"task:{n}", one) for n, one in enumerate(in_hand))
    agent.state = WORKING if in_hand else agent.state
    made.staff.refresh(agent)
    return made


def of(made: Router, queue: str, deadline: int = 10**9) -> tuple[str, str]:
    made.join("c", queue, "", "", "", 0, 1, Demand(deadline=deadline))
    [found] = standings(made, made.contacts["c"], 1)
    assert isinstance(found, Standing)
    return found.code, found.text


def test_an_email_in_hand_keeps_no_call_away() -> None:
    assert of(router("email"), "sales")[0] == "free"


def test_a_hand_that_is_full() -> None:
    told = ("in_hand", "has 2 email in hand, which leaves no room for email")
    assert of(router("email", "email"), "mail") == told
    told = ("in_hand", "has 1 list in hand, which leaves no room for call")
    assert of(router("list"), "sales") == told
    assert of(router(email=0), "mail") == ("in_hand", "takes no email")


def test_a_phone_that_is_off_keeps_no_task_away() -> None:
    assert of(router(phone="unreachable"), "list")[0] == "free"
    assert of(router(phone="unreachable"), "sales")[0] == "phone_unreachable"


def test_a_moment_after_a_rejection() -> None:
    made = router()
    made.staff.pause_tasks(made.staff.agents["anna"], 1)
    made.staff.refresh(made.staff.agents["anna"])
    code, text = of(made, "list")
    assert (code, text) == (
        "in_hand", "left alone with tasks for a moment after one that was rejected",
    )  # fmt: skip


def test_outbound_is_left_alone_while_callers_wait() -> None:
    made = router(phone="unreachable")
    made.join("late", "sales", "ch", "", "", 0, 0)
    made.outbound.too_long("late", 20_000)
    assert of(made, "list") == ("in_hand", "left to callers, who wait too long already")


def test_a_reserve_holds_until_the_deadline() -> None:
    told = ("reserve", "kept free for callers: mail leaves 1 of its agents to them")
    assert of(router(), "mail") == told
    assert of(router(), "mail", deadline=1)[0] == "free"


def test_what_the_agent_is_told() -> None:
    made = router("list")
    found = agent_standing(made, made.staff.agents["anna"], 1)
    assert found.code == "in_hand"
    assert msgspec.to_builtins(found)["state"] == "working"
