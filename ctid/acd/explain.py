"""Why this agent, and why not that one: a look at the router from outside, which decides nothing.

Every reason for which an agent is left out is a row in `CHECKS`, with a code that programs may rely
on. The first row that applies is told. A new rule in the router needs its row here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from ctid.acd.agents import NOT_READY, ON_CALL, READY, RESERVED, SIGNED_OUT, WRAP_UP, Agent
from ctid.acd.channels import CALL
from ctid.acd.contacts import WAITING, Contact
from ctid.acd.explain_work import channel_of, in_hand, kept_free
from ctid.acd.pools import Step
from ctid.acd.reach import penalty_of
from ctid.acd.settings import AgentSettings
from ctid.acd.strategies import spoken
from ctid.core.instants import Duration, Instant
from ctid.core.records import AgentId, CallId, QueueId

if TYPE_CHECKING:
    from ctid.acd.router import Router

CHOSEN: Final = "chosen"
LATER_CHOICE: Final = "later_choice"
LATER_TURN: Final = "later_turn"
FREE: Final = "free"
CONSIDERED: Final = (CHOSEN, LATER_CHOICE, LATER_TURN, FREE)
"""Codes of agents who could take the contact; all others tell why not."""
LINK_DOWN: Final = "link_down"
NOBODY_WAITS: Final = "nobody_waits"


class Standing(msgspec.Struct, frozen=True):
    """One agent as seen from one contact."""

    agent: AgentId
    code: str
    """One of `CONSIDERED`, or of the codes in `CHECKS`."""
    text: str
    idle: Duration
    """For how long the agent has waited for a contact, in milliseconds; 0 unless ready."""


class Waiter(msgspec.Struct, frozen=True):
    """One waiting contact as seen from one agent."""

    call: CallId
    queue: QueueId
    waited: Duration
    code: str
    text: str


class AgentStanding(msgspec.Struct, frozen=True):
    """Why an agent has no contact at this instant, or has one."""

    agent: AgentId
    state: str
    code: str
    """A code of `CHECKS`, `link_down`, `nobody_waits`, or `free`."""
    text: str
    idle: Duration
    waiting: tuple[Waiter, ...]
    """All contacts that wait, longest wait first, each with what keeps it from this agent."""


class Seen(NamedTuple):
    """All that a check may look at."""

    router: Router
    agent: Agent
    now: Instant
    contact: Contact | None
    """None where no contact is in question."""
    profile: AgentSettings
    steps: Sequence[Step]
    """The contact's ladder, those steps included that are not open yet."""


Check = Callable[[Seen], str | None]
"""What leaves the agent out, as people say it, or None."""


def standings(router: Router, contact: Contact, now: Instant) -> tuple[Standing, ...]:
    """All agents from this contact's side, in the order of the settings."""
    return tuple(standing(router, contact, agent, now) for agent in router.staff.agents.values())


def standing(router: Router, contact: Contact, agent: Agent, now: Instant) -> Standing:
    """One agent from this contact's side.

    At the moment of a decision the chosen agent is reserved already, and is told as `chosen`.
    """
    steps = router.lines.steps(contact)
    seen = _seen(router, agent, now, contact, steps)
    offers = [router.open_offer(one) for one in contact.rings()]
    ringing = [offer.agent for offer in offers if offer is not None]
    by_hand = bool(offers) and offers[-1] is not None and offers[-1].by_hand
    if not ringing:
        return Standing(agent.id, *_first(seen, CHECKS), _idle(agent, now))
    if agent.id == ringing[-1]:
        # Reserved in this very moment: idle until now.
        idle = now - agent.idle_since if agent.since == now else 0
        text = "chosen by hand" if by_hand else "free, and came first"
        return Standing(agent.id, CHOSEN, text, idle)
    code, text = _first(seen, CHECKS)
    if code == FREE and by_hand:
        text = "free; the other was chosen by hand"
    elif code == FREE:
        chosen = _seen(router, router.staff.agents[ringing[-1]], now, contact, steps)
        code, text = _behind(_step_of(seen), _step_of(chosen))
    return Standing(agent.id, code, text, _idle(agent, now))


def agent_standing(router: Router, agent: Agent, now: Instant) -> AgentStanding:
    """Why this agent has no contact now, first for themselves, then for each contact that waits."""
    code, text = _first(_seen(router, agent, now, None, ()), OWN_CHECKS)
    waiting = []
    for contact in router.in_order():
        if contact.state == WAITING:
            steps = router.lines.steps(contact)
            found = _first(_seen(router, agent, now, contact, steps), CHECKS)
            waiting.append(Waiter(contact.call, contact.queue, now - contact.joined_at, *found))
    if code == FREE:
        if router.frozen:
            code, text = LINK_DOWN, "the link to the PBX is down: nobody is offered anything"
        elif not any(waiter.code == FREE for waiter in waiting):
            code, text = NOBODY_WAITS, "free, and no contact waits that this agent may take"
    idle = _idle(agent, now)
    return AgentStanding(agent.id, agent.state, code, text, idle, tuple(waiting))


def _seen(
    router: Router, agent: Agent, now: Instant, contact: Contact | None, steps: Sequence[Step]
) -> Seen:
    return Seen(router, agent, now, contact, router.settings.agents[agent.order], steps)


def _behind(mine: int | None, chosen: int | None) -> tuple[str, str]:
    if mine is not None and chosen is not None and mine > chosen:
        return LATER_CHOICE, "free, but asked only after those who are preferred"
    return LATER_TURN, "free; by the queue's strategy it was the other's turn"


def _first(seen: Seen, checks: Sequence[tuple[str, Check]]) -> tuple[str, str]:
    for code, check in checks:
        if (text := check(seen)) is not None:
            return code, text
    return FREE, "free"


def _idle(agent: Agent, now: Instant) -> Duration:
    return now - agent.idle_since if agent.state == READY else 0


def _step_of(seen: Seen) -> int | None:
    """The first step of the contact's ladder on which the agent stands."""
    holds = (n for n, step in enumerate(seen.steps) if step.pool.reach.holds(seen.profile))
    return next(holds, None)


# -- whom the contact reaches --


def _not_in_queue(seen: Seen) -> str | None:
    reaches = [step.pool.reach for step in seen.steps]
    asked = {group for reach in reaches for group in reach.groups}
    if (
        seen.contact is None
        or seen.contact.queue in seen.profile.queues
        or not asked.isdisjoint(seen.profile.groups)
        or any(reach.agent == seen.agent.id for reach in reaches)
    ):
        return None
    return f"takes no contacts of {seen.contact.queue}"


def _penalty(seen: Seen) -> str | None:
    if seen.contact is None or _step_of(seen) is not None:
        return None
    penalty = penalty_of(seen.profile, seen.contact.queue)
    queue = seen.router.queues[seen.contact.queue]
    most = max(queue.max_penalty, *(step.max_penalty or 0 for step in queue.relax), 0)
    return f"penalty {penalty}, and the queue asks up to {most}" if penalty > most else None


def _skill(seen: Seen) -> str | None:
    if seen.contact is None or _step_of(seen) is not None:
        return None
    # The last step asks for the least.
    lacks = [
        f"{need.skill} {need.level} (has {seen.profile.skills.get(need.skill, 0) or 'none'})"
        for need in seen.steps[-1].pool.reach.needs
        if seen.profile.skills.get(need.skill, 0) < need.level
    ]
    return f"lacks {', '.join(lacks)}" if lacks else "is not among those whom the queue asks"


def _not_yet(seen: Seen) -> str | None:
    step = _step_of(seen)
    if seen.contact is None or step is None or step < seen.contact.rung:
        return None
    return f"is asked after {spoken(seen.steps[step].after)} of waiting"


# -- what the agent is doing --


def _signed_out(seen: Seen) -> str | None:
    return "signed out" if seen.agent.state == SIGNED_OUT else None


def _not_ready(seen: Seen) -> str | None:
    agent = seen.agent
    if agent.state != NOT_READY:
        return None
    return f"not ready: {agent.reason or 'no reason given'}, for {_for(seen)}"


def _reserved(seen: Seen) -> str | None:
    if seen.agent.state != RESERVED:
        return None
    if seen.agent.offer in seen.router.tasks.open:
        return f"has {_call_of(seen)} on the page to accept, for {_for(seen)}"
    return f"the phone rings for {_call_of(seen)}, for {_for(seen)}"


def _on_call(seen: Seen) -> str | None:
    if seen.agent.state != ON_CALL:
        return None
    return f"talks to {_call_of(seen)}, for {_for(seen)}"


def _wrap_up(seen: Seen) -> str | None:
    if seen.agent.state != WRAP_UP:
        return None
    until = seen.router.staff.changed(seen.agent).until
    ends = f", ends in {spoken(until - seen.now)}" if until else ""
    return f"wrap-up for {_for(seen)}{ends}"


def _unreachable(seen: Seen) -> str | None:
    unreachable = seen.agent.phone_state == "unreachable" and channel_of(seen) == CALL
    return f"the phone {seen.agent.phone} is unreachable" if unreachable else None


def _in_use(seen: Seen) -> str | None:
    in_use = seen.agent.phone_state == "in_use"
    return f"the phone {seen.agent.phone} is in use for another call" if in_use else None


def _ringing(seen: Seen) -> str | None:
    ringing = seen.agent.phone_state == "ringing"
    return f"the phone {seen.agent.phone} rings for another call" if ringing else None


def _backed_off(seen: Seen) -> str | None:
    return "left alone for a moment after an offer that failed" if seen.agent.backed_off else None


def _for(seen: Seen) -> str:
    return spoken(seen.now - seen.agent.since)


def _call_of(seen: Seen) -> str:
    offer = seen.router.offer_of(seen.agent)
    return offer.call if offer else "a call of another kind"


OWN_CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("signed_out", _signed_out),
    ("not_ready", _not_ready),
    ("reserved", _reserved),
    ("on_call", _on_call),
    ("wrap_up", _wrap_up),
    ("phone_unreachable", _unreachable),
    ("phone_in_use", _in_use),
    ("phone_ringing", _ringing),
    ("backed_off", _backed_off),
    ("in_hand", in_hand),
)
"""What keeps an agent from any contact."""

CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("not_in_queue", _not_in_queue),
    ("penalty", _penalty),
    ("skill_missing", _skill),
    ("not_yet", _not_yet),
    *OWN_CHECKS,
    ("reserve", kept_free),
)
"""What keeps an agent from this contact, the more lasting reasons first."""
