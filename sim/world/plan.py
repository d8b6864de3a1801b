"""Callers of whom something is known beforehand: from a file of call records, or from a journal.

What a plan leaves open (None) is drawn as for everybody else. A caller whose queue is known, but
not the way through the menus, comes by a door of its own: see `with_doors`.
"""

from __future__ import annotations

import msgspec

from ctid.acd.channels import CALL
from ctid.centre.settings import CentreSettings
from ctid.core.instants import Duration, Instant
from ctid.ivr.flow import LANGUAGES, AnyStep, Collect, Flow, Queue

_DOOR = "sim"
"""Begins the dialled numbers and the flows that only the simulator has."""
_CODE = "sim-code"
"""The prompt of a door that asks for a code; nobody hears it."""


class PlannedCaller(msgspec.Struct, frozen=True, kw_only=True):
    """One caller. All times in ms."""

    at: Instant
    """When the call comes."""
    number: str | None = None
    """What the line shows; empty is hidden."""
    dialled: str | None = None
    """The number that was called; not with `queue`."""
    queue: str = ""
    """Straight to this queue, past all menus. The settings need their doors: `with_doors`."""
    language: str = ""
    """With `queue`: the language chosen on the way. Empty: the site's."""
    code: str | None = None
    """The customer code that is keyed in where one is asked for; empty is none."""
    keys: tuple[str, ...] | None = None
    """Keys pressed, one for each question with a menu; then no others are wrong, and nobody hangs
    up in the menus. Questions beyond are answered as drawn."""
    patience: Duration | None = None
    """From joining the first queue to hanging up there."""
    talk: Duration | None = None
    """Length of the first conversation, whoever has it."""
    takes_callback: bool | None = None
    """Whether a callback that is offered is taken."""
    inflow: str = ""
    """Id of the inflow whose habits the caller has; empty: those of all."""


def door(queue: str, language: str = "", *, code: bool = False) -> str:
    """The number that leads straight to `queue`, in the site's language where none is named; with
    `code`, after a code was taken as it was given."""
    return ":".join((_DOOR, queue, language or "-", "code" if code else "-"))


def with_doors(settings: CentreSettings) -> CentreSettings:
    """The same settings, with a number for each queue of calls that leads straight to it."""
    flows, entries = dict(settings.flows), dict(settings.entries)
    for queue in settings.acd.queues:
        if queue.channel != CALL:
            continue
        for language in ("", *LANGUAGES):
            for code in (False, True):
                name = door(queue.id, language, code=code)
                flows[name] = _flow(name, queue.id, language or settings.language, code=code)
                entries[name] = name
    return msgspec.structs.replace(settings, flows=flows, entries=entries)


def _flow(name: str, queue: str, language: str, *, code: bool) -> Flow:
    steps: dict[str, AnyStep] = {"queue": Queue(queue)}
    if not code:
        return Flow(name, "queue", language, steps, {})
    steps["code"] = Collect(_CODE, "queue", "queue", tries=1, check="customer")
    return Flow(name, "code", language, steps, {_CODE: dict.fromkeys(LANGUAGES, "…")})


def is_door(dialled: str) -> bool:
    """Whether nobody hears anything there."""
    return dialled.startswith(f"{_DOOR}:")
