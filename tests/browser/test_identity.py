"""The agent's card says whether the caller is verified, claims to be somebody, or is unknown."""

from __future__ import annotations

import msgspec
import pytest
from playwright.async_api import expect

from ctid.core.records import Identity
from ctid.core.views import WaitingView
from ctid.web import frames
from tests.browser.test_pages import a_customer
from tests.browser.visit import Visit, sign_in
from tests.fakes.engine import a_pop
from tests.fakes.webroom import Room


@pytest.mark.parametrize(
    ("identity", "english", "chinese"),
    [
        ("verified", "Verified by code and PIN", "已通过编码和密码验证"),
        ("claimed", "Claimed, not verified", "自称，未验证"),
        ("unknown", "Unknown", "未知"),
    ],
)
async def test_the_badge(
    visit: Visit, room: Room, identity: Identity, english: str, chinese: str
) -> None:
    page = visit.page
    await sign_in(visit, "ann")
    pop = a_pop(
        identity=identity, code="100001", status="found", matched_by="code",
        customers=(a_customer(),),
    )  # fmt: skip
    room.engine.set_agent("1001", state="reserved", pop=pop)
    await room.bus.publish("agent.1001", frames.encode(frames.PopShown(room.engine.now(), pop)))
    badge = page.locator("#pop #identity")
    await expect(badge).to_have_text(english)
    await expect(badge).to_have_attribute("data-identity", identity)
    await visit.picture(f"identity-{identity}")
    await page.locator("[data-language=zh-CN]").click()
    await expect(badge).to_have_text(chinese)


async def test_the_badge_changes_with_the_pop_and_speaks_for_no_other_card(
    visit: Visit, room: Room
) -> None:
    """The code is proved, the card is the number's: until the CRM has found the code's."""
    page = visit.page
    await sign_in(visit, "ann")
    pop = a_pop(
        identity="verified", code="100001", status="found", matched_by="number",
        customers=(a_customer(),),
    )  # fmt: skip
    room.engine.set_agent("1001", state="reserved", pop=pop)
    await room.bus.publish("agent.1001", frames.encode(frames.PopShown(room.engine.now(), pop)))
    badge = page.locator("#pop #identity")
    await expect(badge).to_contain_text("the card below is not of this code")
    found = msgspec.structs.replace(pop, version=2, matched_by="code")
    await room.bus.publish("agent.1001", frames.encode(frames.PopUpdated(room.engine.now(), found)))
    await expect(badge).to_have_text("Verified by code and PIN")


async def test_who_waits_and_is_verified(visit: Visit, room: Room) -> None:
    """On the supervisors' board, in both languages; of others it says nothing."""
    waiting = tuple(
        WaitingView(f"c-{identity}", "sales", "+8613800138000", 0, "", identity=identity)
        for identity in ("verified", "claimed", "unknown")
    )
    await sign_in(visit, "sue")
    room.engine.set_view(waiting=waiting)
    rows = visit.page.locator(".callers li")
    await expect(rows).to_have_count(3)
    marked = visit.page.locator(".callers li .verified")
    await expect(marked).to_have_text(["Verified"])
    await visit.page.locator("[data-language=zh-CN]").click()
    await expect(marked).to_have_text(["已验证"])
