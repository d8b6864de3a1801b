"""Routing rules over what is known of a caller: the first one that matches counts.

A rule is a row of conditions; what is left empty is not asked. It gives a contact a priority level
and skills to ask for. `never` tells which rules no caller can reach, so that nobody trusts in one.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ctid.acd.need import Need
from ctid.core.records import QueueId


class Rule(msgspec.Struct, frozen=True):
    """Conditions, all of which must hold, and what then follows."""

    id: str
    queues: tuple[QueueId, ...] = ()
    """The queue joined is one of these."""
    grades: tuple[str, ...] = ()
    """The customer's grade is one of these."""
    languages: tuple[str, ...] = ()
    """The caller's language is one of these."""
    regions: tuple[str, ...] = ()
    """The number's country is one of these, ISO 3166."""
    known: bool | None = None
    """Whether exactly one customer was found."""
    vip: bool | None = None
    complaint: bool | None = None
    """Whether a complaint of the customer is open."""
    priority: int | None = None
    """The level to begin with, 0 to 9; None: the queue's own."""
    needs: tuple[Need, ...] = ()
    """Skills that an agent must have, however long the wait."""


class CallerFacts(msgspec.Struct, frozen=True):
    """What the rules may look at when a contact joins a queue."""

    queue: QueueId
    language: str = ""
    region: str = ""
    known: bool = False
    grade: str = ""
    vip: bool = False
    complaint: bool = False


LISTS = (
    ("queues", "queue"),
    ("grades", "grade"),
    ("languages", "language"),
    ("regions", "region"),
)
"""Conditions that are lists, and the fact that must be one of them."""
FLAGS = ("known", "vip", "complaint")


def first(rules: Sequence[Rule], facts: CallerFacts) -> Rule | None:
    """The first rule that matches, or None."""
    return next((rule for rule in rules if matches(rule, facts)), None)


def matches(rule: Rule, facts: CallerFacts) -> bool:
    """Whether all conditions hold."""
    for condition, fact in LISTS:
        allowed = getattr(rule, condition)
        if allowed and getattr(facts, fact) not in allowed:
            return False
    return all(getattr(rule, flag) in (None, getattr(facts, flag)) for flag in FLAGS)


def never(rules: Sequence[Rule]) -> list[tuple[int, str]]:
    """(index, why) of each rule that can never match."""
    found = []
    for n, rule in enumerate(rules):
        if rule.known is False and (rule.grades or rule.vip or rule.complaint):
            found.append((n, "asks for a caller who is not known and for what only the known have"))
            continue
        covering = next((other for other in rules[:n] if _covers(other, rule)), None)
        if covering is not None:
            found.append((n, f"the rule {covering.id!r} before it takes all its callers"))
    return found


def _covers(wide: Rule, narrow: Rule) -> bool:
    """Whether every caller of `narrow` matches `wide`."""
    for condition, _ in LISTS:
        allowed, asked = getattr(wide, condition), getattr(narrow, condition)
        if allowed and not (asked and set(asked) <= set(allowed)):
            return False
    return all(getattr(wide, flag) in (None, _implied(narrow, flag)) for flag in FLAGS)


def _implied(rule: Rule, flag: str) -> bool | None:
    """The flag's value for all callers of this rule; None: both occur."""
    value: bool | None = getattr(rule, flag)
    if flag == "known" and value is None and (rule.grades or rule.vip or rule.complaint):
        return True
    if flag != "known" and value is None and rule.known is False:
        return False
    return value
