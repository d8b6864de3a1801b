"""Server-side sessions: a random token in the browser's cookie, its SHA-256 in the store."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

import msgspec
from aiohttp import web

from ctid.ports import Account, Accounts, Clock, Session
from ctid.web.settings import WebSettings

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits in base64url
_DEVICE_DAYS = 90


class Signed(msgspec.Struct, frozen=True):
    """A request's session, with the key under which the store knows it."""

    token_hash: str
    session: Session


class Sessions:
    """Opens, finds and closes sessions, and knows their cookies."""

    def __init__(self, accounts: Accounts, clock: Clock, settings: WebSettings) -> None:
        self._accounts = accounts
        self._clock = clock
        self._idle = settings.session_idle_ms
        self._absolute = settings.session_absolute_ms
        self._secure = settings.secure_cookies
        # `__Host-`: the browser refuses the cookie unless it is Secure, for this host only, path /.
        prefix = "__Host-" if self._secure else ""
        self.cookie = f"{prefix}ctid_session"
        self.device_cookie = f"{prefix}ctid_device"
        self._device_key = secrets.token_bytes(32)

    async def open(self, account: Account, language: str) -> tuple[str, Session]:
        """A new session under a new token; the token is returned this once and kept nowhere."""
        token, now = secrets.token_urlsafe(32), self._clock.wall()
        session = Session(
            login=account.login,
            role=account.role,
            agent=account.agent,
            name=account.name,
            language=language,
            created_at=now,
            seen_at=now,
            csrf=secrets.token_urlsafe(32),
        )
        await self._accounts.open_session(_hash(token), session)
        return token, session

    async def of(self, request: web.Request) -> Signed | None:
        """The live session of this request's cookie, or None."""
        token = request.cookies.get(self.cookie, "")
        if not _TOKEN.fullmatch(token):
            return None
        token_hash = _hash(token)
        session = await self.still(token_hash)
        return Signed(token_hash, session) if session else None

    async def still(self, token_hash: str) -> Session | None:
        """The session while it lives. Asking counts as use: an open page keeps it from idling."""
        return await self._accounts.session(
            token_hash, self._idle, self._absolute, self._clock.wall()
        )

    async def close(self, token_hash: str) -> None:
        """End the session everywhere."""
        await self._accounts.close_session(token_hash)

    def give_cookies(self, response: web.Response, token: str, login: str) -> None:
        """The session's cookie, and the mark of a browser that this login has used."""
        response.set_cookie(
            self.cookie, token, path="/", httponly=True, samesite="Strict", secure=self._secure
        )
        mark = secrets.token_urlsafe(16)
        response.set_cookie(
            self.device_cookie,
            f"{mark}.{self._seal(login, mark)}",
            path="/",
            httponly=True,
            samesite="Strict",
            secure=self._secure,
            max_age=_DEVICE_DAYS * 86_400,
        )

    def drop_cookie(self, response: web.Response) -> None:
        """Take the session's cookie back; the device mark stays."""
        response.del_cookie(
            self.cookie, path="/", httponly=True, samesite="Strict", secure=self._secure
        )

    def device(self, request: web.Request, login: str) -> str:
        """The mark of this browser if it has signed in to `login` before, else empty."""
        mark, _, seal = request.cookies.get(self.device_cookie, "").partition(".")
        known = hmac.compare_digest(seal.encode(), self._seal(login, mark).encode())
        return mark if mark and known else ""

    def _seal(self, login: str, mark: str) -> str:
        text = f"{mark}\0{login}".encode()
        return hmac.new(self._device_key, text, hashlib.sha256).hexdigest()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
