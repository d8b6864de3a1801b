"""A site's own recordings: LANGUAGE/PROMPT.wav or .sln, as Asterisk plays them, or why it cannot.

They are taken as they are, so that callers hear what was recorded. A file that is not right is
never built, for Asterisk would pass over it, or play noise, while a caller waits.
"""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Final

from ctid.ivr.flow import LANGUAGES
from ctid.settings.flows import PROMPT
from ctid.settings.recorded import KINDS

RATE: Final = 8_000
_NOTES: Final = (".md", ".txt")
_DESKTOPS: Final = ("thumbs.db", "desktop.ini")
LONGEST_S: Final = 110
"""Seconds. ctid counts Asterisk as silent when it plays one prompt for over 120."""
_WIDTH: Final = 2
_CHANNELS: Final = {1: "mono", 2: "stereo"}
_MOST_BYTES: Final = 2 * RATE * _WIDTH * LONGEST_S
"""No file that could be right is larger, whatever other chunks it has."""


def find(folder: Path) -> tuple[dict[str, Path], list[str]]:
    """`LANGUAGE/PROMPT` → its recording, and what is wrong with the names; no file is opened."""
    found: dict[str, Path] = {}
    problems: list[str] = []
    for language in LANGUAGES:
        for path in sorted((folder / language).glob("*")):
            if _is_none(path):
                continue
            name = f"{language}/{path.stem}"
            if path.suffix not in KINDS:
                problems.append(f"{path}: is neither .wav nor .sln; {_advice(path)}")
            elif not PROMPT.fullmatch(path.stem):
                problems.append(f"{path}: is no prompt's name; use 1 to 60 of a-z 0-9 _ -")
            elif name in found:
                problems.append(f"{path}: {found[name].name} is there too; keep one of them")
            else:
                found[name] = path
    return found, problems


def passed_over(folder: Path) -> list[str]:
    """A line for each file that looks like a recording and stands where none is looked for."""
    places = " or ".join(f"{folder}/{language}" for language in LANGUAGES)
    found: list[str] = []
    for path in sorted(folder.glob("*")):
        if path.is_dir() and path.name not in LANGUAGES and not path.name.startswith("."):
            files = [one for one in path.glob("*") if one.suffix in KINDS]
            if files:
                found.append(f"{path}: callers never hear what is in here; move it to {places}")
        elif path.suffix in KINDS and not _is_none(path):
            found.append(f"{path}: callers never hear it; move it to {places}")
    return found


def _is_none(path: Path) -> bool:
    """Whether it is a note, or what a desktop leaves in each folder."""
    name = path.name.lower()
    left = name.startswith(".") or name in _DESKTOPS
    return left or path.suffix in _NOTES or not path.is_file()


def problems(folder: Path) -> list[str]:
    """What is wrong with all recordings in `folder`, one line each with the file and what to do."""
    found, wrong = find(folder)
    for path in found.values():
        try:
            samples(path)
        except ValueError as error:
            wrong.append(str(error))
    return wrong


def samples(path: Path) -> bytes:
    """The sound of a recording: 8 kHz, mono, 16 bit, low byte first.

    Raises:
        ValueError: it is not right; the text names the file, what is wrong and what to do.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError(f"has {path.stat().st_size:,} bytes")
        content = path.read_bytes()
        # .sln holds the samples alone, as Asterisk's format slin has them, low byte first.
        sound = _raw(content) if path.suffix == ".sln" else _wav(content)
        if len(sound) > RATE * _WIDTH * LONGEST_S:
            seconds = len(sound) // (RATE * _WIDTH)
            raise ValueError(f"lasts {seconds} s; cut it into prompts of at most {LONGEST_S} s")
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror}); check its mode") from error
    except ValueError as error:
        advice = "" if ";" in str(error) else f"; {_advice(path)}"
        raise ValueError(f"{path}: {error}{advice}") from None
    return sound


def write(path: Path, sound: bytes) -> None:
    """A WAV file of the sound, with the plain header that Asterisk reads."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(_WIDTH)
        file.setframerate(RATE)
        file.writeframes(sound)


def _raw(content: bytes) -> bytes:
    if content.startswith(b"RIFF"):
        raise ValueError("is a WAV file by its content; name it .wav")
    if not content:
        raise ValueError("is empty")
    if len(content) % _WIDTH:
        raise ValueError(f"has {len(content)} bytes, no whole number of 16 bit samples")
    return content


def _wav(content: bytes) -> bytes:
    if not content:
        raise ValueError("is empty")
    try:
        with wave.open(io.BytesIO(content)) as file:
            rate, channels, width = file.getframerate(), file.getnchannels(), file.getsampwidth()
            promised = file.getnframes()
            sound: bytes = file.readframes(promised)
    except (wave.Error, EOFError) as error:
        why = str(error) or "it ends in the middle"
        raise ValueError(f"has no header of a WAV file with 16 bit samples ({why})") from None
    if (rate, channels, width) != (RATE, 1, _WIDTH):
        of = _CHANNELS.get(channels, f"of {channels} channels")
        raise ValueError(f"is {rate} Hz, {of}, {8 * width} bit; needed are {RATE} Hz, mono, 16 bit")
    if len(sound) != promised * _WIDTH:
        held = len(sound) // _WIDTH
        raise ValueError(f"is cut off: its header promises {promised} samples, {held} are there")
    if not sound:
        raise ValueError("holds no sound")
    return sound


def _advice(path: Path) -> str:
    goal = path.with_suffix(".wav")
    return f"make it anew: sox ORIGINAL -r {RATE} -c 1 -b 16 -e signed-integer {goal}"
