"""The whole story on a real Asterisk: from a caller's keys to the agent's screen, and on record."""

from __future__ import annotations

import re
import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright, expect

from tests.browser.visit import FLAGS
from tests.fakes.webroom import PASSWORD
from tests.real_pbx.desk import Desk, desks
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers, calls, never_answers
from tests.real_pbx.lab.world import End
from tests.real_pbx.site import SHORT, STRAIGHT, SUPERVISOR, SiteUnderTest, settings_for, site
from tests.real_pbx.tones import AGENT_HZ, CALLER_HZ, CODE_HZ, MENU_HZ

pytestmark = pytest.mark.asyncio(loop_scope="session")

CODE = "100001"
STRANGER = "+8613900000001"
"""A number that no demo customer has."""
CUSTOMER_NUMBER = "+8615400000001"
"""The number of the customer with CODE."""


async def test_the_whole_story(lab: Lab, tmp_path: Path) -> None:
    settings = settings_for(lab, tmp_path, flow="short")
    async with site(lab, tmp_path, settings=settings) as s, desks(s.base, "ben", "anna") as desk:
        phone = lab.world.phone("1002")
        await lab.world.all_phones(answers(after=1.0, tone=AGENT_HZ, listen=CALLER_HZ))
        keys = [(0.7, "1"), (0.9, CODE)]
        script = calls(keys, tone=CALLER_HZ, listen=AGENT_HZ)
        caller = await lab.world.place_call("4000", STRANGER, script, name="王小明")

        # Ben has been available for longer than Anna.
        shown = await desk["ben"].until("pop.shown")
        assert s.agent("ben").state == "reserved", "the pop is there while the phone rings"
        pop = shown["pop"]
        assert (pop["number"], pop["code"], pop["caller_name"]) == (STRANGER, CODE, "王小明")
        assert (pop["status"], pop["matched_by"]) == ("found", "code")
        assert [c["code"] for c in pop["customers"]] == [CODE]
        assert pop["path"] == ["menu=1", "code", "queue"]

        agent = await phone.rings()
        await caller.hears_tone(AGENT_HZ)
        await agent.hears_tone(CALLER_HZ)
        await desk["ben"].state("on_call")
        assert not [f for f in desk["anna"].frames if f["type"] == "pop.shown"]

        await caller.hang_up()
        wrap_up = await desk["ben"].state("wrap_up")
        assert wrap_up["agent"]["pop"]["id"] == pop["id"], "the customer stays for the notes"
        await desk["ben"].until("pop.revoked", lambda f: f["pop"] == pop["id"])
        await desk["ben"].state("ready")
        await s.at_rest()
        await on_record(s, pop)


async def on_record(s: SiteUnderTest, pop: dict[str, Any]) -> None:
    """What the database says of Ben's one call."""
    [record] = await s.records(1)
    assert (record.outcome, record.agent, record.queue) == ("answered", "ben", "sales")
    assert (record.code, record.customer, record.offers) == (CODE, "1", 1)
    assert 0 < record.arrived_at < record.queued_at < record.answered_at < record.ended_at
    [leg] = await s.rows("leg_record", 1)
    assert (leg["offer"], leg["agent"], leg["cause"]) == (pop["id"], "ben", "hangup")
    assert leg["started_at"] < leg["answered_at"] <= leg["bridged_at"] < leg["ended_at"]
    [decision] = await s.app.store.decisions(record.call)
    assert (decision.agent, decision.available, decision.waiting) == ("ben", 2, 1)
    assert "longest idle" in decision.reason
    states = ["ready", "reserved", "on_call", "wrap_up"]
    times = await s.rows("agent_time", 4, agent="ben", state=states)
    mine = sorted(times, key=lambda t: t["began_at"])
    assert [t["state"] for t in mine] == states
    assert all(a["ended_at"] == b["began_at"] for a, b in pairwise(mine))
    assert 250 <= mine[-1]["ended_at"] - mine[-1]["began_at"] < 1000


async def test_the_caller_hears_the_menu(lab: Lab, tmp_path: Path) -> None:
    async with site(lab, tmp_path) as s:
        menu = await lab.world.place_call(SHORT, STRANGER, calls(listen=MENU_HZ))
        code = await lab.world.place_call(SHORT, "+8613900000002", calls(listen=CODE_HZ))
        await menu.hears_tone(MENU_HZ)
        await code.press("1")
        await code.hears_tone(CODE_HZ)
        await menu.press("9")
        assert (await menu.ended())["Cause"] == "16", "the menu's own way out"
        await code.hang_up()
        await s.at_rest()
        outcomes = {r.number: (r.outcome, r.path) for r in await s.records(2)}
        assert outcomes == {
            STRANGER: ("ivr_ended", ("menu=9", "bye")),
            "+8613900000002": ("ivr_hangup", ("menu=1", "code")),
        }


@pytest.mark.parametrize("who", ["the agent's phone", "the agent's page"])
async def test_either_side_may_hang_up(lab: Lab, tmp_path: Path, who: str) -> None:
    async with site(lab, tmp_path) as s, desks(s.base, "anna") as desk:
        caller = await lab.world.place_call(STRAIGHT, CUSTOMER_NUMBER)
        await desk["anna"].state("on_call")
        phone = await lab.world.phone("1001").rings()
        if who == "the agent's phone":
            await phone.hang_up()
        else:
            await desk["anna"].say("hangup")
        assert (await caller.ended())["Cause"] == "16"
        await phone.ended()
        await desk["anna"].state("ready")
        await s.at_rest()
        [record] = await s.records(1)
        assert (record.outcome, record.agent) == ("answered", "anna")


async def test_without_a_code_the_number_tells_who_calls(lab: Lab, tmp_path: Path) -> None:
    async with site(lab, tmp_path) as s, desks(s.base, "anna") as desk:
        # Straight into the queue: the look-up runs while the phone rings already.
        caller = await lab.world.place_call(STRAIGHT, CUSTOMER_NUMBER)
        found = await pop_with_customer(desk["anna"])
        assert (found["matched_by"], found["customers"][0]["code"]) == ("number", CODE)
        await desk["anna"].state("on_call")
        await caller.hang_up()
        await desk["anna"].state("ready")
        await s.at_rest()


async def pop_with_customer(desk: Desk) -> dict[str, Any]:
    """The first pop with a customer in it, whether shown with it or updated."""
    shown: dict[str, Any] = (await desk.until("pop.shown"))["pop"]
    if shown["status"] == "pending":
        shown = (await desk.until("pop.updated"))["pop"]
    return shown


@pytest.mark.skipif(
    shutil.which("chromium") is None,
    reason="group left out: no chromium; apt-get install chromium",
)
async def test_a_browser_shows_the_customer_before_the_phone_is_answered(
    lab: Lab, tmp_path: Path
) -> None:
    async with site(lab, tmp_path) as s, async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=FLAGS
        )
        agent_page = await (await chromium.new_context(locale="en-GB")).new_page()
        board = await (await chromium.new_context(locale="en-GB")).new_page()
        complaints: list[str] = []
        for page, login in ((agent_page, "anna"), (board, SUPERVISOR)):
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.set_default_timeout(15_000)
            await page.goto(s.base)
            await page.locator("[data-language=en]").click()
            await page.get_by_label("Login").fill(login)
            await page.get_by_label("Password").fill(PASSWORD)
            await page.get_by_role("button", name="Sign in").click()
        await agent_page.get_by_role("button", name="Available").click()
        state = agent_page.locator("#state")
        await expect(state).to_have_attribute("data-state", "ready")

        await lab.world.phone("1001").behave(never_answers())
        caller = await lab.world.place_call(STRAIGHT, CUSTOMER_NUMBER)
        phone: End = await lab.world.phone("1001").rings()
        await expect(agent_page.get_by_role("heading", name="张伟")).to_be_visible()
        assert s.agent("anna").state == "reserved"
        row = board.locator("[data-agent='anna']")
        await expect(row).to_have_class(re.compile("state-reserved"))

        await phone.hang_up()  # the red key; the next phone is answered
        await lab.world.phone("1001").behave(answers())
        await expect(state).to_have_attribute("data-state", "on_call")
        await expect(row).to_have_class(re.compile("state-on_call"))
        await expect(agent_page.get_by_role("heading", name="张伟")).to_be_visible()
        await agent_page.get_by_role("button", name="Hang up").click()
        await caller.ended()
        await expect(state).to_have_attribute("data-state", "ready")
        await chromium.close()
        assert complaints == []
        await s.at_rest()
