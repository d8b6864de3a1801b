"""Contacts that are not calls: `[channels.<id>]`, and what queues and agents say of them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ctid.acd.channels import CALL, Channel
from ctid.acd.escalation import KINDS, Step
from ctid.acd.overflow import ToQueue
from ctid.acd.settings import AgentSettings, QueueSettings
from ctid.core.instants import HOUR, SECOND
from ctid.settings.table import ID, Table, nearest

MOST = 100
"""Tasks in one hand."""
OF_CALLS = (
    "music", "ring", "ring_for_s", "ring_more_after_s", "ring_at_most", "wait", "overflow",
    "wrap_up", "wrap_up_s", "sticky_s", "survey", "voicemail",
)  # fmt: skip
"""Keys of a queue that mean something for callers only."""
DEADLINE = "deadline"


def read_channels(main: Table) -> tuple[Channel, ...]:
    """All channels beside calls, in the order of the file."""
    table = main.table("channels")
    found = []
    names = [CALL, *table.rest("<id>")]
    for name in names[1:]:
        one = Table(table.raw[name], table.at(name), table.problems, "channels.<id>")
        if not ID.fullmatch(name) or name == CALL:
            what = f"{name[:40]!r} does not fit"
            table.wrong(name, f'{what}; use 1 to 40 of A-Z a-z 0-9 _ . -, and not "{CALL}"')
        channel = Channel(
            id=name,
            capacity=one.whole("capacity", 1, 0, MOST),
            beside=one.texts("beside", ()),
            offer_for=one.seconds("offer_for_s", 30 * SECOND),
            outbound=one.flag("outbound", False),
            answer_within=one.seconds("answer_within_s", 4 * HOUR),
        )
        for other in channel.beside:
            if other not in names:
                one.wrong("beside", f"there is no channel {other!r}; {nearest(other, names)}")
        one.close()
        found.append(channel)
    return tuple(found)


def read_channel(table: Table, queue: QueueSettings) -> QueueSettings:
    """The queue with its channel, what is kept free of it, and how its contacts move up."""
    return msgspec.structs.replace(
        queue,
        channel=table.text("channel", CALL, empty=False),
        reserve=table.whole("reserve", 0, 0, 10_000),
        escalate=_steps(table),
    )


def _steps(queue: Table) -> tuple[Step, ...]:
    found = []
    for table in queue.tables("escalate"):
        kind, _, target = table.text("to", None, empty=False).partition(":")
        known = next((one for one in KINDS if one == kind), None)
        if known is None or bool(target) == (known == "supervisor"):
            table.wrong("to", "does not fit; write group:NAME, queue:ID or supervisor")
        at = table.text("at", "")
        if at not in ("", DEADLINE):
            table.wrong("at", f'{at!r} is not known; write "{DEADLINE}", or after_s instead')
        if bool(at) == ("after_s" in table.raw):
            table.wrong("after_s", f'give either this or at = "{DEADLINE}"')
        after = table.seconds("after_s", 60 * SECOND)
        table.close()
        found.append(Step(known or "supervisor", target, None if at else after))
    return tuple(found)


def read_capacity(table: Table) -> dict[str, int]:
    """How many tasks of each channel the agent takes."""
    raw = table.any("capacity", {})
    if not isinstance(raw, dict):
        table.wrong("capacity", "is not a table; write capacity = { email = 3 }")
        return {}
    found: dict[str, int] = {}
    for channel, value in raw.items():
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST:
            what = f"{value!r} does not fit; use a whole number from 0 to {MOST}"
            table.wrong(f"capacity.{channel}", what)
        else:
            found[channel] = value
    return found


def calls_only(queues: Sequence[QueueSettings]) -> list[str]:
    """The queues where callers may wait."""
    return [queue.id for queue in queues if queue.channel == CALL]


def check_channels(
    main: Table,
    channels: Sequence[Channel],
    queues: Sequence[QueueSettings],
    agents: Sequence[AgentSettings],
) -> None:
    """What only the whole file can tell."""
    names = [CALL, *(channel.id for channel in channels)]
    tables = main.tables("queues")
    of_queue = {queue.id: queue.channel for queue in queues}
    for n, (queue, table) in enumerate(zip(queues, tables, strict=True), start=1):
        at = f"queues[{n}]"
        if queue.channel not in names:
            what = f"there is no channel {queue.channel!r}; {nearest(queue.channel, names)}"
            main.wrong(f"{at}.channel", what)
        elif queue.channel == CALL:
            if queue.reserve:
                what = "keeps agents free of tasks, and this queue is of calls"
                main.wrong(f"{at}.reserve", f"{what}; write it at the queue of the tasks")
        else:
            for key in OF_CALLS:
                if key in table.raw:
                    what = f"means nothing for tasks of {queue.channel!r}"
                    main.wrong(f"{at}.{key}", f"{what}; take it out")
        for number, rule in enumerate(queue.overflow.rules, start=1):
            if isinstance(rule.to, ToQueue) and of_queue.get(rule.to.queue, CALL) != CALL:
                what = f"{rule.to.queue!r} is a queue of tasks"
                main.wrong(f"{at}.overflow[{number}].to", f"{what}; send callers to one of calls")
        _check_steps(main, at, queue, of_queue, agents)
    for n, agent in enumerate(agents, start=1):
        for channel in agent.capacity:
            if channel not in names[1:]:
                what = f"there is no channel {channel!r}; {nearest(channel, names[1:])}"
                main.wrong(f"agents[{n}].capacity.{channel}", what)


def _check_steps(
    main: Table,
    queue_at: str,
    queue: QueueSettings,
    of_queue: dict[str, str],
    agents: Sequence[AgentSettings],
) -> None:
    groups = {group for agent in agents for group in agent.groups}
    for n, step in enumerate(queue.escalate, start=1):
        at = f"{queue_at}.escalate[{n}]"
        if step.after is None and queue.channel == CALL:
            what = "callers have no deadline"
            main.wrong(f"{at}.at", f"{what}; write after_s")
        if step.kind == "group" and step.target not in groups:
            what = f"no agent is in the group {step.target!r}; {nearest(step.target, groups)}"
            main.wrong(f"{at}.to", what)
        if step.kind != "queue":
            continue
        if queue.channel == CALL:
            what = "callers go to another queue by an overflow rule"
            main.wrong(f"{at}.to", f"{what}; write it under [[queues.overflow]]")
        elif of_queue.get(step.target) != queue.channel or step.target == queue.id:
            what = f"{step.target!r} is not another queue of {queue.channel!r}"
            main.wrong(f"{at}.to", f"{what}; name one, or a group")
