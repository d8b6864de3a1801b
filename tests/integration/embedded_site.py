"""A whole ctid beside the pretend PBX, as a test uses it: real sockets, real files, short times."""

from __future__ import annotations

import asyncio
import time
import tomllib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from ctid.app.compose import App
from ctid.core.commands import CallClosed, LegClosed
from ctid.core.events import ReadyAsked, SignInAsked
from ctid.core.journal import Line
from ctid.core.records import CallRecord, LegRecord
from ctid.core.views import AgentView, CentreView
from ctid.settings import Settings, parse
from sim.live.callers import CallScript, PlacedCall
from sim.live.phones import PhoneBehaviour
from sim.live.pretend import PretendAsterisk, PretendSettings
from tests.fakes.process import free_port
from tests.real_pbx.site import CONFIG, flows, journal, offers_are_single, put_accounts

POLL = 0.01
"""Seconds between two looks at a snapshot while waiting for it."""
PATIENCE = 10.0
STRAIGHT, QUICK = "4001", "4002"
"""Dialled numbers of the flows of these names."""
SECRET, TOKEN = "pretend-secret", "pretend-token"
ANSWERS = PhoneBehaviour(ring_delay=0.02, answer_after=(0.03, 0.08))
NEVER = PhoneBehaviour(on_ring="never", ring_delay=0.02)

QUICK_FLOW = """
id = "quick"
start = "menu"
language = "en"

[steps.menu]
kind = "menu"
prompt = "menu"
keys = { 1 = "code", 9 = "bye" }
on_fail = "queue"
first_digit_s = 1
tries = 2

[steps.code]
kind = "collect"
prompt = "code"
min = 6
max = 6
check = "customer"
first_digit_s = 1
inter_digit_s = 1
tries = 3
next = "queue"
on_fail = "queue"

[steps.queue]
kind = "queue"
queue = "sales"

[steps.bye]
kind = "hangup"

[prompts.menu]
en = "One."
zh-CN = "一。"

[prompts.code]
en = "Code."
zh-CN = "号码。"
"""

Config = dict[str, Any]
C = TypeVar("C")


def config_for(folder: Path, ami_port: int, agi_port: int) -> Config:
    """The example config, pointed at the pretend PBX; what it writes goes to `folder`."""
    main = tomllib.loads((CONFIG / "ctid.toml").read_text())
    main["pbx"] = {"port": ami_port, "secret": SECRET}
    main["agi"] = {"port": agi_port, "token": TOKEN}
    main["web"] |= {"port": free_port(), "screen_lost_after_s": 3600}
    main["store"] = {"url": f"sqlite+aiosqlite:///{folder}/ctid.db"}
    main["journal"] = {"folder": str(folder / "journal")}
    main["crm"] = {"url": f"sqlite+aiosqlite:///{folder}/crm.db", "demo": True}
    main["routing"] |= {"back_off_s": 0.3}
    main["entries"] |= {STRAIGHT: "straight", QUICK: "quick"}
    main["queues"] = [queue for queue in main["queues"] if "channel" not in queue]
    for queue in main["queues"]:
        queue |= {"wrap_up_s": 0.2, "ring_for_s": 1, "music": "default"}
    for agent in main["agents"]:
        agent["queues"] = [queue["id"] for queue in main["queues"]]
    return main


def settings_of(config: Config) -> Settings:
    """As the daemon parses it."""
    return parse(config, flows() | {"quick.toml": tomllib.loads(QUICK_FLOW)})


class Site:
    """The pretend PBX and, between `start` and `stop`, a ctid."""

    def __init__(self, pbx: PretendAsterisk, config: Config, folder: Path) -> None:
        self.pbx, self.config, self.folder = pbx, config, folder
        self.app: App

    async def start(self, kind: type[App] = App) -> None:
        """Start ctid; it is up and compared with the PBX when this returns."""
        self.app = kind(settings_of(self.config))
        await self.app.__aenter__()
        async with asyncio.timeout(PATIENCE):
            await put_accounts(self.app.store)
            await self.app.switch.up.wait()

    @asynccontextmanager
    async def app_of(self) -> AsyncIterator[App]:
        """A ctid that need not come up."""
        async with App(settings_of(self.config)) as self.app:
            yield self.app

    async def stop(self) -> None:
        """Stop ctid; the calls stay with the PBX."""
        await self.app.__aexit__(None, None, None)

    @property
    def base(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.app.web.port}"

    def call(
        self, dialled: str = STRAIGHT, number: str = "+8613900000001", **script: Any
    ) -> PlacedCall:
        """A caller dials; keys come fast, and the caller hangs up only when told."""
        habits = CallScript(**{"key_delay": 0.03, "key_gap": 0.01, **script})
        return self.pbx.place_call(dialled, number, "Caller", habits)

    def phones(self, behaviour: PhoneBehaviour, *extensions: str) -> None:
        """What these phones do from now on; all of them when none is named."""
        for extension in extensions or self.pbx.settings.phones:
            self.pbx.phone(extension).behaviour = behaviour

    def ready(self, *agents: str) -> None:
        """Sign these agents in and make them available, in this order."""
        for agent in agents:
            self.app.submit(SignInAsked(agent))
            self.app.submit(ReadyAsked(agent))

    def view(self) -> CentreView:
        return self.app.driver.snapshot()

    def agent(self, agent: str) -> AgentView:
        return next(a for a in self.view().agents if a.agent == agent)

    async def until(self, what: Callable[[], object], seconds: float = PATIENCE) -> None:
        """Wait until `what()` is true. Raises TimeoutError with the centre's state."""
        try:
            async with asyncio.timeout(seconds):
                while not what():
                    await asyncio.sleep(POLL)
        except TimeoutError:
            raise TimeoutError(f"not within {seconds} s; the centre is {self.view()}") from None

    async def state(self, agent: str, state: str) -> AgentView:
        """Wait until that agent is in that state."""
        await self.until(lambda: self.agent(agent).state == state)
        return self.agent(agent)

    # -- what was done --

    def lines(self) -> list[Line]:
        """The journal of all starts so far."""
        return journal(self.folder)

    def done(self, kind: type[C]) -> list[C]:
        """All commands of that kind so far, in order."""
        return [c for line in self.lines() for c in line.c if isinstance(c, kind)]

    def closed(self, call: PlacedCall) -> CallRecord:
        """The one record of that call. Raises ValueError when it is not one."""
        [record] = [c.record for c in self.done(CallClosed) if c.record.call == call.unique_id]
        return record

    def legs(self, call: PlacedCall) -> list[LegRecord]:
        """The ended legs of that call, in the order of their ends."""
        return [c.record for c in self.done(LegClosed) if c.record.call == call.unique_id]

    async def records(self, count: int, seconds: float = PATIENCE) -> list[CallRecord]:
        """The call records in the store, newest first, once there are `count`."""
        found: list[CallRecord] = []
        async with asyncio.timeout(seconds):
            while len(found) < count:
                await asyncio.sleep(POLL)
                found = await self.app.store.calls(0, 2**53)
        return found

    async def at_rest(self, defects: int = 0) -> None:
        """No call, no offer, no FastAGI session, no channel, no defect, no double offer."""
        centre, switch = self.app.driver.centre, self.app.switch
        await self.until(lambda: not centre.calls and not centre.router.offers)
        await self.until(lambda: switch.agi.connections == 0)
        await self.until(lambda: not self.pbx.exchange.channels)
        await self.until(lambda: not switch.translator.legs and not switch.translator.callers)
        assert self.app.defects == defects
        offers_are_single(self.lines())


@asynccontextmanager
async def pbx_and_config(folder: Path, **changes: Any) -> AsyncIterator[Site]:
    """The PBX runs, ctid does not yet. No task may be left at the end."""
    before = asyncio.all_tasks()
    agi_port = free_port()
    phones = tuple(str(1001 + n) for n in range(10))
    habits = {"prompt_seconds": 0.02, "behaviour": ANSWERS, "fallback_queue": "fallback", **changes}
    settings = PretendSettings(
        seed=1, agi_host="127.0.0.1", agi_port=agi_port, agi_token=TOKEN, ami_secret=SECRET,
        phones=phones, epoch=time.time(), **habits,
    )  # fmt: skip
    async with PretendAsterisk(settings) as pbx:
        yield Site(pbx, config_for(folder, pbx.ami_port, agi_port), folder)
    for _ in range(3):
        await asyncio.sleep(0)  # closed transports report within two passes of the loop
    left = asyncio.all_tasks() - before
    assert not left, f"tasks left over: {left}"


@asynccontextmanager
async def site(
    folder: Path, *, ready: Sequence[str] = (), kind: type[App] = App, **changes: Any
) -> AsyncIterator[Site]:
    """ctid in this process, up, with these agents available; at rest at the end."""
    async with pbx_and_config(folder, **changes) as here:
        await here.start(kind)
        try:
            here.ready(*ready)
            yield here
        finally:
            await here.stop()
