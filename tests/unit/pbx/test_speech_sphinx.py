"""The built-in recogniser without a telephone: what it makes of espeak-ng's voice at 8 kHz."""

import pytest

from ctid.core.grammar import Grammar
from ctid.pbx.speech.recogniser import BUILT_IN, FRAME, NOTHING, NoRecogniser, Recogniser, find
from ctid.pbx.speech.sphinx import AT_EASE, jsgf, sureness
from tests.conftest import NEEDS_A_VOICE
from tests.real_pbx.speaking import Voice, samples

pytestmark = NEEDS_A_VOICE

MENU = Grammar("en", ("sales", "support", "operator", "customer service"))
VOICE = Voice("en-us")


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return find(BUILT_IN)()


def test_a_phrase_is_heard_the_same_each_time(recogniser: Recogniser) -> None:
    """Nothing of one caller's line is left for the next one's."""
    operator, banana = samples("operator", VOICE), samples("banana", VOICE)
    first = recogniser.recognise(operator, MENU)
    assert first.text == "operator"
    assert first.sure > 90
    other = recogniser.recognise(banana, MENU)
    assert other.sure < 50
    assert recogniser.recognise(operator, MENU) == first
    assert recogniser.recognise(banana, MENU) == other


def test_figures_as_many_as_are_asked_for(recogniser: Recogniser) -> None:
    spoken = samples("one four zero eight", VOICE)
    assert recogniser.recognise(spoken, Grammar("en", (), 4, 4)).text == "1408"
    assert len(recogniser.recognise(spoken, Grammar("en", (), 2, 8)).text) in range(2, 9)


@pytest.mark.parametrize("audio", [b"", bytes(1_000), bytes(16_000), b"\xff\x7f" * 4_000])
def test_audio_without_a_voice(recogniser: Recogniser, audio: bytes) -> None:
    heard = recogniser.recognise(audio, MENU)
    assert heard == NOTHING or heard.sure < 50


def test_a_voice_is_told_from_silence(recogniser: Recogniser) -> None:
    audio = samples("operator", VOICE)
    frames = [audio[at : at + FRAME] for at in range(0, len(audio) - FRAME, FRAME)]
    speech = [recogniser.is_speech(frame) for frame in frames]
    assert sum(speech) > len(speech) / 3
    assert not recogniser.is_speech(bytes(FRAME))


def test_words_that_it_cannot_know(recogniser: Recogniser) -> None:
    assert recogniser.unknown(MENU) == ()
    assert recogniser.unknown(Grammar("en", ("sales xyzzyq", "qwrtz"))) == ("xyzzyq", "qwrtz")
    assert recogniser.unknown(Grammar("zh-CN", ("销售",))) == ("销售",)
    assert recogniser.unknown(Grammar("zh-CN", (), 1, 4))


def test_how_sure() -> None:
    assert [sureness(gain * AT_EASE) for gain in (-1e9, -1, 0, 1, 3, 1e9)] == [
        0,
        27,
        50,
        73,
        95,
        100,
    ]


def test_the_grammar_of_figures() -> None:
    text = jsgf(Grammar("en", (), 2, 4))
    assert "public <said> = <figure> <figure>  [ <figure> [ <figure> ] ];" in text


def test_a_recogniser_that_is_not_here() -> None:
    with pytest.raises(NoRecogniser, match="'nobody'"):
        find("nobody")
