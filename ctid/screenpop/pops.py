"""The pops that are on screens now: one per offer, shown at ringing, revoked with the offer."""

from __future__ import annotations

import msgspec

from ctid.core.commands import Command, PopTimed, RevokePop, ShowPop, UpdatePop
from ctid.core.instants import Instant
from ctid.core.records import AgentId, CallId, Identity, OfferId, Pop
from ctid.screenpop.match import Match


class Pops:
    """All open pops. Each agent has at most one."""

    def __init__(self) -> None:
        self.open: dict[AgentId, Pop] = {}
        self._by_call: dict[CallId, dict[AgentId, None]] = {}
        """Several agents where their phones ring at once, or one asks another."""
        self._by_offer: dict[OfferId, AgentId] = {}
        self._unacknowledged: set[OfferId] = set()

    def restore(self, pops: list[Pop], unacknowledged: list[OfferId]) -> None:
        """Take over pops that were open."""
        for pop in pops:
            self._open(pop)
        self._unacknowledged.update(id for id in unacknowledged if id in self._by_offer)

    def unacknowledged(self) -> list[OfferId]:
        """Pops that no browser has acknowledged yet, sorted."""
        return sorted(self._unacknowledged)

    def of(self, agent: AgentId) -> Pop | None:
        return self.open.get(agent)

    def show(self, pop: Pop) -> list[Command]:
        """Show `pop`, in the place of whatever that agent still had."""
        commands = self.close(pop.agent, "replaced")
        self._open(pop)
        self._unacknowledged.add(pop.id)
        return [*commands, ShowPop(pop)]

    def update(self, call: CallId, match: Match, identity: Identity) -> list[Command]:
        """The CRM has answered for this call."""
        return [self._update(agent, match, identity) for agent in self._by_call.get(call, ())]

    def _update(self, agent: AgentId, match: Match, identity: Identity) -> Command:
        old = self.open[agent]
        new = msgspec.structs.replace(
            old,
            version=old.version + 1,
            status=match.status,
            matched_by=match.matched_by,
            customers=match.customers,
            identity=identity,
        )
        self.open[agent] = new
        return UpdatePop(new)

    def acknowledge(self, agent: AgentId, pop_id: str, now: Instant) -> list[Command]:
        """The first acknowledgement of a pop is its measured time; later ones are other tabs."""
        pop = self.open.get(agent)
        if pop is None or pop.id != pop_id or pop_id not in self._unacknowledged:
            return []
        self._unacknowledged.discard(pop_id)
        return [PopTimed(pop_id, agent, now - pop.shown_at)]

    def close(self, agent: AgentId, reason: str) -> list[Command]:
        """Take the agent's pop away, if there is one."""
        pop = self.open.pop(agent, None)
        if pop is None:
            return []
        agents = self._by_call[pop.call]
        del agents[agent]
        if not agents:
            del self._by_call[pop.call]
        self._by_offer.pop(pop.id, None)
        self._unacknowledged.discard(pop.id)
        return [RevokePop(pop.id, agent, reason)]

    def close_offer(self, offer: OfferId, reason: str) -> list[Command]:
        """Take the pop of this offer away, whoever has it."""
        agent = self._by_offer.get(offer)
        return [] if agent is None else self.close(agent, reason)

    def _open(self, pop: Pop) -> None:
        self.open[pop.agent] = pop
        self._by_call.setdefault(pop.call, {})[pop.agent] = None
        self._by_offer[pop.id] = pop.agent
