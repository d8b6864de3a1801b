"""One place that turns the settings' URL into a bus."""

from __future__ import annotations

from ctid.bus.memory import MemoryBus
from ctid.bus.redis import RedisBus
from ctid.core.errors import ConfigError


def open_bus(url: str) -> MemoryBus | RedisBus:
    """The bus for ``memory:``, ``redis://…`` or ``rediss://…``; connects with its first use.

    Raises:
        ConfigError: a URL of another kind; the text does not repeat it, it may hold a password.
    """
    if url == "memory:":
        return MemoryBus()
    if url.startswith(("redis://", "rediss://")):
        try:
            return RedisBus(url)
        except ValueError:  # the port or the database is no number
            pass
    raise ConfigError(
        ("bus: url: not a bus that is served; use memory: or redis://host:port/database",)
    )
