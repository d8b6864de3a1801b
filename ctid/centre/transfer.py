"""Blind transfer: an agent sends the caller on to a queue, a colleague or a number outside.

Nothing changes in the machine until the PBX says that the caller is there: until then the two talk,
whatever was ordered. Whatever comes first, the word of the caller's new place, the end of the
agent's leg or a cut link, the caller has a place: what the PBX needs for it is on the channel
before the caller is moved, so that the end of the agent's leg leads there too (`CTID_THEN`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ctid.acd.agents import ON_CALL, STAFFED_STATES, Agent
from ctid.acd.contacts import CONNECTED, Demand
from ctid.centre.calls import CONFIRM_WITHIN, Call, Sent, Transfer
from ctid.core import events as ev
from ctid.core.commands import Command, Denied, Divert, Noticed, Repaired
from ctid.core.instants import SECOND, Duration, Instant
from ctid.core.records import CallId, ChannelFact, Handed, OfferId, QueueId
from ctid.core.text import clean

if TYPE_CHECKING:
    from ctid.centre.centre import Centre

TRANSFER_OVERDUE: Final = "transfer"
LONGEST_NOTE: Final = 200
"""Characters of an agent's note that travel."""


@dataclass(slots=True, frozen=True)
class TransferRules:
    """What agents may do with the callers they talk to."""

    hold: Duration = 20 * SECOND
    """How long the caller waits for the colleague alone, in milliseconds; then for anybody of the
    queue that the call came from."""
    numbers: Mapping[str, str] = field(default_factory=dict)
    """Name → number outside; agents may send callers to these and to no others."""


class Transfers:
    """All transfers of the centre."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._router = centre.router
        self._rules = centre.settings.transfer

    # -- the wish --

    def asked(self, event: ev.TransferAsked, agent: Agent, now: Instant) -> list[Command]:
        """The agent wants to be rid of the caller; refused where there is nothing to send or
        nowhere to send to."""
        offer = self._router.offers.get(agent.offer)
        call = self._centre.calls.get(event.call)
        contact = self._router.contacts.get(event.call)
        if call is None or contact is None or offer is None or agent.state != ON_CALL:
            return []
        # Pressed twice, the second time the caller may have gone on while the leg still lives.
        talks = contact.offer == offer.id and contact.state == CONNECTED
        under_way = call.transfer is not None and not call.transfer.given_up
        if not talks or under_way:
            return []
        if call.aside is not None:
            return [Denied("in_consult", "the caller is put aside", agent=agent.id)]
        if (why := self._refused(event, agent)) is not None:
            return [Noticed("transfer_refused", f"{call.id}, asked by {agent.id}: {why}")]
        call.moves += 1
        queue = event.target if event.kind == "queue" else offer.queue
        note = clean(event.note, LONGEST_NOTE)
        call.transfer = Transfer(agent.id, offer.id, event.kind, event.target, queue, note)
        return self._order(call, call.transfer, now)

    def _refused(self, event: ev.TransferAsked, agent: Agent) -> str | None:
        if self._router.frozen:
            return "the link to the PBX is down"
        match event.kind:
            case "queue":
                known = self._router.takes_calls(event.target)
                return None if known else f"there is no queue {clean(event.target)!r}"
            case "agent":
                other = self._router.staff.agents.get(event.target)
                if other is None or other is agent:
                    return f"there is no other agent {clean(event.target)!r}"
                there = other.state in STAFFED_STATES
                return None if there else f"{other.id} is {other.state}"
            case "number":
                allowed = event.target in self._rules.numbers.values()
                return None if allowed else f"{clean(event.target)!r} is not among the numbers"

    def _order(self, call: Call, transfer: Transfer, now: Instant) -> list[Command]:
        self._arm(call.id, now)
        outside = transfer.kind == "number"
        if transfer.queue not in self._router.queues:  # ctid was restarted without it
            transfer.queue = self._centre.settings.fallback_queue
        return [
            Divert(
                call.id, "external" if outside else "queue", (), self._centre.language_of(call),
                transfer.target if outside else "", transfer.queue,
                self._router.queues[transfer.queue].music, call.moves, transfer.offer,
            )
        ]  # fmt: skip

    # -- what becomes of it --

    def waits(self, call: Call, event: ev.CallWaiting, now: Instant) -> list[Command] | None:
        """The PBX holds a caller in a queue; None where that is no transfer's doing."""
        if not self._expected(call, event.moves):
            return None
        return self._arrive(call, event.queue, now)

    def diverted(self, event: ev.CallDiverted, now: Instant) -> bool:
        """Whether the caller is outside because an agent sent them there."""
        call = self._centre.calls.get(event.call)
        if call is None or event.place != "external" or not self._expected(call, event.moves):
            return False
        self._leave(call, now, outside=True)
        return True

    def answered(self, call_id: CallId, now: Instant) -> None:
        """The number outside has answered; this may be the first that is heard of it."""
        call = self._centre.calls.get(call_id)
        if call is None or call.transfer is None or call.transfer.kind != "number":
            return
        if self._expected(call, call.moves):
            self._leave(call, now, outside=True)

    def overdue(self, call_id: CallId, now: Instant) -> list[Command]:
        """The PBX does not say that the caller has arrived."""
        call = self._centre.calls.get(call_id)
        if call is None or call.transfer is None:
            return []
        transfer = call.transfer
        if self._router.frozen:
            self._arm(call_id, now)
            return []  # the inventory will tell
        if transfer.offer in self._router.offers:
            # They talk on. Should the PBX move the caller after all, that still counts.
            transfer.given_up = True
            text = f"{call_id} was not taken from {transfer.by}, who talks on"
            return [Noticed("transfer_lost", text)]
        text = f"{call_id} was sent on by {transfer.by} and is not heard of; waits again"
        return [Noticed("transfer_lost", text), *self._arrive(call, transfer.queue, now)]

    def demand(self, call: Call, queue: QueueId, now: Instant) -> Demand:
        """What the contact asks for: by what is known of the caller, and by the last transfer."""
        asked = self._centre.ranking.demand(call, queue, now)
        if call.handed is None:
            return asked
        if call.handed.kind == "agent":
            wanted, hold = call.handed.target, self._rules.hold
            return Demand(asked.priority, asked.needs, wanted, asked.rule, hold)
        if asked.preferred == call.handed.by:
            return Demand(asked.priority, asked.needs, "", asked.rule)
        return asked

    def forget(self, call_id: CallId) -> None:
        """The call is over, or has arrived."""
        self._centre.deadlines.cancel((TRANSFER_OVERDUE, call_id))

    # -- after a cut link --

    def again(self, call_id: CallId, offer: OfferId, now: Instant) -> list[Command]:
        """The inventory shows that this leg still talks to the caller."""
        call = self._centre.calls.get(call_id)
        transfer = call.transfer if call else None
        if call is None or transfer is None or transfer.given_up or transfer.offer != offer:
            return []
        text = f"still talks to {transfer.by}, who has sent the caller on"
        return [Repaired(call_id, "transfer_again", text), *self._order(call, transfer, now)]

    def seen(self, caller: ChannelFact, now: Instant) -> list[Command] | None:
        """The inventory shows a caller of ours; None where that is no transfer's doing."""
        call = self._centre.calls.get(caller.id)
        if call is None or call.transfer is None or not self._expected(call, call.moves):
            return None
        transfer = call.transfer
        if caller.place == "queue":
            text = f"waits in {caller.queue}, sent there by {transfer.by}"
            moved = self._arrive(call, caller.queue, now)
            return [Repaired(call.id, "call_moved", text), *moved]
        left = transfer.offer not in self._router.offers
        if transfer.kind != "number" or not left or caller.place not in ("other", "talking"):
            return None
        self._leave(call, now, outside=True)
        self._centre.overflow.seen(call, caller.place == "talking", now)
        text = f"is outside, sent there by {transfer.by}"
        return [Repaired(call.id, "call_moved", text)]

    # -- the steps --

    def _expected(self, call: Call, moves: int) -> bool:
        """Whether a caller of this state may arrive by a transfer, with this number of moves."""
        contact = self._router.contacts.get(call.id)
        talks = contact is not None and contact.state == CONNECTED
        return talks and call.transfer is not None and moves == call.moves

    def _arrive(self, call: Call, queue: QueueId, now: Instant) -> list[Command]:
        """The caller waits, in the queue that the PBX names."""
        self._leave(call, now, outside=False)
        known = queue in self._router.queues
        return self._centre.inbound.join(
            call, queue if known else self._centre.settings.fallback_queue, now, now
        )

    def _leave(self, call: Call, now: Instant, *, outside: bool) -> None:
        """The talk is over for the caller; the agent's leg ends by the dialplan."""
        assert call.transfer is not None
        transfer, call.transfer = call.transfer, None
        self.forget(call.id)
        left, commands = self._router.leave(call.id, now, abandoned=False)
        assert left is not None
        assert not commands, "a leg that has talked is not stopped"
        if left.offer is not None:
            left.offer.caller_left = True
        call.offers += left.contact.offers
        call.end_talk(now)
        call.path += (f"{transfer.by}>{transfer.kind}:{transfer.target}",)
        call.handed = Handed(
            transfer.by, self._centre.names.get(transfer.by, transfer.by), transfer.kind,
            transfer.target, transfer.note, self._centre.epoch.wall(now),
        )  # fmt: skip
        call.entered = transfer.kind != "queue"
        if outside:
            call.send(Sent("external", confirmed=True), transfer.queue, now)

    def _arm(self, call_id: CallId, now: Instant) -> None:
        self._centre.deadlines.arm((TRANSFER_OVERDUE, call_id), now + CONFIRM_WITHIN)
