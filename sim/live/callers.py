"""Callers: what one person does on the phone, and what happened to them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from sim.live.channels import NORMAL_CLEARING, Channel, Exchange


class CallScript(msgspec.Struct, frozen=True):
    """What one caller does. All times in seconds; None: never."""

    keys: tuple[str, ...] = ()
    """What is keyed at the first, second … request for keys; silent when there is no more."""
    answer: Callable[[str], str] | None = None
    """In place of `keys`: what is keyed after this prompt, the last one before the request."""
    key_delay: float = 0.6
    """From the end of the prompts to the first key."""
    key_gap: float = 0.25
    """Between two keys."""
    barge_in: bool = False
    """Key while the prompts still play."""
    patience: float | None = None
    """How long to wait in a queue before hanging up."""
    talk: float | None = None
    """How long to talk before hanging up."""
    hang_up_after: float | None = None
    """Hang up so long after dialling, whatever happens."""


class PlacedCall:
    """A call that was placed, as the caller lives through it."""

    def __init__(self, exchange: Exchange, script: CallScript) -> None:
        loop = exchange.loop
        self.heard_prompts: list[str] = []
        self.requests = 0
        """How often keys were asked for."""
        self.joined: asyncio.Future[str] = loop.create_future()
        """Becomes the first queue, or '' when the call ended before."""
        self.talking_to: asyncio.Future[str] = loop.create_future()
        """Becomes the extension of the phone that the caller was bridged with, or ''."""
        self.over: asyncio.Future[int] = loop.create_future()
        """Becomes the hangup cause."""
        self.queues: list[str] = []
        """Every queue waited in, in order."""
        self.channel: Channel
        self._exchange, self._script = exchange, script
        self._timers: list[asyncio.TimerHandle] = []
        self._keying: list[asyncio.TimerHandle] = []
        self._patience: asyncio.TimerHandle | None = None

    @property
    def unique_id(self) -> str:
        return self.channel.unique_id

    def begin(self, channel: Channel) -> None:
        """The call has reached the PBX."""
        self.channel = channel
        if self._script.hang_up_after is not None:
            self._later(self._script.hang_up_after, self.hang_up)

    def hang_up(self, cause: int = NORMAL_CLEARING) -> None:
        """The caller hangs up now."""
        self._exchange.hang_up(self.channel, cause, asked=False)

    def press(self, keys: str) -> None:
        """The caller presses keys now, one after the other without a pause."""
        for key in keys:
            self.channel.press(key)

    def heard(self, prompt: str) -> None:
        self.heard_prompts.append(prompt)

    def asked(self, prompts_last: float, prompt: str) -> None:
        script = self._script
        for timer in self._keying:
            timer.cancel()
        if script.answer is not None:
            keys = script.answer(prompt)
        else:
            keys = script.keys[self.requests] if self.requests < len(script.keys) else ""
        self.requests += 1
        start = script.key_delay + (0.0 if script.barge_in else prompts_last)
        later = self._exchange.loop.call_later
        self._keying = [
            later(start + index * script.key_gap, self.channel.press, key)
            for index, key in enumerate(keys)
        ]

    def waiting(self, queue: str) -> None:
        self.queues.append(queue)
        if not self.joined.done():
            self.joined.set_result(queue)
        if self._script.patience is not None and self._patience is None:
            self._patience = self._later(self._script.patience, self.hang_up)

    def bridged(self, other: Channel) -> None:
        if self._patience is not None:
            self._patience.cancel()
        if not self.talking_to.done():
            self.talking_to.set_result(other.name.removeprefix("PJSIP/").rpartition("-")[0])
        if self._script.talk is not None:
            self._later(self._script.talk, self.hang_up)

    def longest_left(self) -> float:
        """Seconds that the caller will stay at most by what the script says; menus not counted."""
        return (self._script.patience or 0.0) + (self._script.talk or 0.0)

    def alone(self) -> None:
        """What comes after is the dialplan's business."""

    def ended(self, cause: int) -> None:
        for timer in (*self._timers, *self._keying):
            timer.cancel()
        for future in (self.joined, self.talking_to):
            if not future.done():
                future.set_result("")
        if not self.over.done():
            self.over.set_result(cause)

    def _later(self, seconds: float, act: Callable[[], None]) -> asyncio.TimerHandle:
        timer = self._exchange.loop.call_later(seconds, act)
        self._timers.append(timer)
        return timer
