"""Doubts: the journal's second thread."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event

import pytest

from ctid.core.events import CallEnded
from ctid.core.journal import Line
from ctid.store import journal
from ctid.store.journal import JournalFile


def test_the_syncer_survives_a_moment_without_file_descriptors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flood of FastAGI connections: the disk must go on being made durable after it."""
    synced, dup, failures = Event(), os.dup, iter([OSError(24, "Too many open files")])

    def without_descriptors(fd: int) -> int:
        for error in failures:
            raise error
        return dup(fd)

    monkeypatch.setattr(journal, "SYNC_EVERY", 0.01)
    monkeypatch.setattr(os, "dup", without_descriptors)
    monkeypatch.setattr(os, "fdatasync", lambda fd: synced.set())
    trouble: list[str] = []
    file = JournalFile(tmp_path, "test", trouble.append)
    file.begin(b"{}", b"null", 1)
    file.write(Line(1, 1, CallEnded("c1", "16")))
    try:
        assert synced.wait(5)
        assert "Too many open files" in trouble[0]
    finally:
        file.close()
