"""Supervisors' wishes on the stream and over REST, and what pages are told of them."""

import asyncio

import msgspec
import pytest

from ctid.core.callbacks import CallbackCancelAsked
from ctid.core.events import AssignAsked, PullAsked, SpyAsked, SpyStopAsked
from ctid.core.instants import HOUR
from ctid.core.opening import HoursSwitched, HoursTurn, HoursView
from ctid.core.supervision import Listener, SpyView, Supervisor
from ctid.core.views import WaitingView
from ctid.web import frames
from ctid.web.server import WebSettings
from tests.fakes.engine import a_pop
from tests.fakes.webroom import PATIENCE, Room, an_account, open_room

SUE = Supervisor("sue", "Sue")
DAY = 24 * HOUR
WAITING = WaitingView("c-1", "sales", "+8613800138000", 10, "")


@pytest.fixture
async def room():
    async with open_room(WebSettings(port=0, board_every_ms=20)) as room:
        yield room


@pytest.mark.parametrize(
    ("message", "event"),
    [
        ({"type": "spy", "agent": "1001", "wish": "barge"}, SpyAsked),
        ({"type": "spy.stop"}, SpyStopAsked),
        ({"type": "assign", "call": "c-1", "agent": "1001"}, AssignAsked),
        ({"type": "callback.cancel", "callback": "c-1"}, CallbackCancelAsked),
        ({"type": "hours", "hours": "office", "to": "closed", "until": "14:00"}, HoursSwitched),
    ],
)
async def test_over_rest_as_on_the_stream(room: Room, message: dict[str, str], event: type):
    async with room.signed_in("sue") as browser:
        status, body = await browser.ask("POST", "/api/say", message)
        assert (status, body) == (202, {"ok": True})
    async with room.signed_in("ann") as browser:
        status, body = await browser.ask("POST", "/api/say", message)
        assert (status, body["code"]) == (403, "forbidden")
    [came] = [e for e in room.engine.events if isinstance(e, event)]
    assert came.by == Supervisor("sue", came.by.name)


async def test_an_agent_says_what_the_page_says(room: Room):
    async with room.signed_in("ann") as browser:
        assert (await browser.ask("POST", "/api/say", {"type": "pull", "call": "c-1"}))[0] == 202
        status, body = await browser.ask("POST", "/api/say", {"type": "break", "reason": "fishing"})
        assert (status, body["code"]) == (422, "unknown_reason")
        status, body = await browser.ask("POST", "/api/say", {"type": "dance"})
        assert (status, body["code"]) == (400, "bad_body")
        status, body = await browser.ask("POST", "/api/say", {"type": "ready"}, X_CSRF_Token="x")
        assert (status, body["code"]) == (403, "csrf")
    assert room.engine.events[-1] == PullAsked("1001", "c-1")


async def test_whom_an_agent_may_pull(room: Room):
    room.engine.set_view(waiting=(WAITING,))
    async with room.signed_in("ann") as browser:
        status, body = await browser.ask("GET", "/api/pull")
        assert (status, body["waiting"][0]["call"]) == (200, "c-1")


async def test_what_the_machine_refuses_is_told_to_that_person_alone(room: Room):
    refused = frames.encode(frames.ErrorFrame("no_talk", "This agent talks to nobody now."))
    async with (
        room.signed_in("sue") as sue, sue.page() as hers,
        room.signed_in("adam") as adam, adam.page() as his,
    ):  # fmt: skip
        await hers.frame("board")
        await his.frame("board")
        await room.bus.publish("login.sue", refused)
        assert (await hers.frame("error"))["code"] == "no_talk"
        await his.say(type_="ping")
        kinds = set()
        while "pong" not in kinds:
            kinds.add((await his.frame())["type"])
        assert "error" not in kinds


async def test_the_board_says_who_is_in_which_talk(room: Room):
    view = SpyView("sue", "Sue", "1001", "c-1", "whisper", "on")
    room.engine.set_view(spies=(view,))
    async with room.signed_in("adam") as browser, browser.page() as page:
        assert (await page.frame("board"))["spies"] == [msgspec.to_builtins(view)]


async def test_the_board_says_who_has_switched_which_hours(room: Room):
    view = HoursView("office", "UTC", False, "week", "closed", "sue", "Sue", 10, 20)
    room.engine.set_view(hours=(view,))
    async with room.signed_in("adam") as browser, browser.page() as page:
        assert (await page.frame("board"))["hours"] == [msgspec.to_builtins(view)]


async def test_who_switched_hours_is_on_record_for_a_month_at_a_time(room: Room):
    now = room.clock.wall()
    turn = HoursTurn("office", "closed", "sue", now - 5, now + 5)
    old = HoursTurn("office", "open", "sue", now - 2 * DAY)
    room.store._turns = {("b1", 1, 0): turn, ("b1", 0, 0): old}
    async with room.signed_in("sue") as browser:
        status, body = await browser.ask("GET", "/api/hours")
        assert (status, body["turns"]) == (200, [msgspec.to_builtins(turn)])
        status, body = await browser.ask("GET", f"/api/hours?since={now - 31 * DAY}&until={now}")
        assert (status, len(body["turns"])) == (200, 2)
        for query in (f"since={now - 32 * DAY}", "since=yesterday"):
            status, body = await browser.ask("GET", f"/api/hours?{query}")
            assert (status, body["code"]) == (400, "bad_query")


@pytest.mark.parametrize(
    "wish",
    [
        {"hours": "office", "to": "shut"},
        {"hours": "", "to": "open"},
        {"hours": "office", "to": "open", "until": "x" * 21},
        {"hours": "office", "to": "open", "by": "adam"},
    ],
)
async def test_what_is_no_switch_is_not_heard(room: Room, wish: dict[str, str]):
    async with room.signed_in("sue") as browser:
        status, body = await browser.ask("POST", "/api/say", {"type": "hours", **wish})
    assert (status, body["code"]) == (400, "bad_body")
    assert room.engine.events == []


async def test_the_agent_is_told(room: Room):
    room.engine.set_agent("1001", state="on_call", listeners=(Listener("Sue", "whisper"),))
    async with room.signed_in("ann") as browser, browser.page() as page:
        agent = (await page.frame("agent"))["agent"]
        assert agent["listeners"] == [{"name": "Sue", "mode": "whisper"}]


async def test_a_supervisors_page_is_no_desk_of_the_agent(room: Room):
    """It comes and goes, and the agent who sits at a desk stays where they are."""
    await room.store.put_account(an_account("tom", "supervisor", agent="1001"))
    async with room.signed_in("ann") as browser, browser.page() as page:
        await page.frame("agent")
        async with room.signed_in("tom") as other, other.page() as board:
            await board.frame("board")
        async with asyncio.timeout(PATIENCE):
            while room.server.pages > 1:
                await asyncio.sleep(0.01)
        assert room.server._fanout._presence.pages("1001") == 1


async def test_a_supervisor_who_took_a_caller_over_has_the_card(room: Room):
    await room.store.put_account(an_account("tom", "supervisor", agent="1002"))
    room.engine.set_agent("1002", state="on_call", pop=a_pop(agent="1002"))
    async with room.signed_in("tom") as browser, browser.page() as page:
        assert (await page.frame("pop.shown"))["pop"]["call"] == "c-1"
        await room.bus.publish("agent.1002", frames.encode(frames.PopRevoked(0, "b1-1", "done")))
        await page.frame("pop.revoked")
