"""Hold and consult on the agent's page: plain buttons, only those that are possible now."""

from __future__ import annotations

from playwright.async_api import expect

from ctid.core.events import ConsultAsked, SignInAsked, TalkAsked
from ctid.core.records import TalkWish
from ctid.core.views import AsideView
from ctid.web import frames
from tests.browser.visit import Visit, sign_in, state, tell
from tests.fakes.engine import a_pop
from tests.fakes.webroom import Room


async def shown(visit: Visit) -> list[str]:
    """The buttons of a talk that are on the page."""
    found: list[str] = await visit.page.eval_on_selector_all(
        "[data-wish]", "all => all.map(one => one.dataset.wish)"
    )
    return found


async def test_from_hold_to_the_hand_over(visit: Visit, room: Room) -> None:
    engine, page = room.engine, visit.page
    await sign_in(visit, "ann")
    await engine.submitted(SignInAsked("1001"))
    engine.set_agent("1002", state="ready")

    def talk(name: str, *may: str, other: str = "") -> None:
        aside = AsideView(name, engine.now(), may, other)
        engine.set_agent("1001", state="on_call", call="c-1", pop=a_pop(), aside=aside)

    talk("talking", "hold", "consult")
    await state(visit, "on_call")
    assert await shown(visit) == ["hold"]
    await expect(page.get_by_role("button", name="Send the caller on")).to_be_visible()
    await page.get_by_role("button", name="Hold").click()
    await engine.submitted(TalkAsked("1001", "c-1", "hold"))

    talk("held", "resume", "consult")
    await expect(page.locator("#aside")).to_contain_text("The caller is on hold")
    await expect(page.get_by_role("button", name="Send the caller on")).to_have_count(0)
    await visit.picture("consult-1-held")
    await page.get_by_role("button", name="Ask a colleague").click()
    await page.get_by_label("Note for whoever comes next").fill("想退款 refund")
    await page.locator("[data-target='agent:1002']").click()
    await engine.submitted(ConsultAsked("1001", "c-1", "agent", "1002", "想退款 refund"))
    await expect(page.locator("#consult")).to_have_count(0)

    talk("consulting", "toggle", "conference", "complete", "cancel", other="Ben <b>")
    await expect(page.locator("#aside")).to_contain_text("You talk to Ben <b>")
    assert await shown(visit) == ["toggle", "conference", "complete", "cancel"]
    await visit.picture("consult-2-consulting")
    wishes: tuple[TalkWish, ...] = ("toggle", "conference", "complete", "cancel")
    for wish in wishes:
        await page.locator(f"[data-wish='{wish}']").click()
        await engine.submitted(TalkAsked("1001", "c-1", wish))
    talk("consulting", other="Ben")
    await expect(page.locator("[data-wish]")).to_have_count(0)


async def test_what_the_machine_refuses_is_told(visit: Visit, room: Room) -> None:
    await sign_in(visit, "ann")
    await room.engine.submitted(SignInAsked("1001"))
    await tell(room, frames.ErrorFrame("colleague_no_answer", "ben: no_answer"))
    await expect(visit.page.get_by_text("The colleague did not answer.")).to_be_visible()
