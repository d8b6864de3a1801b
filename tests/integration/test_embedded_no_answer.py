"""Phones that are not answered, refuse, are busy, gone or in a private call."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.live.phones import PhoneBehaviour
from tests.integration.embedded_site import NEVER, site


async def test_an_unanswered_caller_keeps_the_place_and_goes_to_the_next(tmp_path: Path) -> None:
    async with site(tmp_path, ready=("anna",)) as s:
        s.phones(NEVER, "1001")
        first = s.call()
        await s.state("anna", "reserved")
        later = s.call()
        await s.until(lambda: len(s.view().waiting) == 2)
        anna = await s.state("anna", "not_ready")
        assert anna.reason == "no_answer"
        s.ready("ben")
        assert await first.talking_to == "1002"
        assert not later.talking_to.done(), "the one who came first goes first"
        first.hang_up()
        assert await later.talking_to == "1002"
        later.hang_up()
        await s.at_rest()
        assert [leg.cause for leg in s.legs(first)] == ["no_answer", "hangup"]
        assert s.closed(first).waited >= 1000, "the ring time counts as waiting"


@pytest.mark.parametrize(
    ("does", "cause"), [("reject", "rejected"), ("busy", "busy"), ("dead", "unreachable")]
)
async def test_phones_that_refuse_or_are_busy_are_left_alone_for_a_while(
    tmp_path: Path, does: str, cause: str
) -> None:
    async with site(tmp_path, ready=("anna", "ben")) as s:
        s.phones(PhoneBehaviour(on_ring=does, ring_delay=0.02, answer_after=(0.02, 0.02)), "1001")
        call = s.call()
        assert await call.talking_to == "1002"
        call.hang_up()
        await s.at_rest()
        assert [leg.cause for leg in s.legs(call)] == [cause, "hangup"]
        assert s.agent("anna").state == "ready", "the phone is at fault, not the agent"
        await s.until(lambda: s.app.driver.centre.router.staff.agents["anna"].available)


async def test_no_offer_to_phones_that_are_gone_or_in_a_private_call(tmp_path: Path) -> None:
    async with site(tmp_path, ready=("anna", "ben", "chen")) as s:
        s.pbx.phone("1001").reachable = False
        s.pbx.start_private_call("1002")
        await s.until(lambda: s.agent("ben").phone_state == "in_use")
        calls = [s.call(), s.call(), s.call()]
        await s.state("chen", "on_call")
        await s.until(lambda: len(s.view().waiting) == 2)
        assert (s.pbx.phone("1001").rings, s.pbx.phone("1002").rings) == (0, 0)
        s.pbx.phone("1002").hang_up()
        s.pbx.phone("1001").reachable = True
        for call in calls:
            assert await call.talking_to
            call.hang_up()
        await s.at_rest()
        assert {s.closed(call).offers for call in calls} == {1}
