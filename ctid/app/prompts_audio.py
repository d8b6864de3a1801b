"""One prompt as audio: its text spoken by espeak-ng, or its recording, fit for telephones."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Final, NamedTuple

from ctid.app import prompts_recordings as recordings
from ctid.app.prompts_jobs import VOICES, WORDS_A_MINUTE, Job
from ctid.core.errors import CtidError

TELEPHONE: Final = ("-r", "8000", "-c", "1", "-b", "16", "-e", "signed-integer")
"""What Asterisk plays to every telephone without a resampler."""
LOUD: Final = ("gain", "-n", "-3")
"""-3 dB leave room for the resampler's overshoot, so that nothing is clipped."""
TRIMMED: Final = (
    *("silence", "1", "0", "0.3%", "reverse", "silence", "1", "0", "0.3%", "reverse"),
    *("pad", "0.02", "0.06"),
)
"""espeak-ng ends with a third of a second of silence, which would tear a number to pieces."""
LIMIT_S: Final = 60
"""Seconds that one program may take for one prompt."""
_HAN: Final = "㐀-鿿"
_WORDS: Final = re.compile(rf"[{_HAN}][^A-Za-z]*|[A-Za-z][^{_HAN}]*")
"""What is Chinese and what is Latin, with the figures and marks that follow."""


class PromptsFailed(CtidError):
    """The prompts could not be made; the text says what to install or to change."""


class Engine(NamedTuple):
    """The two programs."""

    espeak: str
    sox: str
    version: str
    """Of espeak-ng: another version speaks differently."""

    @classmethod
    def find(cls, jobs: Iterable[Job]) -> Engine:
        """The programs that these jobs need; none for recordings.

        Raises:
            PromptsFailed: one of them is not on this machine, or does not know our voices.
        """
        if all(job.recording for job in jobs):
            return cls("", "", "")
        needed = (("espeak-ng", "speaks the prompts"), ("sox", "converts audio"))
        found = {program: shutil.which(program) or "" for program, _ in needed}
        missing = [f"{program} ({use})" for program, use in needed if not found[program]]
        if missing:
            names = " ".join(part.split()[0] for part in missing)
            raise PromptsFailed(f"not installed: {', '.join(missing)}; apt-get install {names}")
        # With a voice that it does not know it speaks English, and says that all went well.
        listed = _run([found["espeak-ng"], "--voices"], b"").decode(errors="replace").splitlines()
        known = {words[1] for words in map(str.split, listed) if len(words) > 1}
        if unknown := sorted({*VOICES.values()} - known):
            names = " and ".join(unknown)
            raise PromptsFailed(f"espeak-ng has no voice {names}; install version 1.51 or newer")
        # Its last words name the folder of its data, which does not change what it says.
        told = _run([found["espeak-ng"], "--version"], b"").decode(errors="replace")
        return cls(found["espeak-ng"], found["sox"], told.partition("Data at")[0].strip())

    def stamp(self, job: Job) -> str:
        """What a file of that job was made from, and with."""
        return f"{job.source()} {'' if job.recording else self.version}".strip()


def speech(job: Job) -> tuple[list[str], str]:
    """What espeak-ng is told for the job's text: options, and what it reads.

    English words in a Chinese text have the English voice, and the other way round.
    """
    options = ["-s", WORDS_A_MINUTE, "-b", "1"]
    runs = []
    at = 0
    for found in _WORDS.finditer(job.text):
        language = "en" if found[0][0].isascii() else "zh-CN"
        runs.append((VOICES[language], job.text[at : found.end()]))
        at = found.end()
    voices = {voice for voice, _ in runs} or {VOICES[job.language]}
    if len(voices) == 1:
        return ["-v", *voices, *options], job.text
    # A text behind the end of a voice would have espeak-ng's own idea of the language.
    marked = "".join(f'<voice name="{voice}">{escape(text)}</voice>' for voice, text in runs)
    return ["-v", VOICES[job.language], *options, "-m"], f"<speak>{marked}</speak>"


def make(job: Job, engine: Engine, target: Path) -> None:
    """Write the job's audio to `target`, whole or not at all.

    Raises:
        PromptsFailed: a program failed; its own words are in the text.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".making-") as folder:
        result = Path(folder, "telephone.wav")
        if job.recording is not None:
            recordings.write(result, recordings.samples(job.recording))
        else:
            speak(job, engine, result)
        os.replace(result, target)


def speak(job: Job, engine: Engine, result: Path) -> None:
    """Speak the job's text into the file `result`; parts of a sentence without silence around."""
    source = result.with_name("speech.wav")
    options, text = speech(job)
    effects = (*LOUD, *(TRIMMED if job.in_a_sentence else ()))
    try:
        _run([engine.espeak, *options, "-w", str(source), "--stdin"], text.encode())
        # -D: no dither, whose noise would be another with each run.
        _run([engine.sox, "-V1", "-D", str(source), *TELEPHONE, str(result), *effects], b"")
    except PromptsFailed as error:
        raise PromptsFailed(f"{job.name}: {error}") from error


def _run(command: list[str], given: bytes) -> bytes:
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        raise PromptsFailed(f"{command[0]} took over {LIMIT_S} s; try again") from None
    except OSError as error:
        raise PromptsFailed(f"{command[0]} did not start: {error.strerror}") from error
    if done.returncode != 0:
        words = done.stderr.decode(errors="replace").strip()[-300:]
        raise PromptsFailed(f"{command[0]} failed with {done.returncode}: {words}")
    return done.stdout
