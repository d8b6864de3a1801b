"""Links that break, a ctid that stops or is killed, a database that is away: the calls go on."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import structlog
from sqlalchemy import make_url

from ctid.core.commands import CallClosed, Noticed, Repaired, RingAgent
from ctid.core.errors import ConfigError, CtidError
from ctid.core.events import CallWaiting, LinkLost, ReadyAsked, Started
from ctid.pbx.ami.errors import AmiLoginRefused
from ctid.ports import StoreUnavailable
from ctid.store.open import open_store
from tests.fakes.relay import Relay
from tests.integration.embedded_site import (
    NEVER,
    PATIENCE,
    POLL,
    QUICK,
    QUICK_FLOW,
    STRAIGHT,
    Site,
    pbx_and_config,
    site,
)
from tests.real_pbx.desk import desks
from tests.real_pbx.site import journal, offers_are_single, put_accounts, write_config

AGENTS = ("anna", "ben", "chen", "dora", "erik", "fang", "grace", "hao", "ines", "jun")


async def test_the_ami_link_is_cut_in_the_middle_of_20_calls(tmp_path: Path) -> None:
    async with site(tmp_path, ready=AGENTS) as s:
        calls = [s.call((number % 2 and QUICK) or STRAIGHT, keys=("1", "100001"), talk=0.3)
                 for number in range(20)]  # fmt: skip
        await s.until(lambda: any(call.talking_to.done() for call in calls))
        for _ in range(3):
            s.pbx.cut_links()
            await s.until(lambda: not s.app.switch.up.is_set())
            s.call(talk=0.2)
            await s.until(s.app.switch.up.is_set)
        for call in calls:
            assert await call.talking_to
            await call.over
        await s.at_rest()
        assert sum(isinstance(line.e, LinkLost) for line in s.lines()) == 3
        assert {record.outcome for record in await s.records(23)} == {"answered"}


async def test_a_caller_who_comes_while_the_inventory_is_taken_is_not_lost(tmp_path: Path) -> None:
    async with site(tmp_path, ready=AGENTS) as s:
        for _ in range(3):
            s.pbx.cut_links()
            calls = []
            while not s.app.switch.up.is_set() or len(calls) < 3:
                calls.append(s.call(QUICK, keys=("1", "100001"), talk=0.05))
                await asyncio.sleep(POLL)
            for call in calls:
                assert await asyncio.wait_for(call.talking_to, PATIENCE)
                await call.over
        await s.at_rest()


async def test_both_links_are_silent_for_a_while(tmp_path: Path) -> None:
    async with site(tmp_path, ready=("anna", "ben", "chen")) as s:
        talking = s.call()
        assert await talking.talking_to
        s.pbx.freeze(0.5)
        talking.hang_up()
        waiting = [s.call(QUICK, keys=("1", "100001")), s.call()]
        for call in waiting:
            assert await call.talking_to
            call.hang_up()
        await s.at_rest()
        assert not any(isinstance(line.e, LinkLost) for line in s.lines())


async def test_ctid_starts_again_with_callers_everywhere(tmp_path: Path) -> None:
    async with site(tmp_path, ready=("anna", "ben", "chen")) as s:
        talking = [s.call(), s.call()]
        for call in talking:
            await call.talking_to
        s.phones(NEVER)
        ringing = s.call()
        await s.state("chen", "reserved")
        waiting = []
        for _ in range(4):
            waiting.append(s.call())
            await s.until(lambda: len(s.view().waiting) == 1 + len(waiting))
        menu = [s.call(QUICK), s.call(QUICK, keys=("1",))]
        await s.until(lambda: menu[0].requests and menu[1].requests == 2)
        before = s.view()

        await s.stop()
        assert not any(call.over.done() for call in (*talking, ringing, *waiting, *menu))
        for call in menu:
            assert await call.joined == "fallback"
        gone = waiting.pop(1)
        gone.hang_up()
        await gone.over
        await s.start()

        after = s.view()
        since = {w.call: w.since for w in before.waiting}
        kept = [w for w in after.waiting if w.call in since]
        assert [w.call for w in kept] == [c.unique_id for c in (ringing, *waiting)]
        assert all(w.since == since[w.call] for w in kept), "the waiting time goes on"
        assert {w.queue for w in after.waiting if w.call not in since} == {"fallback"}
        assert sorted(a.agent for a in after.agents if a.state == "on_call") == ["anna", "ben"]
        repairs = {(c.kind, c.subject) for c in s.done(Repaired)}
        assert ("call_gone", gone.unique_id) in repairs
        assert {("call_moved", call.unique_id) for call in menu} <= repairs

        everyone = (ringing, *waiting, *menu)
        s.phones(NEVER)
        for call in talking:
            assert not call.over.done(), "talkers keep talking"
            call.hang_up()
        s.phones(s.pbx.settings.behaviour)
        s.app.submit(ReadyAsked("chen"))
        for call in everyone:
            assert await call.talking_to
            call.hang_up()
        # Offers are in order; which of several phones is picked up first is the phones' affair.
        ids = [call.unique_id for call in waiting]
        rung = dict.fromkeys(ring.call for ring in s.done(RingAgent))
        assert [call for call in rung if call in ids] == ids, "in the order of their wait"
        await s.at_rest()
        assert len(s.done(CallClosed)) == 9
        records = {record.call: record for record in await s.records(9)}
        assert {records[c.unique_id].outcome for c in (*talking, *everyone)} == {"answered"}
        assert records[gone.unique_id].outcome == "abandoned"
        boots = [line.e.boot for line in s.lines() if isinstance(line.e, Started)]
        assert len(boots) == len(set(boots)) == 2


@asynccontextmanager
async def daemon(config: Path, log: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """`ctid run` as a process of its own, listening; it is killed at the end if it still runs."""
    with log.open("ab") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ctid.app.cli", "run", "--config", str(config), "--json",
            stdout=asyncio.subprocess.DEVNULL, stderr=stderr,
        )  # fmt: skip
    try:
        async with asyncio.timeout(20):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    assert process.returncode is None, log.read_text()
                    await asyncio.sleep(POLL)
                else:
                    writer.close()
                    await writer.wait_closed()
                    break
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_ctid_is_killed_with_callers_everywhere(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path) as s:
        config = write_config(tmp_path, s.config)
        (tmp_path / "flows" / "quick.toml").write_text(QUICK_FLOW)
        store = await open_store(s.config["store"]["url"], {})
        await put_accounts(store)
        await store.close()
        log, port = tmp_path / "log", s.config["web"]["port"]
        base = f"http://127.0.0.1:{port}"
        async with daemon(config, log, port) as killed, desks(base, "anna", "ben") as desk:
            talking = [s.call(), s.call()]
            for call in talking:
                await call.talking_to
            waiting = []
            for _ in range(5):
                waiting.append(s.call())
                assert await waiting[-1].joined == "sales"
            menu = [s.call(QUICK), s.call(QUICK, keys=("1",))]
            async with asyncio.timeout(PATIENCE):
                while not (menu[0].requests and menu[1].requests == 2):
                    await asyncio.sleep(POLL)
            killed.send_signal(signal.SIGKILL)
            await killed.wait()
            async with daemon(config, log, port) as process:
                for call in menu:
                    assert await call.joined == "fallback"
                await desk["anna"].until("hello", lambda _: desk["anna"].opened > 1)
                for call in talking:
                    assert not call.over.done()
                    call.hang_up()
                for call in (*waiting, *menu):
                    assert await asyncio.wait_for(call.talking_to, PATIENCE)
                    call.hang_up()
                    await call.over
                await desk["anna"].state("ready")
                await desk["ben"].state("ready")
                process.send_signal(signal.SIGTERM)
                assert await process.wait() == 0
        assert not s.pbx.exchange.channels
        lines = journal(tmp_path)
        offers_are_single(lines)
        rung = dict.fromkeys(c.call for line in lines for c in line.c if isinstance(c, RingAgent))
        ids = [call.unique_id for call in waiting]
        assert [call for call in rung if call in ids] == ids, "in the order of their wait"
        store = await open_store(s.config["store"]["url"], {})
        records = await store.calls(0, 2**53)
        await store.close()
        assert [r.outcome for r in records] == ["answered"] * 9
        assert '"defect"' not in log.read_text()


async def test_a_wrong_ami_secret_is_told_once_and_the_pages_stay_up(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path) as s:
        s.config["pbx"]["secret"] = "not the secret"
        with structlog.testing.capture_logs() as logs:
            async with s.app_of() as app:
                await s.until(lambda: app.switch.ami.last_failure is not None)
                assert isinstance(app.switch.ami.last_failure, AmiLoginRefused)
                call = s.call()
                assert await call.joined == "sales", "the menu works without AMI"
                async with aiohttp.ClientSession() as http, http.get(s.base) as page:
                    assert page.status == 200
                call.hang_up()
                await call.over
        told = [entry["text"] for entry in logs if entry["event"] == "pbx_down"]
        assert len(told) == 1
        assert "ctid@" in told[0]
        assert "not the secret" not in str(logs)


async def test_the_database_goes_away_and_comes_back(tmp_path: Path, postgres_url: str) -> None:
    url = make_url(postgres_url)
    relay = Relay("127.0.0.1", url.port or 5432)
    await relay.start()
    async with pbx_and_config(tmp_path) as s:
        s.config["store"]["url"] = url.set(port=relay.port).render_as_string(hide_password=False)
        await s.start()
        try:
            s.ready("anna", "ben")
            await relay.cut()
            calls = [s.call(QUICK, keys=("1", "100001"), talk=0.05) for _ in range(6)]
            for call in calls:
                assert await call.talking_to
                await call.over
            await s.at_rest()
            await s.until(lambda: not s.app.records.health().ok)
            with pytest.raises(StoreUnavailable):
                await s.app.store.calls(0, 2**53)
            await relay.start()
            await s.until(lambda: not s.app.records.health().waiting)
            records = await s.records(6)
            assert {r.call for r in records} == {call.unique_id for call in calls}
        finally:
            await s.stop()
            await relay.cut()


async def test_a_defect_touches_one_fact_only(tmp_path: Path) -> None:
    async with site(tmp_path, ready=("anna", "ben")) as s:
        talking = s.call()
        assert await talking.talking_to
        files = set((tmp_path / "journal").glob("*.ctid"))
        # No adapter makes such a fact: it stands for a defect in the machine.
        s.app.submit(CallWaiting("x", "PJSIP/x", "sales", since="soon"))
        assert s.app.defects == 1
        other = s.call(QUICK, keys=("1", "100001"))
        assert await other.talking_to
        # The machine was stopped half-way, so the next file begins with what it is now.
        await s.until(lambda: set((tmp_path / "journal").glob("*.ctid")) > files)
        await s.stop()
        await s.start()
        assert s.app.defects == 0
        assert sorted(a.agent for a in s.view().agents if a.state == "on_call") == ["anna", "ben"]
        assert ("call_gone", "x") in {(c.kind, c.subject) for c in s.done(Repaired)}
        talking.hang_up()
        other.hang_up()
        await s.at_rest()
        assert not [c for c in s.done(Noticed) if c.code == "leg_overdue"]


async def test_two_ctids_never_share_a_journal(tmp_path: Path) -> None:
    async with site(tmp_path) as s:
        newest = max((tmp_path / "journal").glob("*.ctid"))
        with pytest.raises(CtidError, match="another ctid writes there"):
            await Site(s.pbx, s.config, tmp_path).start()
        assert max((tmp_path / "journal").glob("*.ctid")) == newest
        await s.at_rest()


async def test_a_port_that_is_taken_is_said_plainly(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path) as s:
        taken = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
        async with taken:
            s.config["web"]["port"] = taken.sockets[0].getsockname()[1]
            with pytest.raises(ConfigError, match="address already in use"):
                await s.start()
            s.config["web"]["port"] = 0
            s.config["agi"]["port"] = taken.sockets[0].getsockname()[1]
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "ctid.app.cli", "run", "--json",
                "--config", str(write_config(tmp_path, s.config | {"entries": {"*": "straight"}})),
                stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            _, err = await asyncio.wait_for(process.communicate(), 30)
            assert process.returncode == 1
            assert b"Address already in use" in err
            assert b"Traceback" not in err
