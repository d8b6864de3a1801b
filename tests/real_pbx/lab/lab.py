"""The lab: a PBX with ctid's snippets, a world around it, both real, both on loopback.

    async with Lab(agents=10) as lab:
        await lab.world.phone(1001).behave(answers(after=0.5))
        caller = await lab.world.place_call("2000", "+8613800000001", calls([(1.0, "1")]))

ctid is not part of it: tests start it (or a stub) with what `lab.pbx` says.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.real_pbx.lab import configs, ports, root
from tests.real_pbx.lab.ami_link import AmiLink, Message
from tests.real_pbx.lab.asterisk import Asterisk
from tests.real_pbx.lab.cable import Cable
from tests.real_pbx.lab.script import answers
from tests.real_pbx.lab.world import World


@dataclass(frozen=True, slots=True)
class Pbx:
    """What ctid must know of the lab's PBX."""

    ami_port: int
    ami_user: str
    ami_secret: str
    agi_port: int
    """ctid's FastAGI must listen here; the dialplan names it."""
    agi_token: str
    speech_port: int
    """A recogniser must listen here, with the same token; aeap.conf names it."""
    fallback_queue: str
    sip_port: int
    """For calls past the world, as from the trunk."""
    queue_extension: str
    """Dials the app_queue with the same phones, to compare with."""
    menu_extension: str
    """Dials a menu that the dialplan alone does, to compare with."""
    host: str = "127.0.0.1"


class Lab:
    """Both Asterisks. `agents` phones: 1001 and up."""

    def __init__(
        self,
        agents: int = 10,
        *,
        prompts: Path | None = None,
        qualify_every: int = 2,
        qualify_timeout: float = 1.0,
        menu_limit: int = 900,
        fallback_prompt: str = "",
        send_silence: bool = True,
        keep: bool = False,
    ) -> None:
        """`qualify_every` and `qualify_timeout` are seconds; `menu_limit` too.

        Without `send_silence` ends that only wait send no RTP: fifty packets a second for each of
        hundreds of calls would be most of what a measurement of signalling sees.
        `keep` leaves the folder with configs and logs behind, for a look by hand.
        """
        self._agents, self._prompts, self._keep = agents, prompts, keep
        self._qualify = (qualify_every, qualify_timeout)
        self._menu_limit, self._fallback_prompt = menu_limit, fallback_prompt
        self._silence = {"SILENCE": "yes" if send_silence else "no"}
        self._secrets = configs.Secrets()
        self._stack = AsyncExitStack()
        self.pbx: Pbx
        self.asterisk: Asterisk
        """The PBX's process, with the lab's own AMI link."""
        self.world: World
        self.version: str
        self.folder: Path

    async def __aenter__(self) -> Lab:
        async with AsyncExitStack() as stack:
            await self._open(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def _open(self, stack: AsyncExitStack) -> None:
        place = await asyncio.to_thread(root.find)
        self.version = place.version
        self.folder = Path(tempfile.mkdtemp(prefix="ctid-lab-"))
        if not self._keep:
            stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        numbers, owner = ports.claim()
        stack.callback(owner.close)
        cables = await self._lay_cables(stack, numbers)
        self._write(place, numbers, cables)
        self.asterisk = self._asterisk("pbx", place, numbers.pbx_ami, stack)
        world = self._asterisk("world", place, numbers.world_ami, stack)
        async with asyncio.TaskGroup() as both:
            both.create_task(self.asterisk.start())
            both.create_task(world.start())
        self.world = World(world, cables)
        self.pbx = Pbx(
            ami_port=numbers.pbx_ami,
            ami_user="ctid",
            ami_secret=self._secrets.ctid,
            agi_port=numbers.agi,
            agi_token=self._secrets.agi_token,
            speech_port=numbers.speech,
            fallback_queue="fallback",
            sip_port=numbers.pbx_sip,
            queue_extension="9000",
            menu_extension="9100",
        )
        await self.phones_are("NOT_INUSE", *cables)

    def _asterisk(self, name: str, place: root.Place, port: int, stack: AsyncExitStack) -> Asterisk:
        asterisk = Asterisk(name, place, self.folder / name, port, self._secrets.lab)
        stack.push_async_callback(asterisk.stop)
        return asterisk

    async def _lay_cables(self, stack: AsyncExitStack, numbers: ports.Ports) -> dict[str, Cable]:
        cables = {}
        for n in range(self._agents):
            cable = Cable(("127.0.0.1", numbers.pbx_sip), ("127.0.0.1", numbers.world_sip))
            await cable.lay()
            stack.callback(cable.cut)
            cables[str(configs.FIRST_PHONE + n)] = cable
        return cables

    def _write(self, place: root.Place, numbers: ports.Ports, cables: dict[str, Cable]) -> None:
        pbx = {
            "AMI_PORT": str(numbers.pbx_ami),
            "LAB_SECRET": self._secrets.lab,
            "SIP_PORT": str(numbers.pbx_sip),
            "PEER_SIP_PORT": str(numbers.world_sip),
            "RTP_FIRST": str(numbers.pbx_rtp[0]),
            "RTP_LAST": str(numbers.pbx_rtp[1]),
            "AGI_PORT": str(numbers.agi),
            "AGI_TOKEN": self._secrets.agi_token,
            "FALLBACK_QUEUE": "fallback",
            "FALLBACK_PROMPT": self._fallback_prompt,
            "MENU_LIMIT": str(self._menu_limit),
            "PHONES": configs.phones_conf((c.port for c in cables.values()), *self._qualify),
            "MEMBERS": configs.members_conf(self._agents),
        }
        world = {
            "AMI_PORT": str(numbers.world_ami),
            "LAB_SECRET": self._secrets.lab,
            "SIP_PORT": str(numbers.world_sip),
            "PEER_SIP_PORT": str(numbers.pbx_sip),
            "RTP_FIRST": str(numbers.world_rtp[0]),
            "RTP_LAST": str(numbers.world_rtp[1]),
            "PHONE_DEFAULT": answers(),
        }
        pbx |= self._silence
        world |= self._silence
        configs.write_tree(self.folder / "pbx", place, "pbx", pbx, prompts=self._prompts)
        recogniser = f"127.0.0.1:{numbers.speech}/{self._secrets.agi_token}"
        configs.copy_snippets(self.folder / "pbx", self._secrets.ctid, recogniser)
        configs.write_tree(self.folder / "world", place, "world", world)

    async def sign_in(self, *, events: str = "on") -> AmiLink:
        """A link to the PBX with ctid's own account and rights."""
        return await AmiLink.connect(
            self.pbx.ami_port, self.pbx.ami_user, self.pbx.ami_secret, events=events
        )

    async def device_states(self) -> dict[str, str]:
        """State of each device that the PBX knows of, as PJSIP/1001: NOT_INUSE."""
        listed = await self.asterisk.ami.ask_list("DeviceStateList")
        return {m["Device"]: m["State"] for m in listed}

    async def phones_are(self, state: str, *exts: str, seconds: float = 15.0) -> list[Message]:
        """Wait until the PBX sees these phones in that device state; the changes on the way."""
        ami, since, changes = self.asterisk.ami, self.asterisk.ami.mark(), []
        states = await self.device_states()
        waiting = {f"PJSIP/{e}" for e in exts if states.get(f"PJSIP/{e}") != state}
        while waiting:
            change = await ami.until(
                # With an ActionID it is a line of DeviceStateList's answer, not a change.
                lambda m: (
                    m.event == "DeviceStateChange"
                    and "ActionID" not in m
                    and m["Device"] in waiting
                ),
                seconds,
                since=since,
            )
            since = ami.heard.index(change, since) + 1
            changes.append(change)
            if change["State"] == state:
                waiting.discard(change["Device"])
        return changes

    async def nothing_left(self, seconds: float = 5.0) -> None:
        """Wait until neither Asterisk has a channel. Raises AssertionError with their names."""
        await self.world.asterisk.no_channel_left(seconds)
        await self.asterisk.no_channel_left(seconds)

    async def hang_up_all(self) -> None:
        """End every call, so that one failed test does not fail the next."""
        for asterisk in (self.world.asterisk, self.asterisk):
            await asterisk.ami.ask("Hangup", Channel="/.*/", Cause="16")
