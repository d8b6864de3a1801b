"""Keeps screens in step with what the router decides: a pop with each ring, gone with the offer."""

from __future__ import annotations

from collections.abc import Mapping

from ctid.centre.calls import Call
from ctid.core.commands import AgentChanged, Command, RingAgent, StopRinging
from ctid.core.instants import Instant
from ctid.core.records import AgentId, CallId, Handed, OfferId, Pop, QueueId
from ctid.screenpop.pops import Pops

NO_POP_IN = ("ready", "working", "not_ready", "signed_out")


class Screens:
    """Follows the router's commands; adds the pop's own behind each."""

    def __init__(self, calls: Mapping[CallId, Call]) -> None:
        self._calls = calls
        self.pops = Pops()

    def follow(self, commands: list[Command], now: Instant) -> list[Command]:
        """`commands` with what screens must do because of them."""
        if not commands:
            return commands
        out: list[Command] = []
        for command in commands:
            out.append(command)
            match command:
                case RingAgent():
                    call = self._calls[command.call]
                    offer, agent, queue = command.offer, command.agent, command.queue
                    aside = call.aside if command.aside else None
                    handed = aside.handed if aside else call.handed
                    out += self.show(offer, call, agent, queue, command.reason, handed, now)
                case StopRinging():
                    out += self.pops.close_offer(command.offer, command.reason)
                case AgentChanged() if command.state in NO_POP_IN:
                    out += self.pops.close(command.agent, command.reason or "done")
                case _:
                    pass
        return out

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
            id=offer,
            version=1,
            call=call.id,
            agent=agent,
            queue=queue,
            number=call.number,
            number_kind=call.number_kind,
            region=call.region,
            caller_name=call.name,
            code=call.code,
            language=call.language,
            path=call.path,
            waited=now - call.queued_at,
            status=call.status,
            matched_by=call.matched_by,
            customers=call.customers,
            shown_at=now,
            reason=reason,
            handed=handed,
            attempt=call.attempt if call.dials else 0,
        )
        return self.pops.show(pop)
