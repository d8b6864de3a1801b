"""The emergency switch of opening hours: what is wanted of it, what is kept, and what pages see.

The fact and the command are members of the unions in `ctid.core.events` and `ctid.core.commands`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from ctid.core.instants import WallMs
from ctid.core.supervision import Supervisor

HoursWish = Literal["open", "closed", "schedule"]
"""Open or closed whatever the schedule says; or the schedule again."""

DayKind = Literal["week", "closed", "holiday", "makeup", "special"]
"""Why a day has the hours that it has: its weekday's; a day off that the settings name; a public
holiday; a weekend day on which the country works in a holiday's place; a day with hours of its
own."""


class HoursSwitched(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A supervisor wants these opening hours open or closed at once, or by their schedule again."""

    by: Supervisor
    hours: str
    to: HoursWish
    until: str = ""
    """By the clock of the hours' own zone: `14:00`, the next time that it shows this, or
    `2026-10-08T09:00`; empty: until somebody takes it back."""


class HoursTurn(msgspec.Struct, frozen=True):
    """One step of the switch: who, what, when."""

    hours: str
    to: HoursWish
    login: str
    """The supervisor's; empty where the time was over."""
    at: WallMs
    until: WallMs = 0
    """0: until somebody takes it back."""


class HoursTurned(msgspec.Struct, frozen=True, tag=True, gc=False):
    """Opening hours no longer are, or are again, what their schedule says."""

    record: HoursTurn


class HoursView(msgspec.Struct, frozen=True):
    """One set of opening hours, as boards show it. Times are wall milliseconds."""

    hours: str
    timezone: str
    open: bool
    day: DayKind
    """Of today, in the zone."""
    to: Literal["", "open", "closed"] = ""
    """What the switch says; empty while the schedule holds."""
    login: str = ""
    """Who turned it."""
    name: str = ""
    since: WallMs = 0
    until: WallMs = 0
    turns_at: WallMs = 0
    """When the schedule opens or closes next, while it holds; 0: not within a year."""
