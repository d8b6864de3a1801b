"""Texts in both languages at once: a page holds both, and the reader chooses which is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import msgspec

from sim.report.markup import Html, element, join, markup
from sim.run.catalogue import BY_NAME

LANGUAGES = ("en", "zh-CN")
_GAP = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Words:
    """One text, or one part of a text, in each of LANGUAGES; not markup."""

    en: str
    zh: str

    def of(self, language: str) -> str:
        """The text in one of LANGUAGES."""
        return self.en if language == "en" else self.zh


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """All texts of one language, by key."""
    file = resources.files("sim.report") / "texts" / f"{language}.json"
    return msgspec.json.decode(file.read_bytes(), type=dict[str, str])


def words(key: str, **values: object) -> Words:
    """The text of `key` with its gaps filled.

    Raises:
        KeyError: the catalogue has no such text, or a gap has no value.
    """
    en, zh = (_filled(catalogue(language)[key], language, values) for language in LANGUAGES)
    return Words(en, zh)


def _filled(text: str, language: str, values: Mapping[str, object]) -> str:
    def fill(gap: re.Match[str]) -> str:
        value = values[gap[1]]
        return value.of(language) if isinstance(value, Words) else str(value)

    return _GAP.sub(fill, text)


def figure_name(name: str) -> Words:
    """A figure of `sim.run.catalogue` as people call it, `asa[sales]` with its queue."""
    plain, bracket, queue = name.partition("[")
    figure, of = BY_NAME[plain], f" [{queue}" if bracket else ""
    return Words(figure.en + of, figure.zh + of)


def listed(texts: Sequence[Words]) -> Words:
    """One after the other."""
    return Words(", ".join(t.en for t in texts), "、".join(t.zh for t in texts))


def both(text: Words) -> Html:
    """`text` as markup, of which the page shows one language; once where both are the same."""
    if text.en == text.zh:
        return markup(text.en)
    return join(
        element("span", text.en, lang="en"),
        element("span", text.zh, lang="zh-CN"),
    )


def say(key: str, **values: object) -> Html:
    """The text of `key` as markup in both languages; the values are escaped."""
    return both(words(key, **values))
