"""A small real `Engine`: holds a view that the test sets, and keeps what was submitted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from ctid.core.events import Event, SignInAsked, SignOutAsked
from ctid.core.instants import Instant, WallMs
from ctid.core.records import Pop
from ctid.core.tasks import TaskView
from ctid.core.views import AgentView, CentreView, QueueView, WaitingView

PATIENCE = 5.0
"""Seconds that a test waits for something to come."""


class HandClock:
    """A clock that stands still until the test moves it."""

    def __init__(self, now: Instant = 1_000_000, wall: WallMs = 1_790_000_000_000) -> None:
        self._now, self._zero = now, wall - now

    def now(self) -> Instant:
        """Milliseconds on the monotonic axis."""
        return self._now

    def wall(self) -> WallMs:
        """Milliseconds since 1970 UTC."""
        return self._zero + self._now

    def move(self, by: int) -> None:
        """Let `by` milliseconds pass."""
        self._now += by


class FakeEngine:
    """Follows sign-in and sign-out by itself; everything else stays as the test set it."""

    def __init__(self, clock: HandClock, agents: tuple[str, ...] = ("1001", "1002")) -> None:
        self.clock = clock
        self.events: list[Event] = []
        self.tasks: dict[str, TaskView] = {}
        self._came = asyncio.Condition()
        self._wakers: set[asyncio.Task[None]] = set()
        self.view = CentreView(
            at=clock.now(),
            wall_at_zero=clock.wall() - clock.now(),
            frozen=False,
            calls_in_ivr=0,
            queues=(),
            agents=tuple(_agent(agent, clock.now()) for agent in agents),
            waiting=(),
        )

    def submit(self, event: Event) -> None:
        """Keep the event; follow a sign-in and a sign-out."""
        self.events.append(event)
        if isinstance(event, SignInAsked):
            self.set_agent(event.agent, state="not_ready", reason="sign_in")
        elif isinstance(event, SignOutAsked):
            self.set_agent(event.agent, state="signed_out", reason="")
        task = asyncio.ensure_future(self._wake())
        self._wakers.add(task)
        task.add_done_callback(self._wakers.discard)

    async def _wake(self) -> None:
        async with self._came:
            self._came.notify_all()

    async def event(self, wanted: Callable[[Event], bool]) -> Event:
        """The first submitted event that `wanted` likes, waiting for it if need be."""
        async with asyncio.timeout(PATIENCE), self._came:
            await self._came.wait_for(lambda: any(wanted(event) for event in self.events))
        return next(event for event in self.events if wanted(event))

    async def submitted(self, event: Event) -> None:
        """Wait until exactly this was submitted."""
        await self.event(lambda came: came == event)

    def snapshot(self) -> CentreView:
        """What the test set."""
        return msgspec.structs.replace(self.view, at=self.now())

    def task(self, task: str) -> TaskView | None:
        """One of those that the test put into `tasks`."""
        return self.tasks.get(task)

    def pullable(self, agent: str) -> tuple[WaitingView, ...]:
        """Whoever waits in the view."""
        return self.view.waiting if agent else ()

    def now(self) -> Instant:
        """The test's clock."""
        return self.clock.now()

    def set_agent(self, agent: str, **changes: object) -> AgentView:
        """Change one agent in the view."""
        agents = tuple(
            msgspec.structs.replace(a, since=self.now(), **changes) if a.agent == agent else a
            for a in self.view.agents
        )
        self.view = msgspec.structs.replace(self.view, agents=agents)
        return self.agent(agent)

    def set_view(self, **changes: object) -> None:
        """Change the view."""
        self.view = msgspec.structs.replace(self.view, **changes)

    def agent(self, agent: str) -> AgentView:
        """One agent of the view."""
        return next(a for a in self.view.agents if a.agent == agent)


def _agent(agent: str, now: Instant) -> AgentView:
    return AgentView(
        agent=agent,
        name=f"Agent {agent}",
        state="signed_out",
        reason="",
        since=now,
        until=0,
        next="",
        phone=f"PJSIP/{agent}",
        phone_state="idle",
        queues=("sales",),
        call="",
        handled=0,
        pop=None,
    )


def a_queue(**changes: object) -> QueueView:
    """A queue with some figures."""
    queue = QueueView(
        queue="sales",
        name="Sales",
        waiting=0,
        longest_since=0,
        ready=0,
        offered=0,
        answered=0,
        abandoned=0,
        within=0,
        target=20_000,
        waited_sum=0,
    )
    return msgspec.structs.replace(queue, **changes)


def a_pop(**changes: object) -> Pop:
    """A pop for agent 1001 whose look-up runs."""
    pop = Pop(
        id="b1-1",
        version=1,
        call="c-1",
        agent="1001",
        queue="sales",
        number="+8613800138000",
        number_kind="e164",
        region="CN",
        caller_name="",
        code="",
        language="zh-CN",
        path=("main", "sales"),
        waited=12_000,
        status="pending",
        matched_by="",
        customers=(),
        shown_at=0,
        reason="longest idle 3 min 12 s",
    )
    return msgspec.structs.replace(pop, **changes)
