"""`ctid prompts build`: right format, only what changed, recordings win, the same bytes twice."""

import argparse
import shutil
import wave
from pathlib import Path

import pytest

from ctid.app import prompts
from ctid.app.prompts_audio import Engine, Job, PromptsFailed, collect
from ctid.core.errors import ConfigError
from tests.conftest import LEFT_OUT

pytestmark = pytest.mark.skipif(
    not (shutil.which("espeak-ng") and shutil.which("sox")),
    reason=f"{LEFT_OUT}espeak-ng or sox is not installed",
)

FLOW = """
[prompts.hello]
en = "Hello."
zh-CN = "您好。"
[prompts.bye]
en = "Goodbye."
zh-CN = "再见。"
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows/main.toml").write_text(FLOW)
    return tmp_path


def build(place: Path) -> tuple[int, int, int]:
    return prompts.build(place / "flows", place / "prompts", place / "out")


def sounds(place: Path) -> dict[str, bytes]:
    out = place / "out"
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*.wav")}


def test_every_prompt_in_every_language_as_asterisk_plays_it(place: Path) -> None:
    assert build(place) == (4, 0, 0)
    assert sorted(sounds(place)) == [
        "en/bye.wav", "en/hello.wav", "zh-CN/bye.wav", "zh-CN/hello.wav",
    ]  # fmt: skip
    for path in (place / "out").rglob("*.wav"):
        with wave.open(str(path)) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8_000, 1, 2)
            assert file.getnframes() > 2_000
            assert any(file.readframes(file.getnframes()))
    assert not list((place / "out").rglob(".*making*"))


def test_only_what_changed_is_made_again_and_what_is_gone_is_removed(place: Path) -> None:
    build(place)
    assert build(place) == (0, 4, 0)
    (place / "flows/main.toml").write_text(FLOW.replace("Hello.", "Good morning."))
    assert build(place) == (1, 3, 0)
    (place / "out/en/bye.wav").write_bytes(b"spoilt")
    (place / "out/zh-CN/bye.wav").unlink()
    assert build(place) == (2, 2, 0)
    (place / "out/en/own.wav").write_bytes(b"not ours")
    (place / "flows/main.toml").write_text(FLOW.partition("[prompts.bye]")[0])
    assert build(place) == (1, 1, 2)
    assert sorted(sounds(place)) == ["en/hello.wav", "en/own.wav", "zh-CN/hello.wav"]


def test_the_same_input_gives_the_same_bytes(place: Path) -> None:
    build(place)
    first = sounds(place)
    shutil.rmtree(place / "out")
    build(place)
    assert sounds(place) == first


def test_a_recording_wins_and_is_converted(place: Path) -> None:
    build(place)
    spoken = sounds(place)["en/hello.wav"]
    recording = place / "prompts/en/hello.wav"
    recording.parent.mkdir(parents=True)
    with wave.open(str(recording), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(b"\x00\x10\x00\xf0" * 44_100)
    assert build(place) == (1, 3, 0)
    with wave.open(str(place / "out/en/hello.wav")) as made:
        assert (made.getframerate(), made.getnchannels(), made.getnframes()) == (8_000, 1, 8_000)
    recording.unlink()
    assert build(place) == (1, 3, 0)
    assert sounds(place)["en/hello.wav"] == spoken


def test_a_recording_that_is_no_audio_is_named_and_the_rest_is_kept(place: Path) -> None:
    recording = place / "prompts/zh-CN/hello.wav"
    recording.parent.mkdir(parents=True)
    recording.write_text("no audio")
    with pytest.raises(PromptsFailed, match=r"zh-CN/hello: .*sox failed with"):
        build(place)
    recording.unlink()
    made, kept, _ = build(place)
    assert made + kept == 4
    assert kept >= 2


def test_all_problems_in_prompts_at_once(place: Path) -> None:
    (place / "flows/other.toml").write_text(
        '[prompts.hello]\nen = "Another hello."\n'
        '[prompts."../x"]\nen = "x"\n'
        '[prompts.empty]\nen = " "\nfr = "Bonjour"\n'
    )
    (place / "flows/broken.toml").write_text("[prompts")
    with pytest.raises(ConfigError) as caught:
        collect(place / "flows", place / "prompts")
    text = "\n".join(caught.value.problems)
    for problem in (
        "broken.toml: ",
        "other.toml: prompts.hello: main.toml has another text for en/hello",
        "other.toml: prompts.../x: is no file name",
        "other.toml: prompts.empty.en: has no text",
        "other.toml: prompts.empty.fr: there is no voice",
    ):
        assert problem in text
    with pytest.raises(ConfigError, match="there is no flow file"):
        collect(place / "nowhere", place)


def test_missing_programs_are_named_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    speech = [Job("en/a", "en", "a", None)]
    with pytest.raises(PromptsFailed, match=r"espeak-ng \(.*sox \(.*apt-get install espeak-ng sox"):
        Engine.find(speech)
    # A site that has recorded everything needs no speech.
    with pytest.raises(PromptsFailed, match=r"^not installed: sox"):
        Engine.find([Job("en/a", "en", "a", tmp_path)])


def test_prompts_that_no_flow_names_and_a_flow_that_has_one_of_its_own(place: Path) -> None:
    more = {"queue-to": {"en": "to", "zh-CN": "到"}, "hello": {"en": "Hi.", "zh-CN": "嗨。"}}
    texts = {job.name: job.text for job in collect(place / "flows", place / "prompts", more)}
    assert len(texts) == 6
    assert (texts["en/queue-to"], texts["zh-CN/queue-to"]) == ("to", "到")
    assert texts["en/hello"] == "Hello.", "the flow's"


def test_the_command(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = prompts.wait_prompts.TEXTS
    monkeypatch.setattr(prompts.wait_prompts, "TEXTS", {"count-2": known["count-2"]})
    parser = argparse.ArgumentParser()
    prompts.add_arguments(parser)
    words = ["build", "--flows", str(place / "flows"), "--out", str(place / "out")]
    assert prompts.run(parser.parse_args(words)) == 0
    assert "6 made, 0 unchanged, 0 removed" in capsys.readouterr().out
