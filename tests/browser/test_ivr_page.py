"""What became of callers in the menus, on the supervisors' board."""

from __future__ import annotations

from playwright.async_api import expect

from ctid.core.instants import HOUR
from ctid.core.visits import Stay, VisitOutcome, VisitWay
from ctid.core.visits import Visit as FlowVisit
from ctid.ports import StoreUnavailable
from tests.browser.visit import Visit, sign_in
from tests.fakes.engine import a_queue
from tests.fakes.webroom import Room


def menu(way: str, **more: int) -> Stay:
    return Stay("main", "menu", way, spent=4_000, **more)


SERVED = Stay("main", "order", "next", spent=6_000, served=True)
CODE = Stay("main", "code", "on_fail", wrong=3, spent=25_000)
DESK = Stay("main", "desk", "queue")
ENDS: list[tuple[VisitOutcome, VisitWay, tuple[Stay, ...]]] = [
    ("contained", "", (menu("1"), SERVED, Stay("main", "bye", "ended"))),
    ("contained", "", (menu("1", silent=1), SERVED, Stay("main", "more", "served", spent=900))),
    ("queue", "asked", (menu("0"), DESK)),
    ("queue", "failed", (menu("2"), CODE, DESK)),
    ("hung_up", "", (menu("hung_up"),)),
    ("hung_up", "", (menu("2"), Stay("main", "code", "hung_up", spent=9_000))),
    ("broken", "lost", (menu("broken"),)),
    ("hung_up", "", (menu("hung_up"),)),
]


def remember(room: Room, at: int) -> None:
    for number, (outcome, way, stays) in enumerate(ENDS):
        lasted = sum(stay.spent for stay in stays)
        last = f"{stays[-1].flow}/{stays[-1].step}"
        call = f"c{number}"
        visit = FlowVisit(call, 1, "main", outcome, way, last, at, lasted, stays)
        room.store._visits[(call, 1)] = visit


async def test_containment_and_drop_off_by_step(visit: Visit, room: Room) -> None:
    page = visit.page
    await page.emulate_media(color_scheme="dark")
    remember(room, room.clock.wall() - 2 * HOUR)
    room.engine.set_view(queues=(a_queue(),))
    await sign_in(visit, "sue")
    panel = page.locator("#ivr")
    flow = panel.locator("[data-flow=main]")
    await expect(flow).to_contain_text("25 %")  # two of eight
    await expect(flow).to_contain_text("33.3 %")  # without two who were gone within 10 s
    await expect(flow).to_contain_text("1 asked · 1 after failing")
    await expect(flow).to_contain_text("broken off 1")
    await expect(flow.get_by_role("progressbar")).to_have_attribute("value", "0.375")
    step = panel.locator("[data-step='main/menu']")
    await expect(step.get_by_role("cell")).to_have_text(
        ["8", "5 0: 1 · 1: 2 · 2: 2", "0", "0", "1", "5 s", "5 s", "25 % 2"]
    )
    code = panel.get_by_role("progressbar", name="Share of callers who hung up at main/code")
    await expect(code).to_have_attribute("value", "0.5")
    await visit.picture("ivr-1-dark")
    await panel.get_by_label("Over").select_option("hour")
    await expect(panel).to_contain_text("Nobody came into a menu in this time.")
    await panel.get_by_label("Over").select_option("day")
    await page.emulate_media(color_scheme="light")
    await page.locator("[data-language=zh-CN]").click()
    await expect(panel).to_contain_text("自助完成")
    await expect(step).to_contain_text("按 0：1")
    await visit.picture("ivr-2-light")


async def test_a_store_that_does_not_answer(visit: Visit, room: Room) -> None:
    async def fails(*_: object) -> None:
        raise StoreUnavailable("gone")

    room.store.ivr_figures = fails  # type: ignore[method-assign]  # the memory never fails
    room.engine.set_view(queues=(a_queue(),))
    await sign_in(visit, "sue")
    await expect(visit.page.locator("#ivr")).to_contain_text("cannot be had at the moment")
    visit.complaints.clear()  # the browser tells of the answer 503
