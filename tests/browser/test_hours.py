"""The switch of opening hours on the supervisors' board, by mouse and by keyboard."""

from __future__ import annotations

from datetime import UTC, datetime

from playwright.async_api import expect

from ctid.core.opening import HoursSwitched, HoursView
from ctid.core.supervision import Supervisor
from ctid.web import frames
from tests.browser.visit import Visit, sign_in
from tests.fakes.webroom import Room, an_account

NOON = round(datetime(2026, 1, 4, 4, tzinfo=UTC).timestamp() * 1000)
"""In Shanghai, in milliseconds."""
OFFICE = HoursView("office", "Asia/Shanghai", True, "makeup", turns_at=NOON + 21_600_000)
SUE = Supervisor("sue", an_account("sue", "supervisor").name)
CLOSED = HoursView(
    "office", "Asia/Shanghai", False, "makeup", "closed", "sue", "Sue", NOON, NOON + 7_200_000
)


async def test_closed_until_a_time_and_back_to_the_schedule(visit: Visit, room: Room) -> None:
    engine, page = room.engine, visit.page
    await sign_in(visit, "sue")
    panel = page.locator("#hours")
    await expect(panel).to_have_count(0)
    engine.set_view(hours=(OFFICE, HoursView("always", "UTC", True, "week")))
    office = panel.locator("[data-hours='office']")
    await expect(office).to_contain_text("Open")
    await expect(office).to_contain_text("a make-up working day · closes 1/4/26, 6:00")
    await expect(office.get_by_role("button", name="Back to the schedule")).to_have_count(0)
    await office.get_by_label("until").fill("14:00")
    await visit.picture("hours-1-by-schedule")
    engine.set_view(hours=(OFFICE, HoursView("always", "UTC", False, "holiday")))
    await expect(panel.locator("[data-hours='always']")).to_contain_text("a public holiday")
    await expect(office.get_by_label("until")).to_have_value("14:00")  # whatever is drawn anew
    await office.get_by_role("button", name="Close now").click()
    await engine.submitted(HoursSwitched(SUE, "office", "closed", "14:00"))
    await expect(office.get_by_label("until")).to_have_value("")
    engine.set_view(hours=(CLOSED,))
    await expect(office).to_contain_text("Closed by Sue, since 1/4/26, 12:00")
    await expect(office).to_contain_text("until 1/4/26, 2:00")
    await expect(page.get_by_text("Opening hours office: Closed by Sue")).to_be_visible()
    await expect(office.locator("[data-to='closed']")).to_have_attribute("aria-pressed", "true")
    await visit.picture("hours-2-closed")
    await page.locator("[data-language=zh-CN]").click()
    await expect(office).to_contain_text("Sue 已手动关闭")
    await visit.picture("hours-3-chinese")
    await page.locator("[data-language=en]").click()
    await office.get_by_role("button", name="Back to the schedule").click()
    await engine.submitted(HoursSwitched(SUE, "office", "schedule"))
    refused = frames.ErrorFrame("bad_until", "'x' is no time.")
    await room.bus.publish("login.sue", frames.encode(refused))
    await expect(page.get_by_text("This time is over already, or is no time.")).to_be_visible()


async def test_by_keyboard_alone(visit: Visit, room: Room) -> None:
    engine, page = room.engine, visit.page
    await sign_in(visit, "sue")
    engine.set_view(hours=(OFFICE,))
    group = page.get_by_role("group", name="Switch the hours office")
    await group.get_by_label("until").focus()
    for _ in range(8):  # through the parts of the time, to the buttons
        if await group.get_by_role("button", name="Open now").evaluate("e => e.matches(':focus')"):
            break
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await engine.submitted(HoursSwitched(SUE, "office", "open"))
