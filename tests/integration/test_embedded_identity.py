"""Code and PIN through a whole ctid: who is verified, who is locked, and where the PIN is not."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
import structlog

from crm_link.demo.load import demo_pin
from ctid.app.cli import main
from ctid.core.commands import Collect, Noticed, ShowPop
from ctid.core.identity import CheckPin, PinChecked
from ctid.core.records import CallRecord, Pop
from tests.integration.embedded_site import Site, pbx_and_config
from tests.integration.test_embedded_ivr import written

NUMBER = "4091"
CODE = "100123"
PIN, WRONG = "73519046", "64820537"
"""Figures that come by chance in nothing else that ctid writes."""


async def started(s: Site, **limits: float) -> None:
    s.config["entries"][NUMBER] = "identity"
    s.config["identity"] = limits
    await s.start()
    await s.app.pins.set_pin(CODE, PIN)
    s.ready("anna", "ben", "chen")


async def talked(s: Site, *keys: str, number: str = "+8613800138000") -> tuple[Pop, CallRecord]:
    """One call through code and PIN to an agent: what the agent saw, and the record."""
    call = s.call(NUMBER, number, keys=keys)
    assert await call.talking_to
    [pop] = [one.pop for one in s.done(ShowPop) if one.pop.call == call.unique_id]
    call.hang_up()
    await s.at_rest()
    return pop, s.closed(call)


def answers(s: Site) -> list[str]:
    return [line.e.status for line in s.lines() if isinstance(line.e, PinChecked)]


async def test_right_wrong_and_nowhere_a_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with pbx_and_config(tmp_path) as s:
        with structlog.testing.capture_logs() as logs:
            await started(s)
            try:
                right, verified = await talked(s, CODE, WRONG, PIN)
                wrong, claimed = await talked(s, CODE, WRONG, "47110815", WRONG)
                state = msgspec.json.encode(s.app.driver.centre.dump())
                kept = {one.call: one.identity for one in await s.records(2)}
            finally:
                await s.stop()

    assert answers(s) == ["wrong", "right", "wrong", "wrong", "wrong"]
    assert (right.identity, right.queue, right.path[1]) == ("verified", "sales", "pin~2")
    assert (wrong.identity, wrong.queue, wrong.path[1]) == ("claimed", "support", "pin!")
    assert (verified.identity, claimed.identity) == ("verified", "claimed")
    assert kept == {verified.call: "verified", claimed.call: "claimed"}
    assert all(c.kept for c in s.done(Collect) if c.secret)
    assert [c.code for c in s.done(CheckPin)] == [CODE] * 5

    journal = str(tmp_path / "journal")
    assert main(["explain", verified.call, "--journal", journal, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["identity"] == "verified"
    assert main(["explain", claimed.call, "--journal", journal]) == 0
    told = capsys.readouterr()
    assert "who the caller is was not verified" in " ".join(told.out.split())

    files = dict(written(tmp_path))
    for secret in (PIN, WRONG):
        assert [file for file, content in files.items() if secret.encode() in content] == []
        assert secret.encode() not in state
        assert secret not in str(logs)
        assert secret not in told.out + told.err
        assert secret not in repr(s.app.settings) + repr(s.lines())


async def test_a_caller_and_a_code_are_locked_and_served(tmp_path: Path) -> None:
    """The lock outlives the process; the caller talks to an agent each time."""
    async with pbx_and_config(tmp_path) as s:
        with structlog.testing.capture_logs() as logs:
            await started(s, caller_tries=4, code_tries=6)
            try:
                for _ in range(2):
                    await talked(s, CODE, WRONG, WRONG, "1#")
                assert [c.code for c in s.done(Noticed)] == ["pin_caller_locked"]
                await s.stop()
                await s.start()
                s.ready("anna", "ben", "chen")
                mine, _ = await talked(s, CODE, PIN)
                other, _ = await talked(s, CODE, PIN, number="+8613900139000")
                last, _ = await talked(s, CODE, WRONG, WRONG, number="")
                nobody, _ = await talked(s, CODE, PIN, number="+8613700137000")
            finally:
                await s.stop()
    assert (mine.path[1], mine.identity) == ("pin!locked", "claimed")
    assert (other.path[1], other.identity) == ("pin", "verified")
    assert (last.path[1], last.identity) == ("pin!locked", "claimed")
    assert (nobody.path[1], nobody.identity) == ("pin!locked", "claimed")
    assert [c.code for c in s.done(Noticed)] == ["pin_caller_locked", "pin_code_locked"]
    noticed = [one for one in logs if one.get("code") == "pin_code_locked"]
    assert len(noticed) == 1
    assert CODE not in str(noticed), "the log has the last figures only"
    assert sum(one == "wrong" for one in answers(s)) == 6


async def test_the_demos_pins_and_a_crm_that_is_gone(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path) as s:
        await started(s, check_s=0.5)
        try:
            demo, _ = await talked(s, "100007", f"{demo_pin('100007')}#")
            await s.app.pins.set_pin("100008", "")
            unset, _ = await talked(s, "100008", "1234#")
            with closing(sqlite3.connect(tmp_path / "crm.db")) as database:
                database.execute("ALTER TABLE crm_pin RENAME TO gone")
            gone, _ = await talked(s, CODE, PIN)
        finally:
            await s.stop()
    assert (demo.identity, demo.path[1]) == ("verified", "pin")
    assert (unset.identity, unset.path[1]) == ("claimed", "pin!unset")
    assert (gone.identity, gone.path[1]) == ("claimed", "pin!unanswered")
