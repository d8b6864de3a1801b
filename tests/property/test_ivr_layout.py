"""Whatever the graph: no two boxes overlap, every line is drawn, and none runs through a box."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctid.app.ivr_layers import Box, Link
from ctid.app.ivr_layout import Plan, Run, bends, plan

Graph = tuple[list[Box], list[Link]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Boxes wide enough for their labels; lines onward, back, to themselves, and boxes alone."""
    count = draw(st.integers(1, 30))
    pairs = draw(
        st.sets(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=60)
    )
    links = [
        Link(str(a), str(b), draw(st.floats(10, 130, allow_nan=False))) for a, b in sorted(pairs)
    ]
    boxes = []
    for n in range(count):
        room = sum(link.room for link in links if link.source == str(n))
        wide = draw(st.floats(40, 260, allow_nan=False))
        boxes.append(Box(str(n), max(wide, room), draw(st.floats(20, 90, allow_nan=False))))
    return boxes, links


def rectangles(boxes: list[Box], drawn: Plan) -> dict[str, tuple[float, float, float, float]]:
    """Left, top, right, bottom."""
    found = {}
    for box in boxes:
        x, y = drawn.corners[box.name]
        found[box.name] = (x, y, x + box.width, y + box.height)
    return found


def points(runs: tuple[Run, ...]) -> list[tuple[float, float]]:
    """Along a line: its straight pieces and its curves."""
    found = [(run.x, run.begin + (run.end - run.begin) * n / 8) for run in runs for n in range(9)]
    for before, run in pairwise(runs):
        first, second = bends(before, run)
        for n in range(17):
            t = n / 16
            a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3
            x = (a + b) * before.x + (c + d) * run.x
            found.append((x, a * before.end + b * first + c * second + d * run.begin))
    return found


@settings(deadline=None, max_examples=60)
@given(graphs())
def test_the_picture_is_in_order(graph: Graph) -> None:
    boxes, links = graph
    drawn = plan(boxes, links)
    sides = rectangles(boxes, drawn)
    for (a, one), (b, other) in combinations(sides.items(), 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (a, b)
    for left, top, right, bottom in sides.values():
        assert left >= 0
        assert top >= 0
        assert right <= drawn.width
        assert bottom <= drawn.height
    assert set(drawn.lines) == {(link.source, link.target) for link in links}
    for (source, target), runs in drawn.lines.items():
        left, _, right, bottom = sides[source]
        assert left <= runs[0].x <= right
        assert runs[0].begin == pytest.approx(bottom)
        left, top, right, _ = sides[target]
        assert left <= runs[-1].x <= right
        assert runs[-1].end == pytest.approx(top)
        for x, y in points(runs):
            assert 0 <= x <= drawn.width
            assert 0 <= y <= drawn.height
            for name, (left, top, right, bottom) in sides.items():
                inside = left + 0.01 < x < right - 0.01 and top + 0.01 < y < bottom - 0.01
                assert not inside, (source, target, name)


@settings(deadline=None, max_examples=20)
@given(graphs())
def test_labels_of_one_box_stand_beside_one_another(graph: Graph) -> None:
    boxes, links = graph
    drawn = plan(boxes, links)
    for box in boxes:
        out = [link for link in links if link.source == box.name]
        spans = sorted((drawn.lines[k.source, k.target][0].x, k.room) for k in out)
        for (x, room), (other, wide) in pairwise(spans):
            assert x + room / 2 <= other - wide / 2 + 0.01


def test_the_same_graph_gives_the_same_picture() -> None:
    boxes = [Box(name, 60, 30) for name in "abcdef"]
    links = [Link(a, b, 20) for a, b in ("ab", "ac", "bd", "cd", "da", "de", "ae", "ff", "ef")]
    assert plan(boxes, links) == plan(boxes, links)


def test_steps_stand_below_what_leads_to_them() -> None:
    boxes = [Box(name, 60, 30) for name in "abcd"]
    links = [Link(a, b, 20) for a, b in ("ab", "bc", "ac", "ca", "cd")]
    heights = [plan(boxes, links).corners[name][1] for name in "abcd"]
    assert heights == sorted(heights)
    assert len(set(heights)) == 4


def test_nothing_crosses_that_need_not() -> None:
    """Two chains side by side: each stays straight above its own."""
    boxes = [Box(name, 60, 30) for name in "abcde"]
    links = [Link(a, b, 20) for a, b in ("ab", "ac", "ce", "bd")]
    drawn = plan(boxes, links)
    assert drawn.corners["b"][0] == pytest.approx(drawn.corners["d"][0])
    assert drawn.corners["c"][0] == pytest.approx(drawn.corners["e"][0])


def test_a_layer_that_would_become_too_wide_goes_on_below() -> None:
    """A menu of all twelve keys."""
    names = [f"s{n}" for n in range(12)]
    boxes = [Box("menu", 600, 40), *(Box(name, 200, 40) for name in names)]
    drawn = plan(boxes, [Link("menu", name, 20) for name in names])
    assert drawn.width < 2_500
    assert len({drawn.corners[name][1] for name in names}) == 2


def test_no_graph_at_all() -> None:
    assert plan([], []).corners == {}
