"""The whole story on the pretend PBX: from a caller's keys to the agent's screen, and on record."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from crm_link.port import Customer, Find
from ctid.app.compose import App
from ctid.core.commands import ShowPop, UpdatePop
from ctid.core.events import BreakAsked, WrapUpDone
from tests.integration.embedded_site import QUICK, STRAIGHT, Site, site
from tests.real_pbx.desk import desks

CODE, NUMBER = "100001", "+8615400000001"
"""One of the demo's customers."""
SHARED = "+8615400009902"
"""A number that several demo customers have."""
STRANGER = "+8613900000001"


async def test_the_whole_story(tmp_path: Path) -> None:
    async with site(tmp_path) as s, desks(s.base, "ben", "anna") as desk:
        call = s.call(QUICK, STRANGER, keys=("1", CODE))
        shown = await desk["ben"].until("pop.shown")
        pop = shown["pop"]
        assert (pop["number"], pop["code"], pop["caller_name"]) == (STRANGER, CODE, "Caller")
        assert (pop["status"], pop["matched_by"]) == ("found", "code")
        assert [c["code"] for c in pop["customers"]] == [CODE]
        assert pop["path"] == ["menu=1", "code", "queue"]

        assert await call.talking_to == "1002"
        await desk["ben"].state("on_call")
        assert not [f for f in desk["anna"].frames if f["type"] == "pop.shown"]

        call.hang_up()
        wrap_up = await desk["ben"].state("wrap_up")
        assert wrap_up["agent"]["pop"]["id"] == pop["id"], "the customer stays for the notes"
        await desk["ben"].until("pop.revoked", lambda f: f["pop"] == pop["id"])
        await desk["ben"].state("ready")
        await s.at_rest()
        assert s.app.executor.pop_times, "the page acknowledged the pop"

        [record] = await s.records(1)
        assert (record.outcome, record.agent, record.queue) == ("answered", "ben", "sales")
        assert (record.code, record.offers) == (CODE, 1)
        assert 0 < record.arrived_at <= record.queued_at <= record.answered_at <= record.ended_at
        [decision] = await s.app.store.decisions(record.call)
        assert (decision.agent, decision.available, decision.waiting) == ("ben", 2, 1)
        assert "longest idle" in decision.reason


async def last_pop(s: Site, call: str) -> Any:
    """The newest version of this call's pop, once its look-up has ended."""

    def newest() -> Any:
        pops = [c.pop for c in s.done(ShowPop) + s.done(UpdatePop) if c.pop.call == call]
        return max(pops, key=lambda pop: pop.version, default=None)

    await s.until(lambda: (pop := newest()) is not None and pop.status != "pending")
    return newest()


async def test_who_calls(tmp_path: Path) -> None:
    """All at once: by code, by number, by a number that many have, unknown, hidden."""
    expected = {
        "code": ("found", "code", CODE),
        "number": ("found", "number", CODE),
        "many": ("many", "number", ""),
        "none": ("none", "", ""),
        "hidden": ("none", "", ""),
    }
    ready = ("anna", "ben", "chen", "dora", "erik")
    async with site(tmp_path, ready=ready) as s:
        calls = {
            "code": s.call(QUICK, STRANGER, keys=("1", CODE)),
            "number": s.call(STRAIGHT, NUMBER),
            "many": s.call(STRAIGHT, SHARED),
            "none": s.call(STRAIGHT, STRANGER),
            "hidden": s.call(STRAIGHT, ""),
        }
        for name, call in calls.items():
            assert await call.talking_to, name
            pop = await last_pop(s, call.unique_id)
            status, by, code = expected[name]
            assert (pop.status, pop.matched_by) == (status, by), name
            assert len(pop.customers) == {"found": 1, "none": 0}.get(status, 5), name
            assert not code or pop.customers[0].code == code
            call.hang_up()
        await s.at_rest()


class _Broken:
    """A CRM that raises, or that never answers."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    async def find(self, query: Find) -> tuple[Customer, ...]:
        if self._kind == "raises":
            raise ZeroDivisionError("a defect of the CRM's driver")
        await asyncio.Event().wait()
        raise AssertionError("nobody sets that event")


class _RaisingCrm(App):
    async def _open_rooms(self, stack: AsyncExitStack) -> None:
        await super()._open_rooms(stack)
        self.directory = _Broken("raises")


class _SilentCrm(App):
    async def _open_rooms(self, stack: AsyncExitStack) -> None:
        await super()._open_rooms(stack)
        self.directory = _Broken("hangs")


@pytest.mark.parametrize(
    ("kind", "status"), [(_RaisingCrm, "unavailable"), (_SilentCrm, "timeout")]
)
async def test_a_broken_crm_costs_the_pop_and_nothing_else(
    tmp_path: Path, kind: type[App], status: str
) -> None:
    async with site(tmp_path, ready=("anna", "ben"), kind=kind) as s:
        number = s.call(STRAIGHT, NUMBER)
        code = s.call(QUICK, NUMBER, keys=("1", CODE))
        for call in (number, code):
            assert await call.talking_to
            assert (await last_pop(s, call.unique_id)).status == status
            call.hang_up()
        await s.at_rest()
        # The code could not be checked, so it counts as claimed.
        assert s.closed(code).code == CODE


async def test_three_wrong_codes_no_key_and_the_menus_own_end(tmp_path: Path) -> None:
    async with site(tmp_path, ready=("anna", "ben", "chen")) as s:
        wrong = s.call(QUICK, STRANGER, keys=("1", "999999", "888888", "777777"))
        silent = s.call(QUICK, NUMBER)
        bye = s.call(QUICK, STRANGER, keys=("9",))
        assert await bye.over == 16
        assert await wrong.talking_to
        assert await silent.talking_to
        assert (await last_pop(s, wrong.unique_id)).status == "none"
        assert (await last_pop(s, silent.unique_id)).matched_by == "number"
        wrong.hang_up()
        silent.hang_up()
        await s.at_rest()
        assert wrong.requests == 4
        assert silent.requests == 2
        assert (s.closed(wrong).code, s.closed(wrong).outcome) == ("", "answered")
        assert (s.closed(bye).outcome, s.closed(bye).path) == ("ivr_ended", ("menu=9", "bye"))


@pytest.mark.parametrize("who", ["the agent's phone", "the agent's page"])
async def test_either_side_may_hang_up(tmp_path: Path, who: str) -> None:
    async with site(tmp_path) as s, desks(s.base, "anna") as desk:
        call = s.call()
        await desk["anna"].state("on_call")
        if who == "the agent's phone":
            s.pbx.phone("1001").hang_up()
        else:
            await desk["anna"].say("hangup")
        assert await call.over == 16
        await desk["anna"].state("ready")
        await s.at_rest()
        assert (s.closed(call).outcome, s.closed(call).agent) == ("answered", "anna")


async def test_wrap_up_may_end_early_and_a_break_waits_for_the_call(tmp_path: Path) -> None:
    async with site(tmp_path, ready=("anna", "ben")) as s:
        calls = [s.call(), s.call()]
        for call in calls:
            await call.talking_to
        await s.until(lambda: {s.agent(a).state for a in ("anna", "ben")} == {"on_call"})
        s.app.submit(BreakAsked("ben", "lunch"))
        assert (s.agent("ben").state, s.agent("ben").next) == ("on_call", "not_ready")
        for call in calls:
            call.hang_up()
        await s.state("anna", "wrap_up")
        s.app.submit(WrapUpDone("anna"))
        assert s.agent("anna").state == "ready", "at once, not after the wrap-up's time"
        ben = await s.state("ben", "not_ready")
        assert ben.reason == "lunch"
        await s.at_rest()


async def test_a_hostile_caller_disturbs_nobody(tmp_path: Path) -> None:
    name = '"><script>alert(1)</script>\\\r\n\x00\x1b[31m' + "王" * 400
    async with site(tmp_path) as s, desks(s.base, "anna", "ben") as desk:
        hostile = s.pbx.place_call(STRAIGHT, "+86 139" + "9" * 500, name)
        usual = s.call()
        shown = await desk["anna"].until("pop.shown")
        assert not set(shown["pop"]["caller_name"]) & set("\r\n\x00\x1b")
        for call in (hostile, usual):
            assert await call.talking_to
            call.hang_up()
        await s.at_rest()
        assert {s.closed(hostile).outcome, s.closed(usual).outcome} == {"answered"}
