"""Take the README's pictures from a running demo: `python -m tests.browser.screenshots`.

A real Chromium signs in to `ctid demo` as the first agent and as the supervisor.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parents[2] / "docs" / "images"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PASSWORD = "demo-demo-demo"
BUSY = 70
"""Calls a minute: a board with something on it."""


def main() -> None:
    """Write agent.png and board.png."""
    command = [sys.executable, "-m", "ctid.app.cli", "demo", "--seconds", "120", "--port", "0",
               "--calls-per-minute", str(BUSY)]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        found = re.search(r"http://\S+", demo.stdout.readline())
        assert found is not None, "the demo did not start"
        try:
            _take(found[0])
        finally:
            demo.terminate()
            demo.stdout.read()  # the summary, so that the demo can end well


def _take(base: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(FLAGS), headless=True
        )
        agent = _signed_in(browser, base, "anna")
        agent.get_by_role("button", name=re.compile("^Available")).first.click()
        agent.get_by_text("Customer found", exact=True).wait_for(timeout=90_000)
        agent.wait_for_timeout(2_000)
        agent.screenshot(path=FOLDER / "agent.png")
        board = _signed_in(browser, base, "lead")
        board.get_by_text("Queues").first.wait_for()
        board.wait_for_timeout(2_500)
        board.screenshot(path=FOLDER / "board.png")
        browser.close()


def _signed_in(browser: Browser, base: str, login: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB").new_page()
    page.goto(base)
    english = page.get_by_role("button", name="English")
    english.click()
    page.locator("input").nth(0).fill(login)
    page.locator("input[type=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").wait_for()
    return page


if __name__ == "__main__":
    main()
