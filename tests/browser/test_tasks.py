"""The agent's tasks on the page: a card to accept, what is in hand, and the board."""

from __future__ import annotations

import msgspec
from playwright.async_api import expect

from ctid.core.events import SignInAsked
from ctid.core.tasks import TaskAccepted, TaskDone, TaskRejected, TaskView
from ctid.core.views import WaitingView
from tests.browser.visit import Visit, sign_in, state
from tests.fakes.engine import a_queue
from tests.fakes.webroom import PASSWORD, Room

LATE = 1_000_000_000_000
CARD = TaskView(
    "task:4711", "mail", "email", "offered", "1001", "发票 <b>Invoice</b>",
    "https://mail.example/4711", "c-7", LATE, LATE, 1_030_000, 0, ("solved", "spam"),
)  # fmt: skip
IN_HAND = msgspec.structs.replace(CARD, task="task:4712", state="accepted", until=0)


async def test_a_card_is_accepted(visit: Visit, room: Room) -> None:
    engine, page = room.engine, visit.page
    await sign_in(visit, "ann")
    await engine.submitted(SignInAsked("1001"))
    engine.set_agent("1001", state="reserved", tasks=(CARD,))
    card = page.locator("[data-task='task:4711']")
    await expect(card).to_contain_text("发票 <b>Invoice</b>")
    await expect(page.locator("#state")).to_have_text("A task for you")
    link = card.get_by_role("link", name="Open it")
    await expect(link).to_have_attribute("href", "https://mail.example/4711")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    await expect(card).to_contain_text("Was due")
    await visit.picture("task-1-card")
    await card.get_by_role("button", name="Accept").click()
    await engine.submitted(TaskAccepted("1001", "task:4711"))


async def test_what_is_in_hand_is_ended_with_a_code_or_given_back(visit: Visit, room: Room) -> None:
    engine, page = room.engine, visit.page
    await sign_in(visit, "ann")
    await engine.submitted(SignInAsked("1001"))
    engine.set_agent("1001", state="working", tasks=(IN_HAND,))
    await state(visit, "working")
    task = page.locator("[data-task='task:4712']")
    await task.get_by_role("button", name="Give back").click()
    await engine.submitted(TaskRejected("1001", "task:4712"))
    await task.get_by_role("button", name="spam").click()
    await engine.submitted(TaskDone("1001", "task:4712", "spam"))
    engine.set_agent("1001", state="ready", tasks=())
    await expect(page.locator("#tasks")).to_have_count(0)


async def test_the_board_shows_what_waits_and_what_was_raised(visit: Visit, room: Room) -> None:
    mail = a_queue(queue="mail", name="Mail", channel="email", waiting=1, longest_since=1)
    waiting = WaitingView("task:4711", "mail", "", 1, "", 2)
    room.engine.set_view(queues=(a_queue(), mail), waiting=(waiting,))
    room.engine.set_agent("1001", state="working")
    await sign_in(visit, "sue")
    callers = visit.page.locator(".callers li")
    await expect(callers).to_contain_text("task:4711")
    await expect(callers).to_contain_text("escalated")
    await expect(visit.page.locator("[data-tile='waiting'] .figure")).to_have_text("0")
    await expect(visit.page.locator("[data-agent='1001']")).to_be_visible()


async def test_a_service_has_no_page(visit: Visit, room: Room) -> None:
    await visit.page.get_by_label("Login").fill("bot")
    await visit.page.get_by_label("Password").fill(PASSWORD)
    await visit.page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(visit.page.get_by_role("alert")).to_contain_text("has no page")
    await visit.page.reload()
    await expect(visit.page.get_by_role("heading", name="Sign in")).to_be_visible()
