"""Keys as people press them, on a real Asterisk: ahead of the question, slowly, half a number and
no more, too many, the wrong ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real_pbx.lab.handset import Handset
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.menu_calls import Story, outcomes, tell
from tests.real_pbx.site import settings_for, site

pytestmark = pytest.mark.asyncio(loop_scope="session")

FAST, SLOW, TOO_SLOW = 40, 560, 1_000
"""Milliseconds between two keys; a key lasts 100, and the flow waits for 800 from key to key."""
FULL, TIMEOUT, HASH = "full", "timeout", "terminator"


def keys(*entries: tuple[int, str, int]) -> Story:
    """A caller who hears each question out; (sounds heard before, keys, ms between two)."""

    async def story(handset: Handset) -> None:
        for sounds, pressed, gap in entries:
            await handset.hears(sounds)
            await handset.quiet()
            await handset.press(pressed, gap=gap)
        await handset.ended(20)

    return story


async def ahead(handset: Handset) -> None:
    """Who knows the menu keys all answers while the first question is being asked."""
    await handset.hears(1)
    await handset.press("1100001", ms=60, gap=FAST)
    await handset.press("42#", ms=60, gap=FAST)
    assert len(handset.sound.began) <= 3, "nobody had to hear a question to its end"
    await handset.ended()


STORIES: dict[str, Story] = {
    "ahead": ahead,
    "slowly": keys((1, "1", 0), (2, "100001", SLOW), (3, "4242#", SLOW)),
    "too slowly": keys((1, "1", 0), (2, "10", TOO_SLOW), (3, "10001", FAST), (4, "7#", FAST)),
    "half a number": keys((1, "1", 0), (2, "1000", FAST)),
    "half of any length": keys((1, "1", 0), (2, "100001", FAST), (3, "4242", FAST)),
    "too many": keys((1, "1", 0), (2, "100001777", FAST)),
    "hash too early": keys((1, "1", 0), (2, "123#", FAST), (3, "100001", FAST), (4, "8#", FAST)),
    "hash alone": keys((1, "1", 0), (2, "100001", FAST), (3, "#", 0), (4, "8#", FAST)),
    "hash in the menu": keys((1, "#", 0), (2, "9", 0)),
    "a star": keys((1, "*", 0)),
    "a star in a number": keys((1, "1", 0), (2, "1*0001", FAST), (3, "1*0002", FAST)),
    "a key that is none": keys((1, "7", 0), (2, "8", 0)),
    "nothing": keys(),
}
PATHS = {
    "ahead": ("top=1", "fixed", "open", "thanks", "bye"),
    "slowly": ("top=1", "fixed", "open", "thanks", "bye"),
    "too slowly": ("top=1", "fixed~2", "open", "thanks", "bye"),
    "half a number": ("top=1", "fixed!", "bye"),
    "half of any length": ("top=1", "fixed", "open", "thanks", "bye"),
    "too many": ("top=1", "fixed", "open", "thanks", "bye"),
    "hash too early": ("top=1", "fixed~2", "open", "thanks", "bye"),
    "hash alone": ("top=1", "fixed", "open~2", "thanks", "bye"),
    "hash in the menu": ("top=9", "told", "bye"),
    "a star": ("top=*", "thanks", "bye"),
    "a star in a number": ("top=1", "fixed!", "bye"),
    "a key that is none": ("top!", "bye"),
    "nothing": ("top!", "bye"),
}
KEYED = {
    "ahead": [("1", FULL), ("100001", FULL), ("42", HASH)],
    "slowly": [("1", FULL), ("100001", FULL), ("4242", HASH)],
    "too slowly": [("1", FULL), ("1", TIMEOUT), ("010001", FULL), ("7", HASH)],
    "half a number": [("1", FULL), ("1000", TIMEOUT), ("", TIMEOUT)],
    "half of any length": [("1", FULL), ("100001", FULL), ("4242", TIMEOUT)],
    "too many": [("1", FULL), ("100001", FULL), ("777", TIMEOUT)],
    "hash too early": [("1", FULL), ("123", HASH), ("100001", FULL), ("8", HASH)],
    "hash alone": [("1", FULL), ("100001", FULL), ("", HASH), ("8", HASH)],
    "hash in the menu": [("", HASH), ("9", FULL)],
    "a star": [("*", FULL)],
    "a star in a number": [("1", FULL), ("1*0001", FULL), ("1*0002", FULL)],
    "a key that is none": [("7", FULL), ("8", FULL)],
    "nothing": [("", TIMEOUT), ("", TIMEOUT)],
}


async def test_every_way_to_press_keys(lab: Lab, tmp_path: Path) -> None:
    settings = settings_for(lab, tmp_path, flow="keys")
    async with site(lab, tmp_path, settings=settings) as s:
        await tell(s, "4000", STORIES)
        found = await outcomes(s, STORIES)
        assert {name: heard.keys for name, heard in found.items()} == KEYED
        assert {name: heard.record.path for name, heard in found.items()} == PATHS
