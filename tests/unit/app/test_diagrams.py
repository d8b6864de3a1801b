"""The state pictures in the docs are those of the code."""

from __future__ import annotations

from ctid.app.diagrams import DOCUMENT, with_diagrams


def test_the_pictures_in_the_docs_are_made_from_the_tables() -> None:
    text = DOCUMENT.read_text()
    assert with_diagrams(text) == text, "run: python -m ctid.app.diagrams"
