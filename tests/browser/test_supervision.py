"""The supervisor's controls on the board, what an agent sees of them, and pulling."""

from __future__ import annotations

from playwright.async_api import expect

from ctid.core.events import AssignAsked, PullAsked, SignInAsked, SpyAsked, SpyStopAsked
from ctid.core.supervision import Listener, SpyView, Supervisor
from ctid.core.views import WaitingView
from ctid.web import frames
from tests.browser.visit import Visit, sign_in, state, tell
from tests.fakes.engine import a_pop
from tests.fakes.webroom import Room, an_account

WAITING = WaitingView("c-9", "sales", "+8613800138000", 0, "")


async def test_into_a_talk_and_out_of_it(visit: Visit, room: Room) -> None:
    engine, page = room.engine, visit.page
    await room.store.put_account(an_account("tom", "supervisor", agent="1002"))
    engine.set_agent("1001", state="on_call", call="c-1")
    await sign_in(visit, "tom")
    me = Supervisor("tom", an_account("tom").name, "1002")
    await page.locator("[data-listen='1001']").click()
    await engine.submitted(SpyAsked(me, "1001", "listen"))
    spy = SpyView("tom", me.name, "1001", "c-1", "listen", "ringing")
    engine.set_view(spies=(spy,))
    bar = page.locator("#my-talk")
    await expect(bar).to_contain_text("Pick up your phone")
    await expect(bar.locator("[data-wish]")).to_have_count(1)
    engine.set_view(spies=(SpyView("tom", me.name, "1001", "c-1", "listen", "on"),))
    await expect(bar.locator("[data-wish='listen']")).to_have_attribute("aria-pressed", "true")
    await expect(page.locator("[data-agent='1001']")).to_contain_text("is listening")
    await visit.picture("supervision-1-in-the-talk")
    for wish in ("whisper", "barge", "take"):
        await bar.locator(f"[data-wish='{wish}']").click()
        await engine.submitted(SpyAsked(me, "1001", wish))
    refused = frames.ErrorFrame("caller_aside", "The caller is on hold.")
    await room.bus.publish("login.tom", frames.encode(refused))
    await expect(page.get_by_text("on the way to somebody else")).to_be_visible()
    await bar.locator("[data-wish='stop']").click()
    await engine.submitted(SpyStopAsked(me))
    engine.set_view(spies=())
    await expect(bar).to_have_count(0)


async def test_the_card_comes_with_the_caller(visit: Visit, room: Room) -> None:
    engine, page = room.engine, visit.page
    await room.store.put_account(an_account("tom", "supervisor", agent="1002"))
    await sign_in(visit, "tom")
    pop = a_pop(agent="1002", reason="taken over from Ann")
    engine.set_agent("1002", state="on_call", pop=pop)
    await room.bus.publish("agent.1002", frames.encode(frames.PopShown(engine.now(), pop)))
    await expect(page.locator("#pop")).to_contain_text("taken over from Ann")


async def test_a_waiting_caller_is_given_to_an_agent(visit: Visit, room: Room) -> None:
    engine, page = room.engine, visit.page
    engine.set_view(waiting=(WAITING,))
    await sign_in(visit, "sue")
    to = page.locator("[data-assign='c-9']")
    await expect(to).to_be_disabled()
    engine.set_agent("1001", state="ready")
    await expect(to).to_be_enabled()
    await to.select_option("1001")
    event = await engine.event(lambda e: isinstance(e, AssignAsked))
    assert isinstance(event, AssignAsked)
    assert (event.by.login, event.call, event.agent) == ("sue", "c-9", "1001")


async def test_an_agent_sees_who_listens_and_takes_a_caller(visit: Visit, room: Room) -> None:
    engine, page = room.engine, visit.page
    engine.set_view(waiting=(WAITING,))
    await sign_in(visit, "ann")
    await engine.submitted(SignInAsked("1001"))
    await expect(page.get_by_role("button", name="Take a waiting caller")).to_have_count(0)
    engine.set_agent("1001", state="not_ready", reason="lunch", pulls=True)
    await state(visit, "not_ready")
    await page.get_by_role("button", name="Take a waiting caller").click()
    await page.locator("[data-pull='c-9']").click()
    await engine.submitted(PullAsked("1001", "c-9"))
    view = engine.set_agent(
        "1001", state="on_call", call="c-9", listeners=(Listener("Sue", "whisper"),)
    )
    await tell(room, frames.AgentFrame(engine.now(), view))
    await expect(page.get_by_text("In your talk: Sue speaks to the agent.")).to_be_visible()
    await visit.picture("supervision-2-told")
