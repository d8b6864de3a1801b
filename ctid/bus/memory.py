"""The bus inside one process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from ctid.bus.subscription import Subscription
from ctid.ports import Message

QUEUE_LIMIT: Final = 1_000
"""How many messages one reader may be behind."""


class MemoryBus:
    """`Bus` for one process; also the local half of `RedisBus`."""

    def __init__(self, queue_limit: int = QUEUE_LIMIT) -> None:
        self._queue_limit = queue_limit
        self._readers: list[Subscription] = []
        self._closed = False

    async def publish(self, topic: str, body: bytes) -> None:
        """Queue it for every reader of the topic; waits for nobody."""
        self.deliver(Message(topic, body))

    def deliver(self, message: Message, lost: int = 0) -> None:
        """As `publish`; `lost` messages of the topic are known to be missing before this one."""
        for reader in self._readers:
            if reader.takes(message.topic):
                reader.lost += lost
                reader.put(message)

    def note_gap(self) -> None:
        """Tell all readers that messages may be missing."""
        for reader in self._readers:
            reader.lost += 1

    @asynccontextmanager
    async def subscribe(self, topics: Sequence[str]) -> AsyncIterator[Subscription]:
        """Messages published after this is entered, until the block ends or the bus closes."""
        reader = Subscription(topics, self._queue_limit)
        if self._closed:
            reader.close()
        self._readers.append(reader)
        try:
            yield reader
        finally:
            self._readers.remove(reader)
            reader.close()

    async def health(self) -> bool:
        """Until it is closed."""
        return not self._closed

    async def close(self) -> None:
        """End all iterations."""
        self._closed = True
        for reader in self._readers:
            reader.close()
