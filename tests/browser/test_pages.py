"""The pages in a real Chromium: sign-in, states, the pop, the board, both languages."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from playwright.async_api import expect

from ctid.core.events import (
    BreakAsked,
    DispositionGiven,
    ExtendWrapUpAsked,
    HangUpAsked,
    PopAcknowledged,
    ReadyAsked,
    SignOutAsked,
    WrapUpDone,
)
from ctid.core.fairness import Fairness
from ctid.core.records import Complaint, CustomerCard, PastContact, Pop
from ctid.core.views import TalkView, WaitingView, WaitView
from ctid.web import frames
from tests.browser.visit import Visit, sign_in, state, tell
from tests.fakes.engine import a_pop, a_queue
from tests.fakes.webroom import Room

DAY = 86_400_000
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def a_customer(**changes: object) -> CustomerCard:
    now = 1_790_000_000_000
    card = CustomerCard(
        id="42",
        code="100042",
        name="王芳",
        name_latin="Wang Fang",
        company="Huaxia Trading",
        numbers=("+8613800138000", "+862155501234"),
        email="wang.fang@example.com",
        language="zh",
        grade="A",
        vip=True,
        open_complaints=(Complaint("k1", now - 2 * DAY, "Second delivery was late again"),),
        last_contacts=(
            PastContact(now - DAY, "voice", "Asked for the delivery date", "Bob"),
            PastContact(now - 9 * DAY, "email", "Sent the invoice again"),
        ),
    )
    return msgspec.structs.replace(card, **changes)


async def show(room: Room, pop: Pop, state: str = "reserved") -> None:
    """Ring agent 1001: the view changes, the pop is published."""
    view = room.engine.set_agent(pop.agent, state=state, reason="", pop=pop, call=pop.call)
    await tell(room, frames.PopShown(room.engine.now(), pop))
    await tell(room, frames.AgentFrame(room.engine.now(), view))


async def test_from_sign_in_to_wrap_up(visit: Visit, room: Room):
    page, engine = visit.page, room.engine
    await visit.picture("1-sign-in")
    await sign_in(visit, "ann")
    await state(visit, "not_ready")
    await expect(page.get_by_text("Just signed in")).to_be_visible()
    await visit.picture("2-not-ready")

    await page.get_by_role("button", name="Available").click()
    await engine.submitted(ReadyAsked("1001"))
    engine.set_agent("1001", state="ready", reason="")
    await state(visit, "ready")

    pop = a_pop(caller_name=HOSTILE, code="100042")
    await show(room, pop)
    await expect(page.locator("#pop")).to_be_visible()
    await expect(page.locator(".caller-name")).to_contain_text(HOSTILE)
    assert await page.locator("#pop img, #pop script").count() == 0
    await engine.submitted(PopAcknowledged("1001", pop.id))
    await expect(page).to_have_title(f"☎ {HOSTILE} is calling")
    await visit.picture("3-pending")

    found = msgspec.structs.replace(
        pop, version=2, status="found", matched_by="code", customers=(a_customer(),)
    )
    await tell(room, frames.PopUpdated(engine.now(), found))
    await tell(room, frames.PopUpdated(engine.now(), pop))  # late and older: ignored
    await expect(page.get_by_role("heading", name="王芳")).to_be_visible()
    await expect(page.get_by_text("Second delivery was late again")).to_be_visible()
    await visit.picture("4-found")

    engine.set_agent("1001", state="on_call", pop=found)
    await state(visit, "on_call")
    await expect(page).to_have_title("On call · ctid")
    await page.get_by_role("button", name="Hang up").click()
    await engine.submitted(HangUpAsked("1001"))

    codes = ("已解决 Solved", "later")
    talk = TalkView("c-1", codes, "", may_end=True, may_extend=True)
    engine.set_agent("1001", state="wrap_up", pop=None, until=engine.now() + 30_000, talk=talk)
    await state(visit, "wrap_up")
    await expect(page.get_by_role("heading", name="王芳")).to_be_visible()
    await visit.picture("5-wrap-up")
    await page.get_by_role("button", name="More time").click()
    await engine.submitted(ExtendWrapUpAsked("1001"))
    await expect(page.get_by_text("Not said yet.")).to_be_visible()
    await page.get_by_role("button", name="已解决 Solved").click()
    await engine.submitted(DispositionGiven("1001", "c-1", "已解决 Solved"))
    engine.set_agent("1001", talk=msgspec.structs.replace(talk, code=codes[0], may_extend=False))
    chosen = page.get_by_role("button", name="已解决 Solved")
    await expect(chosen).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_role("button", name="More time")).to_have_count(0)
    await page.get_by_role("button", name="End wrap-up").click()
    await engine.submitted(WrapUpDone("1001"))
    engine.set_agent("1001", state="ready", until=0, talk=None)
    await expect(page.locator("#pop")).to_have_count(0)

    await page.get_by_role("button", name="Sign out").click()
    await engine.submitted(SignOutAsked("1001"))
    await expect(page.get_by_label("Login")).to_have_value("ann")


async def test_a_revoked_pop_goes_away(visit: Visit, room: Room):
    await sign_in(visit, "ann")
    await state(visit, "not_ready")
    pop = a_pop()
    await show(room, pop)
    await expect(visit.page.locator("#pop")).to_be_visible()
    room.engine.set_agent("1001", state="ready", reason="", pop=None)
    await tell(room, frames.PopRevoked(room.engine.now(), "another", "x"))
    await tell(room, frames.PopRevoked(room.engine.now(), pop.id, "caller left"))
    await expect(visit.page.locator("#pop")).to_have_count(0)


async def test_a_break_needs_a_reason_and_keys_work(visit: Visit, room: Room):
    await sign_in(visit, "ann")
    await state(visit, "not_ready")
    await visit.page.keyboard.press("Control+Shift+Digit2")
    reason = visit.page.get_by_role("button", name="Short break")
    await expect(reason).to_be_focused()
    await visit.picture("6-reasons")
    await visit.page.keyboard.press("Tab")
    await visit.page.keyboard.press("Enter")
    await room.engine.submitted(BreakAsked("1001", "lunch"))
    await visit.page.keyboard.press("Control+Shift+Digit1")
    await room.engine.submitted(ReadyAsked("1001"))


async def test_a_break_that_is_too_long_is_marked(visit: Visit, room: Room):
    room.engine.set_agent("1001", state="not_ready", reason="lunch", overrun=True)
    await sign_in(visit, "ann")
    await expect(visit.page.get_by_text("Your break is longer than its limit.")).to_be_visible()
    await visit.page.get_by_role("button", name="Sign out").click()
    await room.engine.submitted(SignOutAsked("1001"))
    room.engine.set_agent("1001", state="not_ready", reason="lunch", overrun=True)
    await sign_in(visit, "sue")
    chip = visit.page.locator(".chip[data-agent='1001']")
    await expect(chip).to_contain_text("Lunch · over its limit")
    await visit.picture("6-overrun")


async def test_during_a_call_the_next_state_is_chosen(visit: Visit, room: Room):
    await sign_in(visit, "ann")
    await state(visit, "not_ready")
    await show(room, a_pop(), state="on_call")
    await expect(visit.page.get_by_text("After this call")).to_be_visible()
    await visit.page.get_by_role("button", name="Break").click()
    await visit.page.get_by_role("button", name="Lunch").click()
    await room.engine.submitted(BreakAsked("1001", "lunch"))
    room.engine.set_agent("1001", next="not_ready")
    chosen = visit.page.get_by_role("button", name="Break", exact=True)
    await expect(chosen).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize(
    ("pop", "text"),
    [
        (a_pop(status="none"), "No customer with this number or code"),
        (a_pop(status="unavailable"), "The customer database is not available"),
        (a_pop(status="timeout"), "did not answer in time"),
        (a_pop(number="", number_kind="hidden", region=""), "Number withheld"),
    ],
    ids=["none", "unavailable", "timeout", "hidden"],
)
async def test_cards_without_a_customer(visit: Visit, room: Room, pop: Pop, text: str):
    await sign_in(visit, "ann")
    await state(visit, "not_ready")
    await show(room, pop)
    await expect(visit.page.locator("#pop")).to_contain_text(text)
    await visit.picture(f"7-{pop.status}-{pop.number_kind}")


async def test_of_several_matches_the_latest_contact_is_first(visit: Visit, room: Room):
    await sign_in(visit, "ann")
    await state(visit, "not_ready")
    older = a_customer(
        id="1",
        name="Old Friend",
        vip=False,
        last_contacts=(PastContact(1_780_000_000_000, "chat", "x"),),
    )
    never = a_customer(id="2", name="Never Called", last_contacts=(), open_complaints=())
    pop = a_pop(status="many", matched_by="number", customers=(never, older, a_customer()))
    await show(room, pop)
    names = visit.page.locator(".match-who b")
    await expect(names).to_have_text(["王芳", "Old Friend", "Never Called"])
    await visit.picture("8-many")
    await visit.page.get_by_role("button", name="Old Friend").click()
    await expect(visit.page.get_by_role("heading", name="Old Friend")).to_be_visible()
    await visit.page.get_by_role("button", name="All matches").click()
    await expect(names).to_have_count(3)


async def test_both_languages_on_every_page(visit: Visit, room: Room):
    page = visit.page
    await page.locator("[data-language=zh-CN]").click()
    await expect(page.get_by_role("button", name="登录")).to_be_visible()
    await visit.picture("9-sign-in-zh")
    await page.locator("[data-language=en]").click()
    await sign_in(visit, "ann")
    await state(visit, "not_ready")
    await show(room, a_pop(status="found", matched_by="number", customers=(a_customer(),)))
    await page.locator("[data-language=zh-CN]").click()
    await expect(page.locator("#state")).to_have_text("振铃")
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    await expect(page.get_by_text("未结投诉（1）")).to_be_visible()
    await visit.picture("10-found-zh")
    await page.reload()
    await expect(page.locator("#state")).to_have_text("振铃")
    await expect(page.locator("#pop")).to_be_visible()


async def test_the_demo_fills_in_the_form(visit: Visit, room: Room):
    await visit.page.get_by_role("button", name="Ann (sales)").click()
    await visit.page.get_by_role("button", name="Sign in").click()
    await state(visit, "not_ready")


async def test_a_refused_sign_in_keeps_what_was_typed(visit: Visit, room: Room):
    await visit.page.get_by_label("Login").fill("ann")
    await visit.page.get_by_label("Password").fill("wrong")
    await visit.page.get_by_role("button", name="Sign in").click()
    await expect(visit.page.get_by_role("alert")).to_have_text("Login or password is wrong.")
    await expect(visit.page.get_by_label("Login")).to_have_value("ann")
    # Chromium writes every 401 to the console; this one was asked for.
    assert len(visit.complaints) == 1
    visit.complaints.clear()


def a_busy_centre(room: Room) -> None:
    now = room.engine.now()
    one = room.engine.view.agents[0]
    states = ["ready", "on_call", "on_call", "wrap_up", "not_ready", "reserved", "on_call", "ready"]
    names = ["Ann Lee", "Bob Ray", "陈晨", "Dora Kim", "Eve Stone", "方敏", "Gus Hall", "Hana Sato"]
    agents = tuple(
        msgspec.structs.replace(
            one,
            agent=str(1001 + n),
            name=names[n % 8],
            state=states[n % 8],
            reason="lunch" if states[n % 8] == "not_ready" else "",
            since=now - 7_000 * (n * 3 % 31 + 1),
            handled=n % 9 + 3,
            phone_state="unreachable" if n == 4 else "idle",
        )
        for n in range(18)
    )
    queues = (
        a_queue(waiting=3, longest_since=now - 26_000, ready=2, offered=120, answered=108,
                abandoned=4, within=97, waited_sum=108 * 9_000),
        a_queue(queue="support", name="技术支持", waiting=1, longest_since=now - 16_000, ready=1,
                offered=80, answered=64, abandoned=7, within=52, waited_sum=64 * 21_000,
                wait=WaitView(120_000, 40_000, 250_000, 64, -12_000, 65, 13)),
        a_queue(queue="vip", name="VIP", ready=3),
    )  # fmt: skip
    waiting = (
        WaitingView("c1", "sales", "+8613800138000", now - 26_000, "1006"),
        WaitingView("c2", "support", "+442071838750", now - 16_000, ""),
        WaitingView("c3", "sales", "", now - 8_000, ""),
    )
    room.engine.set_view(agents=agents, queues=queues, waiting=waiting, calls_in_ivr=4)


async def test_the_board_shows_figures_with_words(visit: Visit, room: Room):
    a_busy_centre(room)
    await sign_in(visit, "sue")
    tile = visit.page.locator
    await expect(tile("[data-tile=waiting] .figure")).to_have_text("4")
    await expect(tile("[data-tile=longest]")).to_contain_text("Over threshold")
    await expect(tile("[data-tile=service-level] .figure")).to_have_text("81 %")
    await expect(tile("[data-tile=service-level]")).to_contain_text("On goal")
    await expect(tile("[data-tile=answered] .figure")).to_have_text("172")
    await expect(tile("tr[data-queue=support]")).to_contain_text("At risk")
    await expect(tile("tr[data-queue=support]")).to_contain_text("High")
    await expect(tile("tr[data-wait=support]")).to_contain_text("0:40 – 4:10")
    await expect(tile("tr[data-wait=support]")).to_contain_text("0:12 too short")
    await expect(tile("tr[data-wait=support]")).to_contain_text("20 %")
    await expect(tile("tr[data-wait=vip]")).to_contain_text("Nobody at work")
    await expect(tile("[data-agent='1001']")).to_contain_text("Ann Lee")
    await expect(tile(".callers")).not_to_contain_text("13800138000")
    await visit.picture("11-board")
    await visit.page.locator("[data-language=zh-CN]").click()
    await visit.page.emulate_media(color_scheme="dark")
    await visit.page.set_viewport_size({"width": 1920, "height": 1080})
    await expect(tile("[data-tile=waiting] h2")).to_have_text("当前排队")
    await visit.picture("12-board-dark-zh")
    room.engine.set_view(frozen=True)
    await expect(visit.page.get_by_role("alert")).to_contain_text("与交换机的连接已断开")


async def test_the_board_shows_how_evenly_work_is_shared(visit: Visit, room: Room):
    a_busy_centre(room)
    sales, support, vip = room.engine.view.queues
    even = Fairness("sales", 0, 3, 9_000_000, 7_460, 1_200, 480, 95_000, 9_994, 9_871)
    alone = msgspec.structs.replace(even, queue="support", agents=1)
    replace = msgspec.structs.replace
    await sign_in(visit, "sue")
    panel = visit.page.locator("[data-panel=fairness]")
    await expect(panel).to_contain_text("Nobody has been staffed for 5 minutes")
    queues = (replace(sales, fairness=even), replace(support, fairness=alone), vip)
    room.engine.set_view(queues=queues)
    await expect(panel.locator("[data-fairness=sales] td")).to_have_text(
        ["3", "75 %", "12 % (σ 5 %)", "1:35", "99.9 %", "98.7 %"]
    )
    await expect(panel.locator("[data-fairness=support] td")).to_have_text(
        ["1", "75 %", "–", "–", "–", "–"]
    )
    await expect(panel.locator("tbody tr")).to_have_count(2)
    await visit.page.locator("[data-language=zh-CN]").click()
    await expect(panel).to_contain_text("来电数均匀度")
    await visit.picture("16-fairness-zh")


async def test_the_board_tells_reasons_of_overflow_apart(visit: Visit, room: Room):
    a_busy_centre(room)
    sales, support, vip = room.engine.view.queues
    moved = msgspec.structs.replace(sales, closed=2, full=3, timed_out=1, overflowed=4)
    room.engine.set_view(queues=(moved, support, vip))
    await sign_in(visit, "sue")
    told = visit.page.locator("[data-queue=sales] [data-moved]")
    await expect(told).to_have_text(
        "6 closed 2 · full 3 · timed out 1 · 4 of them to another queue or number"
    )
    await expect(visit.page.locator("[data-queue=support] [data-moved]")).to_have_count(0)
    await visit.page.locator("[data-language=zh-CN]").click()
    await expect(told).to_contain_text("非工作时间 2 · 队列已满 3 · 等待超时 1")


async def test_a_cut_connection_shows_keeps_the_choice_and_comes_back(visit: Visit, room: Room):
    """The network is cut between page and server, and restored."""
    page = visit.page
    sockets: list[Any] = []
    cut = [False]

    async def through(route: Any) -> None:
        if cut[0]:
            await route.close()
        else:
            route.connect_to_server()
            sockets.append(route)

    await page.route_web_socket("**/api/stream", through)
    await sign_in(visit, "ann")
    await state(visit, "not_ready")
    cut[0] = True
    await sockets[0].close(code=3000, reason="cable out")
    await expect(page.get_by_role("alert")).to_contain_text("Connection lost")
    await page.get_by_role("button", name="Available").click()
    await expect(page.get_by_role("alert")).to_contain_text("“Available” is kept")
    await visit.picture("13-offline")
    assert ReadyAsked("1001") not in room.engine.events
    cut[0] = False
    await room.engine.submitted(ReadyAsked("1001"))
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_dark_agent_page(visit: Visit, room: Room):
    await visit.page.emulate_media(color_scheme="dark")
    await sign_in(visit, "ann")
    await state(visit, "not_ready")
    room.engine.set_agent("1001", state="ready", reason="")
    await state(visit, "ready")
    await visit.picture("14-ready-dark")
    await show(room, a_pop(status="found", matched_by="code", customers=(a_customer(),)), "on_call")
    await expect(visit.page.locator("#pop")).to_be_visible()
    background = await visit.page.evaluate(
        "getComputedStyle(document.documentElement).backgroundColor"
    )
    assert background == "rgb(13, 19, 25)"
    await visit.picture("15-call-dark")


async def test_an_unreachable_phone_is_said(visit: Visit, room: Room):
    await sign_in(visit, "ann")
    await state(visit, "not_ready")
    room.engine.set_agent("1001", phone_state="unreachable")
    await expect(visit.page.get_by_text("Your phone is unreachable")).to_be_visible()


async def test_timers_run_on_server_time(visit: Visit, room: Room):
    await sign_in(visit, "ann")
    await state(visit, "not_ready")
    view = room.engine.agent("1001")
    old = msgspec.structs.replace(view, since=room.engine.now() - 3_723_000)
    room.engine.set_view(agents=(old, *room.engine.view.agents[1:]))
    await expect(visit.page.locator(".timer")).to_contain_text("1:02:0")


async def test_the_vendored_modules_are_the_only_scripts(visit: Visit, room: Room):
    asked = await visit.page.evaluate(
        "performance.getEntriesByType('resource').map((entry) => entry.name)"
    )
    assert json.dumps(asked).count("/vendor/") == 3
    assert all(address.startswith(room.origin) for address in asked)
