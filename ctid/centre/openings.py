"""All opening hours of the centre, and the emergency switch in front of each schedule.

Whoever asks whether hours are open asks here, so that menus, overflow, routing rules and callbacks
see a switch from the fact on that turns it. Those who wait already are looked at again at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ctid.core.commands import Command, Denied, Noticed
from ctid.core.instants import Instant
from ctid.core.opening import HoursSwitched, HoursTurn, HoursTurned, HoursView
from ctid.ivr.opening import Opening, Switch, local, until_wall

if TYPE_CHECKING:
    from ctid.centre.centre import Centre

HOURS_DUE: Final = "hours"


class Openings:
    """See the module."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        hours = centre.settings.hours
        self.of: dict[str, Opening] = {name: Opening(one) for name, one in hours.items()}
        """By the id of the hours."""

    def switched(self, event: HoursSwitched, now: Instant) -> list[Command]:
        """A supervisor turns the switch, or gives the hours back to their schedule."""
        opening = self.of.get(event.hours)
        if opening is None:
            text = f"There are no opening hours {event.hours!r}."
            return [Denied("no_hours", text, login=event.by.login)]
        if event.to == "schedule":
            known = opening.switch is not None
            return self._turned_back(opening, event.by.login, now) if known else []
        wall, until = self._centre.epoch.wall(now), 0
        if event.until:
            try:
                until = until_wall(event.until, opening.hours.timezone, wall)
            except ValueError as error:
                return [Denied("bad_until", f"{error}.", login=event.by.login)]
        by = event.by
        opening.switch = Switch(event.to == "open", by.login, by.name, wall, until)
        self._arm(opening)
        turn = HoursTurn(event.hours, event.to, by.login, wall, until)
        return [HoursTurned(turn), *self._seen(event.hours, now)]

    def due(self, name: str, now: Instant) -> list[Command]:
        """The switch's time is over."""
        opening = self.of.get(name)
        if opening is None or opening.switch is None:
            return []
        return self._turned_back(opening, "", now)

    def _turned_back(self, opening: Opening, login: str, now: Instant) -> list[Command]:
        opening.switch, name = None, opening.hours.id
        self._centre.deadlines.cancel((HOURS_DUE, name))
        turn = HoursTurn(name, "schedule", login, self._centre.epoch.wall(now))
        return [HoursTurned(turn), *self._seen(name, now)]

    def _seen(self, name: str, now: Instant) -> list[Command]:
        """Those who wait meet rules that say closed, and callbacks are dialled or are not."""
        moved = self._centre.overflow.hours_turned(name, now)
        return moved + self._centre.callbacks.hours_turned(name, now)

    def _arm(self, opening: Opening) -> None:
        switch, key = opening.switch, (HOURS_DUE, opening.hours.id)
        if switch is not None and switch.until:
            self._centre.deadlines.arm(key, self._centre.epoch.instant(switch.until))
        else:
            self._centre.deadlines.cancel(key)

    def clock_moved(self) -> None:
        """The clock on the wall shows another time: a switch ends by it."""
        for opening in self.of.values():
            if opening.switch is not None:
                self._arm(opening)

    def doubts(self, now: Instant) -> list[Command]:
        """Of each calendar whose holidays of this year are not known; asked once a day."""
        wall = self._centre.epoch.wall(now)
        found: list[Command] = []
        for name, opening in self.of.items():
            if opening.hours.calendar:
                year = local(wall, opening.hours.timezone).year
                if doubt := opening.hours.doubt(year):
                    found.append(Noticed("holidays_unknown", f"hours.{name}: {doubt}"))
        return found

    def views(self, now: Instant) -> tuple[HoursView, ...]:
        """All of them, in the order of the settings."""
        wall = self._centre.epoch.wall(now)
        return tuple(opening.view(wall) for opening in self.of.values())

    # -- restart --

    def dump(self) -> dict[str, Switch]:
        """The switches that are turned, by the id of their hours."""
        return {name: one.switch for name, one in self.of.items() if one.switch is not None}

    def restore(self, saved: dict[str, Switch]) -> None:
        """Go on from `saved`; hours that the settings no longer know have no switch."""
        for name, switch in saved.items():
            if (opening := self.of.get(name)) is not None:
                opening.switch = switch
