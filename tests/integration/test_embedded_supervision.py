"""Supervisors on the pretend PBX: the whole of ctid, with real sockets and files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ctid.core.commands import Denied, Repaired, ShowPop, Spied
from ctid.core.events import AssignAsked, BreakAsked, PullAsked, SpyAsked, SpyStopAsked
from ctid.core.supervision import SpyWish, Supervisor
from tests.integration.embedded_site import NEVER, STRAIGHT, Site, pbx_and_config

SUE, TOM = Supervisor("sue", "Sue"), Supervisor("tom", "Tom", "jun")
"""Sue has the phone 1009; Tom is the agent jun too, with 1010."""


@asynccontextmanager
async def supervised(folder: Path, *ready: str, **changes: Any) -> AsyncIterator[Site]:
    """A site with both, where callers of sales may be pulled."""
    async with pbx_and_config(folder, **changes) as s:
        s.config["agents"] = [agent for agent in s.config["agents"] if agent["id"] != "ines"]
        s.config["supervision_phones"] = {"sue": "PJSIP/1009"}
        s.config["queues"][0]["pull"] = True
        await s.start()
        try:
            s.ready(*ready)
            yield s
            await s.at_rest()
        finally:
            await s.stop()


async def asks(s: Site, by: Supervisor, wish: SpyWish) -> None:
    """A supervisor's wish for Anna's talk, carried out by the PBX."""
    s.app.submit(SpyAsked(by, "anna", wish))
    await s.until(lambda: mode(s, by) == wish)


def mode(s: Site, by: Supervisor) -> str:
    """In which way the supervisor is in a talk, once the phone is picked up and as the PBX says."""
    mine = [view for view in s.view().spies if (view.login, view.state) == (by.login, "on")]
    channels = s.pbx.exchange.channels.values()
    places = [c.place.exten for c in channels if c.place.context == "ctid-spy"]
    return mine[0].mode if mine and mine[0].mode in places else ""


async def test_listen_whisper_barge_and_away_with_the_talk(tmp_path: Path) -> None:
    async with supervised(tmp_path, "anna") as s:
        call = s.call(STRAIGHT)
        await s.state("anna", "on_call")
        await asks(s, SUE, "listen")
        assert [(one.name, one.mode) for one in s.agent("anna").listeners] == [("Sue", "listen")]
        await asks(s, SUE, "whisper")
        await asks(s, SUE, "barge")
        since = s.agent("anna").since
        await asks(s, TOM, "listen")
        s.app.submit(SpyStopAsked(TOM))
        await s.until(lambda: len(s.view().spies) == 1)
        assert (s.agent("anna").state, s.agent("anna").since) == ("on_call", since)
        call.hang_up()
        await s.until(lambda: not s.view().spies)
        steps = [(r.login, r.step, r.mode) for c in s.done(Spied) if (r := c.record)]
        assert steps == [
            ("sue", "began", "listen"), ("sue", "changed", "whisper"), ("sue", "changed", "barge"),
            ("tom", "began", "listen"), ("tom", "ended", "listen"), ("sue", "ended", "barge"),
        ]  # fmt: skip
        rows = s.app.store.supervision
        await s.until(lambda: s.app.records.lag() == 0)
        assert [r.step for r in await rows(0, 2**53)] == [step for _, step, _ in steps]


async def test_ctid_stops_and_the_one_who_listens_goes_with_the_talk(tmp_path: Path) -> None:
    """While ctid is away the PBX ends it; a ctid that comes back in time knows who it is."""
    async with supervised(tmp_path, "anna") as s:
        call = s.call(STRAIGHT)
        await s.state("anna", "on_call")
        await asks(s, SUE, "listen")
        await s.stop()
        await s.start()
        [spy] = s.view().spies
        assert (spy.login, spy.agent, spy.mode, spy.state) == ("sue", "anna", "listen", "on")
        assert not s.done(Repaired)
        await s.stop()
        call.hang_up()
        await s.start()
        await s.until(lambda: not s.view().spies)


async def test_take_over(tmp_path: Path) -> None:
    async with supervised(tmp_path, "anna") as s:
        call = s.call(STRAIGHT, "+8615400000001")
        await s.state("anna", "on_call")
        await asks(s, TOM, "whisper")
        s.app.submit(SpyAsked(TOM, "anna", "take"))
        await s.state("jun", "on_call")
        await s.state("anna", "ready")
        pop = [command.pop for command in s.done(ShowPop)][-1]
        assert pop.reason == "taken over from Anna Schmidt"
        assert (pop.agent, pop.call) == ("jun", call.unique_id)
        assert not call.over.done()
        call.hang_up()
        await s.state("jun", "signed_out")
        await s.records(1)
        record, legs = s.closed(call), s.legs(call)
        assert (record.outcome, record.agent, record.path[-1]) == (
            "answered", "jun", "jun>take:anna",
        )  # fmt: skip
        talked = sum(leg.ended_at - leg.bridged_at for leg in legs)
        assert {leg.agent for leg in legs} == {"anna", "jun"}
        assert abs(record.talked - talked) < 100


async def test_the_supervisors_phone_is_not_picked_up(tmp_path: Path) -> None:
    async with supervised(tmp_path, "anna") as s:
        call = s.call(STRAIGHT)
        await s.state("anna", "on_call")
        s.phones(NEVER, "1009")
        s.app.submit(SpyAsked(SUE, "anna", "listen"))
        await s.until(lambda: s.done(Denied))
        [denied] = s.done(Denied)
        assert (denied.code, denied.login) == ("phone_failed", "sue")
        call.hang_up()


async def test_by_hand(tmp_path: Path) -> None:
    async with supervised(tmp_path) as s:
        first, second = s.call(STRAIGHT), s.call(STRAIGHT)
        await s.until(lambda: len(s.view().waiting) == 2)
        s.ready("anna")
        await s.state("anna", "on_call")
        s.app.submit(BreakAsked("anna", "meeting"))
        (late,) = s.view().waiting
        s.app.submit(AssignAsked(SUE, late.call, "anna"))
        await s.until(lambda: s.done(Denied))
        talking = first if late.call == second.unique_id else second
        talking.hang_up()
        await s.state("anna", "not_ready")
        s.app.submit(PullAsked("anna", late.call))
        await s.state("anna", "on_call")
        assert s.agent("anna").call == late.call
        (second if talking is first else first).hang_up()
        await s.state("anna", "not_ready")
        assert s.agent("anna").reason == "meeting"
