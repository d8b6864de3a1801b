"""Routing beyond the longest idle, on real calls: the last agent, and skills that are let go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from crm_link.port import Contact, Customer
from ctid.acd.need import Need
from ctid.acd.settings import RelaxStep
from ctid.core.commands import Decided, RingAgent
from ctid.settings import Settings
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers
from tests.real_pbx.site import STRAIGHT, SiteUnderTest, settings_for, site

pytestmark = pytest.mark.asyncio(loop_scope="session")

KNOWN, STRANGER = "+8613900000077", "+8613900000078"
replace = msgspec.structs.replace


def asking(lab: Lab, folder: Path, **queue: Any) -> Settings:
    """Every queue asks for this."""
    made = settings_for(lab, folder, flow="straight")
    acd = made.centre.acd
    queues = tuple(replace(one, relax=(), **queue) for one in acd.queues)
    return replace(made, centre=replace(made.centre, acd=replace(acd, queues=queues)))


def rung(s: SiteUnderTest) -> list[str]:
    return [ring.agent for ring in s.done(RingAgent)]


async def test_a_known_caller_waits_for_the_agent_of_last_time(lab: Lab, tmp_path: Path) -> None:
    settings = asking(lab, tmp_path, sticky=20_000)
    async with site(lab, tmp_path, settings=settings, ready=["ben"]) as s:
        last = Contact(at=1, channel="voice", summary="an order", agent="ben")
        await s.app.directory.load(
            (Customer("900001", "900001", "王芳", "Wang Fang", (KNOWN,), "zh-CN", "C", False,
                      last_contacts=(last,)),)
        )  # fmt: skip
        await lab.world.all_phones(answers(after=0.1))
        first = await lab.world.place_call(STRAIGHT, STRANGER)
        await s.state("ben", "on_call")
        s.ready("anna")
        known = await lab.world.place_call(STRAIGHT, KNOWN)
        await s.until(lambda: [w.number for w in s.view().waiting] == [KNOWN])
        assert s.agent("anna").state == "ready", "free, and not the agent of last time"
        await first.hang_up()
        await s.until(lambda: rung(s) == ["ben", "ben"])
        await s.state("ben", "on_call")
        await known.hang_up()
        await s.records(2)
        await s.at_rest()


async def test_a_skill_that_nobody_has_is_let_go_after_its_time(lab: Lab, tmp_path: Path) -> None:
    step = RelaxStep(1_200, needs=())
    settings = asking(lab, tmp_path, needs=(Need("french", 3),))
    acd = settings.centre.acd
    queues = tuple(replace(queue, relax=(step,)) for queue in acd.queues)
    settings = replace(settings, centre=replace(settings.centre, acd=replace(acd, queues=queues)))
    async with site(lab, tmp_path, settings=settings, ready=["anna"]) as s:
        await lab.world.all_phones(answers(after=0.1))
        caller = await lab.world.place_call(STRAIGHT, STRANGER)
        await s.state("anna", "on_call")
        await caller.hang_up()
        await s.records(1)
        [decided] = s.done(Decided)
        assert 1_200 <= decided.decision.waited < 1_700
        await s.at_rest()
