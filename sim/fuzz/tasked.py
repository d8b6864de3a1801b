"""Queues of e-mails, chats and lists for the random centre."""

from __future__ import annotations

import msgspec

from ctid.acd.channels import CALL, Channel
from ctid.acd.escalation import Step
from ctid.acd.ringing import Ringing
from ctid.acd.settings import AcdSettings, QueueSettings

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
