"""From the engine and the bus to the open pages, and what the pages' coming and going means."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import structlog

from ctid.core.events import SignOutAsked
from ctid.core.instants import SECOND, Instant
from ctid.core.records import AgentId
from ctid.core.views import AgentView, WaitingView
from ctid.ports import Bus, Engine, Session, StoreUnavailable
from ctid.web import frames
from ctid.web.pages import GOING_AWAY, SESSION_OVER, Page, Pages
from ctid.web.policy import allows
from ctid.web.presence import Presence
from ctid.web.sessions import Sessions
from ctid.web.settings import WebSettings

_log = structlog.get_logger("ctid.web")
_TOPIC = "agent."
_LOGIN = "login."
"""What is for one person, whether an agent or not."""
_BUS_PAUSE = 1.0
"""Seconds between two attempts to subscribe."""


class FanOut:
    """Owns the open pages; `run` keeps them fed until it is cancelled."""

    def __init__(self, settings: WebSettings, engine: Engine, bus: Bus, sessions: Sessions) -> None:
        self._settings = settings
        self._engine = engine
        self._bus = bus
        self._sessions = sessions
        self.pages = Pages()
        self._presence = Presence(settings.screen_lost_after_ms)
        self._told: dict[AgentId, AgentView] = {}
        """The last view that each agent with a page got from a snapshot."""
        self.listening = asyncio.Event()
        """Set while the bus is subscribed to."""

    # -- pages come and go ----------------------------------------------------------------

    def join(self, page: Page) -> None:
        """Greet the page, give it what is so now, and feed it from here on."""
        self.pages.add(page)
        session = page.session
        now = self._engine.now()
        page.send(
            frames.encode(
                frames.Hello(
                    now=now,
                    login=session.login,
                    name=session.name,
                    role=session.role,
                    agent=session.agent,
                    break_reasons=self._settings.break_reasons,
                    service_goal=self._settings.service_goal,
                    ping_every=self._settings.heartbeat_ms,
                )
            )
        )
        if allows(session.role, "board.read"):
            page.send(self.board())
            if session.agent and (own := self.agent(session.agent)) is not None:
                self._sync(page, own)  # a supervisor who has taken a caller over
        elif view := self.agent(session.agent):
            self._sync(page, view)
            for event in self._presence.joined(view, now):
                self._engine.submit(event)
        else:
            _log.error("web.agent_unknown", login=session.login, agent=session.agent)
            page.send(
                frames.encode(
                    frames.ErrorFrame(
                        "agent_unknown",
                        f"This account's agent {session.agent!r} is not in the configuration.",
                    )
                )
            )

    def leave(self, page: Page) -> None:
        """The page is gone."""
        self.pages.remove(page)
        agent = page.session.agent
        works = allows(page.session.role, "agent.ready")  # a supervisor's page is no desk
        if works and self._presence.pages(agent):
            self._presence.left(agent, self._engine.now())
            if not self._presence.pages(agent):
                self._told.pop(agent, None)

    def signed_out(self, token_hash: str, session: Session) -> None:
        """Close the session's pages; the agent leaves, unless another session's page is open."""
        for page in self.pages.of_session(token_hash):
            page.close(SESSION_OVER, "signed out")
        others = (p for p in self.pages.of_agent(session.agent) if p.token_hash != token_hash)
        if session.agent and allows(session.role, "agent.ready") and not any(others):
            self._engine.submit(SignOutAsked(session.agent))

    def close(self) -> None:
        """The server goes away: tell every page."""
        for page in self.pages:
            page.close(GOING_AWAY, "server stops")

    # -- what is so now -------------------------------------------------------------------

    def now(self) -> Instant:
        """The machine's time."""
        return self._engine.now()

    def agent(self, agent: AgentId) -> AgentView | None:
        """The agent as it is now, or None when nobody has this id."""
        return next((a for a in self._engine.snapshot().agents if a.agent == agent), None)

    def pullable(self, agent: AgentId) -> tuple[WaitingView, ...]:
        """Whom this agent may take out of turn."""
        return self._engine.pullable(agent)

    def targets(self, agent: AgentId) -> tuple[frames.Target, ...]:
        """Whom this agent may send callers to."""
        return frames.targets(self._engine.snapshot(), agent)

    def board(self) -> bytes:
        """The board as it is now, encoded."""
        view = self._engine.snapshot()
        return frames.encode(frames.board(view, self._settings.service_goal))

    def _sync(self, page: Page, view: AgentView) -> None:
        now = self._engine.now()
        page.send(frames.encode(frames.AgentFrame(now, view)))
        if view.pop is not None:
            page.send(frames.encode(frames.PopShown(now, view.pop)))
        self._told[view.agent] = view

    # -- the work -------------------------------------------------------------------------

    async def run(self) -> None:
        """Feed the pages until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_bus())
            group.create_task(self._show_board())
            group.create_task(self._watch_presence())
            group.create_task(self._check_sessions())

    async def _follow_bus(self) -> None:
        while True:
            try:
                async with self._bus.subscribe([f"{_TOPIC}*", f"{_LOGIN}*"]) as messages:
                    self._repair()  # what was published while nobody listened
                    self.listening.set()
                    async for message in messages:
                        for page in self._readers(message.topic):
                            page.send(message.body)
            except Exception as error:  # each bus fails in its own library's way: say it, try again
                _log.warning("web.bus_lost", error=repr(error))
            self.listening.clear()
            await asyncio.sleep(_BUS_PAUSE)

    def _readers(self, topic: str) -> Iterable[Page]:
        if topic.startswith(_LOGIN):
            return self.pages.of_login(topic[len(_LOGIN) :])
        return self.pages.of_agent(topic[len(_TOPIC) :])

    async def _show_board(self) -> None:
        while True:
            await asyncio.sleep(self._settings.board_every_ms / SECOND)
            watchers = [p for p in self.pages if allows(p.session.role, "board.read")]
            if watchers:
                board = self.board()
                for page in watchers:
                    page.send(board)
            self._repair()

    def _repair(self) -> None:
        """The bus delivers at most once: whose view differs from the last snapshot gets it anew."""
        if not self._told:
            return
        for view in self._engine.snapshot().agents:
            told = self._told.get(view.agent)
            if told is not None and told != view:
                for page in self.pages.of_agent(view.agent):
                    self._sync(page, view)

    async def _watch_presence(self) -> None:
        every = min(SECOND, self._settings.screen_lost_after_ms // 3 + 1)
        while True:
            await asyncio.sleep(every / SECOND)
            for event in self._presence.check(self._engine.snapshot().agents, self._engine.now()):
                _log.info("web.presence", fact=type(event).__name__)
                self._engine.submit(event)

    async def _check_sessions(self) -> None:
        while True:
            await asyncio.sleep(self._settings.session_check_ms / SECOND)
            for token_hash in self.pages.sessions():
                try:
                    session = await self._sessions.still(token_hash)
                except StoreUnavailable as error:  # agents work on while the database is away
                    _log.warning("web.session_unchecked", error=str(error))
                    continue
                for page in self.pages.of_session(token_hash):
                    if session is None or session.role != page.session.role:
                        page.close(SESSION_OVER, "session over")
