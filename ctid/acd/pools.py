"""All pools of a site: made from the settings' ladders, fed as agents come and go.

The reaches that can be asked for are few and known (queues × steps × needs of routing rules), so
each gets a line of its own. An agent who becomes available joins the lines of all reaches that
hold the agent, and a pick looks at one line's front.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from ctid.acd.agents import STAFFED_STATES, Agent
from ctid.acd.contacts import Contact
from ctid.acd.need import Need
from ctid.acd.pool import Pool
from ctid.acd.reach import Reach, ladder, penalties
from ctid.acd.settings import AcdSettings
from ctid.acd.shares import Shares, SharesState
from ctid.acd.strategies import STRATEGIES, Sight, Strategy
from ctid.core.instants import Duration, Instant
from ctid.core.records import AgentId, QueueId

BEHIND: Final = 1 << 62
"""Added to the place of an agent who has tasks in hand: whoever has none goes first, whatever the
strategy."""


class Step(NamedTuple):
    """From this age of a contact on, it also stands in this pool."""

    after: Duration
    pool: Pool


class Membership(NamedTuple):
    """One agent in the lines of one queue's strategy. All that it takes to come and go is at hand:
    with ten thousand agents each further look is one into cold memory."""

    strategy: Strategy
    sight: Sight
    pools: tuple[Pool, ...]
    channel: str
    """Of the queue."""


class Pools:
    """See the module. `agents` are the router's own; `boot` makes draws differ between starts."""

    def __init__(
        self,
        settings: AcdSettings,
        agents: Mapping[AgentId, Agent],
        shares: Shares,
        boot: Callable[[], str],
    ) -> None:
        self._agents = agents
        self._shares = shares
        self._boot = boot
        self._profiles = {agent.id: agent for agent in settings.agents}
        self._queues = {queue.id: queue for queue in settings.queues}
        self._levels = {q: penalties(settings.agents, q) for q in self._queues}
        self._strategies = {q.id: STRATEGIES[q.strategy] for q in settings.queues}
        self._by_reach: dict[Reach, Pool] = {}
        self._of: list[tuple[Membership, ...]] = [()] * len(self._profiles)
        """The lines that hold each agent, in the order of the settings."""
        self._sets: dict[tuple[int, ...], tuple[Pool, ...]] = {}
        self._ladders: dict[tuple[QueueId, tuple[Need, ...]], tuple[Step, ...]] = {}
        self._plain = {queue: self._ladder(queue, ()) for queue in self._queues}
        """The ladders of contacts without needs of their own."""
        self.of_queue: dict[QueueId, Pool] = {q: self._own(q) for q in self._queues}
        """Each queue's own pool: whom a new contact reaches."""
        self._sign()

    # -- contacts --

    def steps(self, contact: Contact) -> Sequence[Step]:
        """Where the contact stands as its wait grows, first choice first."""
        needs = contact.needs
        steps = self._ladder(contact.queue, needs) if needs else self._plain[contact.queue]
        if contact.groups:
            widest = steps[-1].pool.reach
            groups = tuple(dict.fromkeys((*widest.groups, *contact.groups)))
            raised = msgspec.structs.replace(widest, groups=groups)
            steps = (Step(0, self._pool(raised)), *steps)
        if not contact.preferred:
            return steps
        alone = self._pool(Reach(contact.queue, agent=contact.preferred))
        return [Step(0, alone), *(Step(step.after + contact.hold, step.pool) for step in steps)]

    def contacts_for(self, agent: Agent) -> list[Contact]:
        """Of each line that reaches the agent and may be asked, the contact at the front."""
        found: list[Contact] = []
        for _, _, pools, channel in self._of[agent.order]:
            if channel in agent.open:
                for pool in pools:
                    found += pool.open_contacts()
        return found

    def kept_for(self, agent: Agent) -> Iterator[Contact]:
        """Of contacts that are kept for this agent alone, those at the fronts of their lines."""
        for membership in self._of[agent.order]:
            for pool in membership.pools:
                if pool.reach.agent:
                    yield from pool.first_contacts()

    # -- agents --

    def reason(self, agent: Agent, queue: QueueId, now: Instant) -> str:
        """Why this agent is first in the queue's line."""
        for strategy, sight, _, _ in self._of[agent.order]:
            if sight.id == queue:
                said = strategy.reason(sight, now)
                return f"{said}, with {len(agent.work)} in hand" if agent.work else said
        raise AssertionError(f"{agent.id} was first in a line of {queue} and stands in none")

    def come(self, agent: Agent, was: tuple[str, ...]) -> None:
        """The agent became available: a place in each line of an open channel. `was`: channels
        that were open until now; where the place was drawn by lot, it is the same again."""
        opened, behind = agent.open, BEHIND if agent.work else 0
        for strategy, sight, pools, channel in self._of[agent.order]:
            if channel not in opened:
                continue
            if not strategy.drawn:
                place = strategy.place(sight) + behind
            else:
                if channel not in was:
                    sight.share.place = strategy.place(sight)
                place = sight.share.place + behind
            for pool in pools:
                pool.add_agent(agent, place)

    def go(self, agent: Agent, was: tuple[str, ...]) -> None:
        """The agent is available no more for what was open; the token has voided the places."""
        for membership in self._of[agent.order]:
            if membership.channel in was:
                for pool in membership.pools:
                    pool.available -= 1

    def restore(self, saved: SharesState) -> None:
        """Shares and places of a saved state; `come_back` the agents next, then `restored`."""
        self._shares.restore(saved)
        for order, agent in enumerate(self._agents.values()):
            mine = [one._replace(sight=self._sight(agent, one.sight.id)) for one in self._of[order]]
            for one in mine:
                one.sight.share.lined = True
            known = {one.sight.id for one in mine}
            # A contact of a queue that is not the agent's own may have asked for the agent, and
            # may again: draws for that queue went on, and go on.
            mine += [
                self._membership(agent, queue)
                for queue, share in self._shares.agents.get(agent.id, {}).items()
                if share.lined and queue not in known
            ]
            self._of[order] = tuple(mine)

    def come_back(self, agent: Agent, was: tuple[str, ...]) -> None:
        """The agent was available when the state was saved: the same places as then."""
        behind = BEHIND if agent.work else 0
        for strategy, sight, pools, channel in self._of[agent.order]:
            if channel not in agent.open:
                continue
            kept = strategy.drawn and sight.queue.strategy == self._queues[sight.id].strategy
            place = sight.share.place if kept else strategy.place(sight)
            if strategy.drawn:
                sight.share.place = place
            for pool in pools:
                pool.add_agent(agent, place + behind)

    def restored(self, agents: Iterable[Agent]) -> None:
        """All of them are back: from here on the places are of the settings' strategies."""
        self._sign()
        for agent in agents:
            # Queues may have been added to an agent, or an agent to the site.
            there = agent.state in STAFFED_STATES
            (self._shares.come if there else self._shares.go)(agent.id)

    # -- making lines --

    def _sign(self) -> None:
        for queue in self._queues.values():
            self._shares.queues[queue.id].strategy = queue.strategy

    def _own(self, queue: QueueId) -> Pool:
        return [step.pool for step in self._plain[queue] if step.after == 0][-1]

    def _ladder(self, queue: QueueId, needs: tuple[Need, ...]) -> tuple[Step, ...]:
        key = (queue, needs)
        if (found := self._ladders.get(key)) is None:
            rungs = ladder(self._queues[queue], self._levels[queue], needs)
            found = tuple(Step(rung.after, self._pool(rung.reach)) for rung in rungs)
            self._ladders[key] = found
        return found

    def _pool(self, reach: Reach) -> Pool:
        if (pool := self._by_reach.get(reach)) is None:
            pool = self._by_reach[reach] = Pool(reach, self._queues[reach.queue].reserve)
            alone = (self._profiles[reach.agent],) if reach.agent else self._profiles.values()
            for profile in alone:
                if reach.holds(profile):
                    self._join(pool, self._agents[profile.id])
        return pool

    def _join(self, pool: Pool, agent: Agent) -> None:
        queue, mine = pool.reach.queue, self._of[agent.order]
        known = next((one for one in mine if one.sight.id == queue), None)
        strategy = self._strategies[queue]
        channel = self._queues[queue].channel
        stands = channel in agent.open
        if known is None:
            joined = self._membership(agent, queue, (pool,))
            if strategy.drawn and stands:
                joined.sight.share.place = strategy.place(joined.sight)
        else:
            joined = known._replace(pools=self._shared((*known.pools, pool)))
        self._of[agent.order] = (*(one for one in mine if one is not known), joined)
        if stands:
            sight = joined.sight
            place = sight.share.place if strategy.drawn else strategy.place(sight)
            pool.add_agent(agent, place + (BEHIND if agent.work else 0))

    def _membership(self, agent: Agent, queue: QueueId, pools: tuple[Pool, ...] = ()) -> Membership:
        sight = self._sight(agent, queue)
        sight.share.lined = True
        channel = self._queues[queue].channel
        return Membership(self._strategies[queue], sight, self._shared(pools), channel)

    def _shared(self, pools: tuple[Pool, ...]) -> tuple[Pool, ...]:
        """The same tuple for all agents who stand in the same lines."""
        return self._sets.setdefault(tuple(map(id, pools)), pools)

    def _sight(self, agent: Agent, queue: QueueId) -> Sight:
        share, fair = self._shares.of(agent.id, queue), self._shares.queues[queue]
        return Sight(agent, share, fair, self._profiles[agent.id].weight, queue, self._boot)
