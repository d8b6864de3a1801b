"""Start and reconnect are one path: hold the PBX's inventory against our state, mend, report.

Inventory wins over memory. What it lacks has ended unseen; what we lack is adopted. Facts that we
already had change nothing, so a second inventory right after the first repairs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctid.acd import adoption
from ctid.acd.agents import SIGNED_OUT
from ctid.acd.contacts import BRIDGED, MISSED, STOPPING, WAITING
from ctid.centre import consult_outside, consult_seen
from ctid.centre.calls import SENT
from ctid.core import events as ev
from ctid.core.commands import Command, Repaired, StopRinging
from ctid.core.instants import Instant
from ctid.core.records import ChannelFact

if TYPE_CHECKING:
    from ctid.centre.centre import Centre


def compare(centre: Centre, inventory: ev.Inventory, now: Instant) -> list[Command]:
    """Every repair, then offers again."""
    callers = {c.id: c for c in inventory.channels if c.role == "caller"}
    legs = {c.id: c for c in inventory.channels if c.role == "agent"}
    centre.router.freeze()
    commands = _phones(centre, inventory)
    commands += centre.supervision.compare(inventory.channels, now)
    commands += centre.callbacks.seen(callers, now)
    commands += _gone_calls(centre, callers, inventory.restarted, now)
    commands += _gone_legs(centre, legs, now)
    commands += consult_seen.compare(centre, callers, legs, now)
    for leg in legs.values():
        commands += _leg(centre, leg, callers, now)
    # In the order of their wait, so that serials (ties) keep that order too.
    for caller in sorted(callers.values(), key=lambda c: (c.since, c.id)):
        commands += _caller(centre, caller, now)
    commands += centre.customers.look_up_again(now)
    centre.router.announcer.link_back(now)
    centre.overflow.thawed(now)
    return commands + centre.router.thaw(now)


def _phones(centre: Centre, inventory: ev.Inventory) -> list[Command]:
    commands: list[Command] = []
    listed = {fact.phone: fact.state for fact in inventory.phones}
    for agent in centre.router.staff.agents.values():
        state = listed.get(agent.phone, "unreachable")
        changed = centre.router.staff.phone_changed(agent.phone, state) is not None
        if changed and agent.state != SIGNED_OUT:
            commands.append(Repaired(agent.phone, "phone_state", f"the phone is {state}"))
    return commands


def _gone_calls(
    centre: Centre, callers: dict[str, ChannelFact], restarted: bool, now: Instant
) -> list[Command]:
    commands: list[Command] = []
    for call_id in [c for c in centre.calls if c not in callers]:
        if centre.calls[call_id].dials:
            continue  # nobody is on the line yet
        phase = centre.calls[call_id].phase
        text = f"{phase} when last seen, no longer at the PBX"
        commands.append(Repaired(call_id, "call_gone", text))
        cause = "pbx_restart" if restarted else "unseen"
        commands += centre.overflow.unseen(call_id)
        commands += centre.close(call_id, cause, now, "pbx_restart" if restarted else None)
    return commands


def _gone_legs(centre: Centre, legs: dict[str, ChannelFact], now: Instant) -> list[Command]:
    commands: list[Command] = []
    for offer_id in [o for o in centre.router.offers if o not in legs]:
        offer = centre.router.offers[offer_id]
        text = f"the leg of {offer.agent} is no longer at the PBX"
        commands.append(Repaired(offer_id, "leg_gone", text))
        commands += centre.router.leg_ended(offer_id, "unknown", now)
    return commands


def _leg(
    centre: Centre, leg: ChannelFact, callers: dict[str, ChannelFact], now: Instant
) -> list[Command]:
    """An agent's leg that lives: as we know it, further than we know it, or unknown to us."""
    offer = centre.router.offers.get(leg.id)
    # A caller whose end was reported while the inventory was being read is not in it for us.
    talking = leg.place == "talking" and leg.call in callers and leg.call not in centre.ended
    talking = talking and leg.bridge == callers[leg.call].bridge  # and not with a colleague alone
    if offer is not None and offer.aside:
        return adoption.stop_again(centre.router, leg.id, now) if offer.state == STOPPING else []
    if offer is not None:
        if talking and offer.state != BRIDGED and not offer.caller_left:
            text = f"{offer.agent} answered unseen"
            seen = centre.bridged(leg.id, now, seen=True)
            return [Repaired(leg.id, "answer_seen", text), *seen]
        if offer.state == STOPPING:
            return adoption.stop_again(centre.router, leg.id, now)
        return centre.transfers.again(leg.call, leg.id, now) if talking else []
    agent = next((a for a in centre.router.staff.agents.values() if a.phone == leg.phone), None)
    if consult_outside.known(centre, leg):
        return []
    if not talking:
        text = "a leg that no offer of ours explains; it is ended"
        return [Repaired(leg.id, "leg_unknown", text), StopRinging(leg.id, text)]
    # A task that is on this agent's page goes to somebody else.
    withdrawn = centre.router.tasks.withdraw(agent, now) if agent else []
    if agent is None or agent.offer:
        # An agent who was taken out of the config, say. Nobody in a talk is ever cut off.
        text = f"{leg.phone} talks to {leg.call} without an offer of ours; left alone"
        return [Repaired(leg.id, "talk_left", text)]
    text = f"{agent.id} talks to {leg.call}"
    commands: list[Command] = [*withdrawn, Repaired(leg.id, "talk_adopted", text)]
    commands += _caller(centre, callers[leg.call], now, quiet=True)
    queue = centre.router.contacts[leg.call].queue
    commands += adoption.adopt_talk(centre.router, leg.id, leg.call, agent, queue, now)
    centre.note_talk(leg.id, now)
    return commands


def _caller(
    centre: Centre, caller: ChannelFact, now: Instant, *, quiet: bool = False
) -> list[Command]:
    """A caller who lives at the PBX. Those in a menu tell of themselves when it is over."""
    contact = centre.router.contacts.get(caller.id)
    if contact is not None and caller.place == "talking" and contact.state in (WAITING, MISSED):
        # One who is being offered may be entering our own bridge right now: events will tell.
        text = "talks to somebody who is not an agent of ours; no longer offered"
        adoption.served_elsewhere(centre.router, contact, now)
        centre.calls[caller.id].answered("", now)
        centre.callbacks.reached(centre.calls[caller.id])
        return [Repaired(caller.id, "talk_elsewhere", text)]
    if (sent_on := centre.transfers.seen(caller, now)) is not None:
        return sent_on
    if caller.id in centre.router.contacts or caller.id in centre.ended:
        return []
    call = centre.calls.get(caller.id)
    if call is not None and call.phase == SENT and caller.place != "queue":
        centre.overflow.seen(call, caller.place == "talking", now)
        return []
    if caller.place not in ("queue", "held") and not quiet:
        return []
    known = call is not None
    text = f"waits in {caller.queue or centre.settings.fallback_queue}"
    fact = ev.CallWaiting(
        caller.id, caller.channel, caller.queue, caller.since, caller.number, caller.name,
        caller.dialled, caller.code, caller.language, call.moves if call else 0,
    )  # fmt: skip
    kind = "call_moved" if known else "call_adopted"
    return [Repaired(caller.id, kind, text), *centre.inbound.waiting(fact, now)]
