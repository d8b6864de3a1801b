"""A simulation's report in a real Chromium, opened as a file: nothing is fetched, both languages,
the decisions of any call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from sim.report.page import html
from tests.browser.visit import Visit
from tests.unit.sim.report.small import HOSTILE, content, outcomes


@pytest.fixture
async def report(chromium: Browser, tmp_path: Path) -> AsyncIterator[Page]:
    file = tmp_path / "report.html"
    file.write_text(html(content()), "utf-8")
    context = await chromium.new_context(
        viewport={"width": 1280, "height": 800}, locale="en-GB", color_scheme="light"
    )
    context.set_default_timeout(10_000)
    visit = Visit(await context.new_page())
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url))
    await visit.page.goto(file.as_uri())
    yield visit.page
    await context.close()
    assert visit.complaints == [], "no console error and no breach of the content policy"
    assert asked == [file.as_uri()], "nothing else is fetched"


async def test_language_and_theme(report: Page) -> None:
    summary = report.locator("#short")
    await expect(report.get_by_role("heading", name="In short")).to_be_visible()
    await expect(summary.get_by_text("of 100 callers who stayed")).to_be_visible()
    await report.get_by_role("button", name="中文").click()
    await expect(report.locator("html")).to_have_attribute("lang", "zh-CN")
    await expect(report.get_by_role("heading", name="摘要")).to_be_visible()
    await expect(summary.get_by_text("of 100 callers who stayed")).to_be_hidden()
    await expect(report.get_by_role("img", name="服务水平").first).to_be_visible()
    await report.get_by_role("button", name="浅色 / 深色").click()
    await expect(report.locator("html")).to_have_attribute("data-theme", "dark")
    ink = "getComputedStyle(document.documentElement).color"
    assert await report.evaluate(ink) == "rgb(232, 238, 244)"


async def test_why_a_call_went_there(report: Page) -> None:
    decisions = outcomes()[0].decisions
    one = next(d for d in decisions if d.queue == "sales")
    of_it = [d for d in decisions if d.call == one.call]
    answers = report.locator("#answers tbody tr")
    search = report.get_by_role("searchbox", name="Call")
    await search.fill(one.call)
    await expect(answers).to_have_count(len(of_it))
    await expect(answers.first).to_contain_text(one.reason)
    await expect(answers.first).to_contain_text("longest idle")
    await expect(answers.first).to_contain_text(HOSTILE)
    await search.fill("no such call")
    await expect(answers).to_have_count(0)
    await expect(report.get_by_text("No decision for such a call")).to_be_visible()
    await report.locator("[data-call]").first.click()
    await expect(answers.first).to_be_visible()


async def test_paper_is_light_and_unfolded(report: Page) -> None:
    await report.get_by_role("button", name="Light / dark").click()
    await expect(report.locator("html")).to_have_attribute("data-theme", "dark")
    await report.emulate_media(media="print")
    await report.evaluate("dispatchEvent(new Event('beforeprint'))")
    await expect(report.locator("html")).to_have_attribute("data-theme", "light")
    await expect(report.locator("#about details table")).to_be_visible()
    await report.evaluate("dispatchEvent(new Event('afterprint'))")
    await expect(report.locator("#about details table")).to_be_hidden()
    await expect(report.locator("html")).to_have_attribute("data-theme", "dark")
