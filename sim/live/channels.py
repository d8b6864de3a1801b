"""Channels, bridges and the events about them: the state that the pretend PBX holds.

A channel is driven by one coroutine (its dialplan). Others change it only by leaving something on
it (`gone`, `goto`, `yanked`, a key) and waking that coroutine, as Asterisk's threads do.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

import msgspec

from sim.live.wire import Fields, escape_c

DOWN, RING, RINGING, UP = 0, 4, 5, 6
STATE_NAMES: Final = {DOWN: "Down", RING: "Ring", RINGING: "Ringing", UP: "Up"}

NORMAL_CLEARING, USER_BUSY, NO_ANSWER, REJECTED = 16, 17, 19, 21
CAUSE_TEXTS: Final = {
    0: "Unknown",
    NORMAL_CLEARING: "Normal Clearing",
    USER_BUSY: "User busy",
    NO_ANSWER: "User alerting, no answer",
    REJECTED: "Call Rejected",
}

SIP_CODES: Final = {USER_BUSY: 486, NO_ANSWER: 480, REJECTED: 403}

_NUMBER_LIMIT = 80
"""Asterisk keeps no longer caller numbers."""


class Place(msgspec.Struct, frozen=True):
    """A spot in the dialplan."""

    context: str
    exten: str
    priority: int = 1


class Interrupted(Exception):
    """What a channel was doing is over; its dialplan goes on elsewhere or ends."""


class Left(Interrupted):
    """The channel is hung up."""


class Moved(Interrupted):
    """The channel was sent to another place (Redirect, an absolute time-out)."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.place = place


class Taken(Interrupted):
    """Another channel's Bridge() took this one."""


class Party(Protocol):
    """Who is on the far end of a channel. All calls are synchronous and must not block."""

    def heard(self, prompt: str) -> None:
        """A prompt begins."""

    def asked(self, prompts_last: float, prompt: str) -> None:
        """Keys are wanted; the prompts before it last so many seconds more, `prompt` the last."""

    def waiting(self, queue: str) -> None:
        """In a queue, with music."""

    def bridged(self, other: Channel) -> None:
        """Talking with the far end of `other`."""

    def alone(self) -> None:
        """No longer talking."""

    def ended(self, cause: int) -> None:
        """The channel is gone."""


class Bridge:
    """Channels that hear each other; it ends when the last but one leaves."""

    def __init__(self, unique_id: str) -> None:
        self.unique_id = unique_id
        self.channels: list[Channel] = []
        self.over = False


class Channel:
    """One leg. Made by `Exchange.new_channel` only."""

    def __init__(self, exchange: Exchange, name: str, unique_id: str, party: Party) -> None:
        self.exchange, self.name, self.unique_id, self.party = exchange, name, unique_id, party
        self.linked_id = unique_id
        self.state = DOWN
        self.number = self.caller_name = self.dialled = ""
        self.connected_number = self.connected_name = ""
        self.language = "en"
        self.place = Place("default", "s")
        self.application = self.data = ""
        self.variables: dict[str, str] = {}
        self.response_timeout, self.digit_timeout = 10.0, 5.0
        self.bridge: Bridge | None = None
        self.after = Place("ctid-after", "s")
        """Where it goes on when the one whose Bridge() took it has left."""
        self.since = exchange.loop.time()
        self.refused = False
        """The far end said no over SIP, or did not answer in time."""
        self.gone: int | None = None
        """Hangup cause, once somebody hung up."""
        self.goto: Place | None = None
        self.yanked = False
        self.destroyed = False
        self._listens = False
        self._keys: deque[str] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._absolute: asyncio.TimerHandle | None = None

    # -- left by others ---------------------------------------------------------------------------

    def wake(self) -> None:
        """Let the channel's own coroutine look at what was left for it."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def redirect(self, place: Place) -> None:
        """Send the channel to another place, whatever it is doing."""
        self.goto = place
        self.wake()

    def press(self, key: str) -> None:
        """The far end presses a key; it is lost when nobody listens, as on the real one."""
        if self.destroyed or self.gone is not None:
            return
        self.exchange.key_pressed(self, key)
        if self._listens:
            self._keys.append(key)
            self.wake()

    # -- for its own coroutine --------------------------------------------------------------------

    def check(self) -> None:
        """Raise what ends the present application, if anything does.

        Raises:
            Interrupted: always one of its three kinds; a hangup outranks the others.
        """
        if self.gone is not None:
            raise Left
        if self.goto is not None:
            place, self.goto = self.goto, None
            raise Moved(place)
        if self.yanked:
            self.yanked = False
            raise Taken

    async def changed(self, seconds: float | None) -> None:
        """Return when something was left for this channel, or after `seconds`."""
        loop = self.exchange.loop
        self._waiter = loop.create_future()
        timer = None if seconds is None else loop.call_later(max(seconds, 0.0), self.wake)
        try:
            await self._waiter
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()

    async def pause(
        self,
        seconds: float | None,
        keys: str = "",
        also: Callable[[], None] = lambda: None,
    ) -> str:
        """Wait so long; return the first of `keys` that is pressed, or '' when the time is over.

        `also` is called at each change and may raise to end the wait.

        Raises:
            Interrupted: as `check`.
        """
        loop = self.exchange.loop
        until = None if seconds is None else loop.time() + seconds
        self._listens = bool(keys)
        try:
            while True:
                self.check()
                also()
                while self._keys:
                    key = self._keys.popleft()
                    if key in keys:
                        return key
                if until is not None and loop.time() >= until:
                    return ""
                await self.changed(None if until is None else until - loop.time())
        finally:
            self._listens = False

    def forget_keys(self) -> None:
        """Nobody will read the keys pressed so far."""
        self._keys.clear()

    def limit(self, seconds: float, place: Place) -> None:
        """TIMEOUT(absolute): be sent to `place` after `seconds`; 0 takes the limit away."""
        if self._absolute is not None:
            self._absolute.cancel()
        loop = self.exchange.loop
        self._absolute = loop.call_later(seconds, self.redirect, place) if seconds > 0 else None

    def set(self, name: str, value: str) -> None:
        """Set a channel variable."""
        self.variables[name] = value
        if "dialplan" in self.exchange.unread:
            return
        self.exchange.emit(
            "dialplan", "VarSet", [*self.facts(), ("Variable", name), ("Value", escape_c(value))]
        )

    def facts(self, prefix: str = "") -> list[tuple[str, object]]:
        """The headers that every event about a channel repeats."""
        return [
            (prefix + "Channel", self.name),
            (prefix + "ChannelState", self.state),
            (prefix + "ChannelStateDesc", STATE_NAMES[self.state]),
            (prefix + "CallerIDNum", self.number or "<unknown>"),
            (prefix + "CallerIDName", escape_c(self.caller_name) or "<unknown>"),
            (prefix + "ConnectedLineNum", self.connected_number or "<unknown>"),
            (prefix + "ConnectedLineName", escape_c(self.connected_name) or "<unknown>"),
            (prefix + "Language", self.language),
            (prefix + "AccountCode", ""),
            (prefix + "Context", self.place.context),
            (prefix + "Exten", self.place.exten),
            (prefix + "Priority", self.place.priority),
            (prefix + "Uniqueid", self.unique_id),
            (prefix + "Linkedid", self.linked_id),
        ]

    def user_event(self, name: str, *headers: tuple[str, object]) -> None:
        """UserEvent() in the dialplan."""
        self.exchange.emit("user", "UserEvent", [*self.facts(), ("UserEvent", name), *headers])

    def ended(self) -> None:
        """Called by the exchange, once: nothing may wake this channel any more."""
        self.destroyed = True
        if self._absolute is not None:
            self._absolute.cancel()


class Exchange:
    """All channels and bridges, and where events about them go."""

    def __init__(self, loop: asyncio.AbstractEventLoop, epoch: float) -> None:
        self.loop = loop
        self._epoch, self._zero = epoch, loop.time()
        self.channels: dict[str, Channel] = {}
        """By unique id, in order of birth."""
        self.listeners: list[Callable[[str, str, Fields], None]] = []
        self.on_change: Callable[[Channel], None] = lambda channel: None
        """Told of every birth, change of state and end: the phones keep device states by it."""
        self.unread: frozenset[str] = frozenset()
        """Classes of events that nobody may read: such an event need not be made."""
        self._by_name: dict[str, Channel] = {}
        self._of: dict[str, dict[str, Channel]] = {}
        self.born = 0
        """How many channels there have been."""
        self._bridges = 0

    def wall(self) -> float:
        """Unix time in seconds, on the loop's clock."""
        return self._epoch + (self.loop.time() - self._zero)

    def emit(self, kind: str, event: str, fields: Fields) -> None:
        """Send an event of the class `kind` to everybody who listens."""
        for listener in self.listeners:
            listener(kind, event, fields)

    def find(self, name_or_id: str) -> Channel | None:
        """A live channel by its name or unique id, as Asterisk looks them up."""
        return self._by_name.get(name_or_id) or self.channels.get(name_or_id)

    def new_channel(
        self,
        endpoint: str,
        party: Party,
        place: Place,
        *,
        number: str,
        name: str,
        dialled: str = "",
        state: int = DOWN,
        unique_id: str = "",
    ) -> Channel:
        """A channel is born. The caller of this drives it and must `destroy` it."""
        unique_id = unique_id or f"{int(self.wall())}.{self.born}"
        channel = Channel(self, f"{endpoint}-{self.born:08x}", unique_id, party)
        self.born += 1
        channel.number = "".join(c for c in number if c.isprintable())[:_NUMBER_LIMIT]
        channel.caller_name = name
        channel.dialled, channel.place, channel.state = dialled, place, state
        self.channels[unique_id] = self._by_name[channel.name] = channel
        self._of.setdefault(endpoint, {})[unique_id] = channel
        self.emit("call", "Newchannel", channel.facts())
        self.on_change(channel)
        return channel

    def of(self, endpoint: str) -> list[Channel]:
        """The live channels of `PJSIP/1001`, oldest first."""
        return list(self._of.get(endpoint, {}).values())

    def set_state(self, channel: Channel, state: int) -> None:
        """Ringing or answered; the same state again is no event."""
        if channel.state != state:
            channel.state = state
            self.emit("call", "Newstate", channel.facts())
            self.on_change(channel)

    def hang_up(self, channel: Channel, cause: int, *, asked: bool) -> None:
        """Somebody hangs up; the channel's coroutine then ends it. `asked`: we, not the far end."""
        if channel.gone is not None or channel.destroyed:
            return
        channel.gone = cause
        event = "SoftHangupRequest" if asked else "HangupRequest"
        self.emit("call", event, [*channel.facts(), ("Cause", cause)])
        channel.wake()

    def destroy(self, channel: Channel) -> None:
        """The channel is over, whatever happened to it."""
        if channel.destroyed:
            return
        self.leave(channel)
        cause = NORMAL_CLEARING if channel.gone is None else channel.gone
        channel.ended()
        del self.channels[channel.unique_id]
        del self._by_name[channel.name]
        del self._of[channel.name.rpartition("-")[0]][channel.unique_id]
        text = CAUSE_TEXTS.get(cause, "Unknown")
        facts = [*channel.facts(), ("Cause", cause), ("Cause-txt", text)]
        if channel.refused:
            facts.append(("TechCause", SIP_CODES[cause]))
        self.emit("call", "Hangup", facts)
        self.on_change(channel)
        channel.party.ended(cause)

    def key_pressed(self, channel: Channel, key: str) -> None:
        facts = [*channel.facts(), ("Digit", key)]
        self.emit("dtmf", "DTMFBegin", [*facts, ("Direction", "Received")])
        self.emit("dtmf", "DTMFEnd", [*facts, ("DurationMs", 100), ("Direction", "Received")])

    # -- bridges ----------------------------------------------------------------------------------

    def connect(self, bridger: Channel, other: Channel) -> Bridge:
        """`bridger` runs Bridge(`other`): both enter, `other` is taken out of what it does."""
        self._bridges += 1
        bridge = Bridge(f"00000000-0000-4000-8000-{self._bridges:012x}")
        self.emit("call", "BridgeCreate", self._bridge_facts(bridge))
        self.leave(other)
        other.yanked = True
        bridger.linked_id = other.linked_id  # The older channel's id wins, and callers are older.
        self._enter(bridge, other)
        self._enter(bridge, bridger)
        other.wake()
        for one, peer in ((bridger, other), (other, bridger)):
            one.set("BRIDGEPEER", peer.name)
            one.connected_number, one.connected_name = peer.number, peer.caller_name
            one.party.bridged(peer)
        return bridge

    def leave(self, channel: Channel) -> None:
        """The channel leaves its bridge, if it is in one; that ends the bridge for the other."""
        bridge = channel.bridge
        if bridge is None:
            return
        bridge.channels.remove(channel)
        bridge.over = len(bridge.channels) < 2
        channel.bridge = None
        channel.variables.pop("BRIDGEPEER", None)
        self.emit("call", "BridgeLeave", [*self._bridge_facts(bridge), *channel.facts()])
        channel.party.alone()
        for other in bridge.channels:
            other.set("BRIDGEPEER", _peers(bridge, other))
            other.wake()
        if not bridge.channels:
            self.emit("call", "BridgeDestroy", self._bridge_facts(bridge))

    async def join(self, channel: Channel, bridge: Bridge) -> None:
        """BridgeAdd(): one more in a bridge, until it ends or the channel leaves."""
        self._enter(bridge, channel)
        for member in bridge.channels:
            member.set("BRIDGEPEER", _peers(bridge, member))
        channel.party.bridged(bridge.channels[0])
        await self.stay(channel)

    async def stay(self, channel: Channel) -> None:
        """Until the bridge that the channel is in ends. Raises Interrupted as `Channel.check`."""
        bridge = channel.bridge
        try:
            while bridge is not None and not bridge.over:
                channel.check()
                await channel.changed(None)
            channel.check()
        finally:
            if channel.bridge is bridge:  # and no other one has taken the channel over
                self.leave(channel)

    def _enter(self, bridge: Bridge, channel: Channel) -> None:
        bridge.channels.append(channel)
        channel.bridge = bridge
        self.emit("call", "BridgeEnter", [*self._bridge_facts(bridge), *channel.facts()])

    def _bridge_facts(self, bridge: Bridge) -> list[tuple[str, object]]:
        return [
            ("BridgeUniqueid", bridge.unique_id),
            ("BridgeType", "basic"),
            ("BridgeTechnology", "simple_bridge"),
            ("BridgeCreator", "<unknown>"),
            ("BridgeName", "<unknown>"),
            ("BridgeNumChannels", len(bridge.channels)),
            ("BridgeVideoSourceMode", "none"),
        ]


def _peers(bridge: Bridge, channel: Channel) -> str:
    return ",".join(other.name for other in bridge.channels if other is not channel)
