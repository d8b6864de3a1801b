"""The open pages: one bounded outbox each, so that a slow browser holds up nobody else."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import structlog
from aiohttp import WSMsgType, web
from aiohttp.client_exceptions import ClientConnectionResetError

from ctid.core.records import AgentId
from ctid.ports import Session
from ctid.web.sessions import Signed

_log = structlog.get_logger("ctid.web")

OUTBOX: Final = 256
"""Frames that may wait for one browser; one that is further behind reconnects for a snapshot."""

SESSION_OVER: Final = 4401
"""Close code: sign in again."""
GOING_AWAY: Final = 1001
TOO_MUCH: Final = 1008


class _Close(Exception):
    """An outbox entry: close the socket with this code."""

    def __init__(self, code: int, reason: str) -> None:
        self.code, self.reason = code, reason


class Page:
    """One open browser page and the frames that wait for it."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request, signed: Signed) -> None:
        self._socket = socket
        self._transport = request.transport
        self._outbox: asyncio.Queue[bytes | _Close] = asyncio.Queue(OUTBOX)
        self._cut = False
        self.token_hash = signed.token_hash
        self.session: Session = signed.session
        self.closing = False
        """Nothing that the browser says is heard any more."""

    def send(self, frame: bytes) -> None:
        """Queue one frame. Never waits; a page whose outbox is full is cut off."""
        self._put(frame)

    def close(self, code: int, reason: str) -> None:
        """Close after what is queued; what the browser still says is not heard."""
        self.closing = True
        self._put(_Close(code, reason))

    def _put(self, entry: bytes | _Close) -> None:
        try:
            self._outbox.put_nowait(entry)
        except asyncio.QueueFull:
            if not self._cut:
                _log.warning("web.page_too_slow", login=self.session.login)
            self.cut()

    def cut(self) -> None:
        """End the connection at once, whatever is queued; the reading side then ends too."""
        self._cut = self.closing = True
        if self._transport is not None:
            self._transport.abort()

    async def write(self) -> None:
        """Send the outbox until the page closes."""
        while True:
            entry = await self._outbox.get()
            if isinstance(entry, _Close):
                await self._socket.close(code=entry.code, message=entry.reason.encode()[:120])
                return
            try:
                # Text by its bytes: the frame was encoded once for all readers.
                await self._socket.send_frame(entry, WSMsgType.TEXT)
            except (ClientConnectionResetError, ConnectionError):
                return  # the reading side sees the end and takes the page off the list


class Pages:
    """All open pages, by agent and by session."""

    def __init__(self) -> None:
        self._all: dict[Page, None] = {}
        self._by_agent: defaultdict[AgentId, dict[Page, None]] = defaultdict(dict)

    def add(self, page: Page) -> None:
        """From now on it gets its frames."""
        self._all[page] = None
        if page.session.agent:
            self._by_agent[page.session.agent][page] = None

    def remove(self, page: Page) -> None:
        """It is gone."""
        del self._all[page]
        if agent := page.session.agent:
            del self._by_agent[agent][page]
            if not self._by_agent[agent]:
                del self._by_agent[agent]

    def __iter__(self) -> Iterator[Page]:
        return iter(tuple(self._all))

    def __len__(self) -> int:
        return len(self._all)

    def of_agent(self, agent: AgentId) -> tuple[Page, ...]:
        """The agent's open pages."""
        return tuple(self._by_agent.get(agent, ()))

    def of_login(self, login: str) -> Iterator[Page]:
        """The pages of this person."""
        return (page for page in self if page.session.login == login)

    def agents(self) -> tuple[AgentId, ...]:
        """Agents with an open page."""
        return tuple(self._by_agent)

    def of_session(self, token_hash: str) -> tuple[Page, ...]:
        """The open pages of one session."""
        return tuple(page for page in self._all if page.token_hash == token_hash)

    def sessions(self) -> tuple[str, ...]:
        """Every session that has an open page, once."""
        return tuple(dict.fromkeys(page.token_hash for page in self._all))
