"""One contract for every bus: in memory, one node on a real Redis, and between two nodes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from urllib.parse import urlsplit

import pytest

from ctid.bus.memory import MemoryBus
from ctid.bus.open import open_bus
from ctid.bus.redis import RedisBus
from ctid.bus.subscription import Subscription
from ctid.core.errors import ConfigError
from ctid.ports import Bus, Message
from tests.fakes.relay import Relay

LIMIT = 10
QUEUE = 50
AnyBus = MemoryBus | RedisBus


@pytest.fixture(params=["memory", "redis, one node", "redis, two nodes"])
async def ends(request: pytest.FixtureRequest) -> AsyncIterator[tuple[AnyBus, AnyBus]]:
    """The bus that is published to, and the one that is subscribed to."""
    if request.param == "memory":
        bus = MemoryBus(QUEUE)
        yield bus, bus
        await bus.close()
        return
    url = request.getfixturevalue("redis_url")
    one = RedisBus(url, queue_limit=QUEUE)
    other = RedisBus(url, queue_limit=QUEUE) if "two" in request.param else one
    yield one, other
    await one.close()
    await other.close()


@pytest.fixture
async def relay(redis_url: str) -> AsyncIterator[Relay]:
    relay = Relay("127.0.0.1", urlsplit(redis_url).port or 6379)
    await relay.start()
    yield relay
    relay.thaw()
    await relay.cut()


async def some(reader: AsyncIterator[Message], count: int) -> list[Message]:
    async with asyncio.timeout(LIMIT):
        return [await anext(reader) for _ in range(count)]


async def until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT):
        while not met():
            await asyncio.sleep(0)


async def becomes(bus: Bus, health: bool) -> None:
    async with asyncio.timeout(LIMIT):
        while await bus.health() != health:
            await asyncio.sleep(0)


async def test_messages_come_in_order_to_every_reader(ends: tuple[Bus, Bus]) -> None:
    here, there = ends
    async with there.subscribe(["board"]) as one, there.subscribe(["board"]) as two:
        sent = [Message("board", b'{"n":%d}' % n) for n in range(40)]
        for message in sent:
            await here.publish(message.topic, message.body)
        assert await some(one, 40) == sent
        assert await some(two, 40) == sent


async def test_a_reader_gets_its_topics_only(ends: tuple[Bus, Bus]) -> None:
    here, there = ends
    async with (
        there.subscribe(["agent.1", "board"]) as exact,
        there.subscribe(["agent.*"]) as agents,
        there.subscribe(["*"]) as everything,
    ):
        for topic in ("agent.1", "agent.11", "agent", "boards", "board"):
            await here.publish(topic, topic.encode())
        assert [m.topic for m in await some(exact, 2)] == ["agent.1", "board"]
        assert [m.topic for m in await some(agents, 2)] == ["agent.1", "agent.11"]
        assert [m.body for m in await some(everything, 5)][-1] == b"board"


async def test_nothing_from_before_or_after(ends: tuple[Bus, Bus]) -> None:
    here, there = ends
    await here.publish("board", b"before")
    # Between nodes, entering the context is what orders the two.
    async with there.subscribe(["board"]) as reader, here.subscribe(["mark"]):
        await here.publish("board", b"during")
        found = await some(reader, 1)
        if found == [Message("board", b"before")]:  # may still have been on its way
            found = await some(reader, 1)
        assert found == [Message("board", b"during")]
    await here.publish("board", b"after")
    with pytest.raises(StopAsyncIteration):
        await anext(reader)


async def test_bodies_are_bytes(ends: tuple[Bus, Bus]) -> None:
    here, there = ends
    body = bytes(range(256)) * 400
    async with there.subscribe(["座席.*"]) as reader:
        await here.publish("座席.一", body)
        await here.publish("座席.一", b"")
        assert await some(reader, 2) == [Message("座席.一", body), Message("座席.一", b"")]


async def test_a_slow_reader_loses_the_oldest_and_can_tell(
    ends: tuple[AnyBus, AnyBus],
) -> None:
    here, there = ends
    async with there.subscribe(["board"]) as slow, there.subscribe(["last"]) as last:
        for n in range(QUEUE + 30):
            await here.publish("board", b"%d" % n)
        await here.publish("last", b"")
        await some(last, 1)
        assert isinstance(slow, Subscription)
        assert slow.lost == 30
        assert [m.body for m in await some(slow, QUEUE)] == [
            b"%d" % n for n in range(30, QUEUE + 30)
        ]
        await here.publish("board", b"more")
        assert (await some(slow, 1))[0].body == b"more"
        assert slow.lost == 30


async def test_close_ends_the_readers(ends: tuple[Bus, Bus]) -> None:
    here, there = ends
    assert await there.health()
    async with there.subscribe(["board"]) as reader:
        await here.publish("board", b"1")
        await some(reader, 1)
        await there.close()
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(anext(reader), LIMIT)
    assert not await there.health()
    await there.publish("board", b"2")  # after the end: nothing happens


# -- Redis alone ------------------------------------------------------------------------------


def bus_at(port: int, **limits: int) -> RedisBus:
    settings = {"answer_limit": 300, "ping_every": 50, "retry_first": 5, "retry_most": 20} | limits
    return RedisBus(f"redis://127.0.0.1:{port}/0", **settings)


async def test_databases_of_one_server_do_not_mix(redis_url: str) -> None:
    one, other = RedisBus(redis_url), RedisBus(redis_url.removesuffix("/0") + "/1")
    again = RedisBus(redis_url.removesuffix("/0") + "/1")
    async with other.subscribe(["*"]) as reader:
        await one.publish("board", b"of database 0")
        await again.publish("board", b"of database 1")
        assert [m.body for m in await some(reader, 1)] == [b"of database 1"]
    for bus in (one, other, again):
        await bus.close()


async def test_redis_away_and_back(redis_url: str, relay: Relay) -> None:
    far, near = RedisBus(redis_url), bus_at(relay.port)
    async with near.subscribe(["board"]) as reader, far.subscribe(["board"]) as distant:
        await far.publish("board", b"1")
        await near.publish("board", b"2")
        assert {m.body for m in await some(reader, 2)} == {b"1", b"2"}
        assert {m.body for m in await some(distant, 2)} == {b"1", b"2"}
        await relay.cut()
        await becomes(near, False)
        await near.publish("board", b"here only")
        assert (await some(reader, 1))[0].body == b"here only"
        await until(lambda: near.unsent == 1)
        await far.publish("board", b"missed")
        assert (await some(distant, 1))[0].body == b"missed"
        await relay.start()
        await becomes(near, True)
        assert isinstance(reader, Subscription)
        assert reader.lost >= 1
        await near.publish("board", b"3")
        assert (await some(distant, 1))[0].body == b"3"
        assert isinstance(distant, Subscription)
        assert distant.lost == 1  # the number showed that one is missing
        await far.publish("board", b"4")
        assert [m.body for m in await some(reader, 2)] == [b"3", b"4"]
    await near.close()
    await far.close()


async def test_a_link_that_broke_while_idle_costs_no_message(redis_url: str, relay: Relay) -> None:
    far, near = RedisBus(redis_url), bus_at(relay.port, ping_every=60_000)
    async with far.subscribe(["board"]) as distant:
        await near.publish("board", b"1")
        await some(distant, 1)
        await relay.cut()
        await relay.start()
        await near.publish("board", b"2")
        assert (await some(distant, 1))[0].body == b"2"
        assert near.unsent == 0
    await near.close()
    await far.close()


async def test_redis_that_hangs_holds_nobody_up(relay: Relay) -> None:
    bus = bus_at(relay.port)
    async with bus.subscribe(["board"]) as reader:
        assert await bus.health()
        relay.freeze()
        async with asyncio.timeout(0.2):
            for n in range(40):
                await bus.publish("board", b"%d" % n)
            assert len(await some(reader, 40)) == 40
        await becomes(bus, False)
        await until(lambda: bus.unsent == 40)
        relay.thaw()
        await becomes(bus, True)
    await bus.close()


async def test_a_silent_link_is_pinged_and_stays_up(relay: Relay) -> None:
    bus = bus_at(relay.port, ping_every=1)
    async with bus.subscribe(["board"]) as reader:
        for _ in range(20):
            assert await bus.health()
        assert isinstance(reader, Subscription)
        assert reader.lost == 0
    await bus.close()


async def test_without_redis_a_process_goes_on_alone(relay: Relay) -> None:
    await relay.cut()
    bus = bus_at(relay.port)
    async with asyncio.timeout(LIMIT), bus.subscribe(["board"]) as reader:
        assert not await bus.health()
        await bus.publish("board", b"1")
        assert await anext(reader) == Message("board", b"1")
        await until(lambda: bus.unsent == 1)
    await bus.close()


async def test_what_others_publish_under_our_names_is_passed_over(redis_url: str) -> None:
    from redis.asyncio import Redis

    bus = RedisBus(redis_url)
    async with bus.subscribe(["board"]) as reader, Redis.from_url(redis_url) as stranger:
        assert await stranger.publish("ctid:0:board", b"short") == 1
        await bus.publish("board", b"ours")
        assert (await some(reader, 1))[0].body == b"ours"
        assert await bus.health()
    await bus.close()


async def test_open_bus(redis_url: str) -> None:
    memory, redis = open_bus("memory:"), open_bus(redis_url)
    assert isinstance(memory, MemoryBus)
    assert isinstance(redis, RedisBus)
    assert await redis.health()
    await redis.close()


@pytest.mark.parametrize("url", ["", "kafka://x", "redis://:secret@host:port/0", "memory"])
def test_open_bus_refuses_other_urls_without_telling_secrets(url: str) -> None:
    with pytest.raises(ConfigError) as error:
        open_bus(url)
    assert "redis://host:port/database" in str(error.value)
    assert "secret" not in str(error.value)
