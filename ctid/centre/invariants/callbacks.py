"""What must hold of callbacks, whatever has come in."""

from __future__ import annotations

from ctid.acd.callback import OVER, RESTING, TALKING, WAITING
from ctid.acd.contacts import CONNECTED
from ctid.centre.callbacks import CALLBACK_DUE, Callback
from ctid.centre.centre import Centre
from ctid.centre.invariants.broken import must


def check(centre: Centre) -> None:
    """The state alone."""
    found = list(centre.callbacks.open.values())
    numbers = [callback.asked.number for callback in found]
    must(len(numbers) == len(set(numbers)), "one callback for one number", numbers)
    turns = {callback.call: callback for callback in found if callback.call}
    for callback in found:
        _check(centre, callback)
    for contact in centre.router.contacts.values():
        if contact.dial is not None:
            must(contact.call in turns, "who is dialled has asked for it", contact)
            must(len(contact.rings()) <= 1, "one agent alone dials", contact)
    for call in centre.calls.values():
        must(not call.dials or call.id in turns, "who is dialled has asked for it", call.id)


def _check(centre: Centre, callback: Callback) -> None:
    contact = centre.router.contacts.get(callback.call)
    due = centre.deadlines.at((CALLBACK_DUE, callback.id))
    rules = centre.router.queues[callback.queue].callback
    must(callback.state != OVER, "what is over is gone", callback.id)
    must(callback.attempts < rules.attempts, "no attempt beyond the last", callback.id)
    if callback.state == RESTING:
        must(not callback.call and due is not None, "who rests is woken", callback.id)
    if callback.state == WAITING and callback.call:
        must(contact is not None and due is not None, "who waits stands in line", callback.id)
    if callback.state == WAITING and not callback.call:
        must(callback.id in centre.calls, "the first turn begins when the call ends", callback.id)
    if callback.state == TALKING:
        must(callback.call in centre.calls, "the talk's end is seen", callback.id)
    if contact is not None and contact.dial is not None:
        must(
            callback.state == TALKING
            or (contact.joined_at == callback.joined_at and contact.state != CONNECTED),
            "the place is kept", callback.id,
        )  # fmt: skip
