"""How a FastAGI command can end without a reply."""

from __future__ import annotations

from ctid.core.errors import CtidError


class AgiHangup(CtidError):
    """The caller has left; let it end the session, nothing more can be said to this caller."""


class AgiReplyTimeout(CtidError):
    """Asterisk did not answer a command in time; the connection is closed, as a late answer
    would be taken for the answer to the next command."""
