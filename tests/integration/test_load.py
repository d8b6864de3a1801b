"""`ctid-sim load` against a real ctid: one that it starts, and one that runs already."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from ctid.app.compose import App
from ctid.ports import Account
from ctid.settings import Settings
from ctid.settings.files import load as load_settings
from sim import cli
from sim.load.order import Order, Report, Running
from sim.load.ramp import Ramp
from sim.load.session import load
from sim.scenario.files import load as load_scenario
from tests.fakes.process import free_port
from tests.fakes.webroom import HASH, PASSWORD

ROOT = Path(__file__).parents[2]
SCENARIO = ROOT / "config/scenarios/small.toml"


def command(*more: str) -> list[str]:
    return [sys.executable, "-m", "sim.cli", "load", str(SCENARIO), *more]


def environment(folder: Path) -> dict[str, str]:
    """Its temporary files lie in `folder`."""
    return {**os.environ, "TMPDIR": str(folder)}


def test_a_short_ramp_against_a_ctid_of_its_own(tmp_path: Path) -> None:
    plot = tmp_path / "load.svg"
    (tmp_path / "own").mkdir()
    # Limits that a busy machine holds too: here the way is looked at, not the speed.
    roomy = [f"--{name}-p95=5000" for name in
             ("join-to-ring", "agi", "key-to-prompt", "ring-to-pop", "event-lag")]  # fmt: skip
    done = subprocess.run(
        command("--start", "--ramp", "2:4:2", "--seconds", "3", "--json", "--plot", str(plot),
                "--waiting-seconds", "100", *roomy),
        capture_output=True, env=environment(tmp_path / "own"), timeout=100, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    assert [step["rate"] for step in told["steps"]] == [2, 4]
    assert (told["good"], told["bad"], told["agents"]) == (4, None, 10)
    for step in told["steps"]:
        assert step["ended"] == step["calls"] > 2
        assert step["answered"] > 0.6 * step["calls"]
        assert step["agi"]["count"] > 5 * step["calls"]
        for name in ("ring_to_pop", "event_lag"):
            assert step[name]["count"] >= step["answered"]
        assert step["ctid_cpu"] > 0
        assert step["ctid_memory"] > 10
        assert step["errors"] == dict.fromkeys(step["errors"], 0) | {
            "refused": step["errors"]["refused"]
        }
    assert sum(step["key_to_prompt"]["count"] for step in told["steps"]) > 10
    assert b"<svg" in plot.read_bytes()
    assert list((tmp_path / "own").iterdir()) == []


def test_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    with subprocess.Popen(
        command("--start"), stderr=subprocess.PIPE, env=environment(tmp_path), cwd=ROOT,
        start_new_session=True,
    ) as process:  # fmt: skip
        ctid = child_that_runs(process.pid)
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130, told
    assert "stopped; nothing was left running" in told
    assert not Path(f"/proc/{ctid}").exists()
    assert list(tmp_path.iterdir()) == []


def child_that_runs(parent: int) -> int:
    """The process id of the throwaway ctid, once there is one."""
    children = Path(f"/proc/{parent}/task/{parent}/children")
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for child in children.read_text().split():
            if b"\0run\0" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
        time.sleep(0.05)
    raise TimeoutError("no ctid was started")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The example config, pointed at a PBX on a free port and at files of the test's own."""
    made = load_settings(ROOT / "config/ctid.toml")
    replace = msgspec.structs.replace
    return replace(
        made,
        pbx=replace(made.pbx, port=free_port()), agi=replace(made.agi, port=free_port()),
        web=replace(made.web, port=0),
        store=replace(made.store, url=f"sqlite+aiosqlite:///{tmp_path}/ctid.db"),
        journal=replace(made.journal, folder=str(tmp_path / "journal")),
        crm=replace(made.crm, url=f"sqlite+aiosqlite:///{tmp_path}/crm.db", demo=True),
    )  # fmt: skip


async def played(settings: Settings, order: Order) -> Report:
    """Against a ctid that runs in this process, and looks for its PBX by itself."""
    async with App(settings) as app:
        agents = [agent.id for agent in settings.centre.acd.agents]
        for agent in agents:
            await app.store.put_account(Account(agent, agent, "agent", agent, HASH))
        sign_ins = {agent: (agent, PASSWORD) for agent in agents}
        url = f"http://127.0.0.1:{app.web.port}"
        running = Running(settings, url, sign_ins)
        async with asyncio.timeout(90):
            return await load(
                msgspec.structs.replace(order, running=running), lambda _: None, lambda _: None
            )


async def test_a_scenario_against_a_ctid_that_runs_already(settings: Settings) -> None:
    # A morning at 100 times its speed, for three seconds: its first five minutes.
    scenario = load_scenario(SCENARIO, {"streams.all.per_hour": 400})
    report = await played(settings, Order(scenario, speed=100.0, seconds=3.0))
    (step,) = report.steps
    assert step.errors.all == 0
    assert step.ended == step.calls
    assert 20 < step.calls < 50
    assert report.agents == 10
    assert not report.troubles


async def test_a_ramp_against_a_ctid_that_runs_already(settings: Settings) -> None:
    scenario = load_scenario(SCENARIO)
    report = await played(settings, Order(scenario, speed=100.0, ramp=Ramp(5, 5, 5), seconds=1.0))
    assert [step.errors.all for step in report.steps] == [0] * len(report.steps)


async def test_an_agent_without_a_sign_in(settings: Settings) -> None:
    running = Running(settings, "http://127.0.0.1:1", {})
    with pytest.raises(ValueError, match="the sign-ins lack agent anna and 9 more"):
        await load(Order(load_scenario(SCENARIO), running=running), lambda _: None, lambda _: None)


async def test_a_ctid_whose_pbx_is_elsewhere_is_not_loaded(settings: Settings) -> None:
    replace = msgspec.structs.replace
    away = replace(settings, pbx=replace(settings.pbx, host="pbx.example.com"))
    order = Order(load_scenario(SCENARIO), running=Running(away, "http://127.0.0.1:1", {}))
    with pytest.raises(ValueError, match=r"looks for its PBX at pbx\.example\.com"):
        await load(order, lambda _: None, lambda _: None)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--start", "--ramp", "5"], "write FIRST:LAST:STEP"),
        (["--start", "--speed", "0"], "no number above 0"),
        (["--start", "--plot", "load.doc"], "neither .svg nor .png"),
        (["--start", "--url", "http://x"], "go with --config"),
        (["--config", "config/ctid.toml"], "needs --sign-ins"),
        ([], "one of the arguments --start --config --alone is required"),
        (["--start", "--ramp", "1000:90000:1000"], "use a higher --speed"),
    ],
)
def test_bad_input(more: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:  # argparse ends so by itself
        sys.exit(cli.main(["load", str(SCENARIO), *more]))
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_bad_scenario(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.toml").write_text('config = "nowhere.toml"\n')
    assert cli.main(["load", str(tmp_path / "x.toml"), "--start"]) == 2
    assert "there is no file" in capsys.readouterr().err
