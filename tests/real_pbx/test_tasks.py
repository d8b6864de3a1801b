"""Tasks beside real calls: what makes way for a caller, what stays in hand, and what waits."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ctid.acd.channels import Channel
from ctid.acd.settings import QueueSettings
from ctid.core.commands import OfferTask
from ctid.core.tasks import TaskAccepted, TaskClosed, TaskDone, TaskSubmitted
from ctid.settings import Settings
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers
from tests.real_pbx.site import STRAIGHT, SiteUnderTest, settings_for, site

pytestmark = pytest.mark.asyncio(loop_scope="session")

NUMBER = "+8613900000001"
CHANNELS = (Channel("email", 2, ("call",)), Channel("chat", 2))
replace = msgspec.structs.replace


def blended(lab: Lab, folder: Path) -> Settings:
    """Everybody takes e-mails and chats too."""
    made = settings_for(lab, folder, flow="straight")
    more = tuple(QueueSettings(c.id, c.id, channel=c.id) for c in CHANNELS)
    acd = made.centre.acd
    agents = tuple(replace(a, queues=(*a.queues, "email", "chat")) for a in acd.agents)
    acd = replace(acd, queues=(*acd.queues, *more), agents=agents, channels=CHANNELS)
    return replace(made, centre=replace(made.centre, acd=acd))


def tasks(s: SiteUnderTest) -> list[tuple[str, str]]:
    return [(task.task, task.state) for task in s.agent("anna").tasks]


async def test_an_email_stays_in_hand_and_a_card_makes_way_for_the_caller(
    lab: Lab, tmp_path: Path
) -> None:
    await lab.world.all_phones(answers(after=0.1))
    async with site(lab, tmp_path, settings=blended(lab, tmp_path), ready=["anna"]) as s:
        s.app.submit(TaskSubmitted("task:m1", "email", "email"))
        s.app.submit(TaskAccepted("anna", "task:m1"))
        s.app.submit(TaskSubmitted("task:m2", "email", "email"))
        await s.until(lambda: tasks(s) == [("task:m2", "offered"), ("task:m1", "accepted")])
        caller = await lab.world.place_call(STRAIGHT, NUMBER)
        await s.state("anna", "on_call")
        assert tasks(s) == [("task:m1", "accepted")]
        await caller.hang_up()
        await s.until(lambda: ("task:m2", "offered") in tasks(s))
        assert [card.task for card in s.done(OfferTask)] == ["task:m1", "task:m2", "task:m2"]
        s.app.submit(TaskAccepted("anna", "task:m2"))
        for task in ("task:m1", "task:m2"):
            s.app.submit(TaskDone("anna", task))
        await s.state("anna", "ready")
        await s.at_rest()


async def test_a_chat_keeps_the_phone_silent_until_it_is_over(lab: Lab, tmp_path: Path) -> None:
    await lab.world.all_phones(answers(after=0.1))
    async with site(lab, tmp_path, settings=blended(lab, tmp_path), ready=["anna"]) as s:
        s.app.submit(TaskSubmitted("task:c1", "chat", "chat"))
        s.app.submit(TaskAccepted("anna", "task:c1"))
        await s.state("anna", "working")
        caller = await lab.world.place_call(STRAIGHT, NUMBER)
        await s.until(lambda: s.view().waiting)
        s.ready("ben")
        await s.state("ben", "on_call")
        assert s.agent("anna").state == "working"
        s.app.submit(TaskDone("anna", "task:c1"))
        await s.until(lambda: s.done(TaskClosed))
        await caller.hang_up()
        [record] = await s.records(1)
        assert (record.agent, record.outcome) == ("ben", "answered")
        await s.at_rest()
