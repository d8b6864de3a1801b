"""Prompts that a site has recorded and written no text for: they count as prompts of its flows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ctid.acd import wait_prompts
from ctid.ivr import saying
from ctid.ivr.flow import LANGUAGES
from ctid.settings.flows import PROMPT

KINDS: Final = (".wav", ".sln")
"""As `ctid prompts build` takes them."""
RECORDED: Final = "(recorded)"
"""Stands where a text would."""


def add_recorded(flows: Mapping[str, dict[str, Any]], folder: Path) -> None:
    """Put `RECORDED` into the flow files' mappings for whatever `folder` holds as
    LANGUAGE/PROMPT.wav or .sln and a flow has no text for.

    In the mappings, so that the journal's settings say it too and need no folder later.
    """
    recorded = [
        (language, path.stem)
        for language in LANGUAGES
        for path in sorted((folder / language).glob("*"))
        if path.suffix in KINDS and PROMPT.fullmatch(path.stem)
        if path.stem not in saying.TEXTS and path.stem not in wait_prompts.TEXTS
    ]
    for raw in flows.values():
        prompts = raw.setdefault("prompts", {}) if recorded else None
        if isinstance(prompts, dict):
            for language, name in recorded:
                texts = prompts.setdefault(name, {})
                if isinstance(texts, dict):
                    texts.setdefault(language, RECORDED)
