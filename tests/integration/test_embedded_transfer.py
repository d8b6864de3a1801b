"""Transfers on the pretend PBX: the whole of ctid, with real sockets and files."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ctid.core.commands import Divert, ShowPop
from ctid.core.events import TransferAsked
from tests.integration.embedded_site import STRAIGHT, site


async def test_a_colleague_has_the_note_and_the_caller(tmp_path: Path) -> None:
    async with site(tmp_path, ready=("anna", "ben")) as s:
        call = s.call(STRAIGHT, "+8615400000001")
        await s.until(lambda: s.agent("anna").state == "on_call")
        s.app.submit(TransferAsked("anna", s.agent("anna").call, "agent", "ben", "refund"))
        await s.until(lambda: s.agent("ben").state == "on_call")
        pop = [command.pop for command in s.done(ShowPop)][-1]
        assert pop.agent == "ben"
        assert pop.handed is not None
        assert (pop.handed.by, pop.handed.note) == ("anna", "refund")
        call.hang_up()
        await s.at_rest()
        [record] = await s.records(1)
        assert (record.outcome, record.agent, record.offers) == ("answered", "ben", 2)
        assert {leg.agent for leg in s.legs(call)} == {"anna", "ben"}


async def test_the_leg_ends_and_the_redirect_never_came(tmp_path: Path) -> None:
    """What is on the channel leads the caller on (CTID_THEN)."""
    async with site(tmp_path, ready=("anna", "ben")) as s:
        call = s.call(STRAIGHT, "+8615400000001")
        await s.until(lambda: s.agent("anna").state == "on_call")
        switch, post = s.app.switch, s.app.switch.ami.post
        switch.ami.post = lambda name, *more: "" if name == "Redirect" else post(name, *more)
        s.app.submit(TransferAsked("anna", s.agent("anna").call, "agent", "ben", ""))
        await s.until(lambda: s.done(Divert))
        [ring] = list(s.app.driver.centre.router.offers)
        switch.ami.post("Hangup", [("Channel", ring)])
        async with asyncio.timeout(10):
            await s.until(lambda: s.agent("ben").state == "on_call")
        call.hang_up()
        await s.at_rest()
