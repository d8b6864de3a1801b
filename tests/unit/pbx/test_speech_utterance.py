"""Where an utterance begins and ends. A frame counts as speech here when it is not all zeros."""

from hypothesis import given
from hypothesis import strategies as st

from ctid.core.grammar import Grammar
from ctid.pbx.speech.recogniser import FRAME
from ctid.pbx.speech.utterance import (
    AFTER,
    BEFORE,
    DIGITS_PAUSE_MS,
    FRAME_MS,
    PAUSE_MS,
    PHRASE_LIMIT_MS,
    Utterance,
)

WORDS = Grammar("en", ("yes", "no"))
LOUD, QUIET = b"\1" * FRAME, bytes(FRAME)


def utterance(grammar: Grammar = WORDS) -> Utterance:
    return Utterance(grammar, any)


def test_silence_and_clicks_are_no_speech() -> None:
    heard = utterance()
    heard.feed((QUIET * 10 + LOUD * 2 + QUIET * 5) * 50)
    assert not heard.speaking
    assert not heard.whole


def test_a_word_with_a_little_before_and_the_pause_after_it() -> None:
    heard = utterance()
    heard.feed(QUIET * 100 + LOUD * 20)
    assert heard.speaking
    heard.feed(QUIET * (PAUSE_MS // FRAME_MS - 1))
    assert not heard.whole
    heard.feed(QUIET)
    assert heard.whole
    assert not heard.speaking
    before = BEFORE - 3
    assert heard.audio == QUIET * before + LOUD * 20 + QUIET * AFTER
    heard.feed(LOUD * 100)
    assert len(heard.audio) == FRAME * (before + 20 + AFTER)


def test_figures_may_have_longer_pauses() -> None:
    heard = utterance(Grammar("en", (), 4, 4))
    heard.feed(LOUD * 10 + QUIET * (PAUSE_MS // FRAME_MS + 2) + LOUD * 10)
    assert heard.speaking
    heard.feed(QUIET * (DIGITS_PAUSE_MS // FRAME_MS))
    assert heard.whole


def test_nobody_talks_for_ever() -> None:
    heard = utterance()
    heard.feed(LOUD * 10_000)
    assert heard.whole
    assert len(heard.audio) == PHRASE_LIMIT_MS // FRAME_MS * FRAME


@given(st.lists(st.integers(1, 3 * FRAME), max_size=30), st.binary(max_size=40))
def test_how_the_audio_is_cut_changes_nothing(cuts: list[int], pattern: bytes) -> None:
    audio = b"".join(LOUD if byte % 2 else QUIET for byte in pattern)
    whole, pieces = utterance(), utterance()
    whole.feed(audio)
    at = 0
    for cut in cuts:
        pieces.feed(audio[at : at + cut])
        at += cut
    pieces.feed(audio[at:])
    assert (pieces.audio, pieces.whole) == (whole.audio, whole.whole)
