"""The pretend Asterisk: one object that a demo or a test starts, drives and stops.

It keeps the loop's time and no other, draws all chance from one seed, and holds its tasks in one
group: a defect in any of them comes out of `stop`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self

import msgspec

from sim.live import actions
from sim.live.agi_wire import AgiPeer
from sim.live.ami import AmiServer, AmiSettings
from sim.live.callers import CallScript, PlacedCall
from sim.live.calling_back import CustomerSettings
from sim.live.channels import RING, Exchange, Place
from sim.live.dialplan import INBOUND, Dialplan, DialplanSettings
from sim.live.originate import Office
from sim.live.outside import OutsideSettings
from sim.live.phones import Phone, PhoneBehaviour, Phones
from sim.live.traffic import Tally, TrafficSettings, arrival
from sim.live.valve import Valve
from sim.live.watch import Nobody, Watch


class PretendSettings(msgspec.Struct, frozen=True):
    """Everything that may differ between two pretend PBXes."""

    seed: int
    agi_host: str
    agi_port: int
    agi_token: str = ""
    ami_port: int = 0
    """0: any free one; `PretendAsterisk.ami_port` tells it."""
    ami_user: str = "ctid"
    ami_secret: str = "demo"
    ami_write: frozenset[str] = AmiSettings().write
    ami_only: frozenset[str] | None = None
    """Names of the events that ctid gets (`eventfilter` in manager_ctid.conf); None: all."""
    phones: tuple[str, ...] = ()
    """Extensions; each is `PJSIP/<extension>`."""
    behaviour: PhoneBehaviour = PhoneBehaviour()
    """What every phone does at first."""
    fallback_queue: str = "fallback"
    menu_limit: float = 900.0
    hold_limit: float = 600.0
    """Seconds that an agent may keep a caller on hold."""
    wait_limit: float = 7200.0
    prompt_seconds: float = 1.5
    missing_prompts: frozenset[str] = frozenset()
    outside: OutsideSettings = OutsideSettings()
    customers: CustomerSettings = CustomerSettings()
    agi_exit_on_hangup: bool = True
    epoch: float = 1_760_000_000.0
    """Unix time in seconds at the start. A demo gives the real one: ctid counts waits from it."""


class PretendAsterisk:
    """`async with PretendAsterisk(settings) as pbx:` — everything on loopback."""

    def __init__(self, settings: PretendSettings, watch: Watch | None = None) -> None:
        self.settings = settings
        self._watch: Watch = watch or Nobody()
        self.tally = Tally()
        self._stopping = asyncio.Event()
        self._main: asyncio.Task[None] | None = None
        self._group: asyncio.TaskGroup
        self._office: Office
        self._server: AmiServer
        self._valve: Valve

    # -- life -------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Open the manager port.

        Raises:
            OSError: the port is taken.
        """
        loop = asyncio.get_running_loop()
        settings = self.settings
        exchange = Exchange(loop, settings.epoch)
        ami = AmiSettings(
            settings.ami_user, settings.ami_secret, settings.ami_port, settings.ami_write,
            only=settings.ami_only,
        )  # fmt: skip
        self._valve = Valve(loop)
        phones = Phones(exchange, settings.phones, settings.seed, self._spawn)
        for phone in phones:
            phone.behaviour = settings.behaviour
        self._office = Office(
            exchange, phones, Dialplan(exchange, self._dialplan_settings(), self._spawn), ami,
            self._spawn, random.Random(f"{settings.seed}/ami"), exchange.wall(), {},
        )  # fmt: skip
        self._server = AmiServer(
            exchange, ami, self._valve,
            lambda connection, action: actions.perform(self._office, connection, action),
            self._watch,
        )  # fmt: skip
        await self._server.open()
        ready = asyncio.Event()
        self._main = loop.create_task(self._live(ready), name="pretend asterisk")
        await ready.wait()

    async def stop(self) -> None:
        """End every call, close every socket; raises what went wrong in a task, if anything did."""
        self._stopping.set()
        if self._main is not None:
            main, self._main = self._main, None
            await main

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def _live(self, ready: asyncio.Event) -> None:
        """Holds the task group: whoever starts and stops us may be different tasks."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                self._tasks: set[asyncio.Task[None]] = set()
                ready.set()
                await self._stopping.wait()
                for task in tuple(self._tasks):
                    task.cancel()
        finally:
            self._valve.close()
            await self._server.close()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        if self._stopping.is_set():
            work.close()
            return
        task = self._group.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _dialplan_settings(self) -> DialplanSettings:
        settings = self.settings
        peer = AgiPeer(
            settings.agi_host, settings.agi_port, settings.agi_token, settings.prompt_seconds,
            settings.missing_prompts, self._valve, self._watch, settings.outside.message,
            settings.outside.full_disk,
        )  # fmt: skip
        return DialplanSettings(
            peer,
            settings.fallback_queue,
            "",
            settings.menu_limit,
            settings.wait_limit,
            settings.hold_limit,
            settings.outside,
            settings.customers,
            settings.agi_exit_on_hangup,
        )

    # -- the world --------------------------------------------------------------------------------

    @property
    def ami_port(self) -> int:
        return self._server.port

    @property
    def exchange(self) -> Exchange:
        """The live channels, for a look."""
        return self._office.exchange

    @property
    def customers(self) -> list[PlacedCall]:
        """All whom the PBX has dialled, in order."""
        return self._office.dialplan.calling_back.customers

    def phone(self, extension: str) -> Phone:
        """An agent's phone. Raises KeyError when the settings name no such extension."""
        phone = self._office.phones.get(f"PJSIP/{extension}")
        if phone is None:
            raise KeyError(f"no phone {extension}: name it in PretendSettings.phones")
        return phone

    def start_private_call(self, extension: str, seconds: float | None = None) -> None:
        """The agent calls somebody of their own; ends by `phone(…).hang_up()` or by time."""
        self._office.phones.start_private_call(self.phone(extension), seconds)

    def place_call(
        self, dialled: str, number: str = "", name: str = "", script: CallScript | None = None
    ) -> PlacedCall:
        """A caller dials `dialled` over the trunk, now."""
        exchange = self._office.exchange
        call = PlacedCall(exchange, script or CallScript())
        place = Place(INBOUND, dialled)
        channel = exchange.new_channel(
            "PJSIP/trunk", call, place, number=number, name=name, dialled=dialled, state=RING
        )
        call.begin(channel)
        self._spawn(self._office.dialplan.run(channel, place))
        return call

    async def run_traffic(self, traffic: TrafficSettings, until: float | None) -> None:
        """Place calls for `until` seconds from now (None: until cancelled); see `tally`."""
        loop = asyncio.get_running_loop()
        end = None if until is None else loop.time() + until
        due = loop.time()
        index = 0
        while True:
            index += 1
            caller = arrival(traffic, self.settings.seed, index)
            due += caller.gap
            if end is not None and due > end:
                await asyncio.sleep(max(end - loop.time(), 0.0))
                return
            await asyncio.sleep(max(due - loop.time(), 0.0))
            live = self.tally.placed - self.tally.ended
            if live >= traffic.most_at_once:
                self.tally.lines_full += 1
                continue
            self._count(self.place_call(traffic.dialled, caller.number, caller.name, caller.script))

    def _count(self, call: PlacedCall) -> None:
        tally = self.tally
        tally.placed += 1

        def ended(over: asyncio.Future[int]) -> None:
            tally.ended += 1
            tally.queued += bool(call.queues)
            tally.answered += bool(call.talking_to.result())

        call.over.add_done_callback(ended)

    # -- trouble ----------------------------------------------------------------------------------

    def cut_links(self) -> None:
        """Break every manager connection; calls go on, and clients may connect again at once."""
        self._server.cut()

    def freeze(self, seconds: float) -> None:
        """Manager and FastAGI links fall silent for so long, without closing; calls go on."""
        self._valve.shut(seconds)
