"""300 keys in a second, as no finger presses them: the call goes on, and so do all the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.real_pbx.lab.handset import Handset
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.menu_calls import Story, outcomes, tell
from tests.real_pbx.site import settings_for, site

pytestmark = pytest.mark.asyncio(loop_scope="session")

FLOOD = "1" + "1234567890" * 30


def floods(send: Callable[[Handset], None], stays: float) -> Story:
    async def story(handset: Handset) -> None:
        await handset.hears(1)
        send(handset)
        await handset.pause(stays)

    return story


async def beside(handset: Handset) -> None:
    """An ordinary caller at the same time."""
    await handset.hears(1)
    await handset.quiet()
    await handset.press("1")
    await handset.hears(2)
    await handset.quiet()
    await handset.press("100001")
    await handset.hears(3)
    await handset.press("5#")
    await handset.ended()


STORIES: dict[str, Story] = {
    "by RTP": floods(lambda handset: handset.sound.burst(FLOOD), 2.5),
    "by SIP INFO": floods(lambda handset: handset.info(FLOOD), 2.5),
    "by RTP, gone at once": floods(lambda handset: handset.sound.burst(FLOOD), 0),
    "by SIP INFO, gone at once": floods(lambda handset: handset.info(FLOOD), 0),
    "ordinary": beside,
}


async def test_300_keys_in_a_second(lab: Lab, tmp_path: Path) -> None:
    """Asterisk keeps what it can, in order, and lets the rest go. What ctid gets are whole entries
    of the length that it has asked for."""
    async with site(lab, tmp_path, settings=settings_for(lab, tmp_path, flow="keys")) as s:
        await tell(s, "4000", STORIES)
        found = await outcomes(s, STORIES)
        assert found["ordinary"].record.path == ("top=1", "fixed", "open", "thanks", "bye")
        for name in ("by RTP", "by SIP INFO"):
            heard = found[name]
            assert heard.record.path[:2] == ("top=1", "fixed"), name
            assert [len(digits) for digits, _ in heard.keys[:3]] == [1, 6, 12], name
