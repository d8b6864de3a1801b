"""Speech in the menus: `[speech]`."""

from __future__ import annotations

import msgspec

from ctid.ivr.flow import LANGUAGES
from ctid.ivr.speech_rules import SpeechRules
from ctid.settings.table import Table

BUILT_IN = "pocketsphinx"


class SpeechSection(msgspec.Struct, frozen=True, kw_only=True):
    """The recogniser that the daemon starts, and what the machine believes of it."""

    on: bool = False
    recogniser: str = BUILT_IN
    """Name of the one to start; empty: another program serves Asterisk's aeap.conf."""
    host: str = "127.0.0.1"
    port: int = 4_575
    callers: int = 8
    """Listened to at the same time; one more goes on by keys."""
    threads: int = 1
    """Utterances that are recognised at the same time."""
    rules: SpeechRules = SpeechRules()
    """Without languages where `on` is false."""


def read_speech(main: Table) -> SpeechSection:
    """What the table says; every problem with it goes to the table."""
    table = main.table("speech")
    on = table.flag("on", False)
    languages = table.texts("languages", ("en",))
    sure = table.whole("sure", SpeechRules().sure, 0, 100)
    section = SpeechSection(
        on=on,
        recogniser=table.text(
            "recogniser", BUILT_IN, pattern=r"[A-Za-z0-9_.-]{1,60}", form="the recogniser's name"
        ),
        host=table.text(
            "host", "127.0.0.1", pattern=r"[A-Za-z0-9.:_-]{1,253}", form="an address", empty=False
        ),
        port=table.whole("port", 4_575, 1, 65_535),
        callers=table.whole("callers", 8, 1, 200),
        threads=table.whole("threads", 1, 1, 32),
        rules=SpeechRules(languages if on else (), sure),
    )
    for language in languages:
        if language not in LANGUAGES:
            what = f"{language!r} is no language of ours"
            table.wrong("languages", f"{what}; use {' and '.join(LANGUAGES)}")
    table.close()
    return section
