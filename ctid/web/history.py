"""What is on record: ended calls, why they went where they went, and how evenly agents had work."""

from __future__ import annotations

from aiohttp import web

from ctid.core.instants import HOUR
from ctid.ports import Clock, Store
from ctid.web.answers import Problem, json_answer
from ctid.web.gate import SignedRoute
from ctid.web.sessions import Signed

MOST_CALLS = 1000
"""Call records in one answer."""
LONGEST_SUPERVISION = 31 * 24 * HOUR
"""What one answer about supervisors may span."""
LONGEST_SURVEYS = 366 * 24 * HOUR
"""What one answer about surveys may span: one figure for each agent, queue and question."""
LONGEST_IVR = 366 * 24 * HOUR
"""What one answer about flows may span: one figure for each flow, step and way."""
LONGEST_FAIRNESS = 31 * 24 * HOUR
"""What one answer about fairness may span: one figure for each queue and hour."""


class History:
    """Answers of the REST API about the past."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def routes(self) -> list[SignedRoute]:
        """All routes of this room, with what each needs."""
        return [
            SignedRoute("GET", "/api/calls", "calls.read", self.calls),
            SignedRoute("GET", "/api/calls/{id}", "call.read", self.call),
            SignedRoute("GET", "/api/fairness", "fairness.read", self.fairness),
            SignedRoute("GET", "/api/ivr", "ivr.read", self.ivr),
            SignedRoute("GET", "/api/hours", "hours.read", self.hours),
            SignedRoute("GET", "/api/supervision", "supervision.read", self.supervision),
            SignedRoute("GET", "/api/surveys", "surveys.read", self.surveys),
        ]

    async def calls(self, request: web.Request, who: Signed) -> web.Response:
        """Call records that arrived in [since, until), newest first."""
        since = number(request, "since", 0)
        until = number(request, "until", self._clock.wall() + 1)
        limit = number(request, "limit", MOST_CALLS)
        if not 1 <= limit <= MOST_CALLS:
            raise Problem(400, "bad_query", f"limit: must be 1 to {MOST_CALLS}")
        return json_answer({"calls": await self._store.calls(since, until, limit)})

    async def call(self, request: web.Request, who: Signed) -> web.Response:
        """One call record, and why it went where it went."""
        call = request.match_info["id"]
        record = await self._store.call(call)
        if record is None:
            raise Problem(404, "not_found", "No ended call has this id.")
        return json_answer(
            {
                "call": record,
                "decisions": await self._store.decisions(call),
                "moves": await self._store.moves(call),
                "dispositions": await self._store.dispositions(call),
                "survey": await self._store.survey_answers(call),
                "visits": await self._store.visits(call),
            }
        )

    async def fairness(self, request: web.Request, who: Signed) -> web.Response:
        """How evenly agents were loaded in the hours that began in [since, until), by time and
        queue; the last day where nothing else is asked for. The present hour is on the board."""
        until = number(request, "until", self._clock.wall() + 1)
        since = number(request, "since", max(0, until - 24 * HOUR))
        if until - since > LONGEST_FAIRNESS:
            raise Problem(400, "bad_query", "since: is over 31 days before until; ask for less")
        return json_answer({"fairness": await self._store.fairness(since, until)})

    async def supervision(self, request: web.Request, who: Signed) -> web.Response:
        """Who was in which agent's talk, each step in [since, until), by time; the last day where
        nothing else is asked for."""
        until = number(request, "until", self._clock.wall() + 1)
        since = number(request, "since", max(0, until - 24 * HOUR))
        if until - since > LONGEST_SUPERVISION:
            raise Problem(400, "bad_query", "since: is over 31 days before until; ask for less")
        return json_answer({"supervision": await self._store.supervision(since, until)})

    async def surveys(self, request: web.Request, who: Signed) -> web.Response:
        """What callers answered after the talk in [since, until), for each queue, agent and
        question; the last day where nothing else is asked for. `last` as for flows."""
        until = number(request, "until", self._clock.wall() + 1)
        last = number(request, "last", 24 * HOUR)
        since = number(request, "since", max(0, until - last))
        if until - since > LONGEST_SURVEYS:
            raise Problem(400, "bad_query", "since: is over 366 days before until; ask for less")
        return json_answer({"surveys": await self._store.survey_figures(since, until)})

    async def ivr(self, request: web.Request, who: Signed) -> web.Response:
        """What became of visits of flows, for each flow and step: of the quarters of an hour that
        began in [since, until); the last day where nothing else is asked for. `last` in place of
        `since`: so many milliseconds before `until`, for pages whose clock may be another."""
        until = number(request, "until", self._clock.wall() + 1)
        last = number(request, "last", 24 * HOUR)
        since = number(request, "since", max(0, until - last))
        if until - since > LONGEST_IVR:
            raise Problem(400, "bad_query", "since: is over 366 days before until; ask for less")
        return json_answer(await self._store.ivr_figures(since, until))

    async def hours(self, request: web.Request, who: Signed) -> web.Response:
        """Who switched which opening hours in [since, until), by time; the last day where nothing
        else is asked for. What holds now is on the board."""
        until = number(request, "until", self._clock.wall() + 1)
        since = number(request, "since", max(0, until - 24 * HOUR))
        if until - since > LONGEST_SUPERVISION:
            raise Problem(400, "bad_query", "since: is over 31 days before until; ask for less")
        return json_answer({"turns": await self._store.hours_turned(since, until)})


def number(request: web.Request, name: str, default: int) -> int:
    """A whole number of the query. Raises Problem, with what is wrong."""
    text = request.query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise Problem(400, "bad_query", f"{name}: must be a whole number, such as {default}")
    return int(text)
