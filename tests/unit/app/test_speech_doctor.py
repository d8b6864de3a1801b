"""What the doctor says of a recogniser."""

from __future__ import annotations

import socket

from ctid.app.doctor import admin_checks, speech_checks
from ctid.settings.speech import SpeechSection
from tests.fakes.process import free_port


def test_a_recogniser_that_listens_or_does_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        found = speech_checks.recogniser(SpeechSection(on=True, port=port), 2.0)
        assert (found.verdict, found.seen) == ("ok", f"something listens on 127.0.0.1:{port}")
    found = speech_checks.recogniser(SpeechSection(on=True, port=free_port()), 2.0)
    assert found.verdict == "warn"
    assert "menus go on by keys" in found.todo


def test_every_application_that_listens_has_its_module() -> None:
    assert set(admin_checks.BY_APPLICATION) >= speech_checks.APPLICATIONS
