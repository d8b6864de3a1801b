"""Whether callers are listened to, where the settings want it."""

from __future__ import annotations

import socket

from ctid.app.doctor.findings import Finding
from ctid.settings.speech import SpeechSection

APPLICATIONS = frozenset({"SpeechBackground", "SpeechCreate"})
"""What a menu runs that listens; see `admin_checks.BY_APPLICATION` for their modules."""


def recogniser(speech: SpeechSection, limit: float) -> Finding:
    """Something accepts connections where aeap.conf should lead, as seen from here."""
    at = f"{speech.host}:{speech.port}"
    try:
        socket.create_connection((speech.host, speech.port), limit).close()
    except OSError as error:
        why = error.strerror or "no answer"
        todo = (
            "start ctid, and look for speech_missing or speech_down in its log; menus go on by keys"
        )
        return Finding("recogniser", "warn", f"nothing listens on {at}: {why}", todo)
    return Finding("recogniser", "ok", f"something listens on {at}")
