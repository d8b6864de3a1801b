"""What check-config says of words that the recogniser is to understand."""

from __future__ import annotations

from typing import Any

import pytest

from ctid.app.speech_check import SpeechCheck, check_speech
from ctid.settings import parse
from tests.unit.test_settings import MAIN

FILES = {"spoken": "flows/spoken.toml"}


def checked(words: dict[str, dict[str, str]], **speech: Any) -> SpeechCheck:
    flow = {
        "id": "spoken", "start": "menu",
        "steps": {
            "menu": {"kind": "menu", "prompt": "which", "keys": {"1": "end", "2": "end"},
                     "words": words, "on_fail": "end"},
            "end": {"kind": "hangup"},
        },
        "prompts": {"which": {"en": "Which?", "zh-CN": "哪一个?"}},
    }  # fmt: skip
    main = {**MAIN, "entries": {"*": "spoken"}, "speech": {"on": True, **speech}}
    return check_speech(parse(main, {"flows/spoken.toml": flow}), "ctid.toml", FILES)


def test_words_of_the_dictionary_are_in_order() -> None:
    assert checked({"en": {"Sales": "1", "customer service": "2"}}) == SpeechCheck()


def test_a_word_that_it_does_not_have() -> None:
    [problem] = checked({"en": {"sales": "1", "ctid xyzzyq": "2"}}).problems[1:]
    assert problem.startswith("flows/spoken.toml: steps.menu.words.en: 'xyzzyq' is not in")
    assert "write it as words that are said like it" in problem


def test_words_of_a_language_that_it_does_not_understand() -> None:
    words = {"zh-CN": {"销售": "1"}}
    assert checked(words) == SpeechCheck()
    [problem] = checked(words, languages=["en", "zh-CN"]).problems
    assert problem.startswith("ctid.toml: speech.languages: pocketsphinx does not understand zh-CN")


@pytest.mark.parametrize("speech", [{"on": False}, {"recogniser": ""}])
def test_nobody_is_asked_for_nothing(speech: dict[str, Any]) -> None:
    assert checked({"en": {"xyzzyq": "1"}}, **speech) == SpeechCheck()


def test_a_recogniser_that_is_not_here_is_a_warning() -> None:
    found = checked({"en": {"xyzzyq": "1"}}, recogniser="nobody")
    assert found.problems == ()
    [warning] = found.warnings
    assert "no installed package has a recogniser 'nobody'" in warning
