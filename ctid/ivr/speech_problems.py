"""What is wrong with the words of a step, and what a site's recogniser makes of no use."""

from __future__ import annotations

from collections.abc import Mapping

from ctid.core.grammar import LONGEST_LINE, MOST_FIGURES, Grammar, line_of, phrases_problem, said
from ctid.core.text import nearest
from ctid.ivr.flow import LANGUAGES, Flow
from ctid.ivr.speech_rules import SpeechRules
from ctid.ivr.steps import Collect, Menu


def menu_problems(step: Menu) -> list[tuple[str, str]]:
    """(field, what is wrong and what to do)."""
    found: list[tuple[str, str]] = []
    for language, words in step.words.items():
        at = f"words.{language}"
        if language not in LANGUAGES:
            what = f"{language!r} is no language of ours"
            found.append((at, f"{what}; {nearest(language, LANGUAGES)}"))
        found += _words_problems(at, language, words, step)
    if step.unsure and not step.words:
        found.append(("unsure", "is for menus with words; write words, or take it out"))
    return found


def _words_problems(
    at: str, language: str, words: Mapping[str, str], step: Menu
) -> list[tuple[str, str]]:
    if not words:
        return [(at, 'has no words; write { "what is said" = "1" }, or take it out')]
    phrases = [said(phrase) for phrase in words]
    if wrong := phrases_problem(phrases):
        return [(at, f'{wrong}; write what is said, as in "customer service" = "1"')]
    found = [
        (f"{at}.{phrase}", f"stands for the key {key!r}, which the menu does not have;"
         f" {nearest(key, step.keys)}")
        for phrase, key in words.items()
        if key not in step.keys
    ]  # fmt: skip
    if twice := {phrase for phrase in phrases if phrases.count(phrase) > 1}:
        found.append((at, f"{sorted(twice)[0]!r} is there twice; take one out"))
    if len(line_of(Grammar(language, tuple(phrases)))) > LONGEST_LINE:
        found.append((at, f"is over {LONGEST_LINE} characters in all; take some out"))
    return found


def collect_problems(step: Collect) -> list[tuple[str, str]]:
    """The same for figures."""
    found: list[tuple[str, str]] = []
    if step.speech and step.class_ == "pin":
        found.append(("speech", "a PIN is not for the ears of others; take it out"))
    if step.speech and step.max > MOST_FIGURES:
        what = f"{step.max} figures are too many to be said"
        found.append(("speech", f"{what}; make max {MOST_FIGURES} or less, or take it out"))
    if step.unsure and not step.speech:
        found.append(("unsure", "is for figures that may be said; write speech = true"))
    return found


def speech_doubts(flow: Flow, rules: SpeechRules) -> list[str]:
    """Words that nobody listens to, as ``path: what; what to do``."""
    found = []
    for name, step in flow.steps.items():
        if not isinstance(step, Menu | Collect):
            continue
        spoken = step.words if isinstance(step, Menu) else LANGUAGES if step.speech else ()
        at = f"steps.{name}.{'words' if isinstance(step, Menu) else 'speech'}"
        if spoken and not rules.languages:
            found.append(f"{at}: nobody listens, for speech.on is false; set it, or go on by keys")
        elif isinstance(step, Menu):
            found += [
                f"{at}.{language}: speech.languages has no {language}; callers press keys in it"
                for language in spoken
                if language not in rules.languages
            ]
    return found
