"""`ctid doctor` on a real Asterisk: the shipped snippets pass, and each fault is told apart."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

import msgspec
import pytest

from ctid.app.doctor.findings import Finding
from tests.real_pbx.agi_stub import AgiStub
from tests.real_pbx.lab.configs import Secrets
from tests.real_pbx.lab.lab import Lab

pytestmark = pytest.mark.asyncio(loop_scope="session")

CONFIG = Path(__file__).parents[2] / "config"


class Report(msgspec.Struct):
    """What `ctid doctor --json` prints."""

    ok: bool
    checks: list[Finding]

    def verdict(self, name: str) -> str:
        return next(one.verdict for one in self.checks if one.name == name)

    def seen(self, name: str) -> str:
        return next(one.seen for one in self.checks if one.name == name)

    @property
    def failed(self) -> list[str]:
        return [one.name for one in self.checks if one.verdict == "fail"]


def write_config(lab: Lab, folder: Path, **changes: str) -> Path:
    """The shipped config for this lab; `changes` are old text → new text."""
    text = (CONFIG / "ctid.toml").read_text()
    own = {
        "port = 5038": f"port = {lab.pbx.ami_port}",
        "port = 4573": f"port = {lab.pbx.agi_port}",
        'user = "ctid"': f'user = "{lab.pbx.ami_user}"',
        'secret = "change-me"': f'secret = "{lab.pbx.ami_secret}"',
        'token = "change-me"': f'token = "{lab.pbx.agi_token}"',
    }
    for old, new in (own | changes).items():
        text, count = re.subn(f"^{re.escape(old)}$", new, text, flags=re.MULTILINE)
        assert count == 1, old
    (folder / "flows").mkdir(exist_ok=True)
    (folder / "flows/main.toml").write_bytes((CONFIG / "flows/main.toml").read_bytes())
    (folder / "ctid.toml").write_text(text)
    return folder / "ctid.toml"


async def doctor(config: Path, *words: str) -> Report:
    """Run the command; its exit code must agree with its report."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "ctid.app.cli", "doctor", "--json", "--config", str(config), *words),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "CTID_ADMIN_SECRET": Secrets().lab},
    )
    async with asyncio.timeout(60):
        printed, _ = await process.communicate()
    report = msgspec.json.decode(printed, type=Report)
    assert report.ok is (process.returncode == 0)
    return report


async def test_a_pbx_with_our_snippets_passes(lab: Lab, agi: AgiStub, tmp_path: Path) -> None:
    report = await doctor(write_config(lab, tmp_path), "--admin", "lab")
    assert [one for one in report.checks if one.verdict != "ok"] == []
    assert lab.version.split(".")[0] in report.seen("version")


async def test_without_an_admin_account_the_rest_is_skipped(lab: Lab, tmp_path: Path) -> None:
    report = await doctor(write_config(lab, tmp_path))
    assert report.failed == []
    assert report.verdict("modules") == report.verdict("writetimeout") == "skipped"
    assert report.verdict("FastAGI") == "warn"


async def test_a_wrong_secret(lab: Lab, tmp_path: Path) -> None:
    config = write_config(lab, tmp_path, **{'secret = "change-me"': 'secret = "wrong"'})
    report = await doctor(config)
    assert report.failed == ["login"]
    assert "Authentication failed" in report.seen("login")


async def test_an_account_with_too_many_rights(lab: Lab, tmp_path: Path) -> None:
    own = {'user = "ctid"': 'user = "lab"', 'secret = "change-me"': f'secret = "{Secrets().lab}"'}
    report = await doctor(write_config(lab, tmp_path, **own))
    assert report.failed == ["privileges too many"]
    assert report.seen("privileges too many").startswith("write has command, system")


async def test_settings_that_do_not_fit_the_pbx(lab: Lab, tmp_path: Path) -> None:
    changes = {
        'token = "change-me"': 'token = "another-token"',
        'phone = "PJSIP/1010"': 'phone = "PJSIP/1999"',
        'fallback_queue = "fallback"': 'fallback_queue = "sales"',
        'music = "default"': 'music = "nothing"',
    }
    report = await doctor(write_config(lab, tmp_path, **changes), "--admin", "lab")
    assert report.failed == ["CTID_AGI", "fallback queue", "phones", "music classes"]
    assert "PJSIP/1999" in report.seen("phones")
    assert lab.pbx.agi_token not in repr(report)
