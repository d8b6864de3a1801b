"""One place that turns the settings' URL into a bus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctid.bus.memory import MemoryBus
from ctid.core.errors import ConfigError

if TYPE_CHECKING:
    from ctid.bus.redis import RedisBus


def open_bus(url: str) -> MemoryBus | RedisBus:
    """The bus for ``memory:``, ``redis://…`` or ``rediss://…``; connects with its first use.

    Raises:
        ConfigError: a URL of another kind; the text does not repeat it, it may hold a password.
    """
    if url == "memory:":
        return MemoryBus()
    if url.startswith(("redis://", "rediss://")):
        from ctid.bus.redis import RedisBus  # a restart that needs no Redis does not load it

        try:
            return RedisBus(url)
        except ValueError:  # the port or the database is no number
            pass
    raise ConfigError(
        ("bus: url: not a bus that is served; use memory: or redis://host:port/database",)
    )
