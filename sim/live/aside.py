"""Callers who are put aside, and the legs of agents meanwhile: ctid-hold, ctid-consult, and the
places of ctid-agent besides its beginning, as coroutines."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sim.live.callers import CallScript, PlacedCall
from sim.live.channels import UP, Channel, Exchange, Place
from sim.live.keypad import ANY_KEY
from sim.live.outside import OutsideSettings

HOLD, CONSULT, AGENT = "ctid-hold", "ctid-consult", "ctid-agent"
AWAY = Place(AGENT, "away")
_TRIES = 30
Talk = Callable[[Channel, Channel, Place], Awaitable[None]]


class Aside:
    """Runs channels through these places."""

    def __init__(
        self,
        exchange: Exchange,
        talk: Talk,
        hold_limit: float,
        after: Place,
        outside: OutsideSettings,
        start: Callable[[Channel, Place], object],
    ) -> None:
        """`talk`: Bridge() of a channel with another, which goes on at the place at the end;
        `start`: run a channel through the dialplan. `hold_limit` in seconds."""
        self._exchange, self._talk = exchange, talk
        self._limit, self._after = hold_limit, after
        self._outside_does, self._start = outside, start
        self.lines: list[PlacedCall] = []
        """Those outside who have answered."""
        self.contexts = {HOLD: self._hold, CONSULT: self._consult}
        self.places: dict[str, Callable[[Channel], Awaitable[Place | None]]] = {
            "away": self._away, "caller": self._caller, "colleague": self._colleague,
            "join": self._join, "outside": self._outside,
        }  # fmt: skip
        """Of ctid-agent."""

    async def _hold(self, channel: Channel) -> Place | None:
        channel.set("CTID_STATE", "held")
        channel.set("CTID_THEN", "")
        music = channel.variables.get("CTID_MOH") or "default"
        moves = channel.variables.get("CTID_MOVES", "")
        channel.user_event("CtidHeld", ("Moves", moves))
        channel.place = Place(HOLD, "hold", 2)
        until, loop = self._exchange.loop.time() + self._limit, self._exchange.loop
        channel.application, channel.data = "WaitExten", f"{self._limit:.0f},m({music})"
        while await channel.pause(until - loop.time(), ANY_KEY):
            pass
        return Place("ctid-queue", "wait")

    async def _away(self, channel: Channel) -> Place | None:
        channel.application, channel.data = "Wait", f"{self._limit:.0f}"
        await channel.pause(self._limit)
        return None

    async def _caller(self, channel: Channel) -> Place | None:
        caller = self._other(channel, "CTID_CALLER")
        if caller is not None:
            await self._talk(channel, caller, self._after)
        self._bridge_over(channel, "SUCCESS" if caller else "NONEXISTENT")
        return None

    async def _colleague(self, channel: Channel) -> Place | None:
        other = self._other(channel, "CTID_OTHER")
        if other is not None:
            await self._talk(channel, other, AWAY)
        return AWAY

    async def _outside(self, channel: Channel) -> Place | None:
        """Dial() of a number, which rings and is answered or not."""
        number = channel.variables.get("CTID_NUMBER", "")
        channel.application, channel.data = "Dial", number
        does, offer = self._outside_does, channel.variables.get("CTID_OFFER", "")
        await channel.pause(does.rings)
        if not does.answers:
            channel.user_event("CtidNotAsked", ("Offer", offer), ("Result", "NOANSWER"))
            return AWAY
        one = PlacedCall(self._exchange, CallScript(talk=does.talk))
        line = self._exchange.new_channel(
            "PJSIP/trunk", one, Place("from-trunk", "s"), number=number, name="", state=UP
        )
        one.begin(line)
        self.lines.append(one)
        call = channel.variables.get("CTID_CALL", "")
        for name, value in (
            ("CTID_ASIDE", offer), ("CTID_CALL", call), ("CTID_OFFER", line.unique_id),
        ):  # fmt: skip
            line.set(name, value)
        line.user_event("CtidAsked", ("Offer", offer))
        self._start(line, AWAY)
        await self._talk(channel, line, AWAY)
        return AWAY

    async def _consult(self, channel: Channel) -> Place | None:
        asks = self._other(channel, "CTID_CALLER")
        if asks is None or asks.bridge is not None:
            self._bridge_over(channel, "NONEXISTENT")
            return None
        await self._talk(channel, asks, AWAY)
        return AWAY

    async def _join(self, channel: Channel) -> Place | None:
        for _ in range(_TRIES):
            caller = self._other(channel, "CTID_CALLER")
            if caller is not None and caller.bridge is not None:
                await self._exchange.join(channel, caller.bridge)
                return None
            await channel.pause(0.1)
        return AWAY

    def _other(self, channel: Channel, variable: str) -> Channel | None:
        name = channel.variables.get(variable, "")
        other = self._exchange.find(name) if name else None
        return None if other is None or other is channel or other.gone is not None else other

    def _bridge_over(self, channel: Channel, result: str) -> None:
        channel.set("BRIDGERESULT", result)
        offer = channel.variables.get("CTID_OFFER", "")
        channel.user_event("CtidBridge", ("Offer", offer), ("Result", result))
