"""`[speech]` in the settings: what is read, and every bad value with its path."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ctid.core.errors import ConfigError
from ctid.ivr.speech_rules import SpeechRules
from ctid.settings import parse
from ctid.settings.speech import SpeechSection
from tests.unit.test_settings import FLOW, MAIN

FILES = {"flows/main.toml": FLOW}


def site(**speech: Any) -> dict[str, Any]:
    main = copy.deepcopy(MAIN)
    main["speech"] = speech
    return main


def test_it_is_off_unless_somebody_wants_it() -> None:
    settings = parse(MAIN, FILES)
    assert settings.speech == SpeechSection()
    assert settings.centre.speech == SpeechRules()
    assert settings.centre.speech.languages == ()
    assert parse(site(languages=["en"]), FILES).centre.speech.languages == ()


def test_everything_that_can_be_said() -> None:
    settings = parse(
        site(
            on=True, recogniser="own.words", languages=["en", "zh-CN"], sure=70, host="127.0.0.2",
            port=4600, callers=20, threads=2,
        ),
        FILES,
    )  # fmt: skip
    rules = SpeechRules(("en", "zh-CN"), 70)
    assert settings.centre.speech == rules
    assert settings.speech == SpeechSection(
        on=True, recogniser="own.words", host="127.0.0.2", port=4600, callers=20, threads=2,
        rules=rules,
    )  # fmt: skip
    assert parse(site(on=True), FILES).centre.speech == SpeechRules(("en",), 50)
    assert parse(site(on=True, recogniser=""), FILES).speech.recogniser == ""


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("on", "yes", "write true or false"),
        ("languages", ["fr"], "no language of ours"),
        ("languages", "en", "write a list of texts"),
        ("sure", 101, "use 0 to 100"),
        ("sure", 0.5, "write a whole number"),
        ("recogniser", "a b", "the recogniser's name"),
        ("host", "", "is empty"),
        ("port", 0, "use 1 to 65535"),
        ("callers", 0, "use 1 to 200"),
        ("threads", 33, "use 1 to 32"),
        ("volume", 11, "unknown key"),
    ],
)
def test_bad_values(key: str, value: object, what: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse(site(**{key: value}), FILES)
    [problem] = refused.value.problems
    assert problem.startswith(f"ctid.toml: speech.{key}: ")
    assert what in problem
