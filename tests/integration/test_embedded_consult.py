"""Hold and consults on the pretend PBX: the whole of ctid, with real sockets and files."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ctid.core.commands import Denied, ShowPop
from ctid.core.events import ConsultAsked, TalkAsked
from ctid.core.records import TalkWish
from sim.live.outside import OutsideSettings
from tests.integration.embedded_site import STRAIGHT, Site, pbx_and_config, site


async def state(s: Site, call: str, name: str) -> None:
    """Wait until the talk is in this state, nothing awaited."""
    known = s.app.driver.centre.calls

    def there() -> bool:
        aside = known[call].aside
        return (aside.state, aside.pending) == (name, "") if aside else name == "plain"

    async with asyncio.timeout(10):
        await s.until(there)


async def consulting(s: Site) -> str:
    """Anna asks Ben, with a caller on hold; the call."""
    s.call(STRAIGHT, "+8615400000001")
    await s.until(lambda: s.agent("anna").state == "on_call")
    call = s.agent("anna").call
    s.app.submit(ConsultAsked("anna", call, "agent", "ben", "refund"))
    await state(s, call, "consulting")
    return call


def wish(s: Site, call: str, one: TalkWish) -> None:
    s.app.submit(TalkAsked("anna", call, one))


async def test_the_colleague_has_the_note_and_then_the_caller(tmp_path: Path) -> None:
    async with site(tmp_path, ready=("anna", "ben")) as s:
        call = await consulting(s)
        pop = [command.pop for command in s.done(ShowPop)][-1]
        assert pop.agent == "ben"
        assert pop.handed is not None
        assert (pop.handed.by, pop.handed.note) == ("anna", "refund")
        wish(s, call, "toggle")
        await state(s, call, "with_caller")
        wish(s, call, "toggle")
        await state(s, call, "consulting")
        wish(s, call, "complete")
        await state(s, call, "plain")
        await s.until(lambda: s.agent("anna").state == "wrap_up")
        assert s.agent("ben").state == "on_call"
        for leg in list(s.app.driver.centre.router.offers):
            s.app.switch.ami.post("Hangup", [("Channel", leg)])
        await s.at_rest()
        [record] = await s.records(1)
        assert (record.outcome, record.agent, record.offers) == ("answered", "ben", 2)
        assert record.held > 0


async def test_all_three_and_one_leaves(tmp_path: Path) -> None:
    async with site(tmp_path, ready=("anna", "ben")) as s:
        call = await consulting(s)
        wish(s, call, "conference")
        await state(s, call, "conference")
        wish(s, call, "cancel")
        await state(s, call, "plain")
        assert s.agent("anna").state == "on_call"
        await s.until(lambda: s.agent("ben").state == "ready")
        wish(s, call, "hold")
        await state(s, call, "held")
        wish(s, call, "resume")
        await state(s, call, "plain")
        for leg in list(s.app.driver.centre.router.offers):
            s.app.switch.ami.post("Hangup", [("Channel", leg)])
        await s.at_rest()


@pytest.mark.parametrize("order", ["Redirect", "Originate"])
async def test_an_order_that_is_lost_leaves_nobody_behind(tmp_path: Path, order: str) -> None:
    async with site(tmp_path, ready=("anna", "ben")) as s:
        s.call(STRAIGHT, "+8615400000001")
        await s.until(lambda: s.agent("anna").state == "on_call")
        call, ami = s.agent("anna").call, s.app.switch.ami
        post = ami.post
        ami.post = lambda name, *more: "" if name == order else post(name, *more)
        s.app.submit(ConsultAsked("anna", call, "agent", "ben", ""))
        await s.until(lambda: s.app.driver.centre.calls[call].aside)
        ami.post = post
        for leg in list(s.app.driver.centre.router.offers):
            if leg in s.app.switch.translator.legs:
                ami.post("Hangup", [("Channel", leg)])
        await s.until(lambda: s.agent("anna").state == "wrap_up")
        for one in list(s.app.driver.centre.calls.values()):
            ami.post("Hangup", [("Channel", one.channel)])
        await s.until(lambda: not s.app.driver.centre.calls)


BRANCH = "+49301234"


async def test_a_number_outside_is_asked_and_has_the_caller(tmp_path: Path) -> None:
    does = OutsideSettings(rings=0.05, talk=60.0)
    async with pbx_and_config(tmp_path, outside=does) as s:
        s.config["transfer_numbers"] = {"branch": BRANCH}
        await s.start()
        try:
            s.ready("anna")
            s.call(STRAIGHT, "+8615400000001")
            await s.until(lambda: s.agent("anna").state == "on_call")
            call = s.agent("anna").call
            s.app.submit(ConsultAsked("anna", call, "number", BRANCH, "invoice"))
            await state(s, call, "consulting")
            wish(s, call, "toggle")
            await state(s, call, "with_caller")
            wish(s, call, "conference")
            await state(s, call, "conference")
            wish(s, call, "complete")
            await s.until(lambda: s.agent("anna").state == "wrap_up")
            centre = s.app.driver.centre
            assert centre.calls[call].phase == "sent"
            s.app.switch.ami.post("Hangup", [("Channel", centre.calls[call].channel)])
            [record] = await s.records(1)
            assert (record.outcome, record.path[-1]) == ("answered", f"anna&number:{BRANCH}")
            await s.at_rest()
        finally:
            await s.stop()


async def test_a_number_outside_that_nobody_answers(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path, outside=OutsideSettings(rings=0.05, answers=False)) as s:
        s.config["transfer_numbers"] = {"branch": BRANCH}
        await s.start()
        try:
            s.ready("anna")
            s.call(STRAIGHT, "+8615400000001")
            await s.until(lambda: s.agent("anna").state == "on_call")
            call = s.agent("anna").call
            s.app.submit(ConsultAsked("anna", call, "number", BRANCH, ""))
            await s.until(lambda: s.done(Denied))
            await state(s, call, "held")
            wish(s, call, "resume")
            await state(s, call, "plain")
            [leg] = s.app.driver.centre.router.offers
            s.app.switch.ami.post("Hangup", [("Channel", leg)])
            await s.at_rest()
        finally:
            await s.stop()
