"""Routing rules over what is known of a caller: the first one that matches counts.

A rule is a row of conditions; what is left empty is not asked. It gives a contact a priority level
and skills to ask for. `never` tells which rules no caller can reach, so that nobody trusts in one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from ctid.acd.need import Need
from ctid.core.instants import Duration
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
    segments: tuple[str, ...] = ()
    """The customer's segment is one of these."""
    order_value: int | None = None
    """The customer's orders are worth at least so much, in whole units of the CRM's currency."""
    during: tuple[str, ...] = ()
    """One of these opening hours is open."""
    expected: Duration = 0
    """The wait to be expected is at least so long; a wait that nobody can tell is not."""
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
    segment: str = ""
    order_value: int = 0
    open_hours: tuple[str, ...] = ()
    """Ids of all opening hours that are open."""
    expected: Duration | None = None


LISTS: Final = (
    ("queues", "queue"),
    ("grades", "grade"),
    ("languages", "language"),
    ("regions", "region"),
    ("segments", "segment"),
)
"""Conditions that are lists, and the fact that must be one of them."""
FLAGS: Final = ("known", "vip", "complaint")


def first(rules: Sequence[Rule], facts: CallerFacts) -> Rule | None:
    """The first rule that matches, or None."""
    return next((rule for rule in rules if matches(rule, facts)), None)


def matches(rule: Rule, facts: CallerFacts) -> bool:
    """Whether all conditions hold."""
    for condition, fact in LISTS:
        allowed = getattr(rule, condition)
        if allowed and getattr(facts, fact) not in allowed:
            return False
    if rule.order_value is not None and not (facts.known and facts.order_value >= rule.order_value):
        return False
    if rule.during and not set(rule.during) & set(facts.open_hours):
        return False
    if rule.expected and (facts.expected is None or facts.expected < rule.expected):
        return False
    return all(getattr(rule, flag) in (None, getattr(facts, flag)) for flag in FLAGS)


def never(rules: Sequence[Rule]) -> list[tuple[int, str]]:
    """(index, why) of each rule that can never match."""
    found = []
    for n, rule in enumerate(rules):
        if rule.known is False and _of_the_known(rule):
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
    if wide.order_value is not None and (
        narrow.order_value is None or narrow.order_value < wide.order_value
    ):
        return False
    if wide.during and not (narrow.during and set(narrow.during) <= set(wide.during)):
        return False
    if wide.expected > narrow.expected:
        return False
    return all(getattr(wide, flag) in (None, _implied(narrow, flag)) for flag in FLAGS)


def _of_the_known(rule: Rule) -> bool:
    """Whether a condition holds for customers only."""
    worth = rule.segments or rule.order_value is not None
    return bool(rule.grades or rule.vip or rule.complaint or worth)


def _implied(rule: Rule, flag: str) -> bool | None:
    """The flag's value for all callers of this rule; None: both occur."""
    value: bool | None = getattr(rule, flag)
    if flag == "known" and value is None and _of_the_known(rule):
        return True
    if flag != "known" and value is None and rule.known is False:
        return False
    return value
