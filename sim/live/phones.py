"""Agents' phones: they ring, are answered or not, and have a device state.

What a phone does at its n-th ring is drawn from its own stream of the seed, so another phone's luck
or the order of events changes nothing.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any, Literal

import msgspec

from sim.live.channels import (
    NO_ANSWER,
    NORMAL_CLEARING,
    REJECTED,
    RINGING,
    UP,
    USER_BUSY,
    Channel,
    Exchange,
    Interrupted,
    Place,
)

Span = tuple[float, float]
"""Seconds, drawn evenly between the two."""


class PhoneBehaviour(msgspec.Struct, frozen=True):
    """What the person at a phone does."""

    on_ring: Literal["answer", "never", "busy", "reject", "dead"] = "answer"
    """`dead`: unplugged and not noticed yet, so that it does not even ring."""
    ring_delay: float = 0.05
    """Seconds from the call to the first ring."""
    answer_after: Span = (1.0, 4.0)
    """Seconds from the first ring to the answer (or to `reject`)."""
    talk: Span | None = None
    """Seconds after which the agent hangs up; None: only the caller does."""
    draw_answer: Callable[[], float] | None = None
    """Gives the seconds of `answer_after` in its place, once for each ring."""


class PhoneLeg:
    """The far end of one channel to a phone."""

    def __init__(self, exchange: Exchange, behaviour: PhoneBehaviour, draw: random.Random) -> None:
        self.answered = False
        self.refused: int | None = None
        self._exchange, self._behaviour = exchange, behaviour
        self.response_first = draw.random() < 0.5
        """Whether OriginateResponse overtakes the Newstate of the answer; real ones do both."""
        given = behaviour.draw_answer
        self._answer_after = given() if given else draw.uniform(*behaviour.answer_after)
        self._talk = None if behaviour.talk is None else draw.uniform(*behaviour.talk)
        self._timers: list[asyncio.TimerHandle] = []
        self._channel: Channel | None = None

    def ring(self, channel: Channel, engaged: bool) -> None:
        """The call reaches the phone."""
        self._channel = channel
        act = self._behaviour
        later = self._exchange.loop.call_later
        if engaged or act.on_ring == "busy":
            self._timers.append(later(act.ring_delay, self._refuse, USER_BUSY))
            return
        if act.on_ring == "dead":
            return
        self._timers.append(later(act.ring_delay, self._exchange.set_state, channel, RINGING))
        after = act.ring_delay + self._answer_after
        if act.on_ring == "answer":
            self._timers.append(later(after, self._answer))
        elif act.on_ring == "reject":
            self._timers.append(later(after, self._refuse, REJECTED))

    def _answer(self) -> None:
        self.answered = True
        if self._channel is not None:
            self._channel.wake()

    def _refuse(self, cause: int) -> None:
        self.refused = cause
        if self._channel is not None:
            self._channel.wake()

    def hang_up(self) -> None:
        """The agent hangs up."""
        if self._channel is not None:
            self._exchange.hang_up(self._channel, NORMAL_CLEARING, asked=False)

    def heard(self, prompt: str) -> None:
        """Nobody listens for prompts here."""

    def asked(self, prompts_last: float, prompt: str) -> None:
        """Agents press no keys."""

    def waiting(self, queue: str) -> None:
        """Agents do not wait in queues."""

    def bridged(self, other: Channel) -> None:
        if self._talk is not None:
            self._timers.append(self._exchange.loop.call_later(self._talk, self.hang_up))

    def alone(self) -> None:
        """The dialplan ends the leg by itself."""

    def ended(self, cause: int) -> None:
        for timer in self._timers:
            timer.cancel()


class Phone:
    """One agent's phone, `PJSIP/<extension>`."""

    def __init__(self, exchange: Exchange, extension: str, seed: int) -> None:
        self.extension, self.endpoint = extension, f"PJSIP/{extension}"
        self.behaviour = PhoneBehaviour()
        self.rings = 0
        """How often it was called."""
        self._exchange, self._seed = exchange, seed
        self._reachable = True
        self._reported = "NOT_INUSE"

    @property
    def reachable(self) -> bool:
        """Whether the phone is registered."""
        return self._reachable

    @reachable.setter
    def reachable(self, value: bool) -> None:
        self._reachable = value
        self.report()

    @property
    def legs(self) -> list[Channel]:
        """Its live channels, oldest first."""
        return self._exchange.of(self.endpoint)

    @property
    def device_state(self) -> str:
        """Asterisk's word for it; with `device_state_busy_at=1` a ringing phone is BUSY too."""
        if any(leg.state in (RINGING, UP) for leg in self.legs):
            return "BUSY"
        return "NOT_INUSE" if self._reachable else "UNAVAILABLE"

    def report(self) -> None:
        """Send DeviceStateChange when the state is another one than was last sent."""
        state = self.device_state
        if state != self._reported:
            self._reported = state
            self._exchange.emit(
                "call", "DeviceStateChange", [("Device", self.endpoint), ("State", state)]
            )

    def hang_up(self) -> None:
        """The agent hangs up whatever the phone has."""
        for leg in self.legs:
            self._exchange.hang_up(leg, NORMAL_CLEARING, asked=False)

    def next_leg(self) -> PhoneLeg:
        """The far end for one more call to this phone."""
        self.rings += 1
        draw = random.Random(f"{self._seed}/phone/{self.extension}/{self.rings}")
        return PhoneLeg(self._exchange, self.behaviour, draw)


class Phones:
    """All phones; keeps their device states in step with the channels."""

    def __init__(
        self,
        exchange: Exchange,
        extensions: Sequence[str],
        seed: int,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._exchange, self._spawn = exchange, spawn
        self._phones = {f"PJSIP/{ext}": Phone(exchange, ext, seed) for ext in extensions}
        exchange.on_change = self._changed

    def __iter__(self) -> Iterator[Phone]:
        return iter(self._phones.values())

    def get(self, endpoint: str) -> Phone | None:
        """The phone of `PJSIP/<extension>`."""
        return self._phones.get(endpoint)

    def start_private_call(self, phone: Phone, seconds: float | None = None) -> Channel:
        """The agent makes a call of their own; it ends by `Phone.hang_up` or after `seconds`."""
        leg = PhoneLeg(self._exchange, phone.behaviour, random.Random(0))
        channel = self._exchange.new_channel(
            phone.endpoint, leg, Place("private", "s"), number=phone.extension, name=""
        )
        self._exchange.set_state(channel, UP)
        self._spawn(self._private_call(channel, seconds))
        return channel

    async def _private_call(self, channel: Channel, seconds: float | None) -> None:
        try:
            await channel.pause(seconds)
        except Interrupted:
            pass
        finally:
            self._exchange.destroy(channel)

    def _changed(self, channel: Channel) -> None:
        phone = self._phones.get(endpoint_of(channel))
        if phone is not None:
            phone.report()


def endpoint_of(channel: Channel) -> str:
    """`PJSIP/1001` of `PJSIP/1001-0000002a`."""
    return channel.name.rpartition("-")[0]


REASON_FAILED, REASON_RINGING, REASON_ANSWERED = 0, 3, 4
"""`Reason` of OriginateResponse: busy, refused, unreachable and taken back are all 0."""


async def ring_phone(channel: Channel, leg: PhoneLeg, engaged: bool, timeout: float) -> bool:
    """Ring until the phone is answered, which is True, or the call is over: see `channel.gone`."""
    exchange = channel.exchange
    until = exchange.loop.time() + timeout
    leg.ring(channel, engaged)
    while channel.gone is None:
        if leg.answered:
            return True
        if leg.refused is not None:
            channel.gone, channel.refused = leg.refused, True
        elif exchange.loop.time() >= until:
            channel.gone, channel.refused = NO_ANSWER, True
        else:
            await channel.changed(until - exchange.loop.time())
    return False
