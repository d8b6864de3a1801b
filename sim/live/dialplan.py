"""The contexts of config/asterisk/extensions_ctid.conf as coroutines.

Each returns the place where the channel goes on, or None when its dialplan ends; hangup, Redirect
and another channel's Bridge() interrupt it as `Interrupted`. A change in the one belongs in the
other: tests/real_pbx runs the file, tests/integration runs this.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import msgspec

from ctid.core.text import KEYS
from sim.live.agi import run_agi
from sim.live.agi_wire import AgiPeer
from sim.live.aside import Aside
from sim.live.calling_back import CallingBack, CustomerSettings
from sim.live.channels import UP, Channel, Exchange, Left, Moved, Place, Taken
from sim.live.keypad import ANY_KEY
from sim.live.outside import Outside, OutsideSettings
from sim.live.spying import Spying

MENU, SURVEY = "ctid-menu", "ctid-survey"
INBOUND, FALLBACK, QUEUE, AGENT, AFTER = (
    "ctid-inbound", "ctid-fallback", "ctid-queue", "ctid-agent", "ctid-after",
)  # fmt: skip
_WAIT = Place(QUEUE, "wait")
_TALKING = Place("", "talking")
"""Not a place of the dialplan: a caller whom Bridge() took sits here."""
_FALLBACK = Place(FALLBACK, "s")


class DialplanSettings(msgspec.Struct, frozen=True):
    """The globals that the snippet reads."""

    agi: AgiPeer
    fallback_queue: str = "fallback"
    fallback_prompt: str = ""
    menu_limit: float = 900.0
    """Seconds that a caller may stay under FastAGI."""
    wait_limit: float = 7200.0
    """Seconds that a caller may wait in one queue."""
    hold_limit: float = 600.0
    """Seconds that an agent may keep a caller on hold."""
    outside: OutsideSettings = OutsideSettings()
    customers: CustomerSettings = CustomerSettings()
    agi_exit_on_hangup: bool = True
    """As the snippet has it; False shows what Asterisk does without it."""


class Dialplan:
    """Runs channels through the contexts."""

    def __init__(
        self,
        exchange: Exchange,
        settings: DialplanSettings,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._exchange, self._settings = exchange, settings
        aside = Aside(
            exchange, self._stay, settings.hold_limit, Place(AFTER, "s"), settings.outside,
            lambda line, place: spawn(self.run(line, place)),
        )  # fmt: skip
        self._legs = aside.places
        self.calling_back = CallingBack(
            exchange, settings.customers, spawn, self.run, self._agent, _WAIT
        )
        self._contexts: dict[str, Callable[[Channel], Awaitable[Place | None]]] = {
            INBOUND: self._inbound,
            MENU: self._menu,
            FALLBACK: self._fallback,
            QUEUE: self._queue,
            AGENT: self._agent,
            AFTER: self._after,
            SURVEY: self._survey,
            _TALKING.context: self._bridged,
            **Outside(exchange, settings.outside, _WAIT).contexts,
            **self.calling_back.contexts,
            **Spying(exchange, self._talk).contexts,
            **aside.contexts,
        }

    def has(self, place: Place) -> bool:
        """Whether the dialplan knows this place."""
        return place.context in self._contexts and place != _TALKING

    async def run(self, channel: Channel, place: Place | None) -> None:
        """Take the channel through the dialplan from `place` to its end, then destroy it."""
        try:
            while place is not None:
                if place is not _TALKING:
                    channel.place = place
                try:
                    channel.check()
                    place = await self._contexts[place.context](channel)
                except Moved as moved:
                    self._exchange.leave(channel)
                    place = moved.place if self.has(moved.place) else None
                except Taken:
                    place = _TALKING
        except Left:
            pass
        finally:
            self._exchange.destroy(channel)

    def _application(self, channel: Channel, name: str, data: str = "") -> None:
        channel.application, channel.data = name, data

    # -- the caller -----------------------------------------------------------------------------

    async def _inbound(self, channel: Channel) -> Place | None:
        if channel.place.exten == "T":
            channel.set("CTID_LOST", "late")
            return _FALLBACK
        if channel.place.exten != "menu":
            dialled = "".join(c for c in channel.place.exten if c in "+0123456789")
            channel.set("CTID_DIALLED", dialled)
        dialled = channel.variables["CTID_DIALLED"]
        channel.set("CTID_STATE", "menu")
        before = channel.place
        await self._ask_ctid(channel, dialled)
        if channel.place != before:  # SET CONTEXT, SET EXTENSION
            return channel.place if self.has(channel.place) else None
        if channel.variables.get("CTID_NEXT", ""):
            return self._next(channel)
        channel.set("CTID_LOST", "silent")
        return _FALLBACK

    async def _ask_ctid(self, channel: Channel, *arguments: str) -> None:
        settings = self._settings
        channel.set("CTID_NEXT", "")
        channel.limit(settings.menu_limit, Place(channel.place.context, "T"))
        channel.set("AGIEXITONHANGUP", "yes" if settings.agi_exit_on_hangup else "no")
        script = ",".join((f"{settings.agi.url}/inbound", *arguments))
        self._application(channel, "AGI", script)
        await run_agi(channel, settings.agi, "inbound", *arguments)

    def _next(self, channel: Channel) -> Place | None:
        after = channel.variables.get("CTID_NEXT", "")
        if after == "queue":
            return _WAIT
        if after in ("voicemail", "message", "external", "callback", "menu"):
            return Place(f"ctid-{after}", "s")
        return None

    async def _survey(self, channel: Channel) -> Place | None:
        if channel.place.exten == "T":
            return None
        channel.set("CTID_STATE", "survey")
        channel.set("CTID_AFTER", "")
        channel.set("CTID_SINCE", "")
        await self._ask_ctid(channel, channel.variables.get("CTID_DIALLED", ""), "survey")
        return self._next(channel)

    async def _menu(self, channel: Channel) -> Place | None:
        moves = channel.variables.get("CTID_MOVES", "")
        channel.user_event("CtidDiverted", ("Place", "menu"), ("Moves", moves))
        return Place(INBOUND, "menu")

    async def _fallback(self, channel: Channel) -> Place | None:
        channel.set("CTID_STATE", "fallback")
        self._exchange.set_state(channel, UP)
        channel.limit(0, _FALLBACK)
        channel.set("CTID_QUEUE", self._settings.fallback_queue or "fallback")
        if self._settings.fallback_prompt:
            self._application(channel, "Playback", self._settings.fallback_prompt)
            channel.party.heard(self._settings.fallback_prompt)
            await channel.pause(self._settings.agi.prompt_seconds)
        return _WAIT

    async def _queue(self, channel: Channel) -> Place | None:
        if channel.place.exten == "announce":
            self._key(channel, await self._announce(channel))
            return await self._wait(channel)
        if channel.place.exten == "s":
            channel.set("CTID_THEN", "")
            channel.place = _WAIT
        exchange = self._exchange
        channel.limit(0, _FALLBACK)
        if not channel.variables.get("CTID_MOH"):
            channel.set("CTID_MOH", "default")
        if not channel.variables.get("CTID_SINCE"):
            channel.set("CTID_SINCE", str(round(exchange.wall() * 1000)))
        channel.set("CTID_STATE", "waiting")
        seen = channel.variables.get
        channel.user_event(
            "CtidWaiting",
            *((name, seen(variable, "")) for name, variable in _WAITING_HEADERS),
        )
        channel.party.waiting(seen("CTID_QUEUE", ""))
        # On the loop's clock, with its fractions: nobody but this room reads it.
        channel.set("CTID_UNTIL", repr(exchange.loop.time() + self._settings.wait_limit))
        return await self._wait(channel)

    async def _wait(self, channel: Channel) -> Place | None:
        channel.place = Place(QUEUE, "hold", 2)
        until, loop = float(channel.variables["CTID_UNTIL"]), self._exchange.loop
        while key := await self._hold(channel, until - loop.time()):
            channel.user_event("CtidAnnounced")
            self._key(channel, key)
        if channel.variables.get("CTID_LOST") == "limit":
            return None
        channel.set("CTID_LOST", "limit")
        return _FALLBACK

    def _key(self, channel: Channel, key: str) -> None:
        if key in _TOLD:
            channel.user_event("CtidKey", ("Key", key))

    async def _announce(self, channel: Channel) -> str:
        """The key that ended it, or empty."""
        files = channel.variables.get("CTID_SAY", "")
        self._application(channel, "Background", files)
        key = ""
        for file in files.split("&"):
            channel.party.heard(file)
            if key := await channel.pause(self._settings.agi.prompt_seconds, _KEYS):
                break
        channel.user_event("CtidAnnounced")
        return key

    async def _hold(self, channel: Channel, seconds: float) -> str:
        """WaitExten with music; a key ends it, and the dialplan comes back to it."""
        exchange, music = self._exchange, channel.variables["CTID_MOH"]
        self._application(channel, "WaitExten", f"{seconds:.0f},m({music})")
        exchange.emit("call", "MusicOnHoldStart", [*channel.facts(), ("Class", music)])
        try:
            return await channel.pause(seconds, ANY_KEY)
        finally:
            exchange.emit("call", "MusicOnHoldStop", channel.facts())

    async def _bridged(self, channel: Channel) -> Place:
        """Whom Bridge() has taken; when the other has left, its option F sends the channel on."""
        self._application(channel, "(null)", "(null)")
        await self._exchange.stay(channel)
        return channel.after

    async def _after(self, channel: Channel) -> Place | None:
        channel.set("CTID_STATE", "after")
        if then := channel.variables.get("CTID_THEN", ""):
            return Place(then, "s")
        after = channel.variables.get("CTID_AFTER", "")
        place = Place(after, "s")
        return place if after and self.has(place) else None

    # -- the agent's leg ------------------------------------------------------------------------

    async def _agent(self, channel: Channel) -> Place | None:
        if (place := self._legs.get(channel.place.exten)) is not None:
            return await place(channel)
        name = channel.variables.get("CTID_CALLER", "")
        caller = self._exchange.find(name) if name else None
        self._application(channel, "Bridge", f"{name},F({AFTER}^s^1)")
        if caller is not None and caller.bridge is not None:
            result = "TAKEN"
        elif caller is None or caller.gone is not None or caller is channel:
            result = "NONEXISTENT"
        else:
            return await self._talk(channel, caller)
        return self._talked(channel, result)

    async def _talk(self, channel: Channel, caller: Channel) -> Place | None:
        await self._stay(channel, caller, Place(AFTER, "s"))
        return self._talked(channel, "SUCCESS")

    async def _stay(self, channel: Channel, other: Channel, after: Place) -> None:
        """Bridge(), to its end; the other goes on at `after`."""
        self._application(channel, "Bridge", f"{other.name},F({after.context}^{after.exten}^1)")
        other.after = after
        self._exchange.connect(channel, other)
        await self._exchange.stay(channel)

    def _talked(self, channel: Channel, result: str) -> Place | None:
        channel.set("BRIDGERESULT", result)
        offer = channel.variables.get("CTID_OFFER", "")
        channel.user_event("CtidBridge", ("Offer", offer), ("Result", result))
        return None


_TOLD = tuple(KEYS)
_KEYS = "".join(_TOLD)
_WAITING_HEADERS = (
    ("Queue", "CTID_QUEUE"), ("Since", "CTID_SINCE"), ("Code", "CTID_CODE"),
    ("Lang", "CTID_LANG"), ("Dialled", "CTID_DIALLED"), ("Lost", "CTID_LOST"),
    ("Moves", "CTID_MOVES"),
)  # fmt: skip
