"""New settings for a running ctid: good ones keep every state, bad ones change nothing."""

from __future__ import annotations

import argparse
import asyncio
import copy
import signal
from pathlib import Path

import msgspec
import structlog

from ctid.app import replaying
from ctid.app.reload import reload
from ctid.core.errors import ConfigError
from ctid.core.events import Reloaded
from ctid.settings import Settings
from tests.integration.embedded_site import (
    PATIENCE,
    POLL,
    QUICK_FLOW,
    Config,
    Site,
    pbx_and_config,
    settings_of,
    site,
)
from tests.integration.test_embedded_restart import daemon
from tests.real_pbx.site import write_config


def changed(s: Site) -> Config:
    """The site's config, to be changed by a test."""
    return copy.deepcopy(s.config)


async def replays(s: Site) -> None:
    """Every journal file, those with other settings too, gives the same again."""
    for file in (s.folder / "journal").glob("*.ctid"):
        args = argparse.Namespace(file=file, json=False, check=True)
        assert await asyncio.to_thread(replaying.run, args) == 0, file


async def test_states_stay_and_the_new_settings_count_at_once(tmp_path: Path) -> None:
    async with site(tmp_path, ready=("anna", "chen")) as s:
        config = changed(s)
        config["agents"][2]["queues"] = []
        assert reload(s.app, lambda: settings_of(config))
        talking = s.call()
        await talking.talking_to
        waiting = s.call()
        await s.until(lambda: s.view().waiting)
        before = s.view()
        assert s.agent("chen").state == "ready", "free, and in no queue"

        assert reload(s.app, lambda: settings_of(s.config))
        after = s.view()
        assert await waiting.talking_to == "1003"
        assert [w.since for w in after.waiting] == [w.since for w in before.waiting]
        assert s.agent("anna").state == "on_call"
        assert not talking.over.done()
        for call in (talking, waiting):
            call.hang_up()
        await s.at_rest()
        assert [leg.agent for leg in s.legs(waiting)] == ["chen"]
        assert sum(isinstance(line.e, Reloaded) for line in s.lines()) == 2
        await replays(s)


async def test_an_agent_gets_another_phone(tmp_path: Path) -> None:
    async with site(tmp_path, ready=("anna",)) as s:
        config = changed(s)
        one, other = config["agents"][0], config["agents"][1]
        one["phone"], other["phone"] = other["phone"], one["phone"]
        assert reload(s.app, lambda: settings_of(config))
        assert s.agent("anna").phone_state == "unreachable", "nothing is known of it yet"
        call = s.call()
        assert await call.talking_to == "1002"
        call.hang_up()
        await s.at_rest()


async def test_an_agent_is_removed_once_the_call_is_over(tmp_path: Path) -> None:
    async with site(tmp_path, ready=("ben",)) as s:
        call = s.call()
        await call.talking_to
        config = changed(s)
        del config["agents"][1]
        with structlog.testing.capture_logs() as logs:
            assert not reload(s.app, lambda: settings_of(config))
        assert "no longer has ben, who is in a call" in logs[0]["text"]
        call.hang_up()
        await s.at_rest()
        assert s.closed(call).outcome == "answered"
        assert reload(s.app, lambda: settings_of(config))
        assert "ben" not in [agent.agent for agent in s.view().agents]
        await replays(s)


async def test_bad_settings_change_nothing(tmp_path: Path) -> None:
    async with site(tmp_path, ready=("anna",)) as s:
        before = s.app.settings

        def broken() -> Settings:
            raise ConfigError(("ctid.toml: queues[1].id: is missing; add it", "…: another"))

        with structlog.testing.capture_logs() as logs:
            assert not reload(s.app, broken)
        told = [entry["text"] for entry in logs if entry["event"] == "reload_problem"]
        assert told == ["ctid.toml: queues[1].id: is missing; add it", "…: another"]
        assert s.app.settings is before
        call = s.call()
        assert await call.talking_to
        call.hang_up()
        await s.at_rest()


async def test_what_takes_a_restart_is_named(tmp_path: Path) -> None:
    async with site(tmp_path) as s:
        old = s.app.settings
        web = msgspec.structs.replace(old.web, port=old.web.port + 1)
        with structlog.testing.capture_logs() as logs:
            assert reload(s.app, lambda: msgspec.structs.replace(old, web=web))
        [entry] = [entry for entry in logs if entry["event"] == "reload_partly"]
        assert entry["sections"] == ["web"]
        assert not any(isinstance(line.e, Reloaded) for line in s.lines()), "nothing to swap"


async def test_a_signal_reads_the_files_anew(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path) as s:
        path = write_config(tmp_path, s.config)
        (tmp_path / "flows" / "quick.toml").write_text(QUICK_FLOW)
        log, good = tmp_path / "log", path.read_text()
        async with daemon(path, log, s.config["web"]["port"]) as process:
            await logged(log, '"ready"')
            path.write_text("[[queues]]\n")
            process.send_signal(signal.SIGHUP)
            await logged(log, "reload_refused")
            path.write_text(good.replace('"ring_for_s" = 1', '"ring_for_s" = 2'))
            process.send_signal(signal.SIGHUP)
            await logged(log, '"reloaded"')
        assert "pbx.secret: is missing" in log.read_text()


async def logged(log: Path, what: str) -> None:
    """Wait until the daemon has written that."""
    async with asyncio.timeout(PATIENCE):
        while what not in log.read_text():
            await asyncio.sleep(POLL)
