"""The tables of a report: queues, agents, what became of the callers, what was simulated."""

from __future__ import annotations

from functools import partial

from sim.report.axes import TimeOfDay
from sim.report.content import AgentReport, QueueReport, Report
from sim.report.frame import Section
from sim.report.markup import Html, element, join
from sim.report.numbers import clock, count, percent, spoken, told
from sim.report.over_day import queue_day
from sim.report.parts import facts, folded, paragraph, table, with_interval
from sim.report.summary import level_of
from sim.report.words import Words, both, catalogue, figure_name, say, words
from sim.run.catalogue import FIGURES
from sim.run.figures import Estimate

_OF_QUEUE = ("offered", "service_level", "asa", "abandonment", "queue_length", "occupancy")


def title_of(figure: str) -> Html:
    """A figure's name in both languages."""
    return both(figure_name(figure))


def value_of(estimate: Estimate) -> Html:
    """A figure and its interval."""
    in_unit = partial(told, estimate.unit)
    return with_interval(in_unit, estimate.value, estimate.low, estimate.high)


def strategy_name(strategy: str) -> Html:
    """As people call it; strategies of one's own by their name."""
    key = f"strategy.{strategy}"
    return say(key) if key in catalogue("en") else join(strategy)


def queues(report: Report) -> Html:
    """The table, and each queue's day."""
    heads = [
        say("queue"), say("queues.strategy"), say("queues.agents"), say("queues.target"),
        *map(title_of, _OF_QUEUE),
        join(say("queues.longest"), element("small", say("queues.longest_note"))),
    ]  # fmt: skip
    level = level_of(report.figures["service_level"])
    rows = [_queue_row(report, queue) for queue in report.queues]
    days = [
        element(
            "details",
            element("summary", say("queues.day", name=queue.name)),
            queue_day(report, queue),
        )
        for queue in report.queues
        if any(queue.day.offered.mean)
    ]
    return join(
        paragraph(say("queues.lead", level=level), class_="lead"),
        table(say("queues.caption"), heads, rows, words=2),
        *(days if len(report.queues) > 1 else []),
    )


def _queue_row(report: Report, queue: QueueReport) -> list[Html]:
    figures = (report.figures[f"{name}[{queue.id}]"] for name in _OF_QUEUE)
    return [
        join(queue.name), strategy_name(queue.strategy), join(queue.agents),
        both(spoken(queue.target)), *map(value_of, figures), join(clock(queue.longest)),
    ]  # fmt: skip


def agents(report: Report) -> Html:
    """The table of everybody."""
    names = {queue.id: queue.name for queue in report.queues}
    columns = (
        *("contacts", "offers", "no_answers"),
        *("occupancy", "idle", "staffed", "away"),
    )
    heads = [say("agent"), say("agents.queues"), *(say(f"agents.{name}") for name in columns)]
    rows = [_agent_row(agent, names) for agent in report.agents]
    whole = table(say("agents.caption"), heads, rows, words=2)
    return join(paragraph(say("agents.lead"), class_="lead"), whole)


def _agent_row(agent: AgentReport, names: dict[str, str]) -> list[object]:
    return [
        agent.name, ", ".join(names[queue] for queue in agent.queues),
        count(agent.contacts), count(agent.offers), count(agent.no_answers),
        percent(agent.occupancy), clock(agent.idle), clock(agent.staffed), clock(agent.away),
    ]  # fmt: skip


def menu(report: Report) -> Html:
    """How calls ended."""
    found = report.menu
    ordered = sorted(found.endings.items(), key=lambda item: (-item[1], item[0]))
    rows: list[list[object]] = [
        [say(f"ending.{name}"), count(calls), percent(calls / found.calls)]
        for name, calls in ordered
    ]
    rows.append([say("menu.all"), count(found.calls), percent(1.0)])
    heads = [say("menu.ending"), say("menu.calls"), say("menu.share")]
    callbacks = say(
        "menu.callbacks", dialled=count(found.callbacks), reached=count(found.callbacks_reached)
    )
    busy = say("menu.busy", busy=count(found.busy), redials=count(found.redials))
    return join(
        table(say("menu.caption"), heads, rows),
        paragraph(callbacks, class_="note") if found.callbacks else "",
        paragraph(busy, class_="note") if found.busy or found.redials else "",
    )


def figures(report: Report) -> Html:
    """All figures of the whole centre, with their formulas."""
    interval = say("about.interval", level=level_of(report.figures["service_level"]))
    heads = [say("about.figure"), say("about.formula"), say("about.value"), interval]
    rows = [
        [
            title_of(figure.name),
            figure.formula,
            told(figure.unit, found.value),
            "–" if found.low is None
            else f"{told(figure.unit, found.low)} – {told(figure.unit, found.high)}",
        ]
        for figure in FIGURES
        if (found := report.figures[figure.name]).value is not None
    ]  # fmt: skip
    return join(
        table(say("about.figures.caption"), heads, rows, words=2),
        paragraph(say("about.jkr"), class_="note"),
    )


def about(report: Report) -> Html:
    """What was simulated, and how to do it again."""
    found = report.about
    rows: list[tuple[object, object]] = [
        (say("about.scenario"), found.scenario),
        (say("about.period"), both(_period(report))),
        (say("about.replications"), count(found.replications)),
        (say("about.seed"), found.seed),
        (say("about.agents"), count(found.agents)),
        (say("about.calls"), count(found.calls)),
        (say("about.events"), count(found.events)),
        (say("about.settings"), element("code", found.settings)),
        (say("about.world"), element("code", found.world)),
        (say("about.version"), found.version),
        (say("about.command"), element("code", found.command)),
    ]
    return join(
        facts(say("about.caption"), rows),
        paragraph(say("about.same.but") if report.took else say("about.same"), class_="note"),
        folded(say("about.figures"), figures(report)),
    )


def again(command: str) -> Section:
    """How to do a comparison or a sweep again."""
    said = join(say("about.command"), ": ", element("code", command))
    body = join(paragraph(said), paragraph(say("about.same"), class_="note"))
    return Section("about", words("about.title"), body)


def _period(report: Report) -> Words:
    found = report.about
    day = TimeOfDay(found.timezone)
    begin, end = (
        day.moment(found.wall_at_zero + instant) for instant in (found.begins, found.ends)
    )
    told_ = {"begin": begin, "end": end, "timezone": found.timezone}
    if not found.begins:
        return words("about.period.plain", **told_)
    return words("about.period.value", **told_, warm_up=spoken(found.begins))
