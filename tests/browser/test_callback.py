"""Callbacks on the supervisors' board, and what the agent's card says of one."""

from __future__ import annotations

from playwright.async_api import expect

from ctid.core.callbacks import CallbackCancelAsked, CallbackView
from ctid.web import frames
from tests.browser.visit import Visit, sign_in
from tests.fakes.engine import a_pop
from tests.fakes.webroom import Room

WAITS = CallbackView("c-1", "sales", "+8613800138000", "Li", 0, "waiting", 1, 0, "")
RINGS = CallbackView("c-2", "sales", "+8613900139000", "", 0, "ringing", 0, 0, "1001")


async def test_the_board_lists_them_and_one_is_given_up(visit: Visit, room: Room) -> None:
    engine, page = room.engine, visit.page
    await sign_in(visit, "sue")
    panel = page.locator("#callbacks")
    await expect(panel).to_have_count(0)
    engine.set_view(callbacks=(WAITS, RINGS))
    waiting = panel.locator("[data-callback='c-1']")
    await expect(waiting).to_contain_text("in line")
    await expect(waiting).to_contain_text("1 in vain")
    await expect(panel).not_to_contain_text("0013 8000")
    ringing = panel.locator("[data-callback='c-2']")
    await expect(ringing).to_contain_text("being called by")
    await expect(ringing.get_by_role("button")).to_have_count(0)
    await visit.picture("callbacks-1-on-the-board")
    await waiting.get_by_role("button", name="Give up").click()
    event = await engine.event(lambda e: isinstance(e, CallbackCancelAsked))
    assert isinstance(event, CallbackCancelAsked)
    assert (event.by.login, event.callback) == ("sue", "c-1")
    refused = frames.ErrorFrame("callback_dialled", "The customer is being dialled.")
    await room.bus.publish("login.sue", frames.encode(refused))
    await expect(page.get_by_text("being dialled, or talks already")).to_be_visible()


async def test_the_agents_card_says_that_it_is_a_callback(visit: Visit, room: Room) -> None:
    engine, page = room.engine, visit.page
    await sign_in(visit, "ann")
    pop = a_pop(attempt=2)
    engine.set_agent("1001", state="reserved", pop=pop)
    await room.bus.publish("agent.1001", frames.encode(frames.PopShown(engine.now(), pop)))
    await expect(page.locator("#pop #callback")).to_contain_text("attempt 2: pick up")
