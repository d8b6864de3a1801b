"""Which prompt files there are to have: those of the flows, of announcements, of spoken values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from ctid.acd import wait_prompts
from ctid.app import prompts_recordings as recordings
from ctid.core.errors import ConfigError
from ctid.core.text import nearest
from ctid.ivr import saying
from ctid.ivr.flow import LANGUAGES
from ctid.settings.files import LARGEST_FLOW, flow_name, read_toml
from ctid.settings.flows import PROMPT

VOICES: Final = {"zh-CN": "cmn-latn-pinyin", "en": "en-us"}
"""Language → voice of espeak-ng. Its plain `cmn` of version 1.51 spells most characters as English
letters and a tone's number; see its issues 1236 and 1370."""
WORDS_A_MINUTE: Final = "150"
MAKING: Final = "2"
"""How speech becomes a file, `prompts_audio.speak`: another way makes all of them anew."""
BUILT_IN: Final[Mapping[str, Mapping[str, str]]] = {**saying.TEXTS, **wait_prompts.TEXTS}
"""Prompts that ctid brings along (name → language → text)."""
_ENDS: Final = (".", "!", "?", "\u3002", "\uff01", "\uff1f")
"""Full stops and marks, the last three those of Chinese."""


class Job(NamedTuple):
    """One file to have."""

    name: str
    """`LANGUAGE/PROMPT`."""
    language: str
    text: str
    """Empty where there is a recording only."""
    recording: Path | None
    """Used in place of the text."""

    def source(self) -> str:
        """Digest of what the site has a hand in: the text, or the recording."""
        if self.recording is not None:
            return hashlib.sha256(b"recording\0" + self.recording.read_bytes()).hexdigest()
        parts = ("speech", MAKING, VOICES[self.language], WORDS_A_MINUTE, self.text)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    @property
    def in_a_sentence(self) -> bool:
        """Whether others follow without a pause: a number, a unit, the beginning of a sentence."""
        return not self.text.rstrip().endswith(_ENDS)


def collect(
    flows: Path, recorded: Path, more: Mapping[str, Mapping[str, str]] | None = None
) -> list[Job]:
    """Every prompt of every flow file in the folder `flows`, in every language, and whatever is
    recorded in the folder `recorded`.

    `more` are prompts that no flow needs to name (name → language → text), those of ctid where it
    is not given; where a flow has one of the same name, it is the flow's that counts.

    Raises:
        ConfigError: with every problem in the prompts of all files, and in all recordings.
    """
    problems: list[str] = []
    texts = _of_flows(flows, problems, problems)
    for prompt, languages in (BUILT_IN if more is None else more).items():
        for language, text in languages.items():
            texts.setdefault(f"{language}/{prompt}", text)
    problems += recordings.problems(recorded)
    if problems:
        raise ConfigError(tuple(problems))
    found, _ = recordings.find(recorded)
    return [
        Job(name, name.partition("/")[0], texts.get(name, ""), found.get(name))
        for name in sorted({*texts, *found})
    ]


def text_problems(flows: Path) -> list[str]:
    """Of the problems that `collect` finds in the texts, those that nothing else would find: two
    texts for one prompt, a language without a voice."""
    found: list[str] = []
    _of_flows(flows, [], found)
    return found


def doubts_of(flows: Path, recorded: Path) -> list[str]:
    """A line for each recording that nothing plays: its name is in no flow file, in no file beside
    their folder, and is none of ctid's own; or it stands where none is looked for."""
    named = set(BUILT_IN)
    for file in (*sorted(flows.glob("*.toml")), *sorted(flows.parent.glob("*.toml"))):
        raw = read_toml(file, file.name, [])
        named.update(_texts_in({} if raw is None else raw))
    found, _ = recordings.find(recorded)
    lines = [
        f"{path}: no flow has a prompt {path.stem!r}; {nearest(path.stem, sorted(named))}"
        for path in found.values()
        if path.stem not in named
    ]
    return lines + recordings.passed_over(recorded)


def _texts_in(raw: object) -> Iterator[str]:
    """Every text in a file, and what its prompts are called."""
    match raw:
        case str():
            yield raw
        case list():
            for one in raw:
                yield from _texts_in(one)
        case Mapping():
            if isinstance(prompts := raw.get("prompts"), Mapping):
                yield from prompts
            for one in raw.values():
                yield from _texts_in(one)


def _of_flows(flows: Path, problems: list[str], own: list[str]) -> dict[str, str]:
    """`LANGUAGE/PROMPT` → text; what is wrong goes to `problems`, or to `own` where nobody but us
    looks for it."""
    texts: dict[str, tuple[str, str]] = {}
    files = sorted(flows.glob("*.toml"))
    if not files:
        problems.append(f"{flows}: there is no flow file; name their folder with --flows")
    for file in files:
        told = flow_name(file)
        for name, text in _prompts(file, told, problems, own):
            known, origin = texts.setdefault(name, (text, told))
            if known != text:
                own.append(
                    f"{told}: prompts.{name.rpartition('/')[2]}: {origin} has another text"
                    f" for {name}; give one of them another name"
                )
    return {name: text for name, (text, _) in texts.items()}


def _prompts(file: Path, told: str, problems: list[str], own: list[str]) -> list[tuple[str, str]]:
    """(`LANGUAGE/PROMPT`, text) for what one file holds, which is `told` by that name."""
    raw = read_toml(file, told, problems, LARGEST_FLOW)
    prompts = {} if raw is None else raw.get("prompts", {})
    if not isinstance(prompts, Mapping):
        problems.append(f"{told}: prompts: is not a table; write [prompts.NAME]")
        return []
    found = []
    for prompt, texts in prompts.items():
        at = f"{told}: prompts.{prompt}"
        if not PROMPT.fullmatch(prompt):
            problems.append(f"{at}: is no file name; use 1 to 60 of a-z 0-9 _ -")
        elif not isinstance(texts, Mapping):
            problems.append(f"{at}: is not a table; write it under [prompts.{prompt}]")
        else:
            found += _texts(at, prompt, texts, problems, own)
    return found


def _texts(
    at: str, prompt: str, texts: Mapping[str, Any], problems: list[str], own: list[str]
) -> list[tuple[str, str]]:
    found = []
    for language, text in texts.items():
        if language not in VOICES:
            known = " or ".join(LANGUAGES)
            own.append(f"{at}.{language}: there is no voice for it; use {known}")
        elif not isinstance(text, str) or not text.strip():
            problems.append(f"{at}.{language}: has no text; write what callers should hear")
        else:
            found.append((f"{language}/{prompt}", text))
    return found
