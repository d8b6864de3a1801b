"""The API for contacts that are not calls, to the systems that send them.

What agents do with them they say as they say everything else (ctid.web.hearing).

A submission is answered with 202 when it is new: the machine decides from there on, and `GET` tells
how far it has come. The same id again is the same task, and is answered with what it has become, so
a sender that did not see our answer simply asks again.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from aiohttp import web

from ctid.acd.channels import CALL
from ctid.core.tasks import PREFIX, TaskCancelled, TaskId, TaskSubmitted, TaskView
from ctid.ports import Engine, Store
from ctid.web.answers import Problem, json_answer
from ctid.web.gate import SignedRoute, read_body
from ctid.web.sessions import Signed

SENDERS_ID = r"^[A-Za-z0-9_.@:-]{1,80}\Z"

_Id = Annotated[str, msgspec.Meta(pattern=SENDERS_ID)]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
_Line = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
# Agents click on it: no scheme that would run in our page.
_Link = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^(https?://[^\s\x00-\x1f\x7f]+)?\Z")]


class Submission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of POST /api/tasks."""

    id: _Id
    """The sender's own id."""
    queue: _Name
    channel: _Name
    deadline: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Wall milliseconds since 1970 UTC; 0: as the channel says."""
    priority: Annotated[int, msgspec.Meta(ge=0, le=9)] | None = None
    weight: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1
    subject: _Line = ""
    link: _Link = ""
    customer: _Line = ""


class Tasks:
    """Answers of the REST API about tasks."""

    def __init__(self, engine: Engine, store: Store) -> None:
        self._engine, self._store = engine, store

    def routes(self) -> list[SignedRoute]:
        """All routes of this room, with what each needs."""
        return [
            SignedRoute("POST", "/api/tasks", "task.submit", self.submit),
            SignedRoute("GET", "/api/tasks/{id}", "task.read", self.read),
            SignedRoute("DELETE", "/api/tasks/{id}", "task.cancel", self.cancel),
        ]

    async def submit(self, request: web.Request, who: Signed) -> web.Response:
        """A task enters its queue."""
        asked = await read_body(request, Submission)
        task = PREFIX + asked.id
        if (known := await self._known(task)) is not None:
            return json_answer(known)
        queues = {queue.queue: queue.channel for queue in self._engine.snapshot().queues}
        channel = queues.get(asked.queue, CALL)
        if channel == CALL:
            raise Problem(400, "unknown_queue", "There is no queue of this name for tasks.")
        if channel != asked.channel:
            raise Problem(400, "wrong_channel", f"This queue is of the channel {channel!r}.")
        self._engine.submit(
            TaskSubmitted(
                task, asked.queue, asked.channel, asked.deadline, asked.priority, asked.weight,
                asked.subject, asked.link, asked.customer,
            )
        )  # fmt: skip
        taken = self._engine.task(task) or {"task": task, "state": "submitted"}
        return json_answer(taken, 202)

    async def read(self, request: web.Request, who: Signed) -> web.Response:
        """How far the task has come, or its record."""
        task = PREFIX + request.match_info["id"]
        if (known := await self._known(task)) is None:
            raise Problem(404, "not_found", "No task has this id.")
        return json_answer(known)

    async def cancel(self, request: web.Request, who: Signed) -> web.Response:
        """The sender takes it back; of one that has ended its record is the answer."""
        task = PREFIX + request.match_info["id"]
        if (known := await self._known(task)) is None:
            raise Problem(404, "not_found", "No task has this id.")
        if not isinstance(known, TaskView):
            return json_answer(known)
        self._engine.submit(TaskCancelled(task))
        return json_answer({"task": task, "state": "cancelling"}, 202)

    async def _known(self, task: TaskId) -> object | None:
        return self._engine.task(task) or await self._store.task(task)
