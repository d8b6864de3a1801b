"""The world outside the PBX, as a test sees it: people who call, and agents' phones."""

from __future__ import annotations

import asyncio
from itertools import count

from tests.real_pbx.lab.ami_link import Match, Message, NotHeard, event
from tests.real_pbx.lab.asterisk import Asterisk
from tests.real_pbx.lab.cable import Cable
from tests.real_pbx.lab.script import Script, calls


class End:
    """One end of a call in the world: a channel of the world's Asterisk."""

    def __init__(self, world: World, channel_id: str, since: int) -> None:
        self._world, self.id, self._since = world, channel_id, since

    async def until(self, match: Match, seconds: float = 5.0) -> Message:
        """The first event of this end's channel that matches. Raises NotHeard."""
        return await self._world.asterisk.ami.until(
            lambda m: m.get("Uniqueid") == self.id and match(m), seconds, since=self._since
        )

    async def exists(self) -> bool:
        """Whether this end has a channel, once the world has said so or has failed.

        A channel's events take another way through Asterisk than the answer to Originate, and
        under load they come after it: only a failure that stays alone is one.
        """
        told = await self.until(lambda m: m.event == "Newchannel" or failed(m))
        if told.event == "Newchannel":
            return True
        try:
            await self.until(event("Newchannel"), 1.0)
        except NotHeard:
            return False
        return True

    async def answered(self, seconds: float = 5.0) -> Message:
        return await self.until(event("Newstate", ChannelStateDesc="Up"), seconds)

    async def ended(self, seconds: float = 5.0) -> Message:
        """Wait for the hang-up; its `Cause` is a Q.850 number (16: normal)."""
        return await self.until(event("Hangup"), seconds)

    async def hears_digit(self, digit: str, seconds: float = 5.0) -> Message:
        return await self.until(event("DTMFEnd", Digit=digit, Direction="Received"), seconds)

    async def hears_tone(self, hz: int, seconds: float = 5.0) -> None:
        """Wait until this end hears a tone of `hz` from now on. Raises NotHeard.

        The end's script must say `listen=hz`.
        """
        ami = self._world.asterisk.ami
        wanted = event("UserEvent", UserEvent="Heard", Hz=str(hz), Uniqueid=self.id)
        try:
            await ami.until(wanted, seconds, since=ami.mark())
        except NotHeard as why:
            raise NotHeard(f"{self.id} does not hear {hz} Hz: {why}") from None

    async def press(self, digits: str) -> None:
        """Press keys now, each for 100 ms; returns when the last one is sent."""
        name = (await self.until(event("Newchannel")))["Channel"]
        for digit in digits:
            # The answer comes after the tone's end: a digit that is sent makes no event here.
            await self._world.asterisk.ami.ask(
                "PlayDTMF", Channel=name, Digit=digit, Duration="100", Receive="false"
            )

    async def hang_up(self) -> None:
        """Hang up now. Does nothing where the other side was faster."""
        name = (await self.until(event("Newchannel")))["Channel"]
        await self._world.asterisk.ami.ask("Hangup", Channel=name, Cause="16")


failed = event("OriginateResponse", Response="Failure")


class Phone:
    """An agent's phone. What it does with a call is decided when the call arrives."""

    def __init__(self, world: World, ext: str, cable: Cable) -> None:
        self._world, self.ext, self._cable = world, ext, cable
        self._seen = 0

    async def behave(self, script: Script) -> None:
        """Do `script` with calls from now on; calls that ring already are not changed."""
        await self._world.asterisk.ami.ask("Setvar", Variable=f"PHONE_{self.ext}", Value=script)

    def unplug(self) -> None:
        """Pull the network cable: the PBX finds out by its next qualify."""
        self._cable.plugged = False

    def plug_in(self) -> None:
        self._cable.plugged = True

    async def rings(self, seconds: float = 5.0) -> End:
        """The next call to this phone that was not handed out yet. Raises NotHeard."""
        ami, since = self._world.asterisk.ami, self._seen
        found = await ami.until(
            event("Newchannel", Context="from-pbx", Exten=self.ext), seconds, since=since
        )
        at = ami.heard.index(found, since)
        self._seen = at + 1
        return End(self._world, found["Uniqueid"], at)

    def forget(self) -> None:
        """Let rings() hand out only calls that come from now on."""
        self._seen = self._world.asterisk.ami.mark()


class World:
    """Callers and phones, carried out by the world's Asterisk."""

    def __init__(self, asterisk: Asterisk, cables: dict[str, Cable]) -> None:
        self.asterisk = asterisk
        self.phones = {ext: Phone(self, ext, cable) for ext, cable in cables.items()}
        self._ids = count(1)

    def phone(self, ext: str | int) -> Phone:
        return self.phones[str(ext)]

    async def place_call(
        self,
        dialled: str,
        number: str = "+8613800000001",
        script: Script = "",
        *,
        name: str = "",
        seconds: int = 30,
        sure: bool = True,
    ) -> End:
        """Call the PBX; returns with the caller's end once the world has a channel for it.
        `script` begins at the answer.

        Where the world's Asterisk says that it failed and has made no channel, the call never
        reached the PBX, and is placed again. Not `sure`: nobody looks, for callers without events.

        `number` is the caller's own; a phone's (1001) makes it that phone's private call.
        `seconds` is how long the caller lets it ring.
        """
        for _ in range(10):
            end = await self._place(dialled, number, script, name, seconds)
            if not sure or await end.exists():
                return end
            await asyncio.sleep(0.1)
        raise NotHeard(f"the world makes no channel to call {dialled}")

    async def _place(
        self, dialled: str, number: str, script: Script, name: str, seconds: int
    ) -> End:
        since, channel_id = self.asterisk.ami.mark(), f"call-{next(self._ids)}"
        answer = await self.asterisk.ami.ask(
            "Originate",
            (("Variable", f"SCRIPT={script or calls()}"), ("Variable", f"WHO={number}")),
            Channel=f"PJSIP/{dialled}@pbx",
            ChannelId=channel_id,
            Context="caller",
            Exten="s",
            Priority="1",
            CallerID=f'"{name}" <{number}>',
            Timeout=str(seconds * 1000),
            Async="true",
        )
        if answer.get("Response") != "Success":
            raise NotHeard(f"the world cannot call {dialled}: {answer.get('Message')}")
        return End(self, channel_id, since)

    async def all_phones(self, script: Script) -> None:
        """Let every phone do `script`."""
        for phone in self.phones.values():
            await phone.behave(script)

    async def reset(self, script: Script) -> None:
        """Plug all phones in, let them do `script`, and forget the calls of earlier tests."""
        for phone in self.phones.values():
            phone.plug_in()
            phone.forget()
        await self.all_phones(script)
