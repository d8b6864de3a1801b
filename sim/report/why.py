"""Why this agent: the decisions of the first run, for the page's own search."""

from __future__ import annotations

from sim.report.axes import TimeOfDay
from sim.report.content import Report
from sim.report.markup import Html, element, join
from sim.report.numbers import clock
from sim.report.parts import paragraph, table
from sim.report.sections import strategy_name
from sim.report.words import say

DATA = "decisions"
"""Id of the element that holds them."""


def data(report: Report) -> dict[str, object]:
    """For the script: names once, then one row of text for each decision, in order of time."""
    day = TimeOfDay(report.about.timezone)
    return {
        "queues": {queue.id: queue.name for queue in report.queues},
        "agents": {agent.id: agent.name for agent in report.agents},
        "rows": [
            [
                d.call, d.queue, d.agent, d.strategy, d.reason, clock(d.waited), d.available,
                d.waiting, day.second(d.at),
            ]
            for d in report.decisions
        ],
    }  # fmt: skip


def why(report: Report) -> Html:
    """The search and the slowest."""
    if not report.decisions:
        return paragraph(say("why.not_kept"), class_="note")
    left = report.decisions_left_out
    strategies = sorted({decision.strategy for decision in report.decisions})
    search = element(
        "div",
        element("label", say("why.search"), for_="call"),
        element("input", id="call", type="search", autocomplete="off", spellcheck="false"),
        element(
            "output",
            say("why.found"),
            " ",
            element("b", id="number"),
            id="found",
            for_="call",
            hidden=True,
        ),
        class_="search",
    )
    return join(
        paragraph(say("why.lead"), class_="lead"),
        search,
        paragraph(say("why.none"), id="no-decision", class_="note", hidden=True),
        element("div", _empty_table(), id="answers", hidden=True),
        paragraph(say("why.more"), id="more", class_="note", hidden=True),
        # What the script puts into rows where a text has two languages.
        *(
            element("template", strategy_name(name), data_strategy=name)
            for name in strategies
        ),
        paragraph(say("why.left_out", count=f"{left:,}"), class_="note") if left else "",
        _slowest(report),
    )  # fmt: skip


def _empty_table() -> Html:
    heads = [
        say("why.search"), say("why.at"), say("queue"), say("agent"), say("why.reason"),
        say("queues.strategy"), say("why.waited"), say("why.available"), say("why.waiting"),
    ]  # fmt: skip
    return table(say("why.caption"), heads, [], words=6)


def _slowest(report: Report) -> Html:
    queues = {queue.id: queue.name for queue in report.queues}
    agents = {agent.id: agent.name for agent in report.agents}
    heads = [
        say("why.search"), say("queue"), say("agent"), say("why.waited"), say("slow.offers"),
        say("slow.show"),
    ]  # fmt: skip
    rows = [
        [
            slow.call, queues.get(slow.queue, slow.queue), agents.get(slow.agent, slow.agent),
            clock(slow.waited), slow.offers,
            element("button", say("slow.show"), type="button", data_call=slow.call),
        ]
        for slow in report.slowest
    ]  # fmt: skip
    return join(
        element("h3", say("slow.title")),
        paragraph(say("slow.lead"), class_="lead"),
        table(say("slow.caption"), heads, rows, words=3),
        _took(report),
    )


def _took(report: Report) -> Html:
    if not report.took:
        return join()
    heads = [say(f"took.{name}") for name in ("what", "count", "mean", "p99", "longest")]
    rows = [
        [took.what, f"{took.count:,}", f"{took.mean:.1f}", f"{took.p99:.1f}", f"{took.longest:.1f}"]
        for took in report.took
    ]
    return join(element("h3", say("took.title")), table(say("took.caption"), heads, rows))
