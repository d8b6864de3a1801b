"""What the FastAGI server needs to know; all times in milliseconds, all sizes in bytes."""

from __future__ import annotations

from msgspec import Struct


class AgiSettings(Struct, frozen=True, kw_only=True):
    """One listening socket for ``agi://HOST:PORT/TOKEN/SCRIPT``."""

    host: str = "127.0.0.1"
    port: int = 4573
    """0 takes a free port; the server's `port` tells which."""
    token: str = ""
    """First element of the path, a shared secret with the dialplan. Empty: no such element."""
    scripts: tuple[str, ...]
    """The scripts that may be asked for; any other is refused."""
    peers: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    """Networks that may connect."""
    max_connections: int = 2_000
    """Beyond this a connection is closed at once, and the dialplan takes its fallback."""
    backlog: int = 512
    """Connections that the kernel may hold until we accept them."""

    request_timeout_ms: int = 5_000
    """From the connection to the whole environment."""
    session_timeout_ms: int = 3_600_000
    """For one call's whole session."""
    reply_timeout_ms: int = 30_000
    """For the reply to a command, where the caller names no other time."""
    hangup_grace_ms: int = 100
    """After ``result=-1``: how long a HANGUP line may take to explain it (Asterisk: at once)."""

    max_line: int = 16_384
    max_lines: int = 256
    max_bytes: int = 65_536

    def __repr__(self) -> str:
        return f"AgiSettings({self.host}:{self.port}, scripts={self.scripts})"
