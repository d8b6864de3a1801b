"""Callbacks in the pretend world: callers who take the offer, and customers who are dialled."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ctid.core import events as ev
from ctid.core.callbacks import CallbackAgreed, CustomerDialled, Dial
from ctid.core.instants import SECOND, Instant
from sim.world.entities import Caller, Leg

if TYPE_CHECKING:
    from sim.world.world import World

PROMISE_WITHIN = 5 * SECOND
"""How long the dialplan waits for the machine's word, once the offer was taken."""


class CallingBack:
    """See the module."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._orders: dict[str, Dial] = {}
        self._rings_now: Counter[str] = Counter()
        self.dialled: Counter[str] = Counter()
        """How often each number was dialled."""
        self.twice_at_once: list[str] = []
        """Numbers that were dialled while they rang or talked already: there must be none."""

    # -- the offer --

    def offer(self, caller: Caller, move: int, now: Instant) -> None:
        """The caller hears what is offered, and takes it or waits on."""
        world, stream = self._world, caller.stream
        heard = now + caller.habits.prompt.draw(stream)
        takes = stream.random() < caller.habits.takes_callback
        if caller.plan is not None and caller.plan.takes_callback is not None:
            takes = caller.plan.takes_callback
        world.at(heard, lambda at: self._decided(caller, move, at, takes=takes))

    def _decided(self, caller: Caller, move: int, now: Instant, *, takes: bool) -> None:
        if not caller.away_by(move):
            return
        if not takes:
            self._world.wait(caller, now)
            return
        self._world.tell_ami(CallbackAgreed(caller.call, move))
        self._world.at(now + PROMISE_WITHIN, lambda at: self._no_word(caller, move, at))

    def _no_word(self, caller: Caller, move: int, now: Instant) -> None:
        if caller.away_by(move):
            self._world.wait(caller, now)

    # -- the customer --

    def ordered(self, leg: Leg, dial: Dial | None) -> None:
        """This leg is to dial somebody once it is picked up."""
        if dial is not None:
            self._orders[leg.offer] = dial

    def is_of(self, leg: Leg) -> bool:
        """Whether this leg is to dial, or has dialled."""
        return leg.offer in self._orders

    def dials(self, leg: Leg, now: Instant) -> bool:
        """The agent has picked up: whether the leg dials, rather than bridging a caller."""
        dial = self._orders.get(leg.offer)
        if dial is None:
            return False
        world = self._world
        customer = Caller(
            leg.call, f"PJSIP/trunk-{leg.offer}", world.dice(leg.call), world.settings.callers,
            "dialled",
            number=dial.number, dialled=dial.shown, code=dial.code, language=dial.language,
            leg=leg.offer, since=world.settings.wall_at_zero + now, called_back=True,
        )  # fmt: skip
        world.callers[leg.call] = customer
        self.dialled[dial.number] += 1
        self._rings_now[dial.number] += 1
        if self._rings_now[dial.number] > 1:
            self.twice_at_once.append(dial.number)
        world.tell_ami(CustomerDialled(leg.call, customer.channel))
        habits, stream = customer.habits, customer.stream
        answers = stream.random() < habits.outside_answers and not world.trunks_full
        rung = now + min(habits.outside_rings.draw(stream), dial.ring_for)
        world.at(rung, lambda at: self._rung(customer, leg, at, answers=answers))
        return True

    def _rung(self, customer: Caller, leg: Leg, now: Instant, *, answers: bool) -> None:
        if customer.place != "dialled":
            return
        if answers and customer.stream.random() < customer.habits.loses_agent:
            customer.place = "other"
            self._world.leg_gone(leg, "hangup", now)
            self._world.wait(customer, now)
        elif answers:
            customer.place, leg.state = "talking", "talking"
            self._world.tell_ami(ev.CallBridged(leg.offer))
            self._world.end_talk(leg, now)
        else:
            self._world.leg_gone(leg, "caller_gone", now)

    def left(self, leg: Leg, now: Instant) -> None:
        """The agent's leg has ended: a phone that rings because of it rings no more."""
        self._orders.pop(leg.offer, None)
        customer = self._world.callers.get(leg.call)
        if customer is not None and customer.leg == leg.offer and customer.place == "dialled":
            self._world.caller_gone(leg.call, "17", now)

    def gone(self, caller: Caller) -> None:
        """A line has ended."""
        if caller.called_back:
            self._rings_now[caller.number] -= 1
