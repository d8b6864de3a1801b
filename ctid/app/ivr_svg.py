"""The picture of a flow: one SVG that needs nothing else, on light and on dark pages."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from unicodedata import east_asian_width

from ctid.app.ivr_graph import Edge, Graph, Node
from ctid.app.ivr_layers import Box, Link
from ctid.app.ivr_layout import Plan, Run, bends, plan

SMALL = 12
"""Font size of kinds, words and labels, in pixels; a step's name is a pixel larger."""
LINE = 17
PAD = 10
WORDS_WIDE = 190
"""How wide a prompt's words may be before they go on in the next line."""
MOST_LINES = 2
LONGEST_LABEL = 120

STYLE = """
:root { --page: #ffffff; --ink: #1d2733; --soft: #596675; --line: #7b8794; --fail: #b3541e;
  --asks: #e3effc; --asks-edge: #2f6fb2; --forks: #fbf0d9; --forks-edge: #a8740f;
  --goes: #f1f4f7; --goes-edge: #8592a0; --ends: #e2f3e8; --ends-edge: #2f8550; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14191f; --ink: #e8edf2; --soft: #a5b1bd; --line: #8793a0; --fail: #e79560;
    --asks: #1b3149; --asks-edge: #69a7e8; --forks: #3a2f17; --forks-edge: #d9a645;
    --goes: #222a33; --goes-edge: #71808f; --ends: #1b3526; --ends-edge: #63bd86; }
}
text { font: 12px "Noto Sans", "Noto Sans CJK SC", "Microsoft YaHei", system-ui, sans-serif;
  fill: var(--ink); }
.name { font-size: 13px; font-weight: 600; }
.kind { fill: var(--soft); }
.page { fill: var(--page); }
.box { stroke-width: 1.5; }
.asks { fill: var(--asks); stroke: var(--asks-edge); }
.forks { fill: var(--forks); stroke: var(--forks-edge); }
.goes { fill: var(--goes); stroke: var(--goes-edge); }
.ends { fill: var(--ends); stroke: var(--ends-edge); }
.start { stroke-width: 3.5; }
.line { fill: none; stroke: var(--line); stroke-width: 1.5; }
.fails { stroke: var(--fail); stroke-dasharray: 5 3; }
.head { fill: var(--line); }
.head-fails { fill: var(--fail); }
.label { text-anchor: middle; paint-order: stroke; stroke: var(--page); stroke-width: 5px;
  stroke-linejoin: round; }
.label-fails { fill: var(--fail); }
"""
"""Colours of both kinds of page; each text keeps at least 4.5 : 1 against what is behind it."""


def svg(graph: Graph) -> str:
    """The picture as text."""
    boxes, links = _boxes(graph), _links(graph)
    drawn = plan(boxes, links)
    texts = {node.name: _lines(node) for node in graph.nodes}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{drawn.width:.0f}"'
        f' height="{drawn.height:.0f}" viewBox="0 0 {drawn.width:.0f} {drawn.height:.0f}"'
        f' role="img" aria-label="{escape(f"Flow {graph.flow}")}">',
        f"<title>{escape(f'Flow {graph.flow}')}</title>",
        f"<style>{STYLE}</style>",
        "<defs>",
        *(_head(name) for name in ("head", "head-fails")),
        "</defs>",
        '<rect class="page" width="100%" height="100%"/>',
    ]
    parts += [_line(edge, drawn.lines[edge.source, edge.target]) for edge in graph.edges]
    for box, node in zip(boxes, graph.nodes, strict=True):
        parts += _box(node, box, drawn, texts[node.name], start=node.name == graph.start)
    # Labels last: nothing may cover them.
    parts += [_label(edge, drawn.lines[edge.source, edge.target][0]) for edge in graph.edges]
    return "\n".join([*(part for part in parts if part), "</svg>", ""])


def _head(name: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8"'
        f' markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">'
        f'<path class="{name}" d="M0 0 10 5 0 10z"/></marker>'
    )


def _boxes(graph: Graph) -> list[Box]:
    boxes = []
    for node in graph.nodes:
        lines = _lines(node)
        text = max(_wide(line) * (1.12 if n == 0 else 1) for n, line in enumerate(lines))
        room = sum(_room(edge) for edge in graph.edges if edge.source == node.name)
        width = max(text + 2 * PAD, room + 2 * PAD, 90)
        boxes.append(Box(node.name, width, len(lines) * LINE + 2 * PAD - 4))
    return boxes


def _links(graph: Graph) -> list[Link]:
    return [Link(edge.source, edge.target, _room(edge)) for edge in graph.edges]


def _room(edge: Edge) -> float:
    return max(_wide(_told(edge)) + 12, 24)


def _told(edge: Edge) -> str:
    return _cut(", ".join(edge.labels), LONGEST_LABEL)


def _lines(node: Node) -> list[str]:
    """The texts of a box: name, kind with what it names, first words of the prompt."""
    about = _cut(f"{node.kind} · {node.about}" if node.about else node.kind, WORDS_WIDE)
    return [_cut(node.name, WORDS_WIDE), about, *_wrapped(node.words)]


def _wrapped(text: str) -> list[str]:
    """The first words, in two lines at most. Chinese may be broken behind any character."""
    lines: list[str] = []
    rest = " ".join(text.split())
    while rest and len(lines) < MOST_LINES:
        if _wide(rest) <= WORDS_WIDE or len(lines) == MOST_LINES - 1:
            lines.append(_cut(rest, WORDS_WIDE))
            break
        end = next(n for n in range(len(rest)) if _wide(rest[: n + 1]) > WORDS_WIDE)
        if (space := rest.rfind(" ", 0, end + 1)) > end // 2:
            end = space
        lines.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return lines


def _cut(text: str, wide: float) -> str:
    """`text`, and where it is too wide its beginning with three dots."""
    if _wide(text) <= wide:
        return text
    while text and _wide(text + "…") > wide:
        text = text[:-1]
    return text.rstrip() + "…"


def _wide(text: str) -> float:
    """About how wide it becomes, in pixels: we do not know the reader's fonts."""
    ems = sum(1.0 if east_asian_width(one) in "WF" else 0.58 for one in text)
    return ems * SMALL


def _box(node: Node, box: Box, drawn: Plan, lines: list[str], *, start: bool) -> list[str]:
    x, y = drawn.corners[node.name]
    words = " ".join(f"{node.kind} {node.about}".split())
    title = f"{node.name}: {words}" + (f": {node.words}" if node.words else "")
    look = f"box {node.look}{' start' if start else ''}"
    parts = [
        "<g>",
        f"<title>{escape(title)}</title>",
        f'<rect class="{look}" x="{x:.1f}" y="{y:.1f}" width="{box.width:.1f}"'
        f' height="{box.height:.1f}" rx="{14 if node.look == "ends" else 5}"/>',
    ]
    for n, line in enumerate(lines):
        kind = ' class="name"' if n == 0 else ' class="kind"' if n == 1 else ""
        parts.append(
            f'<text{kind} x="{x + PAD:.1f}" y="{y + PAD + 10 + n * LINE:.1f}">{escape(line)}</text>'
        )
    return [*parts, "</g>"]


def _line(edge: Edge, runs: tuple[Run, ...]) -> str:
    steps = [f"M{runs[0].x:.1f} {runs[0].begin:.1f}V{runs[0].end:.1f}"]
    for before, run in pairwise(runs):
        steps.append(_curve(before, run))
        steps.append(f"V{run.end:.1f}")
    style, head = ("line fails", "head-fails") if edge.fails else ("line", "head")
    return f'<path class="{style}" marker-end="url(#{head})" d="{"".join(steps)}"/>'


def _curve(before: Run, run: Run) -> str:
    """From one straight piece to the next, within the space between two layers."""
    first, second = bends(before, run)
    return f"C{before.x:.1f} {first:.1f} {run.x:.1f} {second:.1f} {run.x:.1f} {run.begin:.1f}"


def _label(edge: Edge, run: Run) -> str:
    if not (told := _told(edge)):
        return ""
    look = "label label-fails" if edge.fails else "label"
    return f'<text class="{look}" x="{run.x:.1f}" y="{run.begin + 16:.1f}">{escape(told)}</text>'
