"""What the AMI link needs to know; all times in milliseconds, all sizes in bytes."""

from __future__ import annotations

from msgspec import Struct


class AmiSettings(Struct, frozen=True, kw_only=True):
    """One manager user on one Asterisk. The secret never shows in a log: see `__repr__`."""

    host: str = "127.0.0.1"
    port: int = 5038
    username: str
    secret: str
    plain_login: bool = False
    """Send the secret itself in place of an MD5 answer to a challenge."""
    events: str = "on"
    """The ``Events`` header of the login: ``on``, or classes such as ``call,user,system``."""
    filters: tuple[str, ...] = ()
    """Added at login by the action Filter: ``!Event: RTCP.*`` drops what nothing reads."""

    tls: bool = False
    """Use TLS; the certificate is always verified."""
    tls_ca: str | None = None
    """File with the trusted certificates (PEM); without it the system's."""
    tls_server_name: str | None = None
    """The name the certificate must carry, where it is not `host`."""

    connect_timeout_ms: int = 5_000
    login_timeout_ms: int = 5_000
    """From the connection to the accepted login."""
    boot_timeout_ms: int = 60_000
    """From the accepted login to the event FullyBooted and our first questions answered."""
    response_timeout_ms: int = 5_000
    """For the response to an action, where the caller names no other time."""
    list_timeout_ms: int = 30_000
    """For a whole event list."""
    ping_every_ms: int = 10_000
    ping_timeout_ms: int = 3_000
    """Two pings in a row without an answer in this time, and the link counts as dead."""
    backoff_min_ms: int = 250
    backoff_max_ms: int = 10_000
    refused_pause_ms: int = 60_000
    """Pause after a refused login: a wrong secret does not heal, and Asterisk may ban us."""

    max_line: int = 65_536
    max_message_bytes: int = 262_144
    max_headers: int = 1_024
    max_list_events: int = 100_000
    """Events of one list; a longer one fails its action."""
    max_unsent_bytes: int = 1_048_576
    """What may wait in our send buffer before further actions are refused."""

    def __repr__(self) -> str:
        return f"AmiSettings({self.username}@{self.host}:{self.port}, tls={self.tls})"
