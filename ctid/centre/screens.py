"""Keeps screens in step with what the router decides: a pop with each ring, gone with the offer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ctid.centre.calls import Call
from ctid.core.commands import AgentChanged, Command, RingAgent, StopRinging
from ctid.core.instants import Instant
from ctid.core.records import AgentId, CallId, Handed, OfferId, Pop, QueueId
from ctid.core.text import masked
from ctid.screenpop.pops import Pops

NO_POP_IN: Final = ("ready", "working", "not_ready", "signed_out")


class Screens:
    """Follows the router's commands; what each method returns comes behind the command."""

    def __init__(self, calls: Mapping[CallId, Call], *, masks_codes: bool) -> None:
        """`masks_codes`: pages see the last figures of a customer code only; records keep it."""
        self._calls = calls
        self._masks_codes = masks_codes
        self.pops = Pops()

    def rings(self, command: RingAgent, now: Instant) -> list[Command]:
        """An agent's phone is about to ring."""
        call = self._calls[command.call]
        aside = call.aside if command.aside else None
        handed = aside.handed if aside else call.handed
        agent, queue = command.agent, command.queue
        return self.show(command.offer, call, agent, queue, command.reason, handed, now)

    def stops(self, command: StopRinging, now: Instant) -> list[Command]:
        """It rings no more."""
        return self.pops.close_offer(command.offer, command.reason)

    def changed(self, command: AgentChanged) -> list[Command]:
        """The agent's state is another one, in which there may be no pop."""
        if command.state not in NO_POP_IN:
            return []
        return self.pops.close(command.agent, command.reason or "done")

    def show(
        self,
        offer: OfferId,
        call: Call,
        agent: AgentId,
        queue: QueueId,
        reason: str,
        handed: Handed | None,
        now: Instant,
    ) -> list[Command]:
        """The card of this call on that agent's page."""
        pop = Pop(
            offer, 1, call.id, agent, queue, call.number, call.number_kind, call.region, call.name,
            masked(call.code) if self._masks_codes else call.code,
            call.language, call.path, now - call.queued_at, call.status,
            call.matched_by, call.customers, now, reason, handed,
            call.attempt if call.dials else 0, call.identity, tuple(call.recordings),
        )  # fmt: skip
        return self.pops.show(pop)
