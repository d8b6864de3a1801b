"""Doubts: a start while the disk takes no new journal file (F16: calls go on)."""

from __future__ import annotations

from pathlib import Path

import structlog

from ctid.app.compose import App
from tests.fakes.process import free_port
from tests.integration.embedded_site import config_for, settings_of


async def test_ctid_starts_although_no_journal_file_can_be_begun(tmp_path: Path) -> None:
    """After a crash that a full disk caused: without ctid every caller waits in the fallback."""
    folder = tmp_path / "journal"
    folder.mkdir()
    (folder / "000000000001.new").mkdir()  # where the file would be written first
    settings = settings_of(config_for(tmp_path, free_port(), free_port()))
    with structlog.testing.capture_logs() as logs:
        await starts(App(settings), folder)
    assert "journal" in [entry["event"] for entry in logs], "the operator must hear of it"


async def starts(made: App, folder: Path) -> None:
    async with made as app:
        assert app.driver.next_line > 1, "Started was handled"
        assert app.driver.centre.boot == app.boot
        assert list(folder.glob("*.ctid")) == []
        (folder / "000000000001.new").rmdir()
        app._rotate_or_go_on()  # as the watch does every second
        assert len(list(folder.glob("*.ctid"))) == 1
