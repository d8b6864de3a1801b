"""A caller chooses a language and hears it: which files were played, by Asterisk's own log."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real_pbx.lab.handset import Handset
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.menu_calls import Story, outcomes, tell
from tests.real_pbx.played import played
from tests.real_pbx.site import settings_for, site

pytestmark = pytest.mark.asyncio(loop_scope="session")

ENGLISH = ["en/keys-told", *(f"en/number-{figure}" for figure in "3141592")]
CHINESE = [file.replace("en/", "zh-CN/").replace("number-1", "digit-1") for file in ENGLISH]
"""A one among figures is a word of its own, so that nobody takes it for a seven."""


def chooses(*keys: str) -> Story:
    async def story(handset: Handset) -> None:
        for key in keys:
            await handset.hears_after(handset.sound.key_at)
            await handset.quiet()
            await handset.press(key)
        await handset.ended(15)

    return story


STORIES = {"chinese": chooses("3"), "english": chooses("2"), "second try": chooses("5", "3")}
HEARD = {
    "chinese": ["en/keys-top", *CHINESE],
    "english": ["en/keys-top", *ENGLISH],
    "second try": ["en/keys-top", "en/keys-wrong", "en/keys-top", *CHINESE],
}
LANGUAGES = {"chinese": "zh-CN", "english": "en", "second try": "zh-CN"}


async def test_the_chosen_language_is_heard(lab: Lab, tmp_path: Path) -> None:
    settings = settings_for(lab, tmp_path, flow="keys")
    async with played(lab) as files, site(lab, tmp_path, settings=settings) as s:
        await tell(s, "4000", STORIES)
        found = await outcomes(s, STORIES)
    assert {name: heard.record.language for name, heard in found.items()} == LANGUAGES
    assert {name: files.to(heard.arrived.channel) for name, heard in found.items()} == {
        name: [f"ctid/{file}" for file in heard] for name, heard in HEARD.items()
    }
