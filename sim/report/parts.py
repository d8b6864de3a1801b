"""What pages are built from: tables, plots with their legends, tiles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sim.report.markup import Html, element, join
from sim.report.plots import Colour
from sim.report.words import Words, both

Legend = Sequence[tuple[str, Colour, Words]]
"""How it is drawn (`solid`, `dashed`, `dots`, `band`, `area`), in which colour, and what it is."""


def table(
    caption: Html, heads: Iterable[object], rows: Iterable[Sequence[object]], *, words: int = 1
) -> Html:
    """A table whose first column names the row; the first `words` columns are text, the others
    numbers."""
    top = element("tr", *(element("th", head, scope="col") for head in heads))
    body = (
        element(
            "tr",
            *(
                element("th", cell, scope="row")
                if place == 0
                else element("td", cell, class_="text" if place < words else None)
                for place, cell in enumerate(row)
            ),
        )
        for row in rows
    )
    whole = element(
        "table", element("caption", caption), element("thead", top), element("tbody", *body),
        class_=f"words-{words}",
    )  # fmt: skip
    return element("div", whole, class_="scroll", tabindex=0)


def facts(caption: Html, rows: Iterable[tuple[object, object]]) -> Html:
    """A table of names and values, without a head."""
    body = (element("tr", element("th", n, scope="row"), element("td", v)) for n, v in rows)
    whole = element("table", element("caption", caption), element("tbody", *body), class_="facts")
    return element("div", whole, class_="scroll")


def folded(title: Html, *inside: Html) -> Html:
    """Shown at a click, and on paper."""
    return element("details", element("summary", title), *inside)


def with_interval(
    told: Callable[[float | None], str], value: float | None, low: float | None, high: float | None
) -> Html:
    """A number, and the interval that it lies in below it."""
    if low is None or high is None:
        return join(told(value))
    return join(told(value), element("small", f"{told(low)} – {told(high)}"))


def figure(
    id: str,
    title: Words,
    plot: Html,
    alt: Words,
    legend: Legend = (),
    rows: Sequence[Words] = (),
) -> Html:
    """A plot with its title, its legend, what its numbered rows are, and a sentence that says what
    it shows."""
    keys = (
        element(
            "li",
            element("i", class_=f"key {kind}", style=f"--key: var(--{colour})"),
            both(text),
        )
        for kind, colour, text in legend
    )
    return element(
        "figure",
        element("figcaption", both(title), id=f"{id}-title"),
        element("ul", *keys, class_="legend") if legend else "",
        element(
            "div", plot, class_="plot", role="img", aria_labelledby=f"{id}-title {id}-alt"
        ),
        element("ol", *(element("li", both(row)) for row in rows)) if rows else "",
        element("p", both(alt), id=f"{id}-alt", class_="note"),
    )  # fmt: skip


def tile(title: object, value: str, note: object) -> Html:
    """One headline figure."""
    return element(
        "div",
        element("dt", title),
        element("dd", element("b", value), element("small", note)),
        class_="tile",
    )


def paragraph(text: Html, **attributes: str | bool) -> Html:
    """A sentence or more."""
    return element("p", text, **attributes)
