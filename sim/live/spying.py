"""A supervisor's phone in the dialplan's context ctid-spy: in an agent's talk, or in the agent's
place. What is heard is not pretended; who leaves whom, and when, is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sim.live.channels import Channel, Exchange, Place
from sim.live.wire import Fields

SPY = "ctid-spy"
_OPTIONS = {"listen": "uqES", "whisper": "uqESw", "barge": "uqESB"}


class Spying:
    """Runs channels through the context."""

    def __init__(
        self, exchange: Exchange, talk: Callable[[Channel, Channel], Awaitable[Place | None]]
    ) -> None:
        """`talk`: Bridge() of a channel and a caller, to its end."""
        self._exchange, self._talk = exchange, talk
        self._there: list[Channel] = []
        exchange.listeners.append(self._heard)
        self.contexts = {SPY: self._spy}

    def _heard(self, kind: str, event: str, fields: Fields) -> None:
        if event == "Hangup":
            for channel in self._there:
                channel.wake()

    async def _spy(self, channel: Channel) -> Place | None:
        seen = channel.variables.get
        spied, mode = self._exchange.find(seen("CTID_SPIED", "")), channel.place.exten
        if mode == "take":
            caller = self._exchange.find(seen("CTID_CALLER", ""))
            if caller and spied and caller.variables.get("BRIDGEPEER") == spied.name:
                channel.set("CTID_OFFER", seen("CTID_SPY", ""))
                channel.set("CTID_SPY", "")
                self._exchange.leave(caller)
                return await self._talk(channel, caller)
            channel.place = Place(SPY, "listen")
        options = _OPTIONS.get(mode, _OPTIONS["listen"])
        channel.application, channel.data = "ChanSpy", f"{seen('CTID_SPIED', '')},{options}"
        self._there.append(channel)
        try:
            while spied is not None and not spied.destroyed:
                channel.check()
                await channel.changed(None)
            channel.check()
        finally:
            self._there.remove(channel)
        return None
