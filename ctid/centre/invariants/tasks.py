"""What must hold of tasks: each in one place, nobody with more than they take, no step twice."""

from __future__ import annotations

from ctid.acd.channels import CALL
from ctid.acd.contacts import BRIDGED, CONNECTED, RINGING
from ctid.centre.centre import Centre
from ctid.centre.invariants.broken import must
from ctid.core.records import CallId, Move, QueueId


def check(centre: Centre) -> None:
    """All tasks, what agents have in hand, and whom outbound must leave alone."""
    router, open_tasks = centre.router, centre.tasks.open
    held = [(agent, work) for agent in router.staff.agents.values() for work in agent.work]
    must(len({work.task for _, work in held}) == len(held), "a task is in one hand", held)
    for agent, work in held:
        task = open_tasks[work.task]
        must((task.in_hand, task.agent) == (True, agent.id), "a hand holds what it holds", task)
        offer = router.tasks.open[work.offer]
        must(offer.state == BRIDGED, "what is in hand was accepted", offer)
    in_hand = {work.task for _, work in held}
    for task in open_tasks.values():
        waits = task.id in router.contacts
        must(task.in_hand != waits, "a task is in a hand or in a queue", task)
        must(task.in_hand == (task.id in in_hand), "a task is where it is", task)
        must(task.id not in centre.tasks.over, "what is over is not open", task)
    _check_hands(centre)
    _check_cards(centre, len(held))
    _check_outbound(centre)


def _check_hands(centre: Centre) -> None:
    channels = centre.router.staff.channels
    for agent in centre.router.staff.agents.values():
        for channel in channels.by_id:
            count = sum(work.channel == channel for work in agent.work)
            must(count <= channels.capacity(agent.id, channel), "no hand is too full", agent)
        must((agent.state == "working") <= bool(agent.work), "who works has work", agent)
        idle = agent.state in ("ready", "signed_out")
        must(not (agent.work and idle), "who has work is not idle or gone", agent)
        must(agent.open == channels.open_for(agent), "open is what the rule says", agent)


def _check_cards(centre: Centre, held: int) -> None:
    router = centre.router
    cards = [offer for offer in router.tasks.open.values() if offer.state == RINGING]
    for card in cards:
        must(router.staff.agents[card.agent].offer == card.id, "a card has its agent", card)
        must(router.contacts[card.call].offer == card.id, "a card has its task", card)
        lapses = centre.deadlines.at(("task_offer", card.id))
        must(lapses is not None, "a card lapses", card)
    must(len(cards) + held == len(router.tasks.open), "no offer is nobody's", cards)


def _check_outbound(centre: Centre) -> None:
    router = centre.router
    for call, queue in router.outbound.late.items():
        contact = router.contacts.get(call)
        fits = contact is not None and contact.state != CONNECTED and contact.queue == queue
        must(fits and router.queues[queue].channel == CALL, "who is late still waits", call)
    late = set(router.outbound.late.values())
    outbound = {one.id for one in router.staff.channels.by_id.values() if one.outbound}
    for agent in router.staff.agents.values():
        stopped = not late.isdisjoint(agent.queues)
        must(not stopped or outbound.isdisjoint(agent.open), "outbound stops", agent)


class Steps:
    """Each step of escalation is taken once."""

    def __init__(self) -> None:
        self._taken: set[tuple[CallId, QueueId, str]] = set()

    def taken(self, move: Move) -> None:
        """A step is on record."""
        step = (move.call, move.queue, move.to)
        must(step not in self._taken, "a step is taken once", move)
        self._taken.add(step)
