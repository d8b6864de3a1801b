"""The time after a call: one small state machine per agent, whatever queue the call came through.

The rule is copied from the queue when the talk begins, so that neither a reload nor a caller who
is moved to another queue changes what the agent was told. Pure values: `Staff` keeps them on the
agent and owns the deadline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from ctid.core.instants import Duration, Instant
from ctid.core.records import CallId, OfferId, QueueId
from ctid.core.transitions import Table, allows, step

Mode = Literal["none", "optional", "timed", "timed_full", "disposition"]
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
LIMITED_MODES: Final = ("timed", "timed_full")
"""These last for the queue's `wrap_up`; the others end by themselves at `most`, if ever."""

TALKING: Final = "talking"
OVER: Final = "over"

WRAP_UP_TRANSITIONS: Final[Table] = {
    TALKING: {
        "none": OVER,
        "optional": "optional",
        "timed": "timed",
        "timed_full": "timed_full",
        "disposition": "disposition",
    },
    "optional": {"asked": OVER, "code": "optional", "time": OVER},
    "timed": {"asked": OVER, "code": "timed", "extended": "timed", "time": OVER},
    "timed_full": {"code": "timed_full", "extended": "timed_full", "time": OVER},
    "disposition": {"code": OVER, "time": OVER},
    OVER: {},
}
"""What ends the time after a call. `asked`: the agent wants to end it; `code`: the agent says what
became of the call; `time`: its time, or its maximum, has run out."""


@dataclass(slots=True, frozen=True)
class WrapUpRule:
    """How the time after a call of one queue goes."""

    mode: Mode = "timed"
    extend: Duration = 0
    """By how much the agent may prolong it each time, in milliseconds; 0 = not at all."""
    most: Duration = 0
    """How long it may last in all, in milliseconds; 0 = no maximum."""
    codes: tuple[str, ...] = ()
    """What agents may say about how a call of this queue ended."""


@dataclass(slots=True)
class Talk:
    """The agent's call that goes on, or the last one."""

    call: CallId
    offer: OfferId
    queue: QueueId
    lasts: Duration
    """Length of a limited wrap-up, in milliseconds."""
    rule: WrapUpRule
    code: str = ""
    """What the agent said last about how it ended."""


@dataclass(slots=True, frozen=True)
class WrapUp:
    """A wrap-up of one agent."""

    state: str
    rule: WrapUpRule
    began_at: Instant
    until: Instant = 0
    """When it ends by itself, or 0."""

    def allows(self, event: str) -> bool:
        """Whether the table has a row for `event` now; for `extended`, whether time is left."""
        if not allows(WRAP_UP_TRANSITIONS, self.state, event):
            return False
        return event != "extended" or (self.rule.extend > 0 and self.until < self._latest())

    def after(self, event: str) -> WrapUp:
        """The wrap-up after `event`.

        Raises:
            IllegalTransition: the table does not list it; ask `allows` first.
        """
        state = step("wrap-up", WRAP_UP_TRANSITIONS, self.state, event)
        until = self.until
        if event == "extended":
            until = min(until + self.rule.extend, self._latest())
        return WrapUp(state, self.rule, self.began_at, until)

    def _latest(self) -> Instant:
        return self.began_at + self.rule.most


def begin(talk: Talk, now: Instant) -> WrapUp:
    """The wrap-up after this talk, which may be over already.

    A code that was given during the talk is not waited for again.
    """
    rule = talk.rule
    limited = rule.mode in LIMITED_MODES
    needless = talk.lasts == 0 if limited else rule.mode == "disposition" and bool(talk.code)
    state = step("wrap-up", WRAP_UP_TRANSITIONS, TALKING, "none" if needless else rule.mode)
    lasts = talk.lasts if limited else rule.most
    return WrapUp(state, rule, now, now + lasts if lasts else 0)
