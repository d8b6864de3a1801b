"""What is known of a caller, in time for the queue: routing rules, level, skills, preferred agent.

A caller whose look-up is on the way is kept before the queue for a moment (`rank_budget`), and goes
on without a rank when the CRM has not answered by then. Only where a rule or a queue's preferred
agent needs the answer: everybody else goes straight on.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from ctid.acd.contacts import PLAIN, Demand
from ctid.acd.rules import CallerFacts, first
from ctid.centre.calls import Call
from ctid.core.commands import Command
from ctid.core.instants import Instant
from ctid.core.records import CallId, QueueId

if TYPE_CHECKING:
    from ctid.centre.centre import Centre

RANK_OVERDUE: Final = "rank"


class Ranking:
    """See the module."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        agents = centre.settings.acd.agents
        names = Counter(agent.name for agent in agents)
        self._agents = {agent.name: agent.id for agent in agents if names[agent.name] == 1}
        self._agents |= {agent.id: agent.id for agent in agents}
        """By what a CRM may write: the agent's id, or a name that only one agent has."""

    def must_wait(self, call: Call, queue: QueueId, now: Instant) -> bool:
        """Whether the caller is kept for the look-up; then `known` or `overdue` lets go of it."""
        if call.status != "pending" or call.was_kept or not self._asks(queue):
            return False
        call.to_queue, call.was_kept = queue, True
        budget = self._centre.settings.acd.rank_budget
        self._centre.deadlines.arm((RANK_OVERDUE, call.id), now + budget)
        return True

    def known(self, call: Call, now: Instant) -> list[Command]:
        """The look-up was answered: on to the queue that the caller was kept from, if any."""
        if not call.to_queue:
            return []
        queue = call.to_queue
        self.forget(call)
        return self._centre.inbound.hold(call, queue, now)

    def overdue(self, call_id: CallId, now: Instant) -> list[Command]:
        """The CRM did not answer in time: on without a rank."""
        return self.known(self._centre.calls[call_id], now)

    def forget(self, call: Call) -> None:
        """The caller is kept no more: gone, or placed by the PBX itself."""
        call.to_queue = ""
        self._centre.deadlines.cancel((RANK_OVERDUE, call.id))

    def demand(self, call: Call, queue: QueueId, now: Instant) -> Demand:
        """What the contact asks for, from what is known of the caller by now."""
        agent = self._agents.get(last_agent(call), "")
        rules = self._centre.settings.acd.rules
        rule = first(rules, self._facts(call, queue, now)) if rules else None
        if rule is None:
            return Demand(preferred=agent) if agent else PLAIN
        return Demand(rule.priority, rule.needs, agent, rule.id)

    def _facts(self, call: Call, queue: QueueId, now: Instant) -> CallerFacts:
        """With what costs something to find out, where a rule asks for it."""
        centre, found = self._centre, facts(call, queue)
        rules, wall = centre.settings.acd.rules, centre.epoch.wall(now)
        if any(rule.during for rule in rules):
            hours = centre.openings.of.items()
            now_open = tuple(name for name, one in hours if one.open_at(wall))
            found = msgspec.structs.replace(found, open_hours=now_open)
        if any(rule.expected for rule in rules) and (wait := centre.router.wait_of_newcomer(queue)):
            found = msgspec.structs.replace(found, expected=wait.mean)
        return found

    def _asks(self, queue: QueueId) -> bool:
        acd = self._centre.settings.acd
        if self._centre.router.queues[queue].sticky:
            return True
        return any(not rule.queues or queue in rule.queues for rule in acd.rules)


def facts(call: Call, queue: QueueId) -> CallerFacts:
    """What rules may look at; of several customers who fit, nobody is meant."""
    if len(call.customers) != 1:
        return CallerFacts(queue, call.language, call.region)
    card = call.customers[0]
    return CallerFacts(
        queue, call.language, call.region, True, card.grade, card.vip,
        bool(card.open_complaints), card.segment, card.order_value,
    )  # fmt: skip


def last_agent(call: Call) -> str:
    """Who served the one customer last, as the CRM writes it; empty when unknown."""
    if len(call.customers) != 1:
        return ""
    return next((past.agent for past in call.customers[0].last_contacts if past.agent), "")
