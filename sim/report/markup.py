"""HTML as values: whatever is not markup already is escaped when it becomes part of some."""

from __future__ import annotations

from html import escape


class Html(str):
    """Markup; only this module and drawings of our own make it."""

    __slots__ = ()


VOID = frozenset({"meta", "link", "input", "col", "br"})
"""Elements without an end."""


def markup(value: object) -> Html:
    """`value` as it stands in a page: numbers and names escaped, markup as it is, None left out."""
    if isinstance(value, Html):
        return value
    return Html("" if value is None else escape(str(value)))


def join(*parts: object) -> Html:
    """The parts, one after the other."""
    return Html("".join(map(markup, parts)))


def element(tag: str, *children: object, **attributes: str | int | bool | None) -> Html:
    """One element. `class_` is `class`, `aria_label` is `aria-label`; True stands alone, and what
    is False or None is left out."""
    named = (
        f" {name.rstrip('_').replace('_', '-')}"
        + ("" if value is True else f'="{escape(str(value))}"')
        for name, value in attributes.items()
        if value is not None and value is not False
    )
    head = f"<{tag}{''.join(named)}>"
    return Html(head if tag in VOID else f"{head}{join(*children)}</{tag}>")
