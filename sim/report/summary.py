"""The sentences and the tiles at the head of a report, for somebody who reads nothing else."""

from __future__ import annotations

from sim.report.content import Report
from sim.report.markup import Html, element, join
from sim.report.numbers import count, percent, spoken, told
from sim.report.parts import tile
from sim.report.words import Words, both, figure_name, say, words
from sim.run.figures import Estimate

EVEN = 0.95
"""Jain's index from which work counts as shared evenly: one agent of five with half of the others'
work makes 0.95."""
_TILES = (
    *("service_level", "asa", "abandonment", "occupancy"),
    *("queue_length", "jain", "idle_gap", "containment"),
)


def summary(report: Report) -> Html:
    """What it comes to."""
    sentences = [element("li", sentence) for sentence in _sentences(report)]
    tiles = [_tile(report.figures[name]) for name in _TILES]
    return join(
        element("ul", *sentences, class_="short"), element("dl", *tiles, class_="tiles")
    )  # fmt: skip


def _sentences(report: Report) -> list[Html]:
    figures = report.figures
    level, asa = figures["service_level"], figures["asa"]
    found: list[Html] = []
    if level.value is None:
        found.append(say("short.nothing"))
    else:
        key = "short.service_level.once" if level.low is None else "short.service_level"
        found.append(
            say(
                key, in_time=f"{100 * level.value:.0f}", target=_target(report),
                low=percent(level.low), high=percent(level.high), level=level_of(level),
            )
        )  # fmt: skip
        given_up = figures["abandonment"].value or 0.0
        found.append(say("short.asa", asa=spoken(asa.value), given_up=_of_100(given_up)))
    if (share := figures["occupancy"].value) is not None:
        found.append(say("short.occupancy", share=percent(share, 0)))
    found += _fair(report)
    if share := figures["containment"].value:
        found.append(say("short.menu", share=percent(share, 0)))
    if report.menu.callbacks:
        dialled, reached = count(report.menu.callbacks), count(report.menu.callbacks_reached)
        found.append(say("short.callbacks", dialled=dialled, reached=reached))
    runs, sure = report.about.replications, level_of(level)
    found.append(say("short.trust", count=runs, level=sure) if runs > 1 else say("short.once"))
    return found


def _of_100(share: float) -> str:
    number = 100 * share
    return f"{number:.0f}" if number >= 10 or number == 0 else f"{number:.1f}"


def _target(report: Report) -> Words:
    targets = {queue.target for queue in report.queues}
    return spoken(targets.pop()) if len(targets) == 1 else words("short.target_each")


def _fair(report: Report) -> list[Html]:
    jain, gap = report.figures["jain"].value, report.figures["idle_gap"].value
    if report.about.agents < 2 or jain is None:
        return []
    found = [
        say("short.fair.even" if jain >= EVEN else "short.fair.uneven", jain=percent(jain))
    ]  # fmt: skip
    if gap is not None:
        found.append(say("short.gap", gap=spoken(gap)))
    return found


def _tile(estimate: Estimate) -> Html:
    name, note = figure_name(estimate.name), interval_words(estimate)
    return tile(both(name), told(estimate.unit, estimate.value), both(note))


def interval_words(estimate: Estimate) -> Words:
    """Where the figure lies, in words."""
    if estimate.low is None or estimate.high is None:
        return words("short.no_interval")
    low, high = (told(estimate.unit, value) for value in (estimate.low, estimate.high))
    return words("short.of", low=low, high=high, level=level_of(estimate))


def level_of(estimate: Estimate) -> str:
    """`95 %`."""
    return f"{100 * estimate.level:.3g} %"
