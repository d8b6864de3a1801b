"""Overflow: when a contact leaves a queue, or never joins it, and where it goes instead.

A queue has rules in order; the first whose conditions all hold moves the contact. What a rule may
look at comes in as `Seen`, so this file knows nothing of clocks, hours or other queues.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

import msgspec

from ctid.acd.strategies.strategy import spoken
from ctid.core.instants import SECOND, Duration
from ctid.core.records import QueueId

Presence = Literal["", "signed_in", "ready", "free"]
"""What nobody is: signed in; signed in and not on a break; able to take a contact this moment."""

Moment = Literal["join", "wait", "both", "key"]
"""When a rule is looked at: before the contact joins, while it waits, either of these, or when the
caller presses a key."""

Kind = Literal["closed", "no_agent", "full", "timed_out", "by_key"]
"""What a rule's move counts as."""


class ToQueue(msgspec.Struct, frozen=True, tag=True):
    """Wait in another queue, with the time waited so far."""

    queue: QueueId


class ToExternal(msgspec.Struct, frozen=True, tag=True):
    """Talk to somebody outside; a number that does not answer brings the contact back."""

    number: str


class ToVoicemail(msgspec.Struct, frozen=True, tag=True):
    """Hear the prompts, then leave a message."""

    prompts: tuple[str, ...] = ()


class ToMessage(msgspec.Struct, frozen=True, tag=True):
    """Hear the prompts; then the call ends."""

    prompts: tuple[str, ...]


class ToCallback(msgspec.Struct, frozen=True, tag=True):
    """Hear what is offered; then, by a key, be called back at the place that the contact has."""

    prompts: tuple[str, ...] = ("callback-offer",)


class ToMenu(msgspec.Struct, frozen=True, tag=True):
    """Back into a flow; where that leads to a queue again, the time waited counts on."""

    flow: str


class ToHangUp(msgspec.Struct, frozen=True, tag=True):
    """The call ends."""


Target = ToQueue | ToExternal | ToVoicemail | ToMessage | ToCallback | ToMenu | ToHangUp


class Rule(msgspec.Struct, frozen=True):
    """One rule. A condition with its default is none; all others must hold."""

    to: Target
    at: Moment = "join"
    waited: Duration = 0
    """Has waited at least so long, over all queues."""
    length: int = 0
    """At least so many others wait in this queue."""
    ratio: int = 0
    """More than so many thousandths of a contact wait for each agent who is signed in and not on a
    break, this one included; without such an agent it holds."""
    no_agent: Presence = ""
    """No agent of this queue is that."""
    closed: str = ""
    """These opening hours say closed."""
    expected: Duration = 0
    """The wait that is still to be expected is at least so long."""
    key: str = ""
    """The caller has just pressed this key; goes with the moment `key` and no other."""
    rounds: int = 0
    """Phones have rung for the contact at least so often in this queue, and nobody answered."""

    @property
    def kind(self) -> Kind:
        """What a move by this rule counts as: the caller's own choice, or of several conditions the
        gravest."""
        if self.key:
            return "by_key"
        if self.closed:
            return "closed"
        if self.no_agent:
            return "no_agent"
        return "full" if self.length or self.ratio else "timed_out"

    def looked_at(self, moment: Moment) -> bool:
        """Whether this rule counts at that moment."""
        return self.at == moment or (self.at == "both" and moment != "key")

    @property
    def changes(self) -> bool:
        """Whether it can begin to hold at another time than its own `waited`."""
        return bool(self.length or self.ratio or self.no_agent or self.closed or self.expected)


class Overflow(msgspec.Struct, frozen=True):
    """The overflow of one queue."""

    rules: tuple[Rule, ...] = ()
    hops: int = 3
    """A contact that was moved so often goes to no further queue or number from here."""
    look_every: Duration = 5 * SECOND
    """How often the conditions that no event tells are looked at again for those who wait."""


class Seen(NamedTuple):
    """What the rules of one queue may look at for one contact, now."""

    waited: Duration
    others: int
    """Contacts that wait in the queue, this one left out."""
    signed_in: int
    ready: int
    free: int
    is_open: Callable[[str], bool]
    expected: Callable[[], Duration | None]
    """The wait that is still to be expected; None when nobody can tell."""
    rounds: int = 0


class Match(NamedTuple):
    """The rule that moves a contact, by its place in the queue's list from 1, and why."""

    number: int
    rule: Rule
    reason: str


def first_match(
    overflow: Overflow,
    moment: Moment,
    seen: Seen,
    hops: int = 0,
    passed_over: Sequence[int] = (),
    key: str = "",
    *,
    callback: Callable[[], bool] = lambda: True,
) -> Match | None:
    """The first rule that holds, or None.

    Args:
        hops: how often the contact was moved already.
        passed_over: numbers of rules that were tried in vain for this contact. A key may be pressed
            again.
        key: what the caller has pressed, at the moment `key`.
        callback: whether the contact could be called back.
    """
    for number, rule in enumerate(overflow.rules, start=1):
        if not rule.looked_at(moment) or rule.key != key:
            continue
        if number in passed_over and not key:
            continue
        if isinstance(rule.to, ToCallback) and not callback():
            continue
        if hops >= overflow.hops and isinstance(rule.to, ToQueue | ToExternal):
            continue  # the ends of the way stay open: voicemail, message, hang-up
        if (reason := _holds(rule, seen)) is not None:
            return Match(number, rule, reason)
    return None


def _holds(rule: Rule, seen: Seen) -> str | None:
    """Why the rule holds, or None. The order is that of the cost of looking."""
    parts = [f"pressed {rule.key}"] if rule.key else []
    if rule.waited:
        if seen.waited < rule.waited:
            return None
        parts.append(f"waited {spoken(seen.waited)}")
    if rule.length:
        if seen.others < rule.length:
            return None
        parts.append(f"{seen.others} wait already")
    if rule.rounds:
        if seen.rounds < rule.rounds:
            return None
        parts.append(f"nobody answered, {seen.rounds} times")
    if rule.ratio:
        if 1_000 * (seen.others + 1) <= rule.ratio * seen.ready:
            return None
        parts.append(f"{seen.others + 1} waiting for {seen.ready} agents")
    if rule.no_agent:
        if {"signed_in": seen.signed_in, "ready": seen.ready, "free": seen.free}[rule.no_agent]:
            return None
        parts.append(_NOBODY[rule.no_agent])
    if rule.closed:
        if seen.is_open(rule.closed):
            return None
        parts.append(f"closed ({rule.closed})")
    if rule.expected:
        expected = seen.expected()
        if expected is None or expected < rule.expected:
            return None
        parts.append(f"expected wait {spoken(expected)}")
    return "; ".join(parts)


_NOBODY: Final = {
    "signed_in": "nobody is signed in",
    "ready": "nobody is ready",
    "free": "nobody is free",
}


_IMPLIES: Final[Mapping[Presence, tuple[Presence, ...]]] = {
    "signed_in": ("signed_in",),
    "ready": ("signed_in", "ready"),
    "free": ("signed_in", "ready", "free"),
}
"""Nobody is that whenever nobody is one of those."""


def next_look(overflow: Overflow, waited: Duration) -> Duration | None:
    """How long a contact that stays for now may go without another look; None: for ever."""
    soonest: Duration | None = None
    for rule in overflow.rules:
        if not rule.looked_at("wait"):
            continue
        if rule.waited > waited:
            wait = rule.waited - waited
        elif rule.changes:
            wait = overflow.look_every
        else:
            continue  # it held and was passed over: nothing will change that
        soonest = wait if soonest is None else min(soonest, wait)
    return soonest


# -- what can be told before anybody calls --


class Circle(NamedTuple):
    """A way that leads back to where it began."""

    queue: QueueId
    number: int
    way: tuple[QueueId, ...]
    """From `queue` back to itself, both ends named."""


def circles(queues: Mapping[QueueId, Overflow]) -> list[Circle]:
    """Every rule that leads to its own queue again, directly or over others.

    The time waited goes along, and a full queue stays full: what has moved a contact once moves it
    again, so each circle is one without end.
    """
    found = []
    for queue, overflow in queues.items():
        for number, target in _queue_targets(overflow):
            if (way := _way(queues, target, queue)) is not None:
                found.append(Circle(queue, number, (queue, *way)))
    return found


def _way(
    queues: Mapping[QueueId, Overflow], start: QueueId, end: QueueId
) -> tuple[QueueId, ...] | None:
    """The shortest way from `start` to `end`, both named, by breadth."""
    came: dict[QueueId, QueueId] = {start: ""}
    line = [start]
    for queue in line:
        if queue == end:
            way = [queue]
            while came[way[-1]]:
                way.append(came[way[-1]])
            return tuple(reversed(way))
        for _, target in _queue_targets(queues.get(queue, Overflow())):
            if target not in came:
                came[target] = queue
                line.append(target)
    return None


def _queue_targets(overflow: Overflow) -> Iterator[tuple[int, QueueId]]:
    for number, rule in enumerate(overflow.rules, start=1):
        if isinstance(rule.to, ToQueue) and not rule.key:  # nobody presses a key for ever
            yield number, rule.to.queue


def shadowed(rules: Sequence[Rule]) -> list[tuple[int, int]]:
    """(rule, earlier rule) for each rule that the earlier one never lets have its turn."""
    found = []
    for later, rule in enumerate(rules):
        for earlier, other in enumerate(rules[:later]):
            # A number that does not answer gives the turn to the rules behind it, and so does a
            # callback that is not wanted or cannot be had.
            if not isinstance(other.to, ToExternal | ToCallback) and _covers(other, rule):
                found.append((later + 1, earlier + 1))
                break
    return found


def _covers(one: Rule, other: Rule) -> bool:
    """Whether `one` holds whenever `other` does."""
    return (
        (one.at == other.at or (one.at == "both" and other.at != "key"))
        and one.key == other.key
        and one.waited <= other.waited
        and one.length <= other.length
        and one.ratio <= other.ratio
        and (not one.no_agent or other.no_agent in _IMPLIES[one.no_agent])
        and one.closed in ("", other.closed)
        and one.expected <= other.expected
        and one.rounds <= other.rounds
    )
