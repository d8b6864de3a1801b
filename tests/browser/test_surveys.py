"""What callers answered after the talk, on the supervisors' board."""

from __future__ import annotations

from playwright.async_api import expect

from ctid.core.instants import HOUR
from ctid.core.survey import AnswerKind, SurveyAnswer
from tests.browser.visit import Visit, sign_in
from tests.fakes.engine import a_queue
from tests.fakes.webroom import Room

GIVEN: tuple[tuple[str, AnswerKind, int], ...] = (
    ("service", "score", 5), ("service", "score", 5), ("service", "score", 1),
    ("solved", "yes_no", 1), ("solved", "yes_no", 0),
)  # fmt: skip


def remember(room: Room, at: int) -> None:
    for number, (question, kind, value) in enumerate(GIVEN):
        answer = SurveyAnswer(f"c{number}", "sales", "anna", "survey", question, kind, value, at)
        room.store._answers[("b", number, 0)] = answer


async def test_answers_by_agent_and_question(visit: Visit, room: Room) -> None:
    page = visit.page
    remember(room, room.clock.wall() - 2 * HOUR)
    room.engine.set_view(queues=(a_queue(),))
    await sign_in(visit, "sue")
    panel = page.locator("#surveys")
    service = panel.locator("[data-survey='sales/anna/service']")
    await expect(service.get_by_role("cell")).to_have_text(
        ["anna", "service", "3", " 3.67 of 5", "5: 2 · 1: 1"]
    )
    solved = panel.locator("[data-survey='sales/anna/solved']")
    await expect(solved).to_contain_text("50 %")
    await expect(solved).to_contain_text("yes: 1 · no: 1")
    mean = panel.get_by_role("progressbar", name="Mean of service, anna")
    await expect(mean).to_have_attribute("value", "3.67")
    await visit.picture("surveys")
    await panel.get_by_label("Over").select_option("hour")
    await expect(panel).to_contain_text("Nobody answered a question in this time.")
    await panel.get_by_label("Over").select_option("day")
    await page.locator("[data-language=zh-CN]").click()
    await expect(panel).to_contain_text("通话后的客户评价")
    await expect(solved).to_contain_text("是: 1 · 否: 1")
