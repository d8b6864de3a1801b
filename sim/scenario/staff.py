"""What a scenario says of agents: how they behave, when they work, and whom production lacks."""

from __future__ import annotations

import itertools
from pathlib import Path

import msgspec

from ctid.acd.settings import AcdSettings, AgentSettings
from ctid.core.instants import SECOND, Duration
from ctid.settings.table import Table, nearest
from sim.scenario.calendar import Calendar, span
from sim.scenario.spreads import spread
from sim.scenario.values import clock, days, number, share, shown
from sim.spreads import Exponential, Uniform
from sim.world.habits import AgentHabits, AgentPlan, Rest, Shift

ORDINARY = AgentHabits(
    answer=Uniform(1 * SECOND, 5 * SECOND),
    no_answer=0.01, reject=0.0, decline=0.0, early_wrap_up=0.3, needs_longer=0.05,
    wrap_up=Exponential(20 * SECOND), breaks=0.0, private_call=0.0, unplugged=0.0, screen_lost=0.0,
    break_for=Uniform(60 * SECOND, 600 * SECOND),
)  # fmt: skip
"""Whoever a scenario says nothing of."""
SPREADS = ("answer", "back", "wrap_up", "break_for", "private_for", "until_transfer",
           "between_wishes")  # fmt: skip
SHARES = (
    "no_answer", "reject", "decline", "early_wrap_up", "needs_longer", "breaks", "private_call",
    "unplugged", "screen_lost", "transfers", "asides",
)  # fmt: skip
_MOST = 10_000


def habits(table: Table, before: AgentHabits, folder: Path) -> AgentHabits:
    """`before`, with what the table says in place of it. The table is not closed."""
    spreads = {key: spread(table, key, getattr(before, key), folder) for key in SPREADS}
    given = {key: share(table, key, getattr(before, key)) for key in SHARES}
    if sum(given[key] for key in ("no_answer", "reject", "decline")) > 1:
        table.wrong("no_answer", "and reject and decline are over 1 together; lower one of them")
    made = msgspec.structs.replace(before, **spreads, **given)
    # What is said of some agents goes before what is said of a queue.
    return msgspec.structs.replace(made, wrap_up_in={}) if "wrap_up" in table.raw else made


def in_queues(table: Table, before: AgentHabits, folder: Path) -> AgentHabits:
    """`before`, with what `[queues.ID]` says of agents after its calls."""
    found = dict(before.wrap_up_in)
    for queue, raw in table.raw.items():
        if isinstance(raw, dict) and "wrap_up" in raw:
            one = Table(raw, table.at(queue), table.problems, "queues.<id>")
            found[queue] = spread(one, "wrap_up", before.wrap_up, folder)
    return msgspec.structs.replace(before, wrap_up_in=found)


class Staff:
    """Reads all `[[staff]]`, and says who works."""

    def __init__(self, acd: AcdSettings, days: Calendar, usual: AgentHabits, folder: Path) -> None:
        self._days, self._usual, self._folder = days, usual, folder
        self._queues = {queue.id for queue in acd.queues}
        self.agents = {agent.id: agent for agent in acd.agents}
        """Production's, and then those who were made."""
        self.plans: dict[str, AgentPlan] = {}
        self._own = tuple(acd.agents)
        self._block: dict[str, str] = {}
        """Agent → the block that says when they work."""

    def read(self, tables: list[Table]) -> None:
        """All blocks. Whom one names goes before a group or a queue in another one, and these go
        before a block that names nobody: it is for all others."""
        plans = [self._plan(table) for table in tables]
        named = [self._named(table) + self._made(table) for table in tables]
        members = [self._members(table) for table in tables]
        for table in tables:
            table.close()
        for table, plan, who in zip(tables, plans, named, strict=True):
            self._assign(table, who, plan)
        taken = set(self.plans)
        for table, plan, who in zip(tables, plans, members, strict=True):
            self._assign(table, [one for one in who if one not in taken], plan)
        self._others(tables, plans)

    def _others(self, tables: list[Table], plans: list[AgentPlan]) -> None:
        """The block that names nobody."""
        open_ones = [
            (table, plan)
            for table, plan in zip(tables, plans, strict=True)
            if not any(table.raw.get(key) for key in ("agents", "groups", "queues", "like"))
        ]
        for table, _ in open_ones[1:]:
            what = f"names nobody, as {open_ones[0][0].path} does; name agents"
            table.problems.add(table.path, what)
        for table, plan in open_ones[:1]:
            self._assign(table, [one for one in self.agents if one not in self.plans], plan)

    def _assign(self, table: Table, who: list[str], plan: AgentPlan) -> None:
        for agent in who:
            if (other := self._block.setdefault(agent, table.path)) != table.path:
                what = f"{agent} stands at {other} already; take one of them out"
                table.problems.add(table.path, what)
            self.plans[agent] = plan

    def _named(self, table: Table) -> list[str]:
        names = table.texts("agents", ())
        known = [agent.id for agent in self._own]
        for name in names:
            if name not in known:
                table.wrong("agents", f"there is no agent {name!r}; {nearest(name, known)}")
        return [name for name in dict.fromkeys(names) if name in known]

    def _members(self, table: Table) -> list[str]:
        """Production's own agents in the groups and queues of the block."""
        groups, queues = table.texts("groups", ()), table.texts("queues", ())
        known = {group for agent in self._own for group in agent.groups}
        for key, wanted, there in (("groups", groups, known), ("queues", queues, self._queues)):
            for one in wanted:
                if one not in there:
                    table.wrong(key, f"there is no {key[:-1]} {one!r}; {nearest(one, there)}")
        return [
            agent.id
            for agent in self._own
            if set(agent.groups) & set(groups) or set(agent.queues) & set(queues)
        ]

    def _made(self, table: Table) -> list[str]:
        """New agents who have all that one of production has, but the phone."""
        like, count = table.text("like", ""), table.whole("count", 1, 1, _MOST)
        if not like:
            if "count" in table.raw:
                table.wrong(
                    "count", "says how many agents to make; say with like whom they are like"
                )
            return []
        one = next((agent for agent in self._own if agent.id == like), None)
        if one is None:
            known = [agent.id for agent in self._own]
            table.wrong("like", f"there is no agent {like!r}; {nearest(like, known)}")
            return []
        free = (name for n in itertools.count(1) if (name := f"{like}-{n}") not in self.agents)
        made = list(itertools.islice(free, count))
        for name in made:
            self.agents[name] = msgspec.structs.replace(
                one, id=name, name=f"{one.name} {name.rpartition('-')[2]}", phone=f"PJSIP/{name}"
            )
        return made

    def _plan(self, table: Table) -> AgentPlan:
        made = habits(table, self._usual, self._folder)
        blocks = table.tables("shifts")
        week: dict[int, list[tuple[Duration, Duration, tuple[Rest, ...]]]] = {}
        for block in blocks:
            _shift(block, week)
        return AgentPlan(
            habits=made,
            shifts=self._shifts(week) if blocks else (Shift(0, self._days.lasts),),
            speed=number(table, "speed", 1.0, above=0.0, most=100.0),
            no_show=share(table, "no_show", 0.0),
            late=share(table, "late", 0.0),
            late_by=spread(table, "late_by", Uniform(60 * SECOND, 1800 * SECOND), self._folder),
        )

    def _shifts(
        self, week: dict[int, list[tuple[Duration, Duration, tuple[Rest, ...]]]]
    ) -> tuple[Shift, ...]:
        found: list[Shift] = []
        for day in self._days.days():
            for begin, end, rests in sorted(week.get(day.weekday(), ())):
                from_, to = self._days.on(day, begin), self._days.on(day, end)
                if to > 0 and from_ < self._days.lasts:
                    found.append(Shift(from_, to, rests))
        return tuple(found)

    def acd(self, acd: AcdSettings) -> AcdSettings:
        """The settings with the agents who were made."""
        everybody: tuple[AgentSettings, ...] = tuple(self.agents.values())
        return msgspec.structs.replace(acd, agents=everybody)


def _shift(
    table: Table, week: dict[int, list[tuple[Duration, Duration, tuple[Rest, ...]]]]
) -> None:
    """One `[[staff.shifts]]`, put down for each of its days."""
    text = table.text("hours", None)
    times = span(table, text, "hours") if text else None
    on = days(table, "days")
    rests = table.tables("breaks")
    begin, end = times or (0, 0)
    planned = tuple(_rest(rest, begin, end, known=times is not None) for rest in rests)
    table.close()
    if times is None:
        return
    for day in sorted(on):
        others = week.setdefault(day, [])
        if any(begin < other[1] and other[0] < end for other in others):
            table.wrong("hours", "overlap another shift of the same day; let one end before")
            return
        others.append((begin, end, planned))


def _rest(table: Table, begin: Duration, end: Duration, *, known: bool) -> Rest:
    raw = table.any("at", None)
    at = clock(raw)
    if at is None:
        table.wrong("at", f'{shown(raw)} is no time of day; write "12:00"')
    elif known and not begin <= at < end:
        table.wrong("at", f"{raw} is not within the shift; move it, or the shift")
    lasts = table.seconds("lasts_s", 900 * SECOND)
    reason = table.text("reason", "lunch", empty=False)
    table.close()
    return Rest((at or begin) - begin, lasts, reason)
