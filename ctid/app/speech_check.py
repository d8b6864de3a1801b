"""What `ctid check-config` says of words that the recogniser is to understand."""

from __future__ import annotations

from typing import NamedTuple

from ctid.core.grammar import Grammar, said
from ctid.ivr.flow import Menu
from ctid.pbx.speech.recogniser import NoRecogniser, find
from ctid.settings import Settings


class SpeechCheck(NamedTuple):
    """Lines as ``file: path: what; what to do``."""

    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def check_speech(settings: Settings, file: str, flow_files: dict[str, str]) -> SpeechCheck:
    """Whether the recogniser of the settings is here, and knows every word.

    Args:
        file: the main file's name.
        flow_files: id of a flow → its file's name.
    """
    speech = settings.speech
    if not speech.on or not speech.recogniser:
        return SpeechCheck()
    try:
        recogniser = find(speech.recogniser)()
    except NoRecogniser as error:
        # It may well be there where the daemon runs; and without it everything works by keys.
        return SpeechCheck((), (f"{file}: speech.recogniser: {error}",))
    problems = [
        f"{file}: speech.languages: {speech.recogniser} does not understand {language};"
        f" take it out, or name another recogniser"
        for language in speech.rules.languages
        if language not in recogniser.languages
    ]
    for flow in settings.centre.flows.values():
        for name, step in flow.steps.items():
            words = step.words if isinstance(step, Menu) else {}
            for language in {*words} & {*recogniser.languages}:
                grammar = Grammar(language, tuple(said(phrase) for phrase in words[language]))
                problems += [
                    f"{flow_files.get(flow.id, flow.id)}: steps.{name}.words.{language}:"
                    f" {word!r} is not in the recogniser's dictionary; write it as words that"
                    " are said like it, or choose another"
                    for word in recogniser.unknown(grammar)
                ]
    return SpeechCheck(tuple(problems))
