"""Overflow of a whole ctid beside the pretend PBX, restarts and cut links included."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ctid.core.commands import Divert, Noticed, Overflowed, RingAgent
from sim.live.outside import OutsideSettings
from tests.integration.embedded_site import Site, pbx_and_config

SHORT = OutsideSettings(message=0.3, rings=0.2, talk=0.2, prompt=0.02)


def overflowing(s: Site, *rules: dict[str, Any]) -> None:
    """These rules in sales, where all calls go; Anna alone works in support."""
    sales, support, _ = s.config["queues"]
    sales["overflow"] = list(rules)
    for agent in s.config["agents"]:
        agent["queues"] = [(support if agent["id"] == "anna" else sales)["id"]]
        agent["penalties"] = {}


def diverts(s: Site) -> list[str]:
    return [command.place for command in s.done(Divert)]


async def test_a_message_is_left_and_named_in_the_record(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path, outside=SHORT) as s:
        overflowing(s, {"to": "voicemail", "prompts": ["voicemail"], "waited_s": 1})
        await s.start()
        call = s.call()
        await call.over
        await s.at_rest()
        [record] = await s.records(1)
        assert (record.outcome, record.queue) == ("voicemail", "sales")
        assert record.recording == f"/var/spool/asterisk/ctid/{call.unique_id}.wav"
        assert 250 <= record.recorded < 2_000
        assert call.heard_prompts == ["ctid/en/voicemail"]
        [move] = await s.app.store.moves(call.unique_id)
        assert (move.queue, move.to, move.rule) == ("sales", "voicemail", 1)
        [interval] = await s.app.store.intervals(0, 2**53)
        assert (interval.offered, interval.overflowed, interval.lost) == (1, 1, 0)
        await s.stop()


async def test_keys_lead_out_of_the_queue_and_into_another(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path, outside=SHORT) as s:
        overflowing(
            s,
            {"to": "voicemail", "key": "2"},
            {"to": "queue:support", "key": "3"},
        )
        await s.start()
        first, second = s.call(), s.call()
        await s.until(lambda: len(s.view().waiting) == 2)
        first.press("9")
        second.press("3")
        await s.until(lambda: {w.queue for w in s.view().waiting} == {"sales", "support"})
        first.press("2")
        await first.over
        second.hang_up()
        await s.at_rest()
        outcomes = {record.call: record.outcome for record in await s.records(2)}
        assert outcomes == {first.unique_id: "voicemail", second.unique_id: "abandoned"}
        sales = next(q for q in s.view().queues if q.queue == "sales")
        assert (sales.by_key, sales.overflowed, sales.abandoned) == (2, 1, 0)
        await s.stop()


async def test_a_key_leads_to_a_menu(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path, outside=SHORT) as s:
        overflowing(s, {"to": "menu:main", "key": "1"})
        await s.start()
        caller = s.call()
        await s.until(lambda: len(s.view().waiting) == 1)
        caller.press("1")
        await s.until(lambda: s.view().calls_in_ivr == 1)
        assert s.view().waiting == ()
        caller.hang_up()
        await s.at_rest()
        [record] = await s.records(1)
        assert (record.outcome, record.path[1]) == ("ivr_hangup", "sales>menu:main")
        sales = next(q for q in s.view().queues if q.queue == "sales")
        assert (sales.by_key, sales.abandoned) == (1, 0)
        await s.stop()


async def test_nobody_outside_answers_and_the_next_rule_has_its_turn(tmp_path: Path) -> None:
    outside = OutsideSettings(rings=0.2, answers=False, prompt=0.02)
    async with pbx_and_config(tmp_path, outside=outside) as s:
        overflowing(
            s,
            {"to": "external:+49301234", "waited_s": 1},
            {"to": "message", "prompts": ["sorry"], "waited_s": 2},
        )
        await s.start()
        call = s.call()
        await call.over
        await s.at_rest()
        assert diverts(s) == ["external", "message"]
        assert call.queues == ["sales", "sales"], "in the queue again between the two"
        [record] = await s.records(1)
        assert (record.outcome, record.path) == (
            "message", ("queue", "sales>external:+49301234", "sales>message"),
        )  # fmt: skip
        assert record.waited >= 2_000
        await s.stop()


async def test_somebody_outside_answers(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path, outside=SHORT) as s:
        overflowing(s, {"to": "external:+49301234", "no_agent": "signed_in"})
        await s.start()
        call = s.call()
        await call.over
        await s.at_rest()
        [record] = await s.records(1)
        assert (record.outcome, record.agent, record.waited) == ("overflowed", "", 0)
        assert 100 <= record.talked < 2_000
        await s.stop()


async def test_a_ctid_that_starts_anew_finds_the_caller_in_the_new_queue(tmp_path: Path) -> None:
    """The journal is lost: all that is left is what the PBX knows."""
    async with pbx_and_config(tmp_path) as s:
        overflowing(s, {"to": "queue:support", "waited_s": 1})
        await s.start()
        call = s.call()
        await s.until(lambda: [w.queue for w in s.view().waiting] == ["support"])
        await s.stop()
        s.config["journal"]["folder"] = str(tmp_path / "another")
        await s.start()
        [waiting] = s.view().waiting
        assert (waiting.call, waiting.queue) == (call.unique_id, "support")
        s.ready("anna")
        assert await call.talking_to == "1001"
        call.hang_up()
        await s.at_rest()
        await s.stop()


async def test_a_restart_while_the_caller_speaks_loses_nothing(tmp_path: Path) -> None:
    outside = OutsideSettings(message=4.0, prompt=0.02)
    async with pbx_and_config(tmp_path, outside=outside) as s:
        overflowing(s, {"to": "voicemail", "waited_s": 1})
        await s.start()
        call = s.call()
        await s.until(lambda: s.app.driver.centre.calls and not s.view().waiting)
        await s.until(lambda: diverts(s) == ["voicemail"])
        await s.stop()
        await s.start()
        s.ready("ben")
        await s.state("ben", "ready")
        await call.over
        await s.at_rest()
        [record] = await s.records(1)
        assert record.outcome == "voicemail"
        assert record.recorded > 3_000
        assert s.done(RingAgent) == [], "nobody is offered a caller who speaks to a machine"
        await s.stop()


async def test_a_cut_link_takes_no_caller_along(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path, outside=SHORT) as s:
        overflowing(s, {"to": "voicemail", "waited_s": 1.2})
        await s.start()
        calls = [s.call() for _ in range(5)]
        await s.until(lambda: len(s.view().waiting) == 5)
        s.pbx.cut_links()
        for call in calls:
            await call.over
        await s.at_rest()
        outcomes = {record.outcome for record in await s.records(5)}
        assert outcomes == {"voicemail"}
        assert len(s.done(Overflowed)) == 5
        assert not [n for n in s.done(Noticed) if n.code == "divert_lost"]
        await s.stop()


async def test_calls_and_agents_that_come_at_once_end_in_one_place_each(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path, outside=SHORT) as s:
        overflowing(
            s,
            {"to": "message", "prompts": ["sorry"], "length": 6},
            {"to": "voicemail", "waited_s": 1},
        )
        await s.start()
        calls = [s.call(talk=0.2) for _ in range(12)]
        await s.until(lambda: len(s.done(Overflowed)) >= 1)
        s.ready("ben", "chen", "dora")
        for call in calls:
            await call.over
        await s.at_rest()
        records = await s.records(12)
        assert len({record.call for record in records}) == 12
        assert {r.outcome for r in records} <= {"answered", "message", "voicemail"}
        moved = [record for record in records if record.outcome != "answered"]
        assert len(moved) == len(s.done(Overflowed))
        await s.stop()
