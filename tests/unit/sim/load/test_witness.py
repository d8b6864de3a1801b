"""What is measured between the pretend PBX's sockets and the agents' pages."""

from __future__ import annotations

import asyncio
import time

import pytest

from sim.live.callers import CallScript, PlacedCall
from sim.live.channels import Channel, Exchange, Place
from sim.live.wire import Action
from sim.load.witness import Samples, Witness

PHONES = {"PJSIP/1": "anna", "PJSIP/2": "ben"}
QUEUES = {"anna": frozenset({"sales"}), "ben": frozenset({"support"})}


class Clock:
    """A clock that the test moves."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        patch.setattr(time, "perf_counter", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def join(witness: Witness, caller: str, queue: str = "sales", lost: str = "") -> None:
    facts = [("UserEvent", "CtidWaiting"), ("Uniqueid", caller), ("Queue", queue), ("Lost", lost)]
    witness.heard("user", "UserEvent", facts)


def ring(witness: Witness, caller: str, offer: str, phone: str = "PJSIP/1") -> None:
    headers = (("Action", "Originate"), ("Channel", phone), ("ChannelId", offer),
               ("Variable", f"CTID_CALL={caller}"))  # fmt: skip
    witness.acted(Action(headers))


def seen(witness: Witness) -> Samples:
    return witness.cut()


def test_join_to_ring_counts_where_an_agent_is_available(clock: Clock) -> None:
    witness = Witness(PHONES, QUEUES)
    join(witness, "early")  # nobody is there
    witness.page("anna", "ready")
    join(witness, "other", "support")  # anna does not serve it
    join(witness, "c1")
    clock.now += 0.25
    for caller in ("early", "other", "c1"):
        ring(witness, caller, f"o-{caller}")
    assert seen(witness).join_to_ring == [0.25]


def test_of_two_callers_one_agent_serves_one_at_once(clock: Clock) -> None:
    witness = Witness(PHONES, QUEUES)
    witness.page("anna", "ready")
    join(witness, "c1")
    join(witness, "c2")
    ring(witness, "c1", "o1")
    clock.now += 60
    ring(witness, "c2", "o2")
    found = seen(witness)
    assert found.join_to_ring == [0.0]
    assert found.most_waiting == 2


def test_ring_to_the_page_s_acknowledgement(clock: Clock) -> None:
    witness = Witness(PHONES, QUEUES)
    ring(witness, "c1", "o1")
    clock.now += 0.05
    witness.acknowledged("o1")
    witness.acknowledged("o1")  # again, and one that nobody ordered
    witness.acknowledged("o9")
    assert seen(witness).ring_to_pop == pytest.approx([0.05])


def test_event_lag_ends_at_the_page(clock: Clock) -> None:
    witness = Witness(PHONES, QUEUES)
    witness.heard("call", "BridgeEnter", [("Channel", "PJSIP/trunk-01")])
    witness.heard("call", "BridgeEnter", [("Channel", "PJSIP/2-0000000a")])
    clock.now += 0.03
    witness.page("ben", "ringing")
    witness.page("ben", "on_call")
    witness.page("ben", "on_call")
    assert seen(witness).event_lag == pytest.approx([0.03])


def test_lost_callers_links_and_refusals() -> None:
    witness = Witness(PHONES, QUEUES)
    join(witness, "c1", lost="silent")
    for _ in range(3):
        witness.acted(Action((("Action", "Login"),)))
    witness.refused(Action(()), "No such channel")
    found = seen(witness)
    assert (found.lost, found.unlinked, found.refused) == (1, 2, 1)
    assert seen(witness) == Samples()


async def test_fast_agi_and_keys(clock: Clock) -> None:
    exchange = Exchange(asyncio.get_running_loop(), 0.0)
    party = PlacedCall(exchange, CallScript())
    channel: Channel = exchange.new_channel(
        "PJSIP/trunk", party, Place("x", "s"), number="", name=""
    )
    witness = Witness(PHONES, QUEUES)
    exchange.listeners.append(witness.heard)
    witness.answered(channel)
    clock.now += 0.01
    witness.commanded(channel, b'EXEC "Read" "X"')
    clock.now += 3.0  # the caller thinks
    exchange.key_pressed(channel, "1")
    clock.now += 0.001
    witness.answered(channel)
    clock.now += 0.004
    witness.commanded(channel, b'GET VARIABLE "X"')
    witness.answered(channel)
    clock.now += 0.005
    witness.commanded(channel, b'EXEC "Read" "Y"')
    exchange.key_pressed(channel, "7")
    clock.now += 2.0  # the entry ended by its time-out: no latency of anybody
    witness.answered(channel)
    witness.commanded(channel, b'EXEC "Background" "z"')
    found = seen(witness)
    assert found.agi == pytest.approx([0.01, 0.004, 0.005, 0.0])
    assert found.key_to_prompt == pytest.approx([0.01])
    channel.gone = 16
    witness.answered(channel)
    witness.commanded(channel, b"")
    assert seen(witness).agi == []  # who has left waits for nothing
