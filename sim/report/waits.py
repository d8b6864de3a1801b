"""How long callers waited: the share that waited longer than each of the edges."""

from __future__ import annotations

from collections.abc import Sequence

from ctid.core.instants import MINUTE, SECOND
from sim.report import axes, plots
from sim.report.content import QueueReport, Report, Waits
from sim.report.markup import Html, element, join
from sim.report.numbers import clock, percent, spoken
from sim.report.parts import figure, folded, table
from sim.report.plots import Colour, Frame, Line
from sim.report.words import Words, both, say, words


def longer(waits: Waits) -> list[float]:
    """Of all who waited in the queue and were not sent elsewhere, the share that waited longer
    than each edge."""
    counts = [a + b for a, b in zip(waits.answered, waits.abandoned, strict=True)]
    total = sum(counts)
    left, shares = total, list[float]()
    for place in range(len(waits.edges)):
        left -= counts[place]
        shares.append(left / total if total else 0.0)
    return shares


def waits_plot(report: Report, queues: Sequence[QueueReport]) -> Html:
    """One line for each of up to six queues, and the values as a table."""
    known = [(q, q.waits) for q in queues if q.waits and any(q.waits.answered + q.waits.abandoned)]
    if not known:
        return join()
    curves = [longer(waits) for _, waits in known]
    edges = known[0][1].edges
    lines = curves_of(edges, curves, plots.LINES)
    frame = Frame("longer", axes.LogLasting(), axes.Share(), plots.WIDE)
    legend = [
        ("solid", colour, Words(queue.name, queue.name))
        for (queue, _), colour in zip(known, plots.LINES, strict=False)
    ]
    place = edges.index(MINUTE)
    alt = words("plot.waits.alt", at=spoken(MINUTE), share=percent(max(c[place] for c in curves)))
    rows = [
        [clock(edge), *(percent(curve[place]) for curve in curves)]
        for place, edge in enumerate(edges)
    ]
    heads = [say("plot.longer"), *(queue.name for queue, _ in known)]
    return join(
        element(
            "div",
            figure("longer", words("plot.waits"), plots.lines(frame, *lines), alt, legend),
            class_="plots",
        ),
        folded(say("day.values"), table(both(words("plot.waits")), heads, rows)),
    )


def curves_of(
    edges: Sequence[int], curves: Sequence[Sequence[float]], colours: Sequence[Colour]
) -> list[Line]:
    """Lines for a logarithmic axis, as far as there is anybody."""
    # The edge 0 has no place on such an axis: those who wait at all stand at its left end.
    x = [max(edge, SECOND // 2) for edge in edges]
    shown = max(_last(curve) for curve in curves) + 2
    return [
        Line(x[:shown], curve[:shown], colour)
        for curve, colour in zip(curves, colours, strict=False)
    ]


def _last(curve: Sequence[float]) -> int:
    """The last place at which there is anybody."""
    return max((place for place, share in enumerate(curve) if share > 0.0005), default=0)
