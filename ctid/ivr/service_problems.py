"""What is wrong with a step that asks somebody outside."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from ctid.core.instants import SECOND
from ctid.core.text import nearest
from ctid.ivr.flow import Flow
from ctid.ivr.service_steps import (
    CallbackNumber,
    OrderStatus,
    Request,
    SelfService,
    ServiceStep,
)
from ctid.ivr.services import STATES, sets, shape
from ctid.ivr.steps import Branch, Call, Collect, Set
from ctid.ivr.variables import name_problem, text_problem

LONGEST: Final = 10 * SECOND
"""That a caller may wait for an answer: the conversation with the PBX ends a little later."""
MOST: Final = 20
"""Values that a request may send, or take out of an answer."""
ASK: Final = re.compile(r"(?:GET|POST) (?:/(?:[A-Za-z0-9._~-]+|\{[a-z][a-z0-9_]{0,39}\}))+/?")
"""Names stand for whole pieces between slashes."""
_DOTS: Final = re.compile(r"/\.{1,2}(?:/|$)")
_PLACE: Final = re.compile(r"[A-Za-z0-9_-]{1,80}(?:\.[A-Za-z0-9_-]{1,80}){0,9}")


def service_problems(step: ServiceStep) -> list[tuple[str, str]]:
    """(field, what is wrong and what to do) for each."""
    found = []
    if step.time_out > LONGEST:
        what = f"is longer than {LONGEST // SECOND} seconds, for which nobody waits in a menu"
        found.append(("time_out_s", f"{what}; make it shorter"))
    if isinstance(step, Request):
        return found + _request_problems(step)
    if isinstance(step, OrderStatus | CallbackNumber) and (wrong := text_problem(step.number)):
        found.append(("number", wrong))
    if isinstance(step, CallbackNumber) and not step.number.strip():
        found.append(("number", "is empty; write the name that keeps it, as in {number}"))
    return found


def state_problems(flow: Flow) -> list[tuple[str, str]]:
    """(path, what is wrong and what to do) for branches on what the CRM never says."""
    steps = flow.steps.items()
    # Where others may set the same name, it may be anything.
    if any(isinstance(step, Call) for _, step in steps):
        return []
    told = {name for _, step in steps if isinstance(step, SelfService) for name in sets(step)}
    for _, step in steps:
        match step:
            case Request():
                told -= {*step.into}
            case Set():
                told.discard(step.variable)
            case Collect():
                told.discard(step.into)
            case _:
                pass
    return [
        (f"steps.{name}.cases.{case}", f"{step.on} is never {case!r}; {nearest(case, known)}")
        for name, step in steps
        if isinstance(step, Branch) and step.on in told and (known := STATES.get(step.on))
        for case in step.cases
        if case and case not in known
    ]


def settings_problems(flow: Flow, services: Mapping[str, Collection[str]]) -> list[tuple[str, str]]:
    """(path, what is wrong and what to do) for requests that the settings do not allow.

    Args:
        services: name → what may be asked of it, as `GET /orders/{order}`.
    """
    found = []
    for name, step in flow.steps.items():
        if not isinstance(step, Request):
            continue
        if step.service not in services:
            what = f"there is no service {step.service!r} in the settings"
            advice = f"{nearest(step.service, services)}, or write [services.NAME]"
            found.append((f"steps.{name}.service", f"{what}; {advice}"))
        elif shape(step.ask) not in map(shape, allowed := services[step.service]):
            what = f"{step.ask!r} is not in paths of services.{step.service}"
            found.append((f"steps.{name}.ask", f"{what}; {nearest(step.ask, allowed)}"))
    return found


def ask_problem(ask: str) -> str:
    """Why nothing can be asked like that, or empty."""
    if not ASK.fullmatch(ask) or _DOTS.search(ask) or len(ask) > 200:
        return f"{ask!r} does not fit; write it as GET /orders/{{order}}, or with POST"
    return ""


def _request_problems(step: Request) -> list[tuple[str, str]]:
    found = []
    if wrong := ask_problem(step.ask):
        found.append(("ask", wrong))
    if step.body and not step.ask.startswith("POST "):
        found.append(("body", "goes with POST only; use query, or ask with POST"))
    for field, texts in (("query", step.query), ("body", step.body), ("into", step.into)):
        if len(texts) > MOST:
            found.append((field, f"has more than {MOST} names; take some out"))
    for field, texts in (("query", step.query), ("body", step.body)):
        for name, text in texts.items():
            if wrong := text_problem(text):
                found.append((f"{field}.{name}", wrong))
    for name, place in step.into.items():
        if wrong := name_problem(name):
            found.append((f"into.{name}", wrong))
        if not _PLACE.fullmatch(place):
            what = f"{place!r} is no place in an answer; write it as order.items.0.name"
            found.append((f"into.{name}", what))
    return found
