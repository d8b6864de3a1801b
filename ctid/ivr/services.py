"""Questions to somebody outside: what a step asks, what its answer sets, and where that leads.

The caller waits no longer than the step's time-out, and every answer, also none, has a way on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from ctid.core.services import CRM, ServiceStatus
from ctid.core.text import clean
from ctid.ivr.actions import AskOutside
from ctid.ivr.containment import FAILED
from ctid.ivr.deciding import values as known_values
from ctid.ivr.service_steps import (
    Appointment,
    Balance,
    CallbackNumber,
    ComplaintStatus,
    OrderStatus,
    Request,
    SelfService,
    ServiceStep,
)
from ctid.ivr.session import Outside, Session
from ctid.ivr.steps import AnyStep, StepId
from ctid.ivr.variables import LONGEST, Known, fill, names_in

SETS: Final = {
    "order": (
        "order_number", "order_status", "order_date", "order_due", "order_total", "currency",
    ),
    "balance": ("balance", "balance_due", "currency"),
    "appointment": ("appointment_date", "appointment_time"),
    "complaint": ("complaint_status", "complaint_date", "complaint_count"),
    "callback_number": (),
}  # fmt: skip
"""What the CRM is asked, and the variables that the answer sets."""

STATES: Final = {
    "order_status": ("received", "packed", "shipped", "delivered", "cancelled", "returned"),
    "complaint_status": ("open", "in_progress", "resolved"),
}  # fmt: skip
"""What the CRM says of an order and of a complaint, and nothing else."""

_NAME: Final = re.compile(r"\{[^}]*\}")


def ask(session: Session, step: ServiceStep, known: Known) -> AskOutside | StepId:
    """The question, or the step at which callers go on who may not ask it.

    What an earlier answer has set is forgotten: nobody hears of one order what was true of another.
    """
    values = known_values(session, known)
    arguments = tuple((name, fill(text, values)) for name, text in _arguments(step))
    session.variables |= dict.fromkeys(sets(step), "")
    if isinstance(step, SelfService) and not _may_ask(session, step):
        session.path[-1] += "=unverified"
        session.trail.takes("refused" if step.refused else FAILED)
        return step.refused or step.on_fail
    session.outside = Outside(plays=bool(step.prompt))
    prompts = (step.prompt,) if step.prompt else ()
    if isinstance(step, Request):
        wanted = tuple(step.into.items())
        return AskOutside(step.service, step.ask, arguments, wanted, step.time_out, prompts)
    return AskOutside(CRM, _operation(step), arguments, (), step.time_out, prompts)


def answered(
    session: Session, step: ServiceStep, status: ServiceStatus, told: Iterable[tuple[str, str]]
) -> None:
    """Note the answer, with the values that the step sets and no others."""
    assert session.outside is not None, "answers are taken of open questions"
    session.outside.status = status
    if status == "done":
        wanted = sets(step)
        cleaned = {name: clean(value, LONGEST) for name, value in told if name in wanted}
        session.variables |= cleaned


def leads(session: Session, step: ServiceStep) -> StepId | None:
    """Where the caller goes on; None while the answer or the prompt is not over."""
    outside = session.outside
    assert outside is not None, "only open questions lead on"
    if outside.plays or not outside.status:
        return None
    session.outside = None
    match outside.status:
        case "done":
            session.path[-1] += "=done"
            if served(step):
                session.trail.served()
            return step.next
        case "none":
            session.path[-1] += "=none"
            session.trail.takes("none")
            return step.none
        case failed:
            session.path[-1] += f"!{failed}"
            session.trail.takes(FAILED)
            return step.on_fail


def sets(step: ServiceStep) -> tuple[str, ...]:
    """The variables that an answer to this step sets; those of which it says nothing are empty."""
    return tuple(step.into) if isinstance(step, Request) else SETS[_operation(step)]


def reads(step: ServiceStep) -> list[str]:
    """The names whose values the step sends."""
    return [name for _, text in _arguments(step) for name in names_in(text)]


def shape(ask: str) -> str:
    """What is asked, without the names: `GET /orders/{}`. Two of one shape ask the same."""
    return _NAME.sub("{}", ask)


def served(step: AnyStep) -> bool:
    """Whether an answer to this step is what a caller calls for: where the path says `STEP=done`,
    the caller has served themselves."""
    return isinstance(step, SelfService) or (isinstance(step, Request) and step.serves)


def _may_ask(session: Session, step: SelfService) -> bool:
    if step.needs == "claimed":
        return session.identity in ("claimed", "verified")
    return session.identity == "verified"


def _arguments(step: ServiceStep) -> list[tuple[str, str]]:
    """Name and text of everything that the question says."""
    if isinstance(step, Request):
        path = [(f"path.{name}", f"{{{name}}}") for name in names_in(step.ask)]
        query = [(f"query.{name}", text) for name, text in step.query.items()]
        return path + query + [(f"body.{name}", text) for name, text in step.body.items()]
    if isinstance(step, OrderStatus | CallbackNumber):
        return [("number", step.number)]
    return []


def _operation(step: ServiceStep) -> str:
    match step:
        case OrderStatus():
            return "order"
        case Balance():
            return "balance"
        case Appointment():
            return "appointment"
        case ComplaintStatus():
            return "complaint"
        case CallbackNumber():
            return "callback_number"
        case Request():
            return step.ask
