"""The router: contacts on one side, agents on the other, one open offer for each at most.

Two questions only: which agent for this contact (`_offer_contact`), which contact for this agent
(`offer_agent`). Everything else keeps the two sides true while phones ring and people hang up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from ctid.acd.agents import ON_CALL, RESERVED, SIGNED_OUT, STAFFED_STATES, Agent
from ctid.acd.announcer import Announcer
from ctid.acd.blending import Outbound
from ctid.acd.channels import CALL
from ctid.acd.contacts import (
    ANSWERED,
    BRIDGED,
    CONNECTED,
    CONTACT_TRANSITIONS,
    OFFER_TRANSITIONS,
    OFFERED,
    PLAIN,
    WAITING,
    Contact,
    Demand,
    Offer,
)
from ctid.acd.counts import QueueCounts
from ctid.acd.expected_wait import Estimate
from ctid.acd.legs import LEG_OVERDUE, Legs
from ctid.acd.offering import Offering
from ctid.acd.order import Rank, rank, shift
from ctid.acd.pool import Pool
from ctid.acd.pools import Pools
from ctid.acd.ringing import RING_MORE
from ctid.acd.settings import AcdSettings, QueueSettings
from ctid.acd.shares import Shares, SharesState
from ctid.acd.staff import Staff
from ctid.acd.staffing import Staffing
from ctid.acd.standing import RELAX, Standing
from ctid.acd.tasks import TaskDesk
from ctid.acd.waits import Waits
from ctid.acd.wrapup import Talk
from ctid.core.commands import (
    Command,
    HangUpAgent,
    Noticed,
    StopRinging,
)
from ctid.core.deadlines import Deadlines
from ctid.core.instants import Epoch, Instant
from ctid.core.records import CallId, LegCause, OfferId, QueueId

STILL_HERE: Final = "missed"
OF_WAITS: Final = (STILL_HERE, RELAX, RING_MORE)
"""Deadlines that end with a contact's wait."""


class Left(NamedTuple):
    """What became of a contact that has left the router."""

    contact: Contact
    offer: Offer | None


class Router:
    """Routing of all queues. Methods return the commands that follow from one fact."""

    def __init__(
        self, settings: AcdSettings, deadlines: Deadlines, epoch: Callable[[], Epoch]
    ) -> None:
        self.settings = settings
        self._deadlines = deadlines
        self._epoch = epoch
        self.frozen = True
        """While True nobody is offered anything: the PBX link is down or not yet compared."""
        self.contacts: dict[CallId, Contact] = {}
        self.legs = Legs(settings, deadlines, epoch)
        self.offers = self.legs.open
        self.serial = 0
        """Counts contacts and offers, for ids and for ties."""
        self.prefix = "offer"
        """Begins each offer id; unique per start of the driver."""
        self.queues: dict[QueueId, QueueSettings] = {q.id: q for q in settings.queues}
        self.counts: dict[QueueId, QueueCounts] = {q.id: QueueCounts() for q in settings.queues}
        self.freed: list[Agent] = []
        """Became available since the last `settle`."""
        self.loosed: list[Contact] = []
        """Contacts that are kept for their preferred agent no more."""
        self.staff = Staff(
            settings, deadlines, epoch, self._availability_changed, self._state_changed
        )
        self.staffing = Staffing(self.queues)
        self.again: Callable[[Contact, Instant], list[Command] | None] = lambda contact, now: None
        """Asked when an offer came to nothing, before the contact is offered again: what follows
        if it goes elsewhere instead, else None."""
        self.on_leg_ended: Callable[[Offer, LegCause, Instant], list[Command]] = lambda *_: []
        """Told of each leg that is gone, once the router is done with it."""
        self.lined_up: Callable[[Contact, Instant], None] = lambda contact, now: None
        """Told of each contact that is about to stand in line."""
        self.shares = Shares(
            {a.id: a.queues for a in settings.agents}, self.queues, self.staffing.ready
        )
        self.lines = Pools(settings, self.staff.agents, self.shares, lambda: self.prefix)
        self.pools: dict[QueueId, Pool] = self.lines.of_queue
        """By queue, whom a new contact reaches."""
        self.standing = Standing(self.lines, deadlines)
        self.offering = Offering(self, deadlines, epoch)
        self.tasks = TaskDesk(self, deadlines)
        self._arrive = self.lines.come
        self.waits = Waits(settings)
        self.announcer = Announcer(settings, deadlines, self.waits)
        self.outbound = Outbound(self, deadlines)

    # -- contacts --

    def join(
        self,
        call: CallId,
        queue: QueueId,
        channel: str,
        number: str,
        name: str,
        joined_at: Instant,
        now: Instant,
        demand: Demand = PLAIN,
    ) -> list[Command]:
        """A contact enters a queue; `joined_at` may lie in the past (a restart, a cut link)."""
        self.serial += 1
        settings = self.queues[queue]
        hold = demand.hold or settings.sticky
        contact = self.contacts[call] = Contact(
            call, queue, channel, number, name, joined_at, self.serial,
            priority=settings.priority if demand.priority is None else demand.priority,
            needs=demand.needs, preferred=self._preferred(demand.preferred) if hold else "",
            hold=hold, rule=demand.rule, dial=demand.dial, weight=demand.weight,
            groups=demand.groups,
        )  # fmt: skip
        if demand.deadline is not None:
            contact.shift = shift(joined_at, demand.deadline, self.settings)
            contact.overdue = demand.deadline <= now
        if demand.dial is None:
            self.counts[queue].offered += 1  # the others count where they were asked for
        pool = self.pools[queue]
        pool.waiting += 1
        return self.wait(contact, now)

    def leave(
        self, call: CallId, now: Instant, *, abandoned: bool = True
    ) -> tuple[Left | None, list[Command]]:
        """The caller is gone, in whatever state. The one place where a contact ends.

        Not `abandoned`: an overflow rule took the contact away, who is not being offered.
        """
        contact = self.contacts.pop(call, None)
        if contact is None:
            return None, []
        contact.token += 1  # no line holds a place for it any more
        self._deadlines.cancel_all(OF_WAITS, call)
        offer = self.offers.get(contact.offer)
        if contact.state != CONNECTED:
            self.pools[contact.queue].waiting -= 1
            self.counts[contact.queue].abandoned += abandoned
            self.waits.left(contact, now, hung_up=abandoned)
        if offer is None:
            return Left(contact, None), []
        if offer.state == BRIDGED:
            # The dialplan ends the agent's leg by itself; the deadline is for when it does not.
            self.legs.chase(offer, now)
            return Left(contact, offer), []
        why = "the callback is over" if contact.dial else "the caller hung up"
        return Left(contact, offer), self.offering.in_vain(contact.rings(), why, now)

    # -- offers --

    def answered(self, offer_id: OfferId, now: Instant) -> list[Command]:
        """Picked up; the dialplan bridges without asking us."""
        offer = self.offers.get(offer_id)
        if offer is None:
            return []
        offer.state = OFFER_TRANSITIONS[offer.state]["answered"]
        offer.answered_at = offer.answered_at or now
        if offer.state == ANSWERED:
            self.legs.chase(offer, now)
        return []

    def bridged(self, offer_id: OfferId, now: Instant, *, seen: bool = False) -> list[Command]:
        """Both hear each other: the wait is over. `seen`: the inventory says so, and it is right
        even where the leg was to be stopped."""
        offer = self.offers.get(offer_id)
        if offer is None or offer.state == BRIDGED:
            return []
        offer.state = OFFER_TRANSITIONS[offer.state]["adopt" if seen else "bridged"]
        contact = self.contacts.get(offer.call)
        if offer.state != BRIDGED or contact is None or offer_id not in contact.rings():
            return []  # a late fact of an offer that was taken back
        self.legs.bridged(offer, now)
        contact.state = CONTACT_TRANSITIONS[contact.state]["bridged"]
        self.wait_over(contact, now)
        self.shares.took(offer.agent, contact.queue)
        commands = self.staff.connect(self.staff.agents[offer.agent], self.talk_of(offer), now)
        if vain := contact.keep(offer_id):
            commands += self.offering.in_vain(vain, "another agent has answered", now)
        return commands

    def leg_ended(self, offer_id: OfferId, cause: LegCause, now: Instant) -> list[Command]:
        """The agent's leg is gone: the agent goes on, and so does a contact without an answer."""
        offer = self.legs.close(offer_id)
        if offer is None:
            return []
        agent = self.staff.agents[offer.agent]
        commands: list[Command] = [self.legs.record(offer, cause, now)]
        if offer.state == BRIDGED:
            self.shares.talked(agent.id, offer.queue, now - offer.bridged_at)
            commands += self.staff.after_call(agent, now)
        else:
            commands += self.staff.after_offer(agent, cause, offer, now)
        commands += self.on_leg_ended(offer, cause, now)
        contact = self.contacts.get(offer.call)
        if contact is not None and offer_id in contact.rings() and contact.state == OFFERED:
            contact.drop(offer_id)
            if contact.offer:
                return commands  # other phones ring on
            self._deadlines.cancel((RING_MORE, contact.call))
            if cause == "caller_gone":
                self.hold_back(contact, now)
                return commands
            contact.state = CONTACT_TRANSITIONS[OFFERED]["offer_ended"]
            contact.rounds += 1
            commands += self.wait_again(contact, now)
        return commands

    def hold_back(self, contact: Contact, now: Instant) -> None:
        """The caller's own end is on its way, or talks to somebody else: ring nobody now."""
        contact.state = CONTACT_TRANSITIONS[contact.state]["caller_gone"]
        self._deadlines.arm((STILL_HERE, contact.call), now + self.settings.leg_grace)

    def wait_again(self, contact: Contact, now: Instant) -> list[Command]:
        """An offer came to nothing: the contact goes elsewhere, or waits at its old place."""
        moved = self.again(contact, now)
        return self.wait(contact, now) if moved is None else moved

    def wait(self, contact: Contact, now: Instant) -> list[Command]:
        """The contact stands in line. A task is offered by `settle`, with all that come loose: an
        agent may have put down several, and another contact may be first."""
        self.lined_up(contact, now)
        self.standing.begin(contact, now)
        self.waits.line_up(contact, now)
        if not self.takes_calls(contact.queue):
            self.loosed.append(contact)
            return []
        return [] if self.frozen else self._offer_contact(contact, now)

    def _relax(self, call: CallId, now: Instant) -> list[Command]:
        """The contact has waited long enough to reach more agents."""
        contact = self.contacts[call]
        if contact.state != WAITING:
            return []  # when it waits again it joins all lines that are open by then
        self.standing.climb(contact, now)
        return [] if self.frozen else self._offer_contact(contact, now)

    def look_again(self, contact: Contact, now: Instant) -> list[Command]:
        """More agents may take the contact than a moment ago."""
        waits = contact.state == WAITING and not self.frozen
        return self._offer_contact(contact, now) if waits else []

    def takes_calls(self, queue: QueueId) -> bool:
        """Whether there is such a queue for callers."""
        return queue in self.queues and self.queues[queue].channel == CALL

    def offer_of(self, agent: Agent) -> Offer | None:
        """The agent's open offer, or talk."""
        return self.open_offer(agent.offer)

    def open_offer(self, offer_id: OfferId) -> Offer | None:
        """An offer of a call or of a task that is not over."""
        return self.offers.get(offer_id) or self.tasks.open.get(offer_id)

    def _preferred(self, agent: str) -> str:
        """That agent, where the agent is there to wait for."""
        known = self.staff.agents.get(agent)
        return agent if known is not None and known.state in STAFFED_STATES else ""

    def _let_go(self, agent: Agent, now: Instant) -> None:
        """The agent is on a break or gone: who was kept for this agent waits for anybody."""
        while (contact := next(self.lines.kept_for(agent), None)) is not None:
            contact.preferred = ""
            self.standing.begin(contact, now)
            self.loosed.append(contact)

    def _still_here(self, call: CallId, now: Instant) -> list[Command]:
        contact = self.contacts[call]
        contact.state = CONTACT_TRANSITIONS[contact.state]["still_here"]
        return self.wait_again(contact, now)

    def hang_up(self, agent: Agent, now: Instant) -> list[Command]:
        """The agent ends the call, or declines the offer, from the page."""
        if not agent.offer:
            return []
        if agent.state == RESERVED:
            if agent.offer in self.tasks.open:
                return self.tasks.rejected(agent, self.tasks.open[agent.offer].call, now)
            return [StopRinging(agent.offer, "the agent declined")]
        # A leg that is long gone answers nothing; the agent must get out of this call all the same.
        self.legs.chase(self.offers[agent.offer], now)
        return [HangUpAgent(agent.offer, "the agent hung up")]

    def wait_over(self, contact: Contact, now: Instant) -> None:
        """Somebody talks to the contact."""
        contact.bridged_at = now
        self._deadlines.cancel_all(OF_WAITS, contact.call)
        self.pools[contact.queue].waiting -= 1
        target = self.queues[contact.queue].target
        if contact.dial:
            self.counts[contact.queue].called_back += 1
        else:
            self.counts[contact.queue].answer(now - contact.joined_at, target)
        self.waits.answered(contact, now)

    def move(self, contact: Contact, queue: QueueId, now: Instant) -> list[Command]:
        """The PBX holds the contact in another queue now; the place in time stays."""
        self.pools[contact.queue].waiting -= 1
        self.waits.forget(contact.call)
        contact.queue = queue
        pool = self.pools[queue]
        pool.waiting += 1
        contact.rung = 1  # of the new queue's ladder
        if contact.state != WAITING:
            return []  # rings or is held back: it waits in the new queue if that comes to nothing
        return self.wait(contact, now)

    def stand_anew(self, now: Instant) -> None:
        """The ladders are others than before: all who wait take their places by age."""
        for contact in self.contacts.values():
            if contact.state == WAITING:
                self.standing.begin(contact, now)
                self.waits.line_up(contact, now)

    def freeze(self) -> None:
        """Offer nothing until `thaw`."""
        self.frozen = True

    def thaw(self, now: Instant) -> list[Command]:
        """Offer again: all waiting contacts in their order, to whoever is free."""
        self.frozen = False
        self.freed.clear()
        self.loosed.clear()
        commands: list[Command] = []
        waiting = [contact for contact in self.contacts.values() if contact.state == WAITING]
        waiting.sort(key=lambda c: self.rank(c, now))
        for contact in waiting:
            if contact.state == WAITING:
                commands += self._offer_contact(contact, now)
        return commands

    def wait_of_newcomer(self, queue: QueueId) -> Estimate | None:
        """What one who joined now would have to expect; None when nobody works for the queue."""
        pool = self.pools[queue]
        free = pool.available > 0 and pool.waiting == 0
        return self.waits.of_newcomer(queue, agent_free=free)

    def in_order(self) -> list[Contact]:
        """All contacts, longest wait first."""
        return sorted(self.contacts.values(), key=lambda c: (c.joined_at, c.serial))

    # -- deadlines --

    def fire(self, kind: str, subject: str, now: Instant) -> list[Command]:
        """A deadline of ours is due."""
        if kind == LEG_OVERDUE:
            return self._leg_overdue(subject, now)
        if kind == STILL_HERE:
            return self._still_here(subject, now)
        if kind == RELAX:
            return self._relax(subject, now)
        if kind == RING_MORE:
            return self.offering.ring_more(subject, now)
        return self.staff.fire(kind, self.staff.agents[subject], now)

    def _leg_overdue(self, offer_id: OfferId, now: Instant) -> list[Command]:
        """A leg should long be over. Ask once more; then go on without it, and say so."""
        offer = self.offers[offer_id]
        if self.frozen:
            self.legs.chase(offer, now)  # the inventory will tell
            return []
        if not offer.chased:
            offer.chased = True
            return self.legs.stop(offer, "overdue", now)
        text = f"the PBX did not confirm the end of {offer_id} ({offer.agent}, {offer.state})"
        return [Noticed("leg_overdue", text), *self.leg_ended(offer_id, "unknown", now)]

    # -- matching --

    def settle(self, now: Instant) -> list[Command]:
        """Give every agent who became available since the last call the contact that is due.

        The centre calls this once, after each event and each deadline.
        """
        if self.frozen or not (self.freed or self.loosed):
            return []
        commands: list[Command] = []
        while self.freed:
            agent = self.freed.pop(0)
            # The strategy may prefer another agent of the queue; then this one's turn goes on.
            while agent.available and (offered := self.offer_agent(agent, now)):
                commands += offered
        # Now nobody who is available could take anybody else, so these overtake nobody.
        self.loosed.sort(key=lambda c: self.rank(c, now))
        while self.loosed:
            contact = self.loosed.pop(0)
            if contact.state == WAITING and contact.call in self.contacts:
                commands += self._offer_contact(contact, now)
        return commands

    def restore_staff(self, agents: list[Agent], shares: SharesState) -> None:
        """The agents of a saved state, in the places that they had."""
        self.lines.restore(shares)
        self._arrive = self.lines.come_back
        self.staff.restore(agents)
        self._arrive = self.lines.come
        self.lines.restored(self.staff.agents.values())
        # Whoever was available had nobody to take then: a turn now is only for those for whom
        # other settings have somebody, or it would come before turns that begin with the next fact.
        self.freed = [agent for agent in self.freed if self.lines.contacts_for(agent)]

    def _availability_changed(self, agent: Agent, was: tuple[str, ...]) -> None:
        if was:
            self.lines.go(agent, was)
        if agent.available:
            self._arrive(agent, was)
            self.freed.append(agent)

    def _state_changed(self, agent: Agent, old: str, now: Instant) -> None:
        if old in (ON_CALL, SIGNED_OUT):
            agent.last_contact = now
        was, staffed = old in STAFFED_STATES, agent.state in STAFFED_STATES
        if was and staffed:
            return
        self.staffing.changed(agent, old)
        if agent.work and agent.state == SIGNED_OUT:
            self.tasks.left_behind.append(agent.id)
        if staffed and not was:
            self.shares.come(agent.id)
            self.waits.staffed(agent.id, 1)
        elif was and not staffed:
            self.shares.go(agent.id)
            self.waits.staffed(agent.id, -1)
            self._let_go(agent, now)

    def _offer_contact(self, contact: Contact, now: Instant) -> list[Command]:
        """Which agent for this contact? Of the first of its lines that has one."""
        commands = self.offering.ring(contact, self.lines.steps(contact)[: contact.rung], now)
        return self.tasks.make_way(contact, now) if self.tasks.open and not commands else commands

    def rank(self, contact: Contact, now: Instant) -> Rank:
        """Its place in the written order; lower goes first."""
        return rank(contact, self.queues[contact.queue].weight, self.settings, now)

    def offer_agent(self, agent: Agent, now: Instant) -> list[Command]:
        """Which contact for this agent? The first in the written order (ctid.acd.order)."""
        contacts = self.lines.contacts_for(agent)
        if not contacts:
            return []
        if len(contacts) > 1:
            contacts.sort(key=lambda contact: self.rank(contact, now))
        return self._offer_contact(contacts[0], now)

    def talk_of(self, offer: Offer) -> Talk:
        queue = self.queues[offer.queue]
        return Talk(offer.call, offer.id, queue.id, queue.wrap_up, queue.wrap_up_rule)
