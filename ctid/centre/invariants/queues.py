"""What must hold of those who wait: one place each, in turn, and never beside a free agent."""

from __future__ import annotations

from dataclasses import replace

from ctid.acd.agents import READY, Agent
from ctid.acd.contacts import CONNECTED, OFFERED, WAITING, Contact, Offer
from ctid.acd.order import Rank, rank
from ctid.acd.reach import ladder, penalties
from ctid.acd.ringing import ONE
from ctid.centre.centre import Centre
from ctid.centre.invariants.broken import must
from ctid.core.instants import Instant
from ctid.core.records import AgentId, CallId, OfferId


def check(centre: Centre, now: Instant) -> None:
    """All queues."""
    _check_rings(centre)
    _check_nobody_waits_for_nothing(centre, now)
    _check_pools(centre)
    _check_places(centre)


def _check_rings(centre: Centre) -> None:
    """As many phones for one caller as the queue rings, and one talk."""
    router = centre.router
    rings: dict[CallId, list[Offer]] = {}
    for offer in router.offers.values():
        if offer.call in router.contacts and not offer.caller_left and not offer.aside:
            rings.setdefault(offer.call, []).append(offer)
    for call, offers in rings.items():
        contact = router.contacts[call]
        ringing = router.queues[contact.queue].ringing
        most = 1 if ringing.mode == ONE else ringing.at_most
        must(len(offers) <= most, "no more phones ring than the queue says", offers)
        must(contact.state == OFFERED or len(offers) == 1, "a talk is with one", contact, offers)
        if contact.state in (OFFERED, CONNECTED):
            same = set(contact.rings()) == {offer.id for offer in offers}
            must(same, "a contact knows its offers", contact, offers)
    for contact in router.contacts.values():
        must(len(set(contact.rings())) == len(contact.rings()), "no offer twice", contact)
        if centre.deadlines.at(("ring_more", contact.call)) is not None:
            must(contact.state == OFFERED, "more phones join in while some ring", contact)


def _check_nobody_waits_for_nothing(centre: Centre, now: Instant) -> None:
    """No idle agent while a contact that they may take waits."""
    router = centre.router
    if router.frozen:
        return
    waiting = [c for c in router.contacts.values() if c.state == WAITING]
    for agent in router.staff.agents.values():
        for contact in waiting if agent.available else ():
            channel = router.queues[contact.queue].channel
            if channel in agent.open and not kept_free(centre, contact):
                idle = reaches(centre, contact, agent.id, now)
                must(not idle, "no idle agent while a contact waits for one", agent, contact)


def _check_pools(centre: Centre) -> None:
    """What the pools count is so."""
    router, profiles = centre.router, centre.settings.acd.agents
    for contact in router.contacts.values():
        owned = contact.call in centre.calls or contact.call in centre.tasks.open
        must(owned, "a contact is a call or a task", contact)
    for queue, pool in router.pools.items():
        waiting = [c for c in router.contacts.values() if c.queue == queue]
        must(
            pool.waiting == sum(c.state != CONNECTED for c in waiting),
            "who waits is counted",
            queue,
        )
        channel = router.queues[queue].channel
        agents = router.staff.agents.values()
        able = [agent for agent in agents if pool.reach.holds(profiles[agent.order])]
        free = sum(channel in agent.open for agent in able)
        must(pool.available == free, "who is available is counted", queue, pool.available, free)


def _check_places(centre: Centre) -> None:
    """The lines hold those who wait and nobody else; nothing is kept of others."""
    router, waits = centre.router, centre.router.waits
    for queue in waits.queues:
        waiting = [c for c in router.contacts.values() if c.queue == queue and c.state == WAITING]
        places = sorted(waits.place(c.call) for c in waiting)
        must(places == list(range(1, len(waiting) + 1)), "each who waits has a place", places)
    state = waits.dump()
    must(state.told.keys() <= router.contacts.keys(), "nothing is kept of who left", state.told)
    voices = router.announcer.voices
    must(voices.keys() <= router.contacts.keys(), "no voice for who left", voices)
    for agent in router.staff.agents.values():
        busy = agent.state in ("reserved", "on_call", "wrap_up")
        must(busy or agent.id not in state.work, "work is of the busy", agent)


def joined_after(centre: Centre, offer: OfferId) -> set[CallId]:
    """Who began to wait in the same instant, but after this offer was made: offers and contacts
    are counted together."""
    made = int(offer.rpartition("-")[2])
    return {c.call for c in centre.router.contacts.values() if c.serial > made}


class Stopped:
    """For whom outbound was stopped before the present fact. Where the wait that stopped it ends in
    the very instant in which the agent is offered somebody, the offer may have come first."""

    def __init__(self) -> None:
        self._agents: set[AgentId] = set()

    def note(self, centre: Centre) -> None:
        """After each fact."""
        router = centre.router
        late = router.outbound.late
        staff = router.staff.agents.values() if late else ()
        self._agents = {agent.id for agent in staff if router.outbound.stopped(agent)}

    def excuses(self, centre: Centre, contact: Contact, agent: AgentId) -> bool:
        """Whether the contact's channel may have been closed for the agent until this instant."""
        channel = centre.router.queues[contact.queue].channel
        outbound = (one.id for one in centre.router.settings.channels if one.outbound)
        return agent in self._agents and channel in outbound


def check_turn(
    centre: Centre, call: CallId, agent: AgentId, now: Instant, lapsed: set[CallId],
    stopped: Stopped,
) -> None:  # fmt: skip
    """Of all who wait for that agent too, nobody is overtaken by the one who is offered. `lapsed`:
    who waits since this very instant."""
    router = centre.router
    offered = router.contacts.get(call)
    if offered is None:
        return  # gone by the end of the same fact
    mine = _rank(centre, offered, now)
    for other in router.contacts.values():
        if other.state != WAITING or other.call in lapsed or kept_free(centre, other):
            continue
        able = could_take(centre, router.staff.agents[agent], other)
        # A step that opens in this very instant may open after the offer was made.
        before = max(now - 1, other.joined_at)
        if able and reaches(centre, other, agent, before):
            if stopped.excuses(centre, other, agent):
                continue
            must(mine < _rank(centre, other, now), "nobody is overtaken", call, other)


def _rank(centre: Centre, contact: Contact, now: Instant) -> Rank:
    weight = centre.router.queues[contact.queue].weight
    return rank(contact, weight, centre.settings.acd, now)


def reaches(centre: Centre, contact: Contact, agent: AgentId, now: Instant) -> bool:
    """Whether the contact may go to the agent at its age, by the settings alone."""
    acd, queue = centre.settings.acd, centre.router.queues[contact.queue]
    age, held = now - contact.joined_at, 0
    if contact.preferred:
        if contact.preferred == agent:
            return True
        held = contact.hold
    profile = acd.agents[centre.router.staff.agents[agent].order]
    rungs = ladder(queue, penalties(acd.agents, queue.id), contact.needs)
    return any(rung.after + held <= age and rung.reach.holds(profile) for rung in rungs)


def could_take(centre: Centre, agent: Agent, contact: Contact) -> bool:
    """Whether the channel of the contact is open for the agent, or was before the offer that the
    agent has now; reserves apart."""
    before = replace(agent, state=READY, backed_off=False)
    opened = agent.open or centre.router.staff.channels.open_for(before)
    return centre.router.queues[contact.queue].channel in opened


def kept_free(centre: Centre, contact: Contact) -> bool:
    """Whether a reserve may hold agents back from the contact."""
    return centre.router.queues[contact.queue].reserve > 0 and not contact.overdue
