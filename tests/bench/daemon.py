"""A whole ctid as a process of its own, as it runs at a site, on config files of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from ctid.app.clocks import SystemClock
from ctid.core.journal import Line, read
from ctid.ports import Account
from ctid.store.open import open_store
from ctid.web.sessions import Sessions
from ctid.web.settings import WebSettings
from sim.load.process import Throwaway

ROOT = Path(__file__).parents[2]
FLOWS = ROOT / "tests/real_pbx/flows"


class PbxAddress:
    """Where the PBX and ctid find each other."""

    def __init__(self, ami_port: int, user: str, secret: str, agi_port: int, token: str) -> None:
        self.ami_port, self.user, self.secret = ami_port, user, secret
        self.agi_port, self.token = agi_port, token


class Daemon(Throwaway):
    """`async with Daemon(...)`: ctid is up and has compared itself with the PBX.

    Each start begins with an empty journal; accounts, sessions and customers stay, so that a
    second start costs no second sign-in. Whoever starts it makes the folder and removes it.
    """

    def __init__(
        self, folder: Path, pbx: PbxAddress, agents: int, first_phone: int = 1001,
        flow: Path = FLOWS / "straight.toml",
    ) -> None:  # fmt: skip
        super().__init__(folder / "ctid.toml")
        self.folder, self._pbx, self._flow = folder, pbx, flow
        self.agents = [f"agent{n}" for n in range(agents)]
        self._first_phone = first_phone

    def write_config(self) -> None:
        """The config files: one queue, the one flow, and the agents."""
        flows = self.folder / "flows"
        flows.mkdir(exist_ok=True)
        shutil.copy(self._flow, flows)
        (self.folder / "ctid.toml").write_text("\n".join(self._config_lines()))

    def _config_lines(self) -> Iterator[str]:
        pbx, folder = self._pbx, self.folder
        yield f'[pbx]\nport = {pbx.ami_port}\nuser = "{pbx.user}"\nsecret = "{pbx.secret}"'
        yield f'[agi]\nport = {pbx.agi_port}\ntoken = "{pbx.token}"'
        yield "[web]\nport = 0\nscreen_lost_after_s = 600"
        yield f'[store]\nurl = "{self._store_url}"'
        yield f'[journal]\nfolder = "{folder}/journal"'
        yield f'[crm]\nurl = "sqlite+aiosqlite:///{folder}/crm.db"\ndemo = true'
        yield '[routing]\nfallback_queue = "sales"'
        yield f'[entries]\n"*" = "{self._flow.stem}"'
        yield '[[queues]]\nid = "sales"\nwrap_up_s = 0'
        for n, agent in enumerate(self.agents, self._first_phone):
            yield f'[[agents]]\nid = "{agent}"\nphone = "PJSIP/{n}"\nqueues = ["sales"]'

    @property
    def _store_url(self) -> str:
        return f"sqlite+aiosqlite:///{self.folder}/ctid.db"

    async def sign_in_all(self) -> dict[str, str]:
        """A session for each agent, past the password check: 200 of those take 10 s of CPU.

        Returns agent → the token of its cookie.
        """
        store = await open_store(self._store_url, {})
        try:
            sessions = Sessions(store, SystemClock(), WebSettings())
            tokens = {}
            for agent in self.agents:
                account = Account(agent, agent, "agent", agent, "no password fits this")
                await store.put_account(account)
                tokens[agent], _ = await sessions.open(account, "en")
            return tokens
        finally:
            await store.close()

    async def __aenter__(self) -> Self:
        shutil.rmtree(self.folder / "journal", ignore_errors=True)
        return await super().__aenter__()

    def journal(self) -> Iterator[Line]:
        """What the last run decided, from its journal."""
        for path in sorted((self.folder / "journal").glob("*.ctid")):
            with path.open("rb") as file:
                yield from (entry for entry in read(file) if isinstance(entry, Line))
