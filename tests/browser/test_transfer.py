"""The control that sends a caller on, and the next agent's card that says so."""

from __future__ import annotations

import msgspec
from playwright.async_api import expect

from ctid.core.events import SignInAsked, TransferAsked
from ctid.core.records import Handed
from ctid.web import frames
from tests.browser.visit import Visit, sign_in, state, tell
from tests.fakes.engine import a_pop
from tests.fakes.webroom import Room


async def test_the_caller_is_sent_on_with_a_note(visit: Visit, room: Room) -> None:
    engine, page = room.engine, visit.page
    engine.set_view(numbers=(("Head office", "+49301234"),))
    await sign_in(visit, "ann")
    await engine.submitted(SignInAsked("1001"))
    engine.set_agent("1002", state="on_call")
    engine.set_agent("1001", state="on_call", call="c-1", pop=a_pop())
    await state(visit, "on_call")
    await page.get_by_role("button", name="Send the caller on").click()
    await expect(page.locator("#transfer [data-target]")).to_have_count(2)
    await expect(page.get_by_text("To a number outside")).to_be_visible()
    await page.get_by_label("Note for whoever comes next").fill("想退款 refund")
    await visit.picture("transfer-1-open")
    await page.locator("[data-target='agent:1002']").click()
    await engine.submitted(TransferAsked("1001", "c-1", "agent", "1002", "想退款 refund"))
    await expect(page.locator("#transfer")).to_have_count(0)
    engine.set_agent("1001", state="wrap_up", call="")
    await state(visit, "wrap_up")
    await expect(page.get_by_role("button", name="Send the caller on")).to_have_count(0)


async def test_the_next_agent_reads_who_sent_the_caller_and_why(visit: Visit, room: Room) -> None:
    engine, page = room.engine, visit.page
    await sign_in(visit, "ann")
    await engine.submitted(SignInAsked("1001"))
    handed = Handed("1002", "Ben <b>", "agent", "1001", "想退款 <i>refund</i>", 1_790_000_000_000)
    pop = msgspec.structs.replace(a_pop(), handed=handed, path=("menu=1", "1002>agent:1001"))
    engine.set_agent("1001", state="reserved", pop=pop)
    await tell(room, frames.PopShown(engine.now(), pop))
    told = page.locator("#handed")
    await expect(told).to_contain_text("Sent on by Ben <b>")
    await expect(told.locator("q")).to_have_text("想退款 <i>refund</i>")
    await visit.picture("transfer-2-card")
