"""A Chromium, a web room behind it, and one tab, for each test of the pages."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

from ctid.web.server import WebSettings
from tests.browser.visit import CHROMIUM, FLAGS, Visit
from tests.fakes.webroom import PASSWORD, Room, open_room


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    if CHROMIUM is None:  # a machine that cannot have it; where CI=true this fails the run
        pytest.skip("group left out: no chromium; apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    settings = WebSettings(
        port=0,
        language="en",
        board_every_ms=100,
        demo_sign_ins=(("ann", PASSWORD, "Ann (sales)"), ("sue", PASSWORD, "Sue (supervisor)")),
    )
    async with open_room(settings) as room:
        yield room


@pytest.fixture
async def visit(chromium: Browser, room: Room) -> AsyncIterator[Visit]:
    context = await chromium.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(10_000)
    visit = Visit(await context.new_page())
    await visit.page.goto(room.origin)
    yield visit
    await context.close()
    assert visit.complaints == [], "no console error and no breach of the content policy"
