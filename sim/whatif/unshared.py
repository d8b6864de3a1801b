"""Where a recorded day and the new settings do not speak of the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ctid.centre.settings import CentreSettings
from sim.whatif.facts import Day, Note
from sim.whatif.world import new_agents


def unshared(day: Day, new: CentreSettings, guessed: float) -> Iterator[Note]:
    """Each difference with what the model makes of it; `guessed` questions were drawn."""
    yield from _queues(day, new)
    yield from _agents(day, new)
    dialled = Counter(c.dialled for c in day.callers if c.dialled not in new.entries)
    for number, count in sorted(dialled.items()) if "*" not in new.entries else ():
        yield Note(
            f"the new settings have no entry for {number}, dialled {count} times",
            f"新设置中没有号码 {number} 的入口(当日拨入 {count} 次)",
        )
    if guessed >= 0.5:
        yield Note(
            f"the new menus asked {guessed:.0f} questions that nobody was asked that day: the"
            " answers are drawn",
            f"新菜单提出了 {guessed:.0f} 个当日没有的问题:回答由抽样得出",
        )


def _queues(day: Day, new: CentreSettings) -> Iterator[Note]:
    known = {queue.id for queue in new.acd.queues}
    for queue in (queue.id for queue in day.settings.acd.queues if queue.id not in known):
        count = sum(caller.queue == queue for caller in day.callers)
        yield Note(
            f"the new settings have no queue {queue}: its {count} callers go where the new menus"
            " lead them",
            f"新设置中没有队列 {queue}:其 {count} 位来电者按新菜单分流",
        )


def _agents(day: Day, new: CentreSettings) -> Iterator[Note]:
    known = {agent.id for agent in new.acd.agents}
    for agent in (agent.id for agent in day.settings.acd.agents if agent.id not in known):
        yield Note(
            f"the new settings have no agent {agent}: nobody takes their place",
            f"新设置中没有坐席 {agent}:无人顶替",
        )
    for agent in new_agents(new.acd, day):
        yield Note(
            f"agent {agent} is new: is there all day, without breaks, and answers as the others do",
            f"坐席 {agent} 为新增:全天在岗、无小休,应答习惯同其他人",
        )
