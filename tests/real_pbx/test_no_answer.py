"""Phones that do not answer, refuse, are busy, gone, or in a private call."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctid.core.commands import RingAgent
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers, is_busy, never_answers, rejects
from tests.real_pbx.site import STRAIGHT, SiteUnderTest, settings_for, site

pytestmark = pytest.mark.asyncio(loop_scope="session")

FIRST, SECOND, THIRD = "+8613900000001", "+8613900000002", "+8613900000003"
RING_FOR = 800


async def waits(s: SiteUnderTest, lab: Lab, number: str) -> str:
    """A new caller, once in the queue; the call's id."""
    await lab.world.place_call(STRAIGHT, number)
    found: list[str] = []

    def there() -> bool:
        found[:] = [w.call for w in s.view().waiting if w.number == number]
        return bool(found)

    await s.until(there)
    return found[0]


def rung(s: SiteUnderTest) -> list[tuple[str, str]]:
    """(call, agent) of every offer so far."""
    return [(r.call, r.agent) for r in s.done(RingAgent)]


async def test_an_unanswered_caller_keeps_the_place_and_goes_to_the_next(
    lab: Lab, tmp_path: Path
) -> None:
    settings = settings_for(lab, tmp_path, flow="straight", ring_for=RING_FOR)
    async with site(lab, tmp_path, settings=settings, ready=["anna"]) as s:
        await lab.world.all_phones(answers(after=0.1, talk=0.3))
        await lab.world.phone("1001").behave(never_answers())
        first = await waits(s, lab, FIRST)
        second = await waits(s, lab, SECOND)
        anna = await s.state("anna", "not_ready")
        assert anna.reason == "no_answer", "an agent who is not there gets no more calls"
        assert [w.call for w in s.view().waiting] == [first, second]

        s.ready("ben")
        await s.records(2)
        assert rung(s) == [(first, "anna"), (first, "ben"), (second, "ben")]
        assert [(leg.agent, leg.cause) for leg in s.legs(first)] == [
            ("anna", "no_answer"),
            ("ben", "hangup"),
        ]
        [missed, _] = s.legs(first)
        assert RING_FOR <= missed.ended_at - missed.started_at < RING_FOR + 500
        assert (s.closed(first).offers, s.closed(first).outcome) == (2, "answered")
        await s.at_rest()


async def test_phones_that_refuse_or_are_busy_are_left_alone_for_a_while(
    lab: Lab, tmp_path: Path
) -> None:
    async with site(lab, tmp_path, ready=["anna", "ben", "chen"]) as s:
        await lab.world.phone("1001").behave(rejects(after=0.1))
        await lab.world.phone("1002").behave(is_busy())
        first = await waits(s, lab, FIRST)
        await s.state("chen", "on_call")
        legs = [(leg.agent, leg.cause) for leg in s.legs(first)]
        assert legs == [("anna", "rejected"), ("ben", "busy")]
        assert [s.agent(a).state for a in ("anna", "ben")] == ["ready", "ready"]

        # Both are free but left alone; then Anna, who lost no turn, gets the next caller.
        await lab.world.all_phones(answers(after=0.1))
        second = await waits(s, lab, SECOND)
        await s.state("anna", "on_call")
        await lab.hang_up_all()
        await s.records(2)
        [refused, *_], [taken] = s.legs(first), s.legs(second)
        assert taken.agent == "anna"
        back_off = s.app.settings.centre.acd.back_off
        assert taken.started_at - refused.ended_at >= back_off
        await s.at_rest()


async def test_no_offer_to_phones_that_are_gone_or_in_a_private_call(
    lab: Lab, tmp_path: Path
) -> None:
    async with site(lab, tmp_path, ready=["anna", "ben", "chen"]) as s:
        lab.world.phone("1001").unplug()
        private = await lab.world.place_call("1003", "1002")
        await s.until(
            lambda: (
                [s.agent(a).phone_state for a in ("anna", "ben", "chen")]
                == ["unreachable", "in_use", "in_use"]
            )
        )
        first = await waits(s, lab, FIRST)
        second = await waits(s, lab, SECOND)
        assert {q.ready for q in s.view().queues} == {0}
        assert rung(s) == []

        await private.hang_up()
        await s.until(lambda: s.states("on_call") == ["ben", "chen"])
        # Whose phone is told to be idle first is Asterisk's affair; who called first is ours.
        assert [call for call, _ in rung(s)] == [first, second]
        assert sorted(agent for _, agent in rung(s)) == ["ben", "chen"]
        third = await waits(s, lab, THIRD)
        lab.world.phone("1001").plug_in()
        await s.state("anna", "on_call")
        assert rung(s)[2:] == [(third, "anna")]
        await lab.hang_up_all()
        await s.at_rest()


async def test_a_phone_that_went_a_moment_ago_costs_one_ring_time(lab: Lab, tmp_path: Path) -> None:
    settings = settings_for(lab, tmp_path, flow="straight", ring_for=RING_FOR)
    async with site(lab, tmp_path, settings=settings, ready=["anna", "ben"]) as s:
        lab.world.phone("1001").unplug()
        first = await waits(s, lab, FIRST)
        await s.state("ben", "on_call")
        assert rung(s) == [(first, "anna"), (first, "ben")]
        [lost] = s.legs(first)
        assert lost.cause in ("no_answer", "unreachable", "failed")
        lab.world.phone("1001").plug_in()
        await lab.hang_up_all()
        await s.at_rest()
