"""The part of the dialplan that ctid brings along, and which version of it this ctid needs."""

from __future__ import annotations

from typing import Final

VERSION: Final = 5
"""Rises with each change of config/asterisk/extensions_ctid.conf that ctid relies on; the file says
its own as the one extension of `ctid-version`."""

VERSION_CONTEXT: Final = "ctid-version"

CONTEXTS: Final = (
    "ctid-inbound", "ctid-queue", "ctid-agent", "ctid-fallback", "ctid-after", "ctid-voicemail",
    "ctid-message", "ctid-external", "ctid-outside", "ctid-hold", "ctid-consult", "ctid-asked",
    "ctid-spy", "ctid-callback", "ctid-dial", "ctid-called", "ctid-menu", "ctid-survey",
)  # fmt: skip
"""All others, in the order in which they are told to people."""
