"""One prompt as audio: its text spoken by espeak-ng, or its recording, fit for telephones."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ctid.core.errors import ConfigError, CtidError
from ctid.ivr.flow import LANGUAGES
from ctid.settings.flows import PROMPT

VOICES = {"zh-CN": "cmn", "en": "en-us"}
"""Language → voice of espeak-ng."""
WORDS_A_MINUTE = "150"
TELEPHONE = ("-r", "8000", "-c", "1", "-b", "16", "-e", "signed-integer")
"""What Asterisk plays to every telephone without a resampler."""
LIMIT_S = 60
"""Seconds that one program may take for one prompt."""


class PromptsFailed(CtidError):
    """The prompts could not be made; the text says what to install or to change."""


class Job(NamedTuple):
    """One file to have."""

    name: str
    """`LANGUAGE/PROMPT`."""
    language: str
    text: str
    recording: Path | None
    """Used in place of the text."""

    def stamp(self, engine: Engine) -> str:
        """Digest of everything that decides what the file sounds like."""
        digest = hashlib.sha256(" ".join(TELEPHONE).encode())
        if self.recording is not None:
            digest.update(b"recording\0" + self.recording.read_bytes())
        else:
            parts = ("speech", engine.version, VOICES[self.language], WORDS_A_MINUTE, self.text)
            digest.update("\0".join(parts).encode())
        return digest.hexdigest()


class Engine(NamedTuple):
    """The two programs."""

    espeak: str
    sox: str
    version: str
    """Of espeak-ng: another version speaks differently."""

    @classmethod
    def find(cls, jobs: Iterable[Job]) -> Engine:
        """The programs that these jobs need.

        Raises:
            PromptsFailed: one of them is not on this machine.
        """
        speech = any(job.recording is None for job in jobs)
        needed = (("espeak-ng", "speaks the prompts", speech), ("sox", "converts audio", True))
        found: dict[str, str] = {}
        missing = []
        for program, use, wanted in needed:
            found[program] = shutil.which(program) or ""
            if wanted and not found[program]:
                missing.append(f"{program} ({use})")
        if missing:
            names = " ".join(part.split()[0] for part in missing)
            raise PromptsFailed(f"not installed: {', '.join(missing)}; apt-get install {names}")
        version = ""
        if speech:
            # Its last words name the folder of its data, which does not change what it says.
            told = _run([found["espeak-ng"], "--version"], b"").decode(errors="replace")
            version = told.partition("Data at")[0].strip()
        return cls(found["espeak-ng"], found["sox"], version)


def collect(
    flows: Path, recordings: Path, more: Mapping[str, Mapping[str, str]] | None = None
) -> list[Job]:
    """Every prompt of every flow file in the folder `flows`, in every language.

    `more` are prompts that no flow needs to name (name → language → text); where a flow has one of
    the same name, it is the flow's that counts.

    Raises:
        ConfigError: with every problem in the prompts of all files.
    """
    texts: dict[str, tuple[str, str]] = {}
    problems: list[str] = []
    files = sorted(flows.glob("*.toml"))
    if not files:
        problems.append(f"{flows}: there is no flow file; name their folder with --flows")
    for file in files:
        for name, text in _prompts(file, problems):
            known, origin = texts.setdefault(name, (text, file.name))
            if known != text:
                problems.append(
                    f"{file.name}: prompts.{name.rpartition('/')[2]}: {origin} has another text"
                    f" for {name}; give one of them another name"
                )
    if problems:
        raise ConfigError(tuple(problems))
    for prompt, languages in (more or {}).items():
        for language, text in languages.items():
            texts.setdefault(f"{language}/{prompt}", (text, ""))
    jobs = []
    for name, (text, _) in sorted(texts.items()):
        recording = recordings / f"{name}.wav"
        language = name.partition("/")[0]
        jobs.append(Job(name, language, text, recording if recording.is_file() else None))
    return jobs


def _prompts(file: Path, problems: list[str]) -> list[tuple[str, str]]:
    """(`LANGUAGE/PROMPT`, text) for what one file holds."""
    try:
        prompts = tomllib.loads(file.read_text(encoding="utf-8")).get("prompts", {})
    except (OSError, ValueError) as error:
        problems.append(f"{file.name}: {error}; correct the file")
        return []
    if not isinstance(prompts, Mapping):
        problems.append(f"{file.name}: prompts: is not a table; write [prompts.NAME]")
        return []
    found = []
    for prompt, texts in prompts.items():
        at = f"{file.name}: prompts.{prompt}"
        if not PROMPT.fullmatch(prompt):
            problems.append(f"{at}: is no file name; use 1 to 60 of a-z 0-9 _ -")
        elif not isinstance(texts, Mapping):
            problems.append(f"{at}: is not a table; write it under [prompts.{prompt}]")
        else:
            found += _texts(at, prompt, texts, problems)
    return found


def _texts(
    at: str, prompt: str, texts: Mapping[str, Any], problems: list[str]
) -> list[tuple[str, str]]:
    found = []
    for language, text in texts.items():
        if language not in VOICES:
            known = " or ".join(LANGUAGES)
            problems.append(f"{at}.{language}: there is no voice for it; use {known}")
        elif not isinstance(text, str) or not text.strip():
            problems.append(f"{at}.{language}: has no text; write what callers should hear")
        else:
            found.append((f"{language}/{prompt}", text))
    return found


def make(job: Job, engine: Engine, target: Path) -> None:
    """Write the job's audio to `target`, whole or not at all.

    Raises:
        PromptsFailed: a program failed; its own words are in the text.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".making-") as folder:
        source, result = Path(folder, "speech.wav"), Path(folder, "telephone.wav")
        try:
            if job.recording is not None:
                source = job.recording
            else:
                voice = ("-v", VOICES[job.language], "-s", WORDS_A_MINUTE, "-b", "1")
                speak = [engine.espeak, *voice, "-w", str(source), "--stdin"]
                _run(speak, job.text.encode())
            # -D: no dither, whose noise would be another with each run. -3 dB leave room for the
            # resampler's overshoot, so that nothing is clipped.
            _run(
                [engine.sox, "-V1", "-D", str(source), *TELEPHONE, str(result), "gain", "-n", "-3"],
                b"",
            )
        except PromptsFailed as error:
            raise PromptsFailed(f"{job.name}: {error}") from error
        os.replace(result, target)


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
