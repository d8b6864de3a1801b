"""One reader of a bus: a bounded queue that loses its oldest, and says so."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence

from ctid.ports import Message


class Subscription(AsyncIterator[Message]):
    """Messages in order; ends when the bus closes.

    Attributes:
        lost: how many messages this reader has lost at least, ever. When it has grown since the
            reader last looked, what the reader shows may be wrong: take a snapshot. It grows when
            the reader falls behind by more than the queue holds, and after each gap on the way
            from another node (where one lost link counts as one message at least).
    """

    def __init__(self, topics: Sequence[str], limit: int) -> None:
        self._exact = frozenset(topic for topic in topics if not topic.endswith("*"))
        self._beginnings = tuple(topic[:-1] for topic in topics if topic.endswith("*"))
        self._queue: deque[Message] = deque()
        self._limit = limit
        self._changed = asyncio.Event()
        self._closed = False
        self.lost = 0

    def takes(self, topic: str) -> bool:
        """Whether this reader asked for that topic."""
        return topic in self._exact or topic.startswith(self._beginnings)

    def put(self, message: Message) -> None:
        """Queue one message; the oldest gives way when the queue is full."""
        if len(self._queue) >= self._limit:
            self._queue.popleft()
            self.lost += 1
        self._queue.append(message)
        self._changed.set()

    def close(self) -> None:
        """End the iteration, after what is queued."""
        self._closed = True
        self._changed.set()

    async def __anext__(self) -> Message:
        while not self._queue:
            if self._closed:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        return self._queue.popleft()
