"""What an agent's page shows of a caller put aside, and what the agent may press now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ctid.acd.agents import ON_CALL, Agent
from ctid.acd.contacts import CONNECTED
from ctid.centre.aside import ASKABLE, COMPLETING, RETURNING, TALKING, WISHES
from ctid.core.views import AsideView

if TYPE_CHECKING:
    from ctid.centre.centre import Centre

ASKED: Final = "asked"
"""A colleague asks this agent."""


def view(centre: Centre, agent: Agent) -> AsideView | None:
    """None where the agent talks to nobody, or the caller is on the way elsewhere."""
    offer = centre.router.offers.get(agent.offer)
    call = centre.calls.get(offer.call) if offer else None
    contact = centre.router.contacts.get(offer.call) if offer else None
    if offer is None or call is None or contact is None or contact.state != CONNECTED:
        return None
    aside = call.aside
    if offer.aside:
        by = aside.by if aside else ""
        since = aside.since if aside else 0
        return AsideView(ASKED, since, (), centre.names.get(by, by))
    going = call.transfer is not None and not call.transfer.given_up
    if agent.state != ON_CALL or contact.offer != offer.id or going:
        return None
    if aside is None or aside.state in (COMPLETING, RETURNING):
        return AsideView(TALKING, agent.since, () if aside else ("hold", "consult"), "")
    other = centre.router.offers.get(aside.other)
    name = centre.names.get(other.agent, other.agent) if other else _outside(centre, aside.outside)
    may: tuple[str, ...] = () if aside.pending else WISHES.get(aside.state, ())
    if aside.state in ASKABLE and not aside.pending:
        may = (*may, "consult")
    return AsideView(aside.state, aside.since, may, name)


def _outside(centre: Centre, number: str) -> str:
    """What the settings call that number."""
    names = centre.settings.transfer.numbers.items()
    return next((name for name, known in names if known == number), number)
