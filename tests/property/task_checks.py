"""What must hold of tasks after every fact: each in one place, nobody with more than they take."""

from __future__ import annotations

import msgspec

from ctid.acd.agents import READY, Agent
from ctid.acd.channels import CALL, Channel
from ctid.acd.contacts import BRIDGED, MISSED, OFFERED, RINGING, WAITING, Contact
from ctid.acd.escalation import Step
from ctid.acd.ringing import Ringing
from ctid.acd.settings import AcdSettings, QueueSettings
from ctid.centre.centre import Centre

CHANNELS = (
    Channel("email", capacity=2, beside=("call", "chat"), offer_for=8_000, answer_within=60_000),
    Channel("chat", capacity=3, offer_for=5_000, answer_within=20_000),
    Channel("list", beside=("chat",), offer_for=6_000, outbound=True),
)


QUEUES = (("mail", "chat"), ("letters", "list"), ("mail", "letters", "list"))


def with_tasks(acd: AcdSettings, seed: int) -> AcdSettings:
    """The same centre with a queue of e-mails and one of chats; even seeds keep a reserve."""
    up = (Step("group", "experts", 4_000), Step("supervisor"), Step("queue", "letters", 9_000))
    mail = QueueSettings("mail", "Mail", channel="email", reserve=(seed + 1) % 2, escalate=up)
    letters = QueueSettings("letters", "Letters", channel="email", escalate=up[:1])
    chat = QueueSettings("chat", "Chat", channel="chat")
    calls = QueueSettings("list", "List", channel="list")
    replace = msgspec.structs.replace
    agents = tuple(replace(a, queues=(*a.queues, *QUEUES[n % 3])) for n, a in enumerate(acd.agents))
    return replace(
        acd, agents=agents, channels=CHANNELS, tasks_kept=4_000,
        queues=(*(replace(q, escalate=up[:2]) for q in acd.queues), mail, letters, chat, calls),
        outbound_stops_after=3_000,
    )  # fmt: skip


def one_phone(acd: AcdSettings) -> AcdSettings:
    """No schooling lets a card be on two pages."""
    replace = msgspec.structs.replace
    plain = (q if q.channel == CALL else replace(q, ringing=Ringing()) for q in acd.queues)
    return replace(acd, queues=tuple(plain))


def could_take(centre: Centre, agent: Agent, contact: Contact) -> bool:
    """Whether the channel of the contact is open for the agent, or was before the offer that the
    agent has now; reserves apart."""
    before = msgspec.structs.replace(agent, state=READY, backed_off=False)
    opened = agent.open or centre.router.staff.channels.open_for(before)
    return centre.router.queues[contact.queue].channel in opened


def kept_free(centre: Centre, contact: Contact) -> bool:
    """Whether a reserve may hold agents back from the contact."""
    return centre.router.queues[contact.queue].reserve > 0 and not contact.overdue


def check(centre: Centre) -> None:
    """All invariants of tasks."""
    router, open_tasks = centre.router, centre.tasks.open
    held = [(agent, work) for agent in router.staff.agents.values() for work in agent.work]
    assert len({work.task for _, work in held}) == len(held), "one task in two hands"
    for agent, work in held:
        task = open_tasks[work.task]
        assert (task.in_hand, task.agent) == (True, agent.id), task
        assert router.tasks.open[work.offer].state == BRIDGED
    for task in open_tasks.values():
        assert task.in_hand != (task.id in router.contacts), task
        assert task.in_hand == any(work.task == task.id for _, work in held), task
        assert task.id not in centre.tasks.over
    for agent in router.staff.agents.values():
        for channel in CHANNELS:
            in_hand = sum(work.channel == channel.id for work in agent.work)
            assert in_hand <= router.staff.channels.capacity(agent.id, channel.id), agent
        assert (agent.state == "working") <= bool(agent.work), agent
        assert not (agent.work and agent.state in ("ready", "signed_out")), agent
        assert agent.open == router.staff.channels.open_for(agent), agent
    cards = [offer for offer in router.tasks.open.values() if offer.state == RINGING]
    for offer in cards:
        assert router.staff.agents[offer.agent].offer == offer.id, offer
        assert router.contacts[offer.call].offer == offer.id, offer
        assert centre.deadlines.at(("task_offer", offer.id)) is not None, offer
    assert len(cards) + len(held) == len(router.tasks.open), "an offer that nobody has"
    check_outbound(centre)


def check_outbound(centre: Centre) -> None:
    """Who waits too long is counted, and nobody who should serve them begins work of ours."""
    router = centre.router
    waiting = {
        c.call: c for c in router.contacts.values()
        if c.state in (WAITING, OFFERED, MISSED) and router.queues[c.queue].channel == CALL
    }  # fmt: skip
    for call, queue in router.outbound.late.items():
        assert waiting[call].queue == queue
    for agent in router.staff.agents.values():
        if "list" in agent.open:
            served = [c for c in router.outbound.late.values() if c in agent.queues]
            assert not served, agent
