"""Recordings: what is right is taken as it is, what is wrong is named with what to do."""

import struct
from pathlib import Path

import pytest

from ctid.app.cli import main
from ctid.app.prompts_jobs import doubts_of
from ctid.app.prompts_recordings import LONGEST_S, find, samples, write
from ctid.ivr.flow import LANGUAGES

SOUND = bytes(range(256)) * 20


def wav(
    sound: bytes = SOUND, *, form: int = 1, channels: int = 1, rate: int = 8_000, bits: int = 16,
    promised: int | None = None, extra: bytes = b"",
) -> bytes:  # fmt: skip
    """A WAV file, byte by byte, with anything that a header may say."""
    width = channels * bits // 8
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, form, channels, rate, rate * width, width, bits)
    length = len(sound) if promised is None else promised
    body = b"WAVE" + head + extra + struct.pack("<4sI", b"data", length) + sound
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("hello.wav", wav()),
        ("hello.wav", wav(extra=b"LIST\x04\x00\x00\x00INFO")),
        ("hello.sln", SOUND),
    ],
)
def test_what_asterisk_plays_is_taken(tmp_path: Path, name: str, content: bytes) -> None:
    path = put(tmp_path, f"en/{name}", content)
    assert find(tmp_path) == ({"en/hello": path}, [])
    assert samples(path) == SOUND
    write(tmp_path / "out.wav", SOUND)
    assert (tmp_path / "out.wav").read_bytes() == wav()


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.wav", b"", "is empty; make it anew: sox ORIGINAL -r 8000 -c 1 -b 16"),
        ("a.wav", b"no audio at all", "has no header of a WAV file"),
        ("a.wav", wav()[:30], "has no header of a WAV file"),
        ("a.wav", wav().replace(b"WAVE", b"WAVY"), "has no header of a WAV file"),
        ("a.wav", wav().replace(b"fmt ", b"fmx "), "has no header of a WAV file"),
        ("a.wav", wav(form=6, bits=8), "has no header of a WAV file"),
        ("a.wav", wav(b""), "holds no sound; make it anew"),
        ("a.wav", wav(promised=9_000), "its header promises 4500 samples, 2560 are there"),
        ("a.wav", wav(SOUND[:-1], promised=len(SOUND)), "promises 2560 samples, 2559 are there"),
        ("a.wav", wav(rate=44_100), "is 44100 Hz, mono, 16 bit; needed are 8000 Hz, mono, 16 bit"),
        ("a.wav", wav(channels=2), "is 8000 Hz, stereo, 16 bit; needed"),
        ("a.wav", wav(channels=6), "is 8000 Hz, of 6 channels, 16 bit; needed"),
        ("a.wav", wav(bits=8), "is 8000 Hz, mono, 8 bit; needed"),
        ("a.wav", wav(bytes(16_000 * (LONGEST_S + 1))), "lasts 111 s; cut it into prompts"),
        ("a.wav", bytes(40 * 16_000 * LONGEST_S), "has 70,400,000 bytes; make it anew"),
        ("a.sln", b"", "is empty; make it anew"),
        ("a.sln", SOUND[:-1], "has 5119 bytes, no whole number of 16 bit samples"),
        ("a.sln", wav(), "is a WAV file by its content; name it .wav"),
    ],
)
def test_what_it_would_not_play_is_refused(
    tmp_path: Path, name: str, content: bytes, what: str
) -> None:
    path = put(tmp_path, name, content)
    with pytest.raises(ValueError, match=f"^{path}: ") as caught:
        samples(path)
    assert what in str(caught.value)
    assert ";" in str(caught.value), "and what to do"


def test_a_file_that_is_gone_or_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a\.wav: cannot be read \(No such file or directory\); "):
        samples(tmp_path / "a.wav")
    (tmp_path / "b.wav").mkdir()
    with pytest.raises(ValueError, match=r"b\.wav: cannot be read \(Is a directory\); check its"):
        samples(tmp_path / "b.wav")


def test_names(tmp_path: Path) -> None:
    kept = put(tmp_path, "zh-CN/hello.sln", SOUND)
    second = put(tmp_path, "zh-CN/hello.wav", wav())
    other = put(tmp_path, "en/hello.gsm", SOUND)
    strange = put(tmp_path, "en/Good Bye.wav", wav())
    put(tmp_path, "en/.hidden", b"")
    put(tmp_path, "en/README.md", b"who spoke")
    put(tmp_path, "fr/bonjour.wav", wav())
    found, problems = find(tmp_path)
    assert found == {"zh-CN/hello": kept}
    assert [problem.partition("; ")[0] for problem in problems] == [
        f"{strange}: is no prompt's name",
        f"{other}: is neither .wav nor .sln",
        f"{second}: hello.sln is there too",
    ]
    assert find(tmp_path / "nowhere") == ({}, [])


def test_recordings_that_nothing_plays_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ctid.toml").write_bytes(Path("config/ctid.toml").read_bytes())
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows/main.toml").write_bytes(Path("config/flows/main.toml").read_bytes())
    folder = tmp_path / "prompts"
    for name in ("en/welcom.wav", "en/welcome.wav", "en/Thumbs.db", "en/.DS_Store",
                 "de/welcome.wav", "closed.wav", "notes.txt", "Thumbs.db"):  # fmt: skip
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, b"\0\1" * 800)
    assert main(["check-config", str(tmp_path / "ctid.toml")]) == 0
    told = [line for line in capsys.readouterr().err.splitlines() if "prompts" in line]
    places = f"move it to {folder}/{LANGUAGES[0]} or {folder}/{LANGUAGES[1]}"
    assert told == [
        f"warning: {folder}/en/welcom.wav: no flow has a prompt 'welcom'; "
        'did you mean "welcome"?',
        f"warning: {folder}/closed.wav: callers never hear it; {places}",
        f"warning: {folder}/de: callers never hear what is in here; {places}",
    ]
    assert doubts_of(tmp_path / "flows", folder) == [
        line.removeprefix("warning: ") for line in told
    ]
