"""May outbound take an agent now? Not while a caller of the agent's queues waits too long."""

from __future__ import annotations

import pytest

from ctid.acd.agents import Agent
from ctid.acd.channels import Channel
from ctid.acd.router import Router
from ctid.acd.settings import AcdSettings, AgentSettings, QueueSettings
from ctid.core.deadlines import Deadlines
from ctid.core.instants import Epoch

LIMIT = 20_000
QUEUES = (
    QueueSettings("sales", "Sales"), QueueSettings("service", "Service"),
    QueueSettings("list", "List", channel="list"),
)  # fmt: skip
AGENTS = (
    AgentSettings("anna", "Anna", "PJSIP/1", ("sales", "list")),
    AgentSettings("ben", "Ben", "PJSIP/2", ("service", "list")),
)


class Site:
    """A router with callers whom nobody serves: phones are unreachable, pages are open."""

    def __init__(self, *, outbound: bool = True) -> None:
        self.deadlines = Deadlines()
        lists = Channel("list", outbound=outbound)
        settings = AcdSettings(QUEUES, AGENTS, channels=(lists,), outbound_stops_after=LIMIT)
        self.router = Router(settings, self.deadlines, Epoch)
        self.router.frozen = False
        for agent in self.router.staff.agents.values():
            self.router.staff.sign_in(agent, 0)
            self.router.staff.wish(agent, "ready", "", 0)

    def agent(self, name: str) -> Agent:
        return self.router.staff.agents[name]

    def wait(self, until: int) -> None:
        while (key := self.deadlines.take(until)) is not None:
            assert key[0] == "outbound"
            self.router.outbound.too_long(key[1], until)

    def stopped(self) -> set[str]:
        agents = self.router.staff.agents.values()
        found = {agent.id for agent in agents if self.router.outbound.stopped(agent)}
        assert {agent.id for agent in agents if "list" not in agent.open} == found
        return found


def call(site: Site, name: str, queue: str, at: int) -> None:
    site.router.join(name, queue, "PJSIP/x", "", "", at, at)


def test_it_stops_from_the_limit_on_and_for_the_agents_of_that_queue() -> None:
    site = Site()
    call(site, "c1", "sales", 0)
    site.wait(LIMIT - 1)
    assert site.stopped() == set()
    site.wait(LIMIT)
    assert site.stopped() == {"anna"}
    call(site, "c2", "service", LIMIT)
    site.wait(2 * LIMIT)
    assert site.stopped() == {"anna", "ben"}


def test_it_goes_on_when_the_last_one_is_gone() -> None:
    site = Site()
    for name in ("c1", "c2"):
        call(site, name, "sales", 0)
    site.wait(LIMIT)
    site.router.leave("c1", LIMIT)
    assert site.stopped() == {"anna"}
    site.router.leave("c2", LIMIT)
    assert site.stopped() == set()


def test_a_caller_who_is_moved_takes_it_along() -> None:
    site = Site()
    call(site, "c1", "sales", 0)
    site.wait(LIMIT)
    site.router.move(site.router.contacts["c1"], "service", LIMIT)
    site.wait(LIMIT)
    assert site.stopped() == {"ben"}


@pytest.mark.parametrize("gone", [LIMIT - 1, LIMIT + 1])
def test_a_tasks_wait_and_a_short_one_stop_nothing(gone: int) -> None:
    site = Site()
    call(site, "c1", "sales", 0)
    site.wait(min(gone, LIMIT - 1))
    site.router.leave("c1", gone)
    site.wait(10 * LIMIT)
    assert site.stopped() == set()


def test_nobody_is_counted_where_nothing_is_outbound() -> None:
    site = Site(outbound=False)
    call(site, "c1", "sales", 0)
    site.wait(LIMIT)
    assert site.deadlines.next() is None
    assert site.stopped() == set()
