"""What a scenario says of arrivals: `[[streams]]`, each with its rates, bursts and call records."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from ctid.acd.channels import CALL
from ctid.centre.settings import CentreSettings
from ctid.core.errors import ConfigError
from ctid.core.instants import Instant
from ctid.core.records import CustomerCard
from ctid.ivr.flow import LANGUAGES
from ctid.settings.table import Table, nearest
from sim.calibrate.records import NEVER_JOINED, CallSeen, read_calls
from sim.scenario import callers
from sim.scenario.calendar import Calendar, rates
from sim.scenario.forecast import forecast
from sim.scenario.spreads import spread
from sim.scenario.values import clock, days, local, share, shares, shown
from sim.spreads import Fixed, moments
from sim.world.habits import Burst, CallerHabits, Inflow
from sim.world.plan import PlannedCaller

_NUMBER = re.compile(r"\+?[0-9*#]{1,40}")
GRADES = ("A", "B", "C", "D", "E")
_MOST_AT_ONCE = 100_000
_SOURCES = ("per_hour", "day", "week", "forecast", "between", "bursts", "calls")


class Streams:
    """Reads all `[[streams]]`."""

    def __init__(
        self,
        centre: CentreSettings,
        days: Calendar,
        usual: CallerHabits,
        customers: Sequence[CustomerCard],
        folder: Path,
    ) -> None:
        self._centre, self._days, self._usual, self._folder = centre, days, usual, folder
        self._queues = [queue.id for queue in centre.acd.queues if queue.channel == CALL]
        self._grades = {card.grade for card in customers}
        self.inflows: list[Inflow] = []
        self.plan: list[PlannedCaller] = []

    def read(self, tables: list[Table], load: float) -> None:
        """All of them; `load` is a factor on the rates of all."""
        for table in tables:
            inflow = self._one(table, load)
            if any(inflow.id == other.id for other in self.inflows):
                table.wrong("id", f"another stream is called {inflow.id!r}; change one of the two")
            self.inflows.append(inflow)
            table.close()

    def _one(self, table: Table, load: float) -> Inflow:
        name, queue = table.id("id"), table.text("queue", "")
        habits = callers.habits(table, self._usual, self._centre, self._folder)
        dialled = self._dialled(table, queue)
        if queue and queue not in self._queues:
            table.wrong("queue", f"there is no queue {queue!r}; {nearest(queue, self._queues)}")
        languages = shares(table, "languages", LANGUAGES, "language")
        if languages and not queue:
            table.wrong("languages", "are of no use without queue: the menus ask; take them out")
        between = spread(table, "between", Fixed(0), self._folder)
        expected = forecast(table, self._days, self._folder)
        every = rates(table, self._days)
        if expected and every:
            table.wrong("forecast", "stands beside per_hour, day or week; keep one of them")
        steps = tuple((at, per_hour * load) for at, per_hour in expected or every)
        if between != Fixed(0) and moments(between)[0] < 1:
            table.wrong("between", "has a mean of 0, so that callers would never end; use more")
        if between != Fixed(0) and steps:
            table.wrong("between", "stands beside per_hour, day, week or forecast; keep one")
        inflow = Inflow(
            id=name,
            habits=msgspec.structs.replace(habits, dialled=dialled),
            rates=steps,
            between=None if between == Fixed(0) else between,
            bursts=self._bursts(table.tables("bursts")),
            queue=queue,
            languages=languages,
            with_code=share(table, "with_code", 0.0),
            grades=self._graded(table),
        )
        self._calls(table, inflow)
        if not any(key in table.raw for key in _SOURCES):
            what = "has no callers; add per_hour, day, forecast, between, bursts or calls"
            table.problems.add(table.path, what)
        return inflow

    def _graded(self, table: Table) -> tuple[tuple[str, float], ...]:
        found = shares(table, "grades", GRADES, "grade")
        for grade, part in found:
            if part and grade not in self._grades:
                table.wrong("grades", f"no customer has the grade {grade}; see [customers]")
        return found

    def _dialled(self, table: Table, queue: str) -> tuple[str, ...]:
        entries = self._centre.entries
        named = tuple(number for number in entries if number != "*") or ("4000",)
        dialled = table.texts("dialled", named)
        if queue and "dialled" in table.raw:
            table.wrong("dialled", "stands beside queue, which leads past the menus; keep one")
        for number in dialled:
            if number not in entries and not _NUMBER.fullmatch(number):
                what = f"{number[:40]!r} cannot be dialled; use 1 to 40 of 0-9 * # and a + in front"
                table.wrong("dialled", what)
            elif number not in entries and "*" not in entries:
                what = f"no entry of the config takes calls for {number!r}"
                table.wrong("dialled", f"{what}; {nearest(number, entries)}")
        return dialled or named

    def _bursts(self, tables: list[Table]) -> tuple[Burst, ...]:
        found: list[Burst] = []
        for table in tables:
            callers_ = table.whole("callers", 0, 1, _MOST_AT_ONCE)
            within = table.seconds("within_s", 0, zero=True)
            found += [Burst(at, callers_, within) for at in self._instants(table)]
            table.close()
        return tuple(sorted(found, key=lambda one: one.at))

    def _instants(self, table: Table) -> list[Instant]:
        """`at` is a time of day, then on each of `days`; or a date and time."""
        raw, on = table.any("at", None), days(table, "days")
        if (daily := clock(raw)) is not None:
            every = (self._days.on(day, daily) for day in self._days.days() if day.weekday() in on)
            found = [at for at in every if 0 <= at < self._days.lasts]
        elif (when := local(raw)) is not None:
            found = [at for at in (self._days.at(when),) if 0 <= at < self._days.lasts]
        else:
            what = f'{shown(raw)} is no time; write "9:00" for each day, or 2026-01-05T09:00:00'
            table.wrong("at", what)
            return []
        if not found:
            table.wrong("at", f"{shown(raw)} is not within the run; see begins and lasts_h")
        return found

    # -- call records --

    def _calls(self, table: Table, inflow: Inflow) -> None:
        """Adds the callers of the file `calls`."""
        name = table.text("calls", "")
        first = table.any("calls_from", None)
        if not name:
            return
        day = None if first is None else local(first)
        if first is not None and day is None:
            table.wrong("calls_from", f"{shown(first)} is no date; write 2026-01-05")
        zone = self._centre.timezone
        try:
            seen, _ = read_calls(self._folder / name, zone)
        except ConfigError as error:
            for problem in error.problems:
                table.wrong("calls", problem)
            return
        self._plan(table, inflow, [call for call in seen if call.outcome not in NEVER_JOINED], day)

    def _plan(
        self, table: Table, inflow: Inflow, seen: list[CallSeen], day: datetime | None
    ) -> None:
        """The file's first day is played as the run's first day, at the same times of day."""
        if not seen:
            table.wrong("calls", "has no callers who joined a queue; choose another file")
            return
        zone = self._days.zone
        first = datetime.fromtimestamp(seen[0].arrived_at / 1000, zone).replace(tzinfo=None)
        moved = self._days.begins.date() - (day or first).date()
        numbers, codes = any(call.number for call in seen), any(call.code for call in seen)
        unknown: dict[str, None] = {}
        count = 0
        for call in seen:
            came = datetime.fromtimestamp(call.arrived_at // 1000, zone).replace(tzinfo=None)
            came += timedelta(milliseconds=call.arrived_at % 1000)
            at = self._days.at(came + moved)
            queue = call.queue or inflow.queue
            if queue and queue not in self._queues:
                unknown[queue] = None
            elif 0 <= at < self._days.lasts:
                made = _planned(call, at, queue, inflow.id)
                # A file in which nobody has a number is silent about numbers.
                number, code = made.number if numbers else None, made.code if codes else None
                self.plan.append(msgspec.structs.replace(made, number=number, code=code))
                count += 1
        for queue in unknown:
            hint = nearest(queue, self._queues)
            table.wrong("calls", f"has calls of the queue {queue!r}, which is not there; {hint}")
        if not count and not unknown:
            what = f"has no call within the run; its first came at {first:%Y-%m-%d %H:%M}"
            table.wrong("calls", f"{what}; see begins, lasts_h and calls_from")


def _planned(call: CallSeen, at: Instant, queue: str, inflow: str) -> PlannedCaller:
    """What the past says of this caller. The patience of one who was answered nobody knows."""
    known = call.outcome == "abandoned" and call.waited is not None
    return PlannedCaller(
        at=at,
        number=call.number,
        queue=queue,
        dialled=None if queue or not call.dialled else call.dialled,
        language=call.language if call.language in LANGUAGES else "",
        code=call.code,
        patience=call.waited if known else None,
        talk=call.talked if call.talked else None,
        inflow=inflow,
    )
