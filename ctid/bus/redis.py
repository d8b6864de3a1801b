"""The bus between nodes, by Redis pub/sub.

Readers of this process get a message at once and without Redis; Redis carries it to the other
nodes only. So with Redis away (F7) one process goes on as if it were alone, and says so in
`health`. One connection receives all topics; one task sends, so order is kept.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from ctid.bus import envelope
from ctid.bus.envelope import Envelope, Numbering
from ctid.bus.memory import QUEUE_LIMIT, MemoryBus
from ctid.bus.subscription import Subscription
from ctid.core.instants import SECOND, Duration
from ctid.ports import Message

OUTBOX_LIMIT: Final = 10_000
"""How many messages may wait to be sent; the oldest give way."""
PIPELINE: Final = 500


class RedisBus:
    """`Bus` over ``redis://…`` or ``rediss://…`` (TLS, certificate verified).

    Nodes that share the server and the database number hear each other. Must be made and used
    inside one event loop; connects with the first `publish`, `subscribe` or `health`.
    """

    def __init__(
        self,
        url: str,
        *,
        queue_limit: int = QUEUE_LIMIT,
        answer_limit: Duration = 2 * SECOND,
        ping_every: Duration = 5 * SECOND,
        retry_first: Duration = 100,
        retry_most: Duration = 5 * SECOND,
    ) -> None:
        """
        Args:
            url: with user, password and database number as usual.
            queue_limit: how many messages a reader may be behind.
            answer_limit: how long Redis may take for an answer, in milliseconds.
            ping_every: how long the receiving link may be silent before it is tested.
            retry_first: pause after the first failure; doubles with each one.
            retry_most: the longest pause.
        """
        self._local = MemoryBus(queue_limit)
        self._redis = Redis.from_url(
            url,
            socket_timeout=answer_limit / SECOND,
            socket_connect_timeout=answer_limit / SECOND,
            retry=Retry(NoBackoff(), 0),  # the two loops below do it, with a pause
            health_check_interval=0,
        )
        database = self._redis.connection_pool.connection_kwargs.get("db", 0)
        # Pub/sub knows no databases, so the number stands in the channel's name.
        self._prefix = f"ctid:{database}:"
        self._answer_limit, self._ping_every = answer_limit, ping_every
        self._retry_first, self._retry_most = retry_first, retry_most
        self._node = secrets.token_bytes(envelope.NODE_BYTES)
        self._numbering = Numbering()
        self._outbox: deque[tuple[str, bytes]] = deque()
        self._waiting, self._idle = asyncio.Event(), asyncio.Event()
        self._idle.set()
        self._tried = asyncio.Event()
        self._sending, self._receiving = True, False
        self._task: asyncio.Task[None] | None = None
        self._links: tuple[asyncio.Task[None], ...] = ()
        self._closed = False
        self.unsent = 0
        """Messages that never reached Redis: other nodes did not get them."""
        self.error = ""
        """The last failure of a link, for the health page."""

    async def publish(self, topic: str, body: bytes) -> None:
        """Deliver here at once, and to the other nodes soon. Never raises, never waits for Redis;
        what cannot be sent is dropped and counted in `unsent`."""
        if self._closed:
            return
        await self._local.publish(topic, body)
        self._start()
        number = self._numbering.next(topic)
        if not self._sending:
            self.unsent += 1
            return
        if len(self._outbox) >= OUTBOX_LIMIT:
            self._outbox.popleft()
            self.unsent += 1
        self._outbox.append(
            (self._prefix + topic, envelope.encode(Envelope(self._node, number, body)))
        )
        self._idle.clear()
        self._waiting.set()

    @asynccontextmanager
    async def subscribe(self, topics: Sequence[str]) -> AsyncIterator[Subscription]:
        """Messages published after this is entered. With Redis away: those of this process."""
        self._start()
        async with self._local.subscribe(topics) as reader:
            # At most one attempt to connect is waited for.
            await self._tried.wait()
            yield reader

    async def health(self) -> bool:
        """Whether Redis answers now and the receiving link is up."""
        if self._closed:
            return False
        self._start()
        await self._tried.wait()
        if not self._receiving or not self._sending:
            return False
        try:
            async with asyncio.timeout(self._answer_limit / SECOND):
                return bool(await self._redis.ping())
        except (RedisError, OSError):
            return False

    async def close(self) -> None:
        """Send what waits, for a second at most; end all iterations; leave Redis."""
        self._closed = True
        self._tried.set()
        await self._local.close()
        if self._task is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._idle.wait()
            # Again and again: redis-py sends by way of `asyncio.wait_for`, which in Python 3.11
            # forgets a cancellation that comes in the moment in which the sending ends.
            while not self._task.done():
                for link in self._links:
                    link.cancel()
                await asyncio.wait([self._task], timeout=0.1)
        await self._redis.aclose()

    # -- the two links ---------------------------------------------------------------------------

    def _start(self) -> None:
        # Lazily, because a bus is made where no event loop may run yet; `close` ends the task.
        if self._task is None and not self._closed:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="bus")

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            self._links = (
                group.create_task(self._send(), name="bus, sending"),
                group.create_task(self._receive(), name="bus, receiving"),
            )

    async def _send(self) -> None:
        while True:
            await self._waiting.wait()
            batch = [self._outbox.popleft() for _ in range(min(PIPELINE, len(self._outbox)))]
            if not batch:
                self._waiting.clear()
                self._idle.set()
            # Twice, because a link that broke while idle shows it only now. What comes twice is
            # seen by its number.
            elif not (await self._sent(batch) or await self._sent(batch)):
                self.unsent += len(batch) + len(self._outbox)
                self._outbox.clear()
                self._idle.set()
                self._sending = False
                await self._wait_for_redis()
                self._sending = True

    async def _sent(self, batch: Sequence[tuple[str, bytes]]) -> bool:
        pipeline = self._redis.pipeline(transaction=False)
        for channel, data in batch:
            pipeline.publish(channel, data)
        try:
            await pipeline.execute()
        except (RedisError, OSError) as error:
            self.error = f"publish: {error}"
            return False
        return True

    async def _wait_for_redis(self) -> None:
        failures = 0
        while True:
            failures += 1
            await self._pause(failures)
            try:
                await self._redis.ping()
            except (RedisError, OSError) as error:
                self.error = f"publish: {error}"
            else:
                return

    async def _receive(self) -> None:
        failures, heard_before = 0, False
        while True:
            pubsub = self._redis.pubsub()
            try:
                await self._join(pubsub)
                if heard_before:
                    self._local.note_gap()
                failures, heard_before, self._receiving = 0, True, True
                self._tried.set()
                await self._hear(pubsub)
            except (RedisError, OSError) as error:
                self.error = f"subscribe: {error}"
            finally:
                self._receiving = False
                with suppress(RedisError, OSError):
                    # redis-py has no types for this one method.
                    await pubsub.aclose()  # type: ignore[no-untyped-call]
            self._tried.set()
            failures += 1
            await self._pause(failures)

    async def _join(self, pubsub: PubSub) -> None:
        """Subscribe to all topics; Redis has confirmed it when this returns."""
        await pubsub.psubscribe(self._prefix + "*")
        answer = await pubsub.get_message(timeout=self._answer_limit / SECOND)
        if answer is None or answer["type"] != "psubscribe":
            raise TimeoutError("Redis did not confirm the subscription")

    async def _hear(self, pubsub: PubSub) -> None:
        """Hand on what comes, until the link breaks or is silent to a ping."""
        pinged = False
        while True:
            limit = self._answer_limit if pinged else self._ping_every
            message = await pubsub.get_message(timeout=limit / SECOND)
            if message is not None:
                pinged = False
                if message["type"] == "pmessage":
                    self._take(message["channel"].decode(), message["data"])
            elif pinged:
                raise TimeoutError("Redis does not answer a ping")
            else:
                await pubsub.ping()
                pinged = True

    def _take(self, channel: str, data: bytes) -> None:
        found = envelope.decode(data)
        if found is None or found.node == self._node:
            return  # not ours, or delivered already
        topic = channel.removeprefix(self._prefix)
        missing = self._numbering.missing(topic, found)
        if missing is not None:
            self._local.deliver(Message(topic, found.body), lost=missing)

    async def _pause(self, failures: int) -> None:
        await asyncio.sleep(
            min(self._retry_first << min(failures - 1, 20), self._retry_most) / SECOND
        )
