"""A CRM that is silent, slow, broken, or finds too many."""

from __future__ import annotations

from random import Random

from ctid.core.commands import LookUpCustomer
from ctid.core.events import CustomerLookedUp
from ctid.core.instants import Instant
from ctid.core.records import CustomerCard
from sim.faults.model import Faults


class Crm:
    """Spoils the answers of a CRM that works; every question still has its answer in time."""

    def __init__(self, faults: Faults, dice: Random, customers: tuple[CustomerCard, ...]) -> None:
        self._faults = faults
        self._dice = dice
        self._customers = customers
        self._asked: dict[tuple[str, int], Instant] = {}
        """By call and request, when the time is over."""
        self.down_until: Instant = 0

    def ask(self, command: LookUpCustomer, now: Instant) -> None:
        """The machine has asked."""
        self._asked[command.call, command.request] = now + command.budget

    def answer(self, fact: CustomerLookedUp, now: Instant) -> tuple[CustomerLookedUp, Instant]:
        """What comes of an answer, and when."""
        faults, dice = self._faults, self._dice
        limit = self._asked.pop((fact.call, fact.request), now)
        silent = CustomerLookedUp(fact.call, fact.request, "timeout", ())
        draw = dice.random()
        if draw < faults.crm_silent or now < self.down_until:
            return silent, limit
        draw -= faults.crm_silent
        if draw < faults.crm_unavailable:
            return CustomerLookedUp(fact.call, fact.request, "unavailable", ()), now
        draw -= faults.crm_unavailable
        if draw < faults.crm_many and len(self._customers) > 1:
            several = tuple(dice.sample(self._customers, min(3, len(self._customers))))
            fact = CustomerLookedUp(fact.call, fact.request, "many", several)
        at = now + faults.crm_slow.draw(dice)
        return (fact, at) if at <= limit else (silent, limit)
