"""The rules of sessions, the same in every store. Pure."""

from __future__ import annotations

from typing import Final

from ctid.core.errors import Refused
from ctid.core.instants import MINUTE, Duration, WallMs
from ctid.ports import Account, Session

RENEW_AFTER: Final[Duration] = MINUTE
"""How old `seen_at` may get before a request renews it: not each request is a write."""


def ends_sessions(before: Account, after: Account) -> bool:
    """Whether this change of an account ends its sessions: what they may do is no longer true."""
    return (before.role, before.password_hash, before.agent) != (
        after.role,
        after.password_hash,
        after.agent,
    )


def expired(session: Session, idle: Duration, absolute: Duration, now: WallMs) -> bool:
    """Idle for longer than `idle`, or older than `absolute`."""
    return now - session.seen_at > idle or now - session.created_at > absolute


def unknown_login(login: str) -> Refused:
    """The error of a session for nobody."""
    return Refused("unknown_login", f"there is no account {login!r}; create it first")
