"""A number outside that is asked first: the agent's own leg dials it, and its line is nobody's
offer. Handed over, the caller is outside as after an overflow or a blind transfer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctid.acd.agents import Agent
from ctid.centre.aside import ASKING, CONFERENCE, HELD, Aside, Ask
from ctid.centre.calls import SENT, Call, Sent
from ctid.core import events as ev
from ctid.core.commands import Bring, Command, Denied, HangUpAgent
from ctid.core.instants import Instant
from ctid.core.records import ChannelFact

if TYPE_CHECKING:
    from ctid.centre.centre import Centre


def refused(centre: Centre, ask: Ask, agent: Agent) -> Denied | None:
    """Only numbers of the settings."""
    if ask.target in centre.settings.transfer.numbers.values():
        return None
    return Denied("no_target", "this number is not among those allowed", agent=agent.id)


def ring(centre: Centre, call: Call, aside: Aside, ask: Ask) -> list[Command]:
    """The order to dial. The agent hears it ring, so nothing but the end of it is awaited.

    It is the agent's own leg that dials: should an older order to bring it back to the caller be
    told only now, that leg has left the caller again.
    """
    aside.outside, aside.late = ask.target, ""
    music = centre.router.queues[aside.queue].music
    return [
        Bring(call.id, aside.first, "", "outside", music, call.moves, number=ask.target),
        centre.router.staff.changed(centre.router.staff.agents[aside.by]),
    ]


def answered(centre: Centre, event: ev.OutsideAnswered, now: Instant) -> list[Command]:
    """Somebody there has picked up, and talks to the agent; too late where that was cancelled."""
    offer = centre.router.offers.get(event.offer)
    call = centre.calls.get(offer.call) if offer else None
    aside = call.aside if call else None
    if call is None or aside is None or aside.first != event.offer or not aside.outside:
        return [HangUpAgent(event.leg, "nobody asks any more")]
    if aside.state != ASKING:
        return []
    aside.other = event.leg
    return centre.consults.now_is(call, aside, "met", now)


def failed(centre: Centre, event: ev.OutsideFailed, now: Instant) -> list[Command]:
    """Busy, no answer, no line: the agent has the caller on hold still."""
    offer = centre.router.offers.get(event.offer)
    call = centre.calls.get(offer.call) if offer else None
    aside = call.aside if call else None
    if call is None or aside is None or not aside.outside or aside.state != ASKING:
        return []
    told = Denied(f"colleague_{event.cause}", f"{aside.outside}: {event.cause}", agent=aside.by)
    return centre.consults.gone(call, aside, [told], now)


def line_ended(centre: Centre, leg: str, now: Instant) -> list[Command]:
    """A leg is gone that is no offer; nothing unless it was asked by somebody."""
    for call in centre.calls.values():
        aside = call.aside
        if aside is not None and aside.outside and aside.other == leg:
            return centre.consults.gone(call, aside, [], now)
    return []


def cancelled(centre: Centre, call: Call, aside: Aside, now: Instant) -> list[Command]:
    """While it rings there is no line to end: it stops when the agent's leg leaves it."""
    if aside.outside and aside.state == ASKING:
        centre.consults.gone(call, aside, [], now)
        assert aside.state == HELD
    return []


def taken(centre: Centre, call: Call, aside: Aside, now: Instant) -> list[Command]:
    """The caller is the one's outside from here on, and no agent's."""
    together = aside.state == CONFERENCE
    bring = Bring(
        call.id, aside.first, aside.other, "second", centre.router.queues[aside.queue].music,
        call.moves,
    )  # fmt: skip
    consults, queue = centre.consults, aside.queue
    call.aside = None
    consults.forget(call.id)
    call.on_hold(False, now)
    left, commands = centre.router.leave(call.id, now, abandoned=False)
    assert left is not None
    if left.offer is not None:
        left.offer.hold(now)
        left.offer.caller_left = True
    call.offers += left.contact.offers
    call.end_talk(now)
    call.path += (f"{aside.by}&number:{aside.outside}",)
    call.handed = aside.handed
    call.entered = True
    call.send(Sent("external", confirmed=True, answered_at=now), queue, now)
    return [*([] if together else [bring]), *consults.unlatch(call, aside), *commands]


def known(centre: Centre, leg: ChannelFact) -> bool:
    """Whether a leg of an inventory is a line outside that was asked, or has the caller."""
    call = centre.calls.get(leg.call)
    if call is None:
        return False
    asked = call.aside is not None and call.aside.other == leg.id
    return asked or (call.phase == SENT and call.sent is not None and bool(call.sent.answered_at))
