"""What must hold of supervisors' legs."""

from __future__ import annotations

from ctid.acd.contacts import BRIDGED
from ctid.centre.centre import Centre
from ctid.centre.invariants.broken import must
from ctid.centre.supervision import RINGING


def check(centre: Centre) -> None:
    """A supervisor's leg is no agent's, nobody has two, and none is forgotten."""
    spies = centre.supervision.spies
    must(not spies.keys() & centre.router.offers.keys(), "a supervisor's leg is no offer", spies)
    logins = [spy.by.login for spy in spies.values()]
    must(len(set(logins)) == len(logins), "a supervisor is in one talk", logins)
    for spy in spies.values():
        timed = centre.deadlines.at(("spy", spy.id)) is not None
        must(timed == (spy.state != "on"), "a leg that rings or ends has its deadline", spy)
        must(spy.heard or spy.state in (RINGING, "ending"), "who is on was let in", spy)
        if spy.state in (RINGING, "on"):
            offer = centre.router.offers.get(spy.offer)
            seen = offer and (offer.call, offer.agent, offer.state)
            must(seen == (spy.call, spy.agent, BRIDGED), "who is listened to talks", spy, offer)
