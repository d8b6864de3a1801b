"""The REST API: sign-in, snapshots, health, metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Annotated

import msgspec
import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from ctid.ports import Accounts, Bus, Clock, Session, Store
from ctid.web import frames
from ctid.web.answers import Problem, json_answer
from ctid.web.fanout import FanOut
from ctid.web.gate import Gate, OpenRoute, SignedRoute, asked_from_here, read_body
from ctid.web.hearing import Hearing
from ctid.web.passwords import PasswordCheck
from ctid.web.policy import allows
from ctid.web.sessions import Sessions, Signed
from ctid.web.settings import LANGUAGES, WebSettings
from ctid.web.throttle import Attempt, Throttle

_log = structlog.get_logger("ctid.web")

HEALTH_TIME = 2.0
"""Seconds that a part has to say that it is well."""


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of POST /api/session."""

    login: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
    language: str = ""


class Me(msgspec.Struct, frozen=True):
    """Who is signed in."""

    login: str
    name: str
    role: str
    agent: str
    language: str
    csrf: str
    """To be repeated in the X-CSRF-Token header of every request that is not a GET."""


class Rest:
    """Answers of the REST API."""

    def __init__(
        self,
        settings: WebSettings,
        fanout: FanOut,
        bus: Bus,
        store: Store,
        accounts: Accounts,
        clock: Clock,
        sessions: Sessions,
        gate: Gate,
        registry: CollectorRegistry | None,
        hearing: Hearing,
    ) -> None:
        self._hearing = hearing
        self._settings, self._fanout, self._bus = settings, fanout, bus
        self._store, self._accounts, self._clock = store, accounts, clock
        self._sessions, self._gate, self._registry = sessions, gate, registry
        self._throttle = Throttle()
        self._passwords = PasswordCheck()

    def routes(self) -> list[OpenRoute | SignedRoute]:
        """All routes of the API, with what each needs."""
        return [
            OpenRoute("GET", "/health", self.health),
            OpenRoute("GET", "/metrics", self.metrics),
            OpenRoute("GET", "/api/welcome", self.welcome),
            OpenRoute("POST", "/api/session", self.sign_in),
            SignedRoute("DELETE", "/api/session", "session.close", self.sign_out),
            SignedRoute("GET", "/api/me", "me.read", self.me),
            SignedRoute("GET", "/api/snapshot", "snapshot.read", self.snapshot),
            SignedRoute("GET", "/api/transfer", "agent.transfer_targets", self.transfer_targets),
            SignedRoute("GET", "/api/pull", "agent.pullable", self.pullable),
            SignedRoute("POST", "/api/say", "wish.say", self.say),
        ]

    def close(self) -> None:
        """End the password threads."""
        self._passwords.close()

    # -- open to all ----------------------------------------------------------------------

    async def health(self, request: web.Request) -> web.Response:
        """200 while all parts are well, 503 when one is not; which one is in the body."""
        store, bus = await asyncio.gather(_well(self._store.health()), _well(self._bus.health()))
        parts = {"store": store, "bus": bus, "stream": self._fanout.listening.is_set()}
        well = all(parts.values())
        return json_answer({"ok": well, **parts}, 200 if well else 503)

    async def metrics(self, request: web.Request) -> web.Response:
        """Prometheus metrics, for this machine only."""
        if self._registry is None or not asked_from_here(request):
            raise Problem(404, "not_found", "Not Found")
        return web.Response(
            body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    async def welcome(self, request: web.Request) -> web.Response:
        """What a page needs to begin: who is signed in already, if anybody, and the languages."""
        who = await self._sessions.of(request)
        return json_answer(
            {
                "me": _me(who.session) if who else None,
                "language": self._settings.language,
                "languages": LANGUAGES,
                "demo": [
                    {"login": login, "password": password, "name": name}
                    for login, password, name in self._settings.demo_sign_ins
                ],
            }
        )

    async def sign_in(self, request: web.Request) -> web.Response:
        """Open a session. Unknown login and wrong password look the same from outside."""
        asked = await read_body(request, SignIn)
        attempt = Attempt(
            login=asked.login,
            address=self._gate.address(request),
            device=self._sessions.device(request, asked.login),
        )
        wait = self._throttle.admit(attempt, self._clock.now())
        if wait:
            _log.warning("web.sign_in_throttled", address=attempt.address)
            raise Problem(
                429,
                "too_many_tries",
                f"Too many failed sign-ins; try again in {wait // 1000 + 1} s.",
                retry_after=wait // 1000 + 1,
            )
        account = await self._accounts.account(asked.login)
        fits = await self._passwords.fits(
            asked.password, account.password_hash if account else None
        )
        if account is None or not fits:
            # People type passwords into the login field: an unknown login is not logged.
            _log.warning(
                "web.sign_in_refused",
                login=account.login if account else "(unknown)",
                address=attempt.address,
            )
            raise Problem(401, "wrong_sign_in", "Login or password is wrong.")
        self._throttle.succeeded(attempt)
        if old := await self._sessions.of(request):
            await self._sessions.close(old.token_hash)
            self._fanout.signed_out(old.token_hash, old.session)
        language = asked.language if asked.language in LANGUAGES else self._settings.language
        token, session = await self._sessions.open(account, language)
        _log.info("web.signed_in", login=account.login, address=attempt.address)
        response = json_answer(_me(session))
        self._sessions.give_cookies(response, token, account.login)
        return response

    # -- signed in ------------------------------------------------------------------------

    async def sign_out(self, request: web.Request, who: Signed) -> web.Response:
        """End the session and close its pages."""
        await self._sessions.close(who.token_hash)
        self._fanout.signed_out(who.token_hash, who.session)
        _log.info("web.signed_out", login=who.session.login)
        response = json_answer({"ok": True})
        self._sessions.drop_cookie(response)
        return response

    async def me(self, request: web.Request, who: Signed) -> web.Response:
        """Who is signed in."""
        return json_answer(_me(who.session))

    async def snapshot(self, request: web.Request, who: Signed) -> web.Response:
        """What the stream would say first: an agent's own view, or the board."""
        if allows(who.session.role, "board.read"):
            return json_answer(self._fanout.board())
        view = self._fanout.agent(who.session.agent)
        if view is None:
            raise Problem(404, "agent_unknown", "The account's agent is not configured.")
        return json_answer(frames.encode(frames.AgentFrame(self._fanout.now(), view)))

    async def pullable(self, request: web.Request, who: Signed) -> web.Response:
        """The waiting callers whom the agent may take out of turn at this moment."""
        return json_answer({"waiting": self._fanout.pullable(who.session.agent)})

    async def say(self, request: web.Request, who: Signed) -> web.Response:
        """One message of the stream (ctid.web.frames), for programs without one. 202 when the
        machine has it; what it refuses then is told on the stream and in the journal."""
        try:
            said = frames.decode(await read_body(request, msgspec.Raw))
        except msgspec.DecodeError as error:
            raise Problem(400, "bad_body", str(error)) from None
        why = self._hearing.hear(who.session, said)
        if why is not None:
            raise Problem(403 if why.code in ("forbidden", "no_agent") else 422, *why)
        return json_answer({"ok": True}, 202)

    async def transfer_targets(self, request: web.Request, who: Signed) -> web.Response:
        """Whom the agent may send a caller to at this moment."""
        return json_answer({"targets": self._fanout.targets(who.session.agent)})


def _me(session: Session) -> Me:
    return Me(
        login=session.login,
        name=session.name,
        role=session.role,
        agent=session.agent,
        language=session.language,
        csrf=session.csrf,
    )


async def _well(asked: Awaitable[bool]) -> bool:
    try:
        async with asyncio.timeout(HEALTH_TIME):
            return await asked
    except Exception as error:  # whatever a part raises, it is not well
        _log.warning("web.part_unwell", error=repr(error))
        return False
