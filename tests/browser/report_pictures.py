"""Take pictures of pages that `ctid-sim` wrote: `python -m tests.browser.report_pictures PAGE PART
PICTURE`, as in docs/compare.md. PART is the id of a section or of a plot, or `top`.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.visit import FLAGS

WIDE = {"width": 1280, "height": 1120}


def main(page: str, part: str, picture: str) -> None:
    """Write one picture."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        context = browser.new_context(viewport=WIDE, locale="en-GB", color_scheme="light")
        tab = context.new_page()
        tab.goto(Path(page).absolute().as_uri())
        if part == "top":
            tab.screenshot(path=picture)
        else:
            # What sticks to the window's edge would lie on top of it.
            tab.add_style_tag(content="nav { position: static !important; }")
            found = tab.locator(f"#{part}, figure:has(#{part}-title)").first
            found.screenshot(path=picture)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
