"""The one place that builds everything. `async with App(settings) as app:` is a running ctid."""

from __future__ import annotations

import asyncio
import random
import secrets
import traceback
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

import msgspec
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector

from crm_link.demo.load import load_demo, load_demo_pins
from crm_link.demo.service import load_demo_service
from crm_link.embedded.directory import EmbeddedDirectory
from crm_link.embedded.engine import open_engine
from crm_link.embedded.pins import EmbeddedPins
from crm_link.embedded.self_service import EmbeddedSelfService
from crm_link.guard import Guard
from crm_link.lookup import Lookup
from ctid import __version__
from ctid.app.callers import CallerLookUps
from ctid.app.clocks import SystemClock
from ctid.app.desk import Desk
from ctid.app.driver import Driver
from ctid.app.execute import Executor
from ctid.app.pins import PinChecks
from ctid.app.recover import Beginning, begin
from ctid.app.sections import pbx_settings, web_settings
from ctid.app.self_service import CustomersOwn
from ctid.app.services import ServiceQuestions
from ctid.app.speech import SpeechProcess
from ctid.app.watch import Watch
from ctid.bus.open import open_bus
from ctid.centre.centre import Centre
from ctid.centre.settings import CentreSettings
from ctid.centre.snapshot import agent_view
from ctid.core.events import Event, Reloaded, Started
from ctid.core.instants import Duration
from ctid.core.records import QueueId
from ctid.pbx.asterisk import Asterisk
from ctid.ports import Bus
from ctid.settings import ServiceSection, Settings
from ctid.store.journal import JournalFile, prune
from ctid.store.memory import MemoryStore
from ctid.store.open import open_store
from ctid.store.sql import SqlStore
from ctid.store.writer import WriteBehind
from ctid.web.server import WebServer, start_web

_log = structlog.get_logger("ctid.app")

DRAIN_LIMIT = 5_000
"""Milliseconds that the store gets for the last facts when ctid stops."""


SOFT = 300
"""Milliseconds above which a look-up counts as slow."""


class App:
    """A whole ctid: start it with `async with`, stop it by leaving, both in the same task.

    Entering raises ConfigError, OSError, CrmError or StoreUnavailable when a part cannot start;
    nothing is left running then. A part that breaks down later ends the whole: the PBX holds the
    calls, and the next start brings them back.
    """

    def __init__(
        self, settings: Settings, *, demo_sign_ins: tuple[tuple[str, str, str], ...] = ()
    ) -> None:
        self.settings = settings
        self._demo_sign_ins = demo_sign_ins
        self._stack = AsyncExitStack()
        self._tasks: asyncio.TaskGroup
        self._folder = Path(settings.journal.folder)
        self.boot = secrets.token_hex(4)
        self.registry = CollectorRegistry()
        self.defects = 0
        """Facts that the machine could not take (F24)."""
        self._journal = JournalFile(self._folder, __version__, self._trouble)
        self.clock: SystemClock
        self.driver: Driver
        self.executor: Executor
        self.switch: Asterisk
        self.records: WriteBehind
        self.store: SqlStore | MemoryStore
        self.bus: Bus
        self.directory: EmbeddedDirectory
        self.pins: EmbeddedPins
        self.self_service: EmbeddedSelfService
        self.services: ServiceQuestions
        self.web: WebServer
        self.speech: SpeechProcess | None = None
        """Only where `[speech]` has us start one."""

    async def __aenter__(self) -> Self:
        try:
            async with AsyncExitStack() as stack:
                await self._start(stack)
                self._stack = stack.pop_all()
        except BaseExceptionGroup as group:
            raise _bare(group) from None
        return self

    async def __aexit__(self, *exc: Any) -> None:
        # What the body raised is its own affair: the task group would wrap it.
        try:
            await self._stack.aclose()
        except BaseExceptionGroup as group:
            raise _bare(group) from None

    def submit(self, event: Event) -> None:
        """One fact for the machine."""
        self.driver.submit(event)

    # -- start and stop --

    async def _start(self, stack: AsyncExitStack) -> None:
        """Leaving runs this backwards: the PBX first, so that no fact comes for a room that is
        gone; the record late, so that it holds everything."""
        settings = self.settings
        self._journal.lock()
        stack.callback(self._journal.close)
        beginning = begin(self._folder, settings.centre)
        self.clock = SystemClock(beginning.wall_at_zero, beginning.last)
        self._tasks = await stack.enter_async_context(asyncio.TaskGroup())
        await self._open_rooms(stack)
        self.records = WriteBehind(self.store, self.clock, self._folder / "unwritten.jsonl")
        self._run(stack, self.records.run())
        stack.push_async_callback(self.records.drain, DRAIN_LIMIT)
        budget = settings.centre.look_up_budget
        lookup = Lookup(self.directory, self.clock.now, soft_ms=min(SOFT, budget), hard_ms=budget)
        callers = CallerLookUps(lookup, self.submit)
        guard = Guard(self.clock.now, max_in_flight=8, wait_ms=settings.centre.identity.check)
        pins = PinChecks(
            self.pins, guard, lambda call: self.switch.take_pin(call), self.submit, self.registry
        )
        own = CustomersOwn(self.self_service, settings.site.timezone, self.clock.wall)
        self.services = ServiceQuestions(own, self.clock.now, self.submit, self.registry)
        self.services.serve(settings.services)
        desk = Desk(
            self.bus, lambda: self.driver.now(), lambda a: agent_view(self.driver.centre, a)
        )
        self._run(stack, desk.run())
        self._run(stack, callers.run())
        self._run(stack, pins.run())
        self._run(stack, self.services.run())
        self.switch = self._build_switch()
        self.executor = Executor(
            self.boot,
            self.switch,
            desk,
            callers,
            pins,
            self.services,
            self.records,
            self.registry,
        )
        self._drive(beginning, stack)
        watch = Watch(self.clock, self._journal, self.submit, self._rotate_or_go_on, self.registry)
        self._run(stack, watch.run())
        self._run(stack, self.switch.run())
        if settings.speech.on and settings.speech.recogniser:
            self.speech = SpeechProcess(settings.speech, settings.agi.token, self._report)
            self._run(stack, self.speech.run())
        self.web = await start_web(
            web_settings(settings, self._demo_sign_ins), self.driver, self.bus, self.store,
            self.store, self.clock, self.registry,
        )  # fmt: skip
        stack.push_async_callback(self.web.close)

    async def _open_rooms(self, stack: AsyncExitStack) -> None:
        settings = self.settings
        self._targets = _targets(settings.centre)
        self.store = await open_store(settings.store.url, self._targets)
        stack.push_async_callback(self.store.close)
        self.bus = open_bus(settings.bus.url)
        stack.push_async_callback(self.bus.close)
        engine = open_engine(settings.crm.url)
        stack.push_async_callback(engine.dispose)
        self.directory = EmbeddedDirectory(engine)
        await self.directory.create_schema()
        self.pins = EmbeddedPins(engine)
        self.self_service = EmbeddedSelfService(engine)
        if settings.crm.demo:
            await load_demo(self.directory)
            await load_demo_pins(self.pins)
            await load_demo_service(self.self_service)

    def _build_switch(self) -> Asterisk:
        phones = tuple(agent.phone for agent in self.settings.centre.acd.agents)
        rng = random.Random(secrets.randbits(64))
        settings = pbx_settings(self.settings)
        return Asterisk(settings, phones, self.submit, self._report, rng, self.clock.now)

    def _drive(self, beginning: Beginning, stack: AsyncExitStack) -> None:
        self.driver = Driver(
            beginning.centre, self.clock, self._journal, self.executor.carry_out, self._defect,
            last=beginning.last, first_line=beginning.next_line,
        )  # fmt: skip
        stack.callback(self.driver.stop)
        for command in beginning.unwritten:
            self.records.offer(command)
        self._rotate_or_go_on()
        self._gauges()
        self.submit(Started(self.boot, self.clock.wall() - self.clock.now()))

    def _run(self, stack: AsyncExitStack, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` until the stack unwinds to here."""
        task = self._tasks.create_task(work)

        async def end() -> None:
            task.cancel()
            await asyncio.wait((task,))  # what it raised comes out of the task group

        stack.push_async_callback(end)

    def serve(self, services: tuple[ServiceSection, ...]) -> None:
        """From now on menus may ask these services, and no others."""
        self.settings = msgspec.structs.replace(self.settings, services=services)
        self.services.serve(services)

    def go_on_with(self, settings: CentreSettings, centre: Centre) -> None:
        """From the next fact on, this machine with these settings; the journal begins a new file
        with them. See `ctid.app.reload`."""
        self.settings = msgspec.structs.replace(self.settings, centre=settings)
        self.driver.centre = centre
        self._targets.clear()
        self._targets |= _targets(settings)
        self._rotate_or_go_on()
        self.submit(Reloaded())
        phones = tuple(agent.phone for agent in settings.acd.agents)
        self._tasks.create_task(self.switch.watch_phones(phones))

    def _rotate(self) -> None:
        """Begin a journal file with the machine's state as it is now."""
        encode = msgspec.json.encode
        state = encode(self.driver.centre.dump())
        self._journal.begin(encode(self.settings.centre), state, self.driver.next_line)
        prune(self._folder, self.settings.journal.keep)

    def _rotate_or_go_on(self) -> None:
        """The same, but no disk may keep callers from agents, at the start neither (F16)."""
        try:
            self._rotate()
        except OSError as error:
            self._journal.refuse(error)

    # -- what goes wrong, and what is counted --

    def _defect(self, event: Event | None, error: Exception) -> None:
        self.defects += 1
        self._journal.outdate()
        _log.error(
            "defect",
            fact=repr(event),
            error=f"{type(error).__name__}: {error}",
            trace="".join(traceback.format_exception(error)),
        )

    def _trouble(self, text: str) -> None:
        _log.error("journal", text=text)

    def _report(self, code: str, text: str) -> None:
        _log.info(code, text=text)

    def _gauges(self) -> None:
        def gauge(name: str, text: str) -> Gauge:
            return Gauge(name, text, registry=self.registry)

        gauge("ctid_calls", "Calls in hand").set_function(lambda: len(self.driver.centre.calls))
        gauge("ctid_record_lag_seconds", "Age of the oldest unwritten fact").set_function(
            lambda: self.records.lag() / 1000
        )
        gauge("ctid_defects", "Facts that the machine could not take").set_function(
            lambda: self.defects
        )
        Counter("ctid_starts", "Starts of this process", registry=self.registry).inc()
        ProcessCollector(registry=self.registry)  # CPU time and memory, where the system tells them


def _targets(settings: CentreSettings) -> dict[QueueId, Duration]:
    return {queue.id: queue.target for queue in settings.acd.queues}


def _bare(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one thing that went wrong, without the task groups around it; else the group."""
    match group.exceptions:
        case (BaseExceptionGroup() as inner,):
            return _bare(inner)
        case (one,):
            return one
        case _:
            return group
