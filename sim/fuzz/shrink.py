"""Makes a run that shows a violation as short as it will go.

First the facts: delta debugging (Zeller and Hildebrandt, IEEE TSE 28(2), 2002), by whole callers
and agents and then fact by fact, each attempt fed straight into a fresh machine; then what an
inventory lists. Then the settings: one agent or queue less, one setting back to its default. What
remains shows the same kind of violation, and without any one of its facts it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar

import msgspec
from msgspec.structs import replace

from ctid.acd.settings import AcdSettings, AgentSettings, QueueSettings
from ctid.centre.settings import CentreSettings
from ctid.core.events import Inventory
from ctid.core.journal import Line
from sim.fuzz.steps import Fed, Names, Step, Violation, feed, steps_of

T = TypeVar("T")
ATTEMPTS = 6_000
"""After so many runs of a machine the shortest so far is good enough."""
SUBJECTS = ("call", "task", "agent", "phone")
"""Fields of facts that say whom they are about."""


class Shrunk(msgspec.Struct):
    """The shortest run that was found."""

    settings: CentreSettings
    fed: Fed
    """With the violation, and the lines that lead to it."""
    facts: int
    attempts: int


def shrink(
    settings: CentreSettings,
    lines: Sequence[Line],
    loads: Sequence[int],
    violation: Violation,
    attempts: int = ATTEMPTS,
) -> Shrunk | None:
    """The journal's lines end with the violation; `loads` as in `Fed`. None where the facts alone
    do not show it."""
    steps, names = steps_of(lines, loads)
    search = _Search(names, violation.kind, violation.text, attempts)
    if not search.shows(settings, steps):
        return None
    steps = search.fewer_steps(settings, steps)
    settings = search.plainer(settings, steps)
    steps = search.fewer_steps(settings, steps)
    fed = search.feed(settings, steps)
    return Shrunk(settings, fed, sum(line.e is not None for line in fed.lines), search.used)


class _Search:
    """Counts attempts and knows what is looked for."""

    def __init__(self, names: Names, kind: str, text: str, most: int) -> None:
        self._names = names
        self._kind = kind
        self._text = text
        self._most = most
        self.used = 0

    def feed(self, settings: CentreSettings, steps: Sequence[Step]) -> Fed:
        """One run of a fresh machine."""
        return feed(settings, steps, self._names)

    def shows(self, settings: CentreSettings, steps: Sequence[Step]) -> bool:
        """Whether these facts lead to the same kind of violation."""
        self.used += 1
        if self.used > self._most:
            return False
        try:
            violation = self.feed(settings, steps).violation
        except (KeyError, StopIteration):
            return False  # settings of which no machine can be made
        return violation is not None and violation.kind == self._kind

    # -- facts --

    def fewer_steps(self, settings: CentreSettings, steps: list[Step]) -> list[Step]:
        """As few as it takes."""

        def enough(some: list[Step]) -> bool:
            return self.shows(settings, some)

        without_loads = [step for step in steps if not step.load]
        if enough(without_loads):
            steps = without_loads
        # Most often it takes nobody but those whom the violation names.
        named = [subject for subject in _subjects(steps) if subject in self._text]
        others = [subject for subject in _subjects(steps) if subject not in named]
        rest = [step for step in steps if not any(_is_of(step, one) for one in others)]
        if enough(rest):
            steps, others = rest, []
        for subject in (*others, *named):
            rest = [step for step in steps if not _is_of(step, subject)]
            if len(rest) < len(steps) and enough(rest):
                steps = rest
        return self._shorter_lists(settings, fewest(steps, enough))

    def _shorter_lists(self, settings: CentreSettings, steps: list[Step]) -> list[Step]:
        for place, step in enumerate(steps):
            if isinstance(step.fact, Inventory):
                for name in ("channels", "phones"):
                    steps = self._shorter_list(settings, steps, place, name)
        return steps

    def _shorter_list(
        self, settings: CentreSettings, steps: list[Step], place: int, name: str
    ) -> list[Step]:
        def with_(some: list[object]) -> list[Step]:
            step = steps[place]
            assert isinstance(step.fact, Inventory)
            changed = replace(step, fact=replace(step.fact, **{name: tuple(some)}))
            return [*steps[:place], changed, *steps[place + 1 :]]

        listed = list(getattr(steps[place].fact, name))
        return with_(fewest(listed, lambda some: self.shows(settings, with_(some)), none=True))

    # -- settings --

    def plainer(self, settings: CentreSettings, steps: Sequence[Step]) -> CentreSettings:
        """Fewer queues and agents, and each of their settings as it is by default."""
        for whole, parts in _changes(settings):
            made = whole(settings)
            if made is not None and made != settings and self.shows(made, steps):
                settings = made
                continue
            for part in parts:
                made = part(settings)
                if made is not None and made != settings and self.shows(made, steps):
                    settings = made
        return settings


def fewest(items: list[T], enough: Callable[[list[T]], bool], *, none: bool = False) -> list[T]:
    """ddmin: without any one item of the result it is not enough. `none`: may be none at all."""
    if none and items and enough([]):
        return []
    parts = 2
    while len(items) >= 2:
        size = max(1, len(items) // parts)
        for begin in range(0, len(items), size):
            rest = items[:begin] + items[begin + size :]
            if rest and enough(rest):
                items, parts = rest, max(parts - 1, 2)
                break
        else:
            if size == 1:
                return items
            parts = min(len(items), 2 * parts)
    return items


def _subjects(steps: Sequence[Step]) -> list[str]:
    """Callers, tasks and agents, in order of their first fact."""
    found: dict[str, None] = {}
    for step in steps:
        for field in SUBJECTS:
            if value := getattr(step.fact, field, ""):
                found.setdefault(value)
    return list(found)


def _is_of(step: Step, subject: str) -> bool:
    return any(getattr(step.fact, field, "") == subject for field in SUBJECTS)


Change = Callable[[CentreSettings], CentreSettings | None]


def _changes(settings: CentreSettings) -> list[tuple[Change, list[Change]]]:
    """Steps to a plainer site, each with the smaller ones that are tried where it is too much."""
    acd = settings.acd
    changes: list[tuple[Change, list[Change]]] = [
        (_without_agent(agent.id), []) for agent in reversed(acd.agents)
    ]
    changes += [(_without_queue(queue.id), []) for queue in reversed(acd.queues)]
    fields = _optional(AcdSettings)
    changes.append((_acd_defaults(fields), [_acd_defaults([f]) for f in fields]))
    fields = _optional(QueueSettings)
    for queue in acd.queues:
        parts = [_defaults_of("queues", queue.id, [field]) for field in fields]
        changes.append((_defaults_of("queues", queue.id, fields), parts))
    fields = _optional(AgentSettings)
    for agent in acd.agents:
        parts = [_defaults_of("agents", agent.id, [field]) for field in fields]
        changes.append((_defaults_of("agents", agent.id, fields), parts))
    return changes


def _optional(kind: type[msgspec.Struct]) -> list[Any]:
    return [field for field in msgspec.structs.fields(kind) if not field.required]


def _defaults(fields: Sequence[Any]) -> dict[str, Any]:
    return {
        field.name: field.default
        if field.default_factory is msgspec.NODEFAULT
        else field.default_factory()
        for field in fields
    }


def _without_agent(agent: str) -> Change:
    def change(made: CentreSettings) -> CentreSettings | None:
        rest = tuple(one for one in made.acd.agents if one.id != agent)
        return replace(made, acd=replace(made.acd, agents=rest)) if rest else None

    return change


def _without_queue(queue: str) -> Change:
    def change(made: CentreSettings) -> CentreSettings | None:
        if queue == made.fallback_queue:
            return None
        rest = tuple(one for one in made.acd.queues if one.id != queue)
        agents = tuple(
            replace(a, queues=tuple(q for q in a.queues if q != queue)) for a in made.acd.agents
        )
        return replace(made, acd=replace(made.acd, queues=rest, agents=agents))

    return change


def _acd_defaults(fields: Sequence[Any]) -> Change:
    return lambda made: replace(made, acd=replace(made.acd, **_defaults(fields)))


def _defaults_of(group: Literal["queues", "agents"], of: str, fields: Sequence[Any]) -> Change:
    def change(made: CentreSettings) -> CentreSettings:
        members: tuple[Any, ...] = getattr(made.acd, group)
        plain = tuple(replace(m, **_defaults(fields)) if m.id == of else m for m in members)
        return replace(made, acd=replace(made.acd, **{group: plain}))

    return change
