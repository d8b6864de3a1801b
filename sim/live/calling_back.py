"""Callbacks in the pretend dialplan: what is offered to callers, and customers who are dialled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Literal

import msgspec

from sim.live.callers import CallScript, PlacedCall
from sim.live.channels import (
    NO_ANSWER,
    NORMAL_CLEARING,
    RINGING,
    UP,
    USER_BUSY,
    Channel,
    Exchange,
    Place,
)
from sim.live.keypad import ANY_KEY

CALLBACK, DIAL, CALLED = "ctid-callback", "ctid-dial", "ctid-called"
_BEFORE_ANSWER = Place("from-trunk", "s")
_INHERITED = "CTID_CALL", "CTID_STATE", "CTID_QUEUE", "CTID_MOH", "CTID_CODE", "CTID_LANG"


class CustomerSettings(msgspec.Struct, frozen=True):
    """What customers do who are called back. Times in seconds."""

    does: tuple[Literal["answer", "busy", "never"], ...] = ("answer",)
    """The first time, the second time, …; the last one from then on."""
    rings: float = 0.3
    """How long it rings before that."""
    script: CallScript = CallScript(talk=0.5)
    """Of one who has answered."""
    promise: float = 5.0
    """How long the offer waits for ctid's word, once it was taken."""
    prompt: float = 0.2
    """How long the offer lasts."""
    key: float = 5.0
    """How long it then waits for a key."""


class CallingBack:
    """Runs channels through the three contexts."""

    def __init__(
        self,
        exchange: Exchange,
        settings: CustomerSettings,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        run: Callable[[Channel, Place], Coroutine[Any, Any, None]],
        bridge: Callable[[Channel], Awaitable[Place | None]],
        back: Place,
    ) -> None:
        """`bridge` goes on as ctid-agent does; `back`: where a caller waits."""
        self._exchange, self._settings, self._back = exchange, settings, back
        self._spawn, self._run, self._bridge = spawn, run, bridge
        self.customers: list[PlacedCall] = []
        """All who were dialled, in order."""
        self.contexts = {CALLBACK: self._offer, DIAL: self._dial, CALLED: self._called}

    async def _offer(self, channel: Channel) -> Place | None:
        channel.set("CTID_STATE", "callback")
        channel.limit(0, self._back)
        moves = channel.variables.get("CTID_MOVES", "")
        channel.user_event("CtidDiverted", ("Place", "callback"), ("Moves", moves))
        files = channel.variables.get("CTID_PROMPTS", "")
        channel.application, channel.data = "Read", f"CTID_AGREED,{files},1,,1,5"
        for file in files.split("&") if files else ():
            channel.party.heard(file)
        channel.party.asked(self._settings.prompt, "")
        key = await channel.pause(self._settings.prompt + self._settings.key, ANY_KEY)
        if key == "1":
            channel.user_event("CtidAgreed", ("Moves", moves))
            await channel.pause(self._settings.promise)
        return self._back

    async def _dial(self, channel: Channel) -> Place | None:
        """The agent's leg: Dial() with option G."""
        exchange, does = self._exchange, self._settings.does
        what = does[min(len(self.customers), len(does) - 1)]
        customer = PlacedCall(exchange, self._settings.script)
        self.customers.append(customer)
        line = exchange.new_channel(
            "PJSIP/trunk", customer, _BEFORE_ANSWER,
            number=channel.variables.get("CTID_NUMBER", ""), name="",
        )  # fmt: skip
        customer.begin(line)
        for name in _INHERITED:
            line.set(name, channel.variables.get(name, ""))
        line.set("CTID_DIALLED", channel.variables.get("CTID_FROM", ""))
        line.user_event("CtidCalled", ("Call", channel.variables.get("CTID_CALL", "")))
        channel.application, channel.data = "Dial", channel.variables.get("CTID_NUMBER", "")
        answered = False
        try:
            exchange.set_state(line, RINGING)
            limit = float(channel.variables.get("CTID_RING", "30"))
            await channel.pause(limit if what == "never" else self._settings.rings)
            answered = what == "answer"
            line.gone = {"busy": USER_BUSY, "never": NO_ANSWER}.get(what, line.gone)
        finally:
            if not answered:
                line.gone = NORMAL_CLEARING if line.gone is None else line.gone
                exchange.destroy(line)
        if not answered:
            offer = channel.variables.get("CTID_OFFER", "")
            channel.user_event("CtidBridge", ("Offer", offer), ("Result", "NOT_BUSY"))
            return None
        exchange.set_state(line, UP)
        channel.set("CTID_CALLER", line.name)
        self._spawn(self._run(line, Place(CALLED, "customer")))
        channel.check()
        channel.place = Place("ctid-agent", "s")
        return await self._bridge(channel)

    async def _called(self, channel: Channel) -> Place | None:
        """The customer's line, until the agent's Bridge() takes it."""
        await channel.pause(2.0)
        return self._back
