"""The page around any report: one file that fetches nothing and may run nothing but its own script.

Whoever opens it chooses language and light or dark; printed, it is light and unfolds its tables.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from importlib import resources

import msgspec

from sim.report.markup import Html, element, join
from sim.report.words import Words, both, say, words


@dataclass(frozen=True)
class Section:
    """One part of a page."""

    id: str
    title: Words
    body: Html


def page(
    name: str,
    language: str,
    sections: list[Section],
    data: dict[str, object] | None = None,
    eyebrow: Words | None = None,
) -> str:
    """A whole page.

    Args:
        name: what it is about; any text.
        language: what a reader sees first whose browser asks for neither language.
        data: for the script, each as JSON in an element of that id.
        eyebrow: what kind of page it is; else that of a simulated contact centre.
    """
    script = Html(_static("report.js"))
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy(script)),
        element("link", rel="icon", href="data:,"),
        element("title", f"{name} · ctid-sim"),
        element("style", Html(_static("report.css"))),
    )
    body = element(
        "body",
        element("a", say("frame.skip"), class_="skip", href="#content"),
        _bar(name, eyebrow or words("frame.eyebrow")),
        element("nav", _contents(sections), aria_labelledby="contents"),
        element("main", *map(_section, sections), id="content"),
        element("noscript", element("p", say("frame.noscript"), class_="note")),
        *(
            element("script", _json(value), type="application/json", id=key)
            for key, value in (data or {}).items()
        ),
        element("script", script),
    )
    return f"<!doctype html>\n{element('html', head, body, lang=language)}\n"


def _static(name: str) -> str:
    return (resources.files("sim.report") / "static" / name).read_text("utf-8")


def _policy(script: str) -> str:
    """Style sheets are our own and plots carry styles; of scripts only this one runs."""
    seal = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline';"
        f" script-src 'sha256-{seal}'; base-uri 'none'; form-action 'none'"
    )


def _json(value: object) -> Html:
    """As text of a script element: nothing in it can end the element."""
    text = msgspec.json.encode(value).decode()
    return Html(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _bar(name: str, eyebrow: Words) -> Html:
    def language(code: str, text: str) -> Html:
        return element("button", text, type="button", data_language=code, lang=code)

    return element(
        "header",
        element(
            "div",
            element("p", both(eyebrow), class_="eyebrow"),
            element("h1", name),
        ),
        element(
            "div",
            element("span", say("frame.language"), id="language", class_="hidden"),
            # Not lang=… of the texts around: a button says its own language in that language.
            element(
                "div",
                language("en", "English"),
                language("zh-CN", "中文"),
                role="group",
                aria_labelledby="language",
            ),
            element("button", say("frame.theme"), type="button", id="theme"),
            class_="choices",
        ),
        class_="bar",
    )


def _contents(sections: list[Section]) -> Html:
    items = (
        element("li", element("a", both(section.title), href=f"#{section.id}"))
        for section in sections
    )
    title = element("h2", say("frame.contents"), id="contents", class_="hidden")
    return join(title, element("ul", *items))


def _section(section: Section) -> Html:
    title = element("h2", both(section.title), id=f"{section.id}-title")
    return element(
        "section", title, section.body, id=section.id, aria_labelledby=f"{section.id}-title"
    )
