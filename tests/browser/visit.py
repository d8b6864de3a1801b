"""One tab of a real Chromium, as the tests of the pages use it."""

from __future__ import annotations

import os
import shutil
from typing import Any

from playwright.async_api import Page, expect

from ctid.web import frames
from tests.fakes.webroom import PASSWORD, Room

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PICTURES = os.environ.get("CTID_SCREENSHOTS", "")
"""A folder for screenshots of every stage, or empty."""


class Visit:
    """One browser tab, and everything that it complained about."""

    def __init__(self, page: Page) -> None:
        self.page, self.complaints = page, list[str]()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    async def picture(self, name: str) -> None:
        if PICTURES:
            await self.page.screenshot(path=f"{PICTURES}/{name}.png")


async def sign_in(visit: Visit, login: str) -> None:
    await visit.page.get_by_label("Login").fill(login)
    await visit.page.get_by_label("Password").fill(PASSWORD)
    await visit.page.get_by_role("button", name="Sign in").click()


async def state(visit: Visit, name: str) -> None:
    await expect(visit.page.locator("#state")).to_have_attribute("data-state", name)


async def tell(room: Room, frame: frames.ToPage) -> None:
    await room.bus.publish("agent.1001", frames.encode(frame))
