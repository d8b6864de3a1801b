"""The contexts of the dialplan to which overflow rules send callers, as coroutines."""

from __future__ import annotations

import msgspec

from sim.live.channels import Channel, Exchange, Place

VOICEMAIL, MESSAGE, EXTERNAL = "ctid-voicemail", "ctid-message", "ctid-external"
_BYTES_A_SECOND, _HEAD = 16_000, 44


class OutsideSettings(msgspec.Struct, frozen=True):
    """The snippet's globals for these contexts, and what people there do. Times in seconds."""

    recordings: str = "/var/spool/asterisk/ctid"
    message: float = 8.0
    """How long a caller speaks who does not hang up or press # before; in a menu too."""
    rings: float = 5.0
    """How long a number outside rings."""
    answers: bool = True
    """Whether somebody answers then."""
    talk: float = 30.0
    """How long the one outside talks."""
    prompt: float = 1.5
    """How long each prompt lasts."""
    full_disk: bool = False
    """Nothing can be recorded in a menu."""


class Outside:
    """Runs channels through voicemail, message and external."""

    def __init__(self, exchange: Exchange, settings: OutsideSettings, back: Place) -> None:
        """`back`: where a caller goes on whom nobody outside answers."""
        self._exchange, self._settings, self._back = exchange, settings, back
        self.contexts = {
            VOICEMAIL: self._voicemail,
            MESSAGE: self._message,
            EXTERNAL: self._external,
        }

    def _enter(self, channel: Channel, place: str) -> None:
        channel.set("CTID_STATE", place)
        channel.limit(0, self._back)
        moves = channel.variables.get("CTID_MOVES", "")
        channel.user_event("CtidDiverted", ("Place", place), ("Moves", moves))

    async def _prompts(self, channel: Channel) -> None:
        files = channel.variables.get("CTID_PROMPTS", "")
        channel.application, channel.data = "Playback", files
        for file in files.split("&") if files else ():
            channel.party.heard(file)
            await channel.pause(self._settings.prompt)

    async def _voicemail(self, channel: Channel) -> Place | None:
        self._enter(channel, "voicemail")
        await self._prompts(channel)
        file = f"{self._settings.recordings}/{channel.unique_id}.wav"
        channel.application, channel.data = "Record", file
        began = self._exchange.loop.time()
        try:
            limit = float(channel.variables.get("CTID_MESSAGE_LIMIT") or self._settings.message)
            await channel.pause(min(limit, self._settings.message), "#")
        finally:  # a caller who hangs up has left a message too
            spoken = self._exchange.loop.time() - began
            size = _HEAD + round(spoken * _BYTES_A_SECOND)
            if spoken > 0:
                channel.user_event("CtidRecorded", ("File", file), ("Bytes", size))
        return None

    async def _message(self, channel: Channel) -> Place | None:
        self._enter(channel, "message")
        await self._prompts(channel)
        return None

    async def _external(self, channel: Channel) -> Place | None:
        self._enter(channel, "external")
        channel.set("CTID_THEN", "")
        if not channel.variables.get("CTID_SINCE"):
            channel.set("CTID_SINCE", str(round(self._exchange.wall() * 1000)))
        channel.application, channel.data = "Dial", channel.variables.get("CTID_NUMBER", "")
        await channel.pause(self._settings.rings)
        if not self._settings.answers:
            return self._back
        channel.user_event("CtidOutside", ("Call", channel.unique_id))
        await channel.pause(self._settings.talk)
        return None
