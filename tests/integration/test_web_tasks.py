"""Tasks over the API: who may send them, what is answered, and what agents say of them."""

from __future__ import annotations

from typing import Any

import pytest

from ctid.core.tasks import (
    TaskAccepted,
    TaskCancelled,
    TaskDone,
    TaskRecord,
    TaskRejected,
    TaskSubmitted,
    TaskView,
)
from ctid.web.policy import ROLES, allows
from ctid.web.server import WebSettings
from tests.fakes.engine import a_queue
from tests.fakes.webroom import Room, open_room

LOGINS = {"agent": "ann", "supervisor": "sue", "admin": "adam", "service": "bot"}
LINK = "https://mail.example/m1"
WAITING = TaskView(
    "task:m1", "mail", "email", "waiting", "", "hello", LINK, "c-7", 10, 20, 0, 0, ("solved",),
)  # fmt: skip
RECORD = TaskRecord(
    "task:m0", "mail", "email", 0, 1, "", LINK, "1001", 10, 20, 11, 30, 1, 19, 1, 0, 0, "done", "",
)  # fmt: skip
MINE = {
    "offered": TaskView(
        "task:m2", "mail", "email", "offered", "1001", "", "", "", 10, 20, 99, 0, ("solved",),
    ),
    "accepted": TaskView(
        "task:m3", "mail", "email", "accepted", "1001", "", "", "", 10, 20, 0, 0, ("solved",),
    ),
}  # fmt: skip


@pytest.fixture
async def room():
    async with open_room(WebSettings(port=0, board_every_ms=20)) as room:
        room.store._tasks["task:m0"] = RECORD
        mail = a_queue(queue="mail", name="Mail", channel="email")
        room.engine.set_view(queues=(a_queue(), mail))
        room.engine.tasks["task:m1"] = WAITING
        room.engine.set_agent("1001", tasks=tuple(MINE.values()))
        yield room


def a_mail(**changes: object) -> dict[str, Any]:
    return {"id": "m9", "queue": "mail", "channel": "email", **changes}


def sent(room: Room) -> list[object]:
    """What the machine was told of tasks."""
    return [event for event in room.engine.events if "Task" in type(event).__name__]


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_send_read_and_take_back(room: Room, role: str):
    async with room.signed_in(LOGINS[role]) as bot:
        posted, _ = await bot.ask("POST", "/api/tasks", a_mail())
        read, _ = await bot.ask("GET", "/api/tasks/m1")
        deleted, _ = await bot.ask("DELETE", "/api/tasks/m1")
    may = allows(role, "task.submit")
    assert (posted, read, deleted) == ((202, 200, 202) if may else (403, 403, 403))
    assert bool(sent(room)) == may


async def test_a_service_sees_nothing_else(room: Room):
    async with room.signed_in("bot") as bot:
        for path in ("/api/snapshot", "/api/calls", "/api/stream", "/api/fairness"):
            assert (await bot.ask("GET", path))[0] == 403


async def test_a_task_is_submitted_once(room: Room):
    whole = a_mail(
        deadline=1_790_000_600_000, priority=3, weight=2, subject="关于发票 invoice", link=LINK,
        customer="c-7",
    )  # fmt: skip
    async with room.signed_in("bot") as bot:
        status, body = await bot.ask("POST", "/api/tasks", whole)
        assert (status, body) == (202, {"task": "task:m9", "state": "submitted"})
        status, body = await bot.ask("POST", "/api/tasks", a_mail(id="m1"))
        assert (status, body["state"]) == (200, "waiting")
        status, body = await bot.ask("POST", "/api/tasks", a_mail(id="m0"))
        assert (status, body["outcome"]) == (200, "done")
    assert sent(room) == [
        TaskSubmitted(
            "task:m9", "mail", "email", 1_790_000_600_000, 3, 2, "关于发票 invoice", LINK, "c-7"
        )
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (a_mail(queue="nowhere"), "unknown_queue"),
        (a_mail(queue="sales"), "unknown_queue"),
        (a_mail(channel="chat"), "wrong_channel"),
        (a_mail(id="a b"), "bad_body"),
        (a_mail(id=""), "bad_body"),
        (a_mail(weight=0), "bad_body"),
        (a_mail(priority=10), "bad_body"),
        (a_mail(deadline=-1), "bad_body"),
        (a_mail(link="javascript:alert(1)"), "bad_body"),
        (a_mail(subject="two\nlines"), "bad_body"),
        (a_mail(contents="Dear Sirs"), "bad_body"),
        ({"queue": "mail"}, "bad_body"),
    ],
)
async def test_what_is_refused(room: Room, body: dict[str, Any], code: str):
    async with room.signed_in("bot") as bot:
        status, problem = await bot.ask("POST", "/api/tasks", body)
    assert (status, problem["code"]) == (400, code)
    assert not sent(room)


async def test_how_far_it_has_come(room: Room):
    async with room.signed_in("bot") as bot:
        _, live = await bot.ask("GET", "/api/tasks/m1")
        assert (live["state"], live["subject"], live["deadline"]) == ("waiting", "hello", 20)
        _, ended = await bot.ask("GET", "/api/tasks/m0")
        assert (ended["outcome"], ended["worked"]) == ("done", 19)
        assert (await bot.ask("GET", "/api/tasks/m8"))[0] == 404
        assert (await bot.ask("DELETE", "/api/tasks/m8"))[0] == 404
        status, ended = await bot.ask("DELETE", "/api/tasks/m0")
        assert (status, ended["outcome"]) == (200, "done")
        assert (await bot.ask("DELETE", "/api/tasks/m1"))[0] == 202
    assert sent(room) == [TaskCancelled("task:m1")]


@pytest.mark.parametrize(
    ("task", "do", "code", "said"),
    [
        ("task:m2", "accept", "", TaskAccepted("1001", "task:m2")),
        ("task:m2", "reject", "", TaskRejected("1001", "task:m2")),
        ("task:m3", "reject", "", TaskRejected("1001", "task:m3")),
        ("task:m3", "done", "solved", TaskDone("1001", "task:m3", "solved")),
        ("task:m2", "done", "", "wrong_state"),
        ("task:m3", "accept", "", "wrong_state"),
        ("task:m3", "done", "sold", "unknown_code"),
        ("task:m1", "accept", "", "not_yours"),
    ],
)
async def test_an_agent_says_what_becomes_of_it(
    room: Room, task: str, do: str, code: str, said: object
):
    message = {"type": "task", "task": task, "do": do, "code": code}
    async with room.signed_in("ann") as ann:
        status, body = await ann.ask("POST", "/api/say", message)
    if isinstance(said, str):
        assert (status, body["code"], sent(room)) == (422, said, [])
    else:
        assert (status, sent(room)) == (202, [said])
