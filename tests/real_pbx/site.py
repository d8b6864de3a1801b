"""A whole ctid beside the lab's real PBX, as a test uses it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import tomllib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, TypeVar

from ctid.app.compose import App
from ctid.centre.replay import replay
from ctid.core.commands import CallClosed, Divert, HangUpAgent, LegClosed, RingAgent
from ctid.core.events import BreakAsked, ReadyAsked, SignInAsked
from ctid.core.journal import Line, read
from ctid.core.records import CallRecord, LegRecord
from ctid.core.views import AgentView, CentreView
from ctid.ports import Account, Accounts
from ctid.settings import Settings, parse
from tests.fakes.process import free_port
from tests.fakes.webroom import HASH
from tests.real_pbx.lab.ami_link import Message
from tests.real_pbx.lab.lab import Lab

CONFIG = Path(__file__).parents[2] / "config"
POLL = 0.01
"""Seconds between two looks at a snapshot while waiting for it."""
SHORT, STRAIGHT, MAIN = "4002", "4001", "4003"
"""Dialled numbers of the flows of these names; 4000 is the flow that the test chose."""
AGENTS = ("anna", "ben", "chen", "dora", "erik", "fang", "grace", "hao", "ines", "jun")
"""With the phones 1001 to 1010."""
SUPERVISOR = "sue"

Config = dict[str, Any]
C = TypeVar("C")


def flows() -> dict[str, Config]:
    """The example flows and the tests' own, as their files say."""
    folders = (CONFIG / "flows", Path(__file__).parent / "flows")
    files = [file for folder in folders for file in sorted(folder.glob("*.toml"))]
    return {file.name: tomllib.loads(file.read_text()) for file in files}


def config_for(
    lab: Lab, folder: Path, *, wrap_up: int = 300, ring_for: int = 20_000, flow: str = "main"
) -> Config:
    """The example config, pointed at the lab; what it writes goes to `folder`.

    Every agent serves every queue. `wrap_up` and `ring_for` are milliseconds.
    """
    main = tomllib.loads((CONFIG / "ctid.toml").read_text())
    main["pbx"] = {"host": lab.pbx.host, "port": lab.pbx.ami_port, "user": lab.pbx.ami_user,
                   "secret": lab.pbx.ami_secret}  # fmt: skip
    main["agi"] = {"port": lab.pbx.agi_port, "token": lab.pbx.agi_token}
    main["web"] |= {"port": free_port(), "screen_lost_after_s": 3600}
    main["store"] = {"url": f"sqlite+aiosqlite:///{folder}/ctid.db"}
    main["journal"] = {"folder": str(folder / "journal")}
    main["crm"] = {"url": f"sqlite+aiosqlite:///{folder}/crm.db", "demo": True}
    main["routing"] |= {"back_off_s": 0.5}
    main["entries"] |= {"4000": flow, SHORT: "short", STRAIGHT: "straight", MAIN: "main"}
    main["queues"] = [queue for queue in main["queues"] if "channel" not in queue]
    for queue in main["queues"]:
        queue |= {"wrap_up_s": wrap_up / 1000, "ring_for_s": ring_for / 1000, "music": "default"}
    for agent in main["agents"]:
        agent["queues"] = [queue["id"] for queue in main["queues"]]
    return main


def settings_for(
    lab: Lab, folder: Path, *, wrap_up: int = 300, ring_for: int = 20_000, flow: str = "main"
) -> Settings:
    """As `config_for`, parsed."""
    config = config_for(lab, folder, wrap_up=wrap_up, ring_for=ring_for, flow=flow)
    return parse(config, flows())


class SiteUnderTest:
    """A running App with shorthands for what tests ask."""

    def __init__(self, lab: Lab, app: App, folder: Path) -> None:
        self.lab, self.app, self.folder = lab, app, folder
        self._heard_from = lab.asterisk.ami.mark()

    @property
    def base(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.app.web.port}"

    def view(self) -> CentreView:
        return self.app.driver.snapshot()

    def agent(self, agent: str) -> AgentView:
        return next(a for a in self.view().agents if a.agent == agent)

    def states(self, state: str) -> list[str]:
        """Agents in that state."""
        return [a.agent for a in self.view().agents if a.state == state]

    def ready(self, *agents: str) -> None:
        """Sign these agents in and make them available, in this order."""
        for agent in agents:
            self.app.submit(SignInAsked(agent))
            self.app.submit(ReadyAsked(agent))

    def pause(self, *agents: str) -> None:
        for agent in agents:
            self.app.submit(BreakAsked(agent, "meeting"))

    async def until(self, what: Callable[[], object], seconds: float = 10.0) -> None:
        """Wait until `what()` is true. Raises TimeoutError with the centre's state."""
        try:
            async with asyncio.timeout(seconds):
                while not what():
                    await asyncio.sleep(POLL)
        except TimeoutError:
            raise TimeoutError(f"not within {seconds} s; the centre is {self.view()}") from None

    async def state(self, agent: str, state: str, seconds: float = 10.0) -> AgentView:
        """Wait until that agent is in that state."""
        await self.until(lambda: self.agent(agent).state == state, seconds)
        return self.agent(agent)

    # -- what was done --

    def lines(self) -> list[Line]:
        """The journal of all starts so far."""
        return journal(self.folder)

    def done(self, kind: type[C]) -> list[C]:
        """All commands of that kind so far, in order."""
        return [c for line in self.lines() for c in line.c if isinstance(c, kind)]

    def closed(self, call: str) -> CallRecord:
        """The one record of that call. Raises ValueError when it is not one."""
        [record] = [c.record for c in self.done(CallClosed) if c.record.call == call]
        return record

    def legs(self, call: str) -> list[LegRecord]:
        """The ended legs of that call, in the order of their ends."""
        return [c.record for c in self.done(LegClosed) if c.record.call == call]

    async def rows(
        self, table: str, count: int, seconds: float = 10.0, **where: str | list[str]
    ) -> list[dict[str, Any]]:
        """What the database holds in that table with these values, once it is `count` rows."""
        found: list[dict[str, Any]] = []
        try:
            async with asyncio.timeout(seconds):
                while len(found) < count:
                    await asyncio.sleep(POLL)
                    rows = await asyncio.to_thread(_rows, self.folder / "ctid.db", table)
                    found = [r for r in rows if all(r[k] in w for k, w in where.items())]
        except TimeoutError:
            raise TimeoutError(f"no {count} rows of {table} where {where}, but {found}") from None
        return found

    async def records(self, count: int, seconds: float = 10.0) -> list[CallRecord]:
        """The call records, newest first, once there are `count`."""
        found: list[CallRecord] = []
        async with asyncio.timeout(seconds):
            while len(found) < count:
                await asyncio.sleep(POLL)
                found = await self.app.store.calls(0, 2**53)
        return found

    async def at_rest(self, seconds: float = 10.0, *, shared: bool = False) -> None:
        """No call, no offer, no FastAGI session, no channel, no defect, no double offer, unless
        phones `shared` a caller's ringing."""
        centre = self.app.driver.centre
        await self.until(lambda: not centre.calls and not centre.router.offers, seconds)
        await self.until(lambda: self.app.switch.agi.connections == 0, seconds)
        await self.lab.nothing_left(seconds)
        assert self.app.defects == 0
        assert not self.app.switch.translator.legs
        assert not self.app.switch.translator.callers
        invariants_hold(self.folder)
        heard = self.lab.asterisk.ami.heard[self._heard_from :]
        if not shared:
            offers_are_single(self.lines())
            assert [m for m in heard if m.get("Result") == "TAKEN"] == []
        bridged_as_offered(self.done(RingAgent), heard)


def bridged_as_offered(offers: Sequence[RingAgent], heard: Sequence[Message]) -> None:
    """Every agent talked to the very caller that the pop was about."""
    calls = {offer.offer: offer.call for offer in offers}
    callers = set(calls.values())
    met: dict[str, set[str]] = {}
    lines = {m["Uniqueid"]: m["Call"] for m in heard if m.get("UserEvent") == "CtidCalled"}
    for message in heard:
        if message.event == "BridgeEnter":
            who = message["Uniqueid"]
            met.setdefault(message["BridgeUniqueid"], set()).add(lines.get(who, who))
    for pair in (pair for pair in met.values() if len(pair) > 1):
        offered = {calls[leg] for leg in pair if leg in calls}
        if offered:  # without a caller: the agent asks a colleague, or somebody outside
            assert len(offered) == 1, pair
            assert pair & callers <= offered, pair
        else:  # somebody outside
            assert len(pair & callers) <= 1, pair


def journal(folder: Path) -> list[Line]:
    """All lines of all journal files below `folder`, in order."""
    found: list[Line] = []
    for file in sorted((folder / "journal").glob("*.ctid")):
        with file.open("rb") as lines:
            found += [entry for entry in read(lines) if isinstance(entry, Line)]
    return found


def invariants_hold(folder: Path) -> None:
    """All that must hold of the machine did so after every line of every start, and each line comes
    out the same again."""
    for file in sorted((folder / "journal").glob("*.ctid")):
        with file.open("rb") as lines:
            found = replay(read(lines), check=True)
            assert found.difference is None, (file, found.difference)


def offers_are_single(lines: Sequence[Line]) -> None:
    """No caller is offered to two agents at once, no agent gets two offers, no call ends twice."""
    calls: dict[str, RingAgent] = {}
    agents: dict[str, RingAgent] = {}
    ended: set[str] = set()
    for line in lines:
        for command in line.c:
            match command:
                case RingAgent(aside=leg) if leg:
                    assert command.agent not in agents, f"line {line.n}: {command.agent} twice"
                    agents[command.agent] = command
                case RingAgent():
                    assert command.call not in calls, f"line {line.n}: {command.call} twice"
                    assert command.agent not in agents, f"line {line.n}: {command.agent} twice"
                    calls[command.call] = agents[command.agent] = command
                case Divert(leaves=leg) if leg:  # its end and the next offer come in any order
                    calls.pop(command.call, None)
                case HangUpAgent(offer):  # the caller waits again, or is another agent's
                    calls = {k: ring for k, ring in calls.items() if ring.offer != offer}
                case LegClosed(record):
                    if record.call in calls and calls[record.call].offer == record.offer:
                        del calls[record.call]
                    agents.pop(record.agent, None)
                case CallClosed(record):
                    assert record.call not in ended, f"line {line.n}: {record.call} ends twice"
                    ended.add(record.call)
                case _:
                    pass


async def put_accounts(accounts: Accounts) -> None:
    """A sign-in for each agent, named as the agent, and one for a supervisor."""
    for agent in AGENTS:
        await accounts.put_account(Account(agent, agent.title(), "agent", agent, HASH))
    await accounts.put_account(Account(SUPERVISOR, "Sue", "supervisor", "", HASH))


@asynccontextmanager
async def site(
    lab: Lab, folder: Path, *, ready: Sequence[str] = (), settings: Settings | None = None
) -> AsyncIterator[SiteUnderTest]:
    """ctid in this process, up and compared with the PBX, `ready` agents available."""
    async with App(settings or settings_for(lab, folder, flow="straight")) as app:
        async with asyncio.timeout(15):
            await put_accounts(app.store)
            await app.switch.up.wait()
        here = SiteUnderTest(lab, app, folder)
        here.ready(*ready)
        yield here


def write_config(folder: Path, config: Config) -> Path:
    """The config as files, for a ctid of its own; returns the main file."""
    (folder / "flows").mkdir()
    for name, flow in flows().items():
        (folder / "flows" / name).write_text(_toml(flow))
    path = folder / "ctid.toml"
    path.write_text(_toml(config))
    return path


def _toml(table: Config, path: str = "") -> str:
    """TOML of what TOML gave: scalars first, then the tables below. JSON's strings, numbers and
    lists of them are TOML too."""
    lines, below = [], []
    for key, value in table.items():
        name = f"{path}.{json.dumps(key)}" if path else json.dumps(key)
        match value:
            case dict():
                below.append(f"[{name}]\n{_toml(value, name)}")
            case [dict(), *_]:
                below += [f"[[{name}]]\n{_toml(item, name)}" for item in value]
            case _:
                lines.append(f"{json.dumps(key)} = {json.dumps(value, ensure_ascii=False)}")
    return "\n".join([*lines, *below, ""])


def _rows(database: Path, table: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]
