"""A CRM that is silent, slow, broken, or finds too many."""

from __future__ import annotations

from random import Random
from typing import Literal

from ctid.core.commands import LookUpCustomer
from ctid.core.events import CustomerLookedUp
from ctid.core.identity import CheckPin, PinChecked
from ctid.core.instants import Instant
from ctid.core.records import CustomerCard
from sim.faults.model import Faults

Question = LookUpCustomer | CheckPin
Answer = CustomerLookedUp | PinChecked


class Crm:
    """Spoils the answers of a CRM that works; every question still has its answer in time."""

    def __init__(self, faults: Faults, dice: Random, customers: tuple[CustomerCard, ...]) -> None:
        self._faults = faults
        self._dice = dice
        self._customers = customers
        self._asked: dict[tuple[bool, str, int], Instant] = {}
        """By whether it is a PIN, call and request, when the time is over."""
        self.down_until: Instant = 0

    def ask(self, command: Question, now: Instant) -> None:
        """The machine has asked."""
        asked = (isinstance(command, CheckPin), command.call, command.request)
        self._asked[asked] = now + command.budget

    def answer(self, fact: Answer, now: Instant) -> tuple[Answer, Instant]:
        """What comes of an answer, and when."""
        faults, dice = self._faults, self._dice
        asked = (isinstance(fact, PinChecked), fact.call, fact.request)
        limit = self._asked.pop(asked, now)
        silent = _without(fact, "timeout")
        draw = dice.random()
        if draw < faults.crm_silent or now < self.down_until:
            return silent, limit
        draw -= faults.crm_silent
        if draw < faults.crm_unavailable:
            return _without(fact, "unavailable"), now
        draw -= faults.crm_unavailable
        looked_up = isinstance(fact, CustomerLookedUp)
        if looked_up and draw < faults.crm_many and len(self._customers) > 1:
            several = tuple(dice.sample(self._customers, min(3, len(self._customers))))
            fact = CustomerLookedUp(fact.call, fact.request, "many", several)
        at = now + faults.crm_slow.draw(dice)
        return (fact, at) if at <= limit else (silent, limit)


def _without(fact: Answer, status: Literal["unavailable", "timeout"]) -> Answer:
    """The same without an answer."""
    if isinstance(fact, PinChecked):
        return PinChecked(fact.call, fact.request, status)
    return CustomerLookedUp(fact.call, fact.request, status, ())
