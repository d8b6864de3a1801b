"""`ctid prompts build`: right format, only what changed, recordings win, the same bytes twice."""

import argparse
import json
import os
import shutil
import subprocess
import wave
from pathlib import Path

import pytest

from ctid.app import prompts, prompts_jobs
from ctid.app.prompts_audio import Engine, PromptsFailed, speech
from ctid.app.prompts_jobs import BUILT_IN, Job, collect
from ctid.core.errors import ConfigError
from tests.conftest import NEEDS_A_VOICE

pytestmark = NEEDS_A_VOICE

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
    """How many were made, were good already, and were removed."""
    done = prompts.build(place / "flows", place / "prompts", place / "out", {})
    return len(done.made), done.unchanged, len(done.removed)


def record(path: Path, frames: bytes = b"\x00\x10\x00\xf0" * 4_000, rate: int = 8_000) -> Path:
    """A WAV file, mono and of 16 bit."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(frames)
    return path


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


def test_a_recording_wins_and_is_taken_as_it_is(place: Path) -> None:
    build(place)
    spoken = sounds(place)["en/hello.wav"]
    recording = record(place / "prompts/en/hello.wav")
    assert build(place) == (1, 3, 0)
    assert sounds(place)["en/hello.wav"] == recording.read_bytes()
    record(recording, b"\x00\x20" * 4_000)
    assert build(place) == (1, 3, 0)
    recording.unlink()
    assert build(place) == (1, 3, 0)
    assert sounds(place)["en/hello.wav"] == spoken


def test_samples_alone_get_a_header(place: Path) -> None:
    (place / "prompts/en").mkdir(parents=True)
    (place / "prompts/en/hello.sln").write_bytes(b"\x01\x02" * 800)
    build(place)
    with wave.open(str(place / "out/en/hello.wav")) as made:
        assert (made.getframerate(), made.getnframes()) == (8_000, 800)
        assert made.readframes(800) == b"\x01\x02" * 800


def test_a_recording_without_any_text_is_a_prompt_too(place: Path) -> None:
    record(place / "prompts/zh-CN/jingle.wav")
    assert build(place) == (5, 0, 0)
    assert "zh-CN/jingle.wav" in sounds(place)


def test_what_is_wrong_with_recordings_is_said_before_anything_is_made(place: Path) -> None:
    record(place / "prompts/en/hello.wav", rate=44_100)
    (place / "prompts/en/bye.mp3").write_bytes(b"ID3")
    with pytest.raises(ConfigError) as caught:
        build(place)
    mp3, rate = caught.value.problems
    assert mp3.startswith(f"{place}/prompts/en/bye.mp3: is neither .wav nor .sln; make it anew:")
    assert rate.startswith(f"{place}/prompts/en/hello.wav: is 44100 Hz, mono, 16 bit; needed are")
    assert not (place / "out").exists()


def test_a_prompt_that_fails_leaves_the_others_made(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub = place / "bin/sox"
    stub.parent.mkdir()
    fails = 'case "$*" in *zh-CN*) echo broken >&2; exit 3;; esac'
    stub.write_text(f'#!/bin/sh\n{fails}\nexec {shutil.which("sox")} "$@"\n')
    stub.chmod(0o755)
    with monkeypatch.context() as patched:
        patched.setenv("PATH", f"{stub.parent}:{os.environ['PATH']}")
        with pytest.raises(PromptsFailed, match=r"zh-CN/\w+: .*/bin/sox failed with 3: broken"):
            build(place)
    assert not list((place / "out/zh-CN").iterdir())
    build(place)
    assert build(place) == (0, 4, 0)


def test_a_voice_that_espeak_does_not_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(prompts_jobs.VOICES, "zh-CN", "no-such-voice")
    with pytest.raises(PromptsFailed, match="espeak-ng has no voice no-such-voice; install"):
        Engine.find([Job("en/a", "en", "a", None)])


def test_chinese_is_spoken_as_chinese() -> None:
    """espeak-ng's plain Mandarin voice spells characters as English letters and a number."""
    flows = Path(__file__).parents[3] / "config/flows"
    texts: dict[tuple[str, ...], list[str]] = {}
    for job in collect(flows, flows.parent / "prompts"):
        options, text = speech(job)
        texts.setdefault(tuple(options), []).append(text)
    for told, lines in texts.items():
        command = ["espeak-ng", *told, "-q", "-x", "--stdin"]
        given = "\n\n".join(lines).encode()
        said = subprocess.run(command, input=given, capture_output=True, check=True).stdout
        assert said.count(b"\n") >= len(lines)
        assert b"(en)" not in said, lines


@pytest.mark.parametrize(
    ("language", "text", "voices", "read"),
    [
        ("zh-CN", "请按1。", ["cmn-latn-pinyin"], "请按1。"),
        ("en", "Press 1.", ["en-us"], "Press 1."),
        ("zh-CN", "12", ["cmn-latn-pinyin"], "12"),
        ("en", "12", ["en-us"], "12"),
        (
            "zh-CN", "请按1。For <English>, press 2.", ["cmn-latn-pinyin"],
            '<speak><voice name="cmn-latn-pinyin">请按1。</voice>'
            '<voice name="en-us">For &lt;English&gt;, press 2.</voice></speak>',
        ),
        (
            "en", "1 for English, 中文请按2", ["en-us"],
            '<speak><voice name="en-us">1 for English, </voice>'
            '<voice name="cmn-latn-pinyin">中文请按2</voice></speak>',
        ),
    ],
)  # fmt: skip
def test_each_language_has_its_voice_in_any_text(
    language: str, text: str, voices: list[str], read: str
) -> None:
    options, told = speech(Job(f"{language}/a", language, text, None))
    assert options[1:2] == voices
    assert told == read
    assert ("-m" in options) == read.startswith("<speak>")


def test_parts_of_a_sentence_have_no_silence_around_them(place: Path) -> None:
    (place / "flows/main.toml").write_text(
        '[prompts.part]\nen = "Hello"\n[prompts.whole]\nen = "Hello."\n'
    )
    build(place)
    length = {}
    for name in ("part", "whole"):
        with wave.open(str(place / f"out/en/{name}.wav")) as file:
            length[name] = file.getnframes() / 8_000
    assert 0.2 < length["part"] < length["whole"] - 0.2


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
        "flows/broken.toml: ",
        "flows/other.toml: prompts.hello: flows/main.toml has another text for en/hello",
        "flows/other.toml: prompts.../x: is no file name",
        "flows/other.toml: prompts.empty.en: has no text",
        "flows/other.toml: prompts.empty.fr: there is no voice",
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
    assert Engine.find([Job("en/a", "en", "a", tmp_path)]) == Engine("", "", "")


def test_prompts_that_no_flow_names_and_a_flow_that_has_one_of_its_own(place: Path) -> None:
    more = {"queue-to": {"en": "to", "zh-CN": "到"}, "hello": {"en": "Hi.", "zh-CN": "嗨。"}}
    texts = {job.name: job.text for job in collect(place / "flows", place / "prompts", more)}
    assert len(texts) == 6
    assert (texts["en/queue-to"], texts["zh-CN/queue-to"]) == ("to", "到")
    assert texts["en/hello"] == "Hello.", "the flow's"


def test_prompts_that_ctid_brings_along(place: Path) -> None:
    """Numbers are there once for announcements and for spoken values."""
    names = {job.name for job in collect(place / "flows", place / "prompts")}
    assert {"zh-CN/number-21", "zh-CN/amount-jiao", "en/ordinal-21", "en/queue-position"} <= names
    assert "en/amount-jiao" not in names
    assert len(names) == 4 + sum(len(texts) for texts in BUILT_IN.values())


def test_the_command(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompts_jobs, "BUILT_IN", {"count-2": BUILT_IN["count-2"]})
    record(place / "prompts/en/hello.wav")
    parser = argparse.ArgumentParser()
    prompts.add_arguments(parser)
    words = ["build", "--flows", str(place / "flows"), "--out", str(place / "out")]
    assert prompts.run(parser.parse_args(words)) == 0
    assert "6 made, 0 unchanged, 0 removed; 1 of them recorded" in capsys.readouterr().out
    (place / "flows/main.toml").write_text(FLOW.partition("[prompts.bye]")[0])
    assert prompts.run(parser.parse_args([*words, "--json"])) == 0
    assert json.loads(capsys.readouterr().out) == {
        "out": str(place / "out"), "ok": True, "made": [], "unchanged": 4,
        "removed": ["en/bye", "zh-CN/bye"], "recorded": 1, "problems": [], "warnings": [],
    }  # fmt: skip
    (place / "prompts/en/hello.wav").write_bytes(b"")
    assert prompts.run(parser.parse_args(words)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"ctid prompts: {place}/prompts/en/hello.wav: is empty; make it anew:")
    assert prompts.run(parser.parse_args([*words, "--json"])) == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["ok"], len(answer["problems"])) == (False, 1)


def test_what_there_is_to_record(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompts_jobs, "BUILT_IN", {"amount-yuan": {"zh-CN": "元"}})
    made = record(place / "prompts/en/hello.wav")
    parser = argparse.ArgumentParser()
    prompts.add_arguments(parser)
    words = ["list", "--flows", str(place / "flows")]
    assert prompts.run(parser.parse_args(words)) == 0
    assert capsys.readouterr().out.splitlines() == [
        "en/bye\tGoodbye.\t", f"en/hello\tHello.\t{made}", "zh-CN/amount-yuan\t元\t",
        "zh-CN/bye\t再见。\t", "zh-CN/hello\t您好。\t",
    ]  # fmt: skip
    assert prompts.run(parser.parse_args([*words, "--json"])) == 0
    listed = json.loads(capsys.readouterr().out)["prompts"]
    assert listed[1] == {"name": "en/hello", "text": "Hello.", "recording": str(made)}
