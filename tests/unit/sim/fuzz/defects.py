"""Defects put into the core on purpose: each is a patch that a test applies and takes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ctid.acd.agents import Agent
from ctid.acd.contacts import OFFERED, Contact, Offer
from ctid.acd.offering import Offering
from ctid.acd.router import Router
from ctid.acd.staff import Staff
from ctid.acd.standing import Standing
from ctid.centre.callbacks import Callbacks
from ctid.centre.centre import Centre
from ctid.core.commands import Command
from ctid.core.deadlines import Deadlines
from ctid.core.instants import Instant
from ctid.core.records import LegCause

Patch = Callable[[pytest.MonkeyPatch], None]


def kept_reserved(patch: pytest.MonkeyPatch) -> None:
    """An agent stays reserved when the offer is taken back."""
    good = Staff.after_offer

    def bad(
        self: Staff, agent: Agent, cause: LegCause, offer: Offer, now: Instant
    ) -> list[Command]:
        return [] if offer.caller_left else good(self, agent, cause, offer, now)

    patch.setattr(Staff, "after_offer", bad)


def to_the_end(patch: pytest.MonkeyPatch) -> None:
    """Whoever was offered in vain goes to the end of the line."""
    good = Router.wait_again

    def bad(self: Router, contact: Contact, now: Instant) -> list[Command]:
        contact.joined_at = now
        return good(self, contact, now)

    patch.setattr(Router, "wait_again", bad)


def drop_not_counted(patch: pytest.MonkeyPatch) -> None:
    """Whoever hangs up while a phone rings is not counted as abandoned."""
    good = Router.leave

    def bad(self: Router, call: str, now: Instant, *, abandoned: bool = True) -> Any:
        contact = self.contacts.get(call)
        rings = contact is not None and contact.state == OFFERED
        return good(self, call, now, abandoned=abandoned and not rings)

    patch.setattr(Router, "leave", bad)


def dialled_twice(patch: pytest.MonkeyPatch) -> None:
    """A customer who does not answer is dialled again at once."""
    good = Callbacks._again

    def bad(self: Callbacks, contact: Contact, now: Instant) -> list[Command] | None:
        if contact.dial is not None and (callback := self._turns.get(contact.call)) is not None:
            callback.spared = True
        return good(self, contact, now)

    patch.setattr(Callbacks, "_again", bad)


def steps_too_early(patch: pytest.MonkeyPatch) -> None:
    """Every step of a queue is open from the first moment."""
    good = Offering.ring

    def bad(self: Offering, contact: Contact, steps: Any, now: Instant) -> list[Command]:
        return good(self, contact, self._router.lines.steps(contact), now)

    patch.setattr(Offering, "ring", bad)


def endless_wrap_up(patch: pytest.MonkeyPatch) -> None:
    """The time after a call does not end by itself."""
    good = Deadlines.arm

    def bad(self: Deadlines, key: tuple[str, str], at: Instant) -> None:
        if key[0] != "wrap_up":
            good(self, key, at)

    patch.setattr(Deadlines, "arm", bad)


def offers_into_the_void(patch: pytest.MonkeyPatch) -> None:
    """Phones are rung while the link is down."""
    patch.setattr(Router, "freeze", lambda self: None)


def no_tombstones(patch: pytest.MonkeyPatch) -> None:
    """A late fact brings a call back that is over."""
    patch.setattr(Centre, "_bury", lambda self, call, now: None)


def no_steps(patch: pytest.MonkeyPatch) -> None:
    """However long the wait, nobody else is asked."""
    patch.setattr(Standing, "climb", lambda self, contact, now: None)
