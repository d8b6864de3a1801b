"""What is not markup is escaped, wherever it stands."""

from __future__ import annotations

from sim.report.markup import Html, element, join


def test_text_is_escaped_once() -> None:
    inner = element("b", "<i>&")
    assert inner == "<b>&lt;i&gt;&amp;</b>"
    assert element("p", inner, " > ", 5) == "<p><b>&lt;i&gt;&amp;</b> &gt; 5</p>"


def test_attributes_are_escaped_too() -> None:
    made = element("input", class_='a"b', aria_label="<", hidden=True, open=False, title=None)
    assert made == '<input class="a&quot;b" aria-label="&lt;" hidden>'


def test_nothing_is_left_out_but_none() -> None:
    assert join(None, 0, "", Html("<br>")) == "0<br>"
