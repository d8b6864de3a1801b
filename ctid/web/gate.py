"""What every request must pass before its answer is made: session, policy, origin, CSRF, size."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple, TypeVar

import msgspec
from aiohttp import web

from ctid.web.answers import Problem
from ctid.web.policy import Action, allows
from ctid.web.sessions import Sessions, Signed
from ctid.web.settings import WebSettings, is_loopback

BODY = 16 * 1024
"""The largest request body, in bytes."""
BODY_TIME = 10.0
"""Seconds that a body may take to arrive."""
CSRF_HEADER = "X-CSRF-Token"

_T = TypeVar("_T")

OpenAnswer = Callable[[web.Request], Awaitable[web.StreamResponse]]
SignedAnswer = Callable[[web.Request, Signed], Awaitable[web.StreamResponse]]


class OpenRoute(NamedTuple):
    """A route that needs no session."""

    method: Literal["GET", "POST"]
    path: str
    answer: OpenAnswer


class SignedRoute(NamedTuple):
    """A route that needs a session whose role may do `action`."""

    method: Literal["GET", "POST", "DELETE"]
    path: str
    action: Action
    answer: SignedAnswer


class Gate:
    """Wraps the routes' answers."""

    def __init__(self, settings: WebSettings, sessions: Sessions) -> None:
        self._sessions = sessions
        self._proxies = frozenset(settings.trusted_proxies)
        self.origins: frozenset[str] = frozenset(settings.origins)
        """Set by the server once its port is known, when the settings name none."""

    def guard(self, route: OpenRoute | SignedRoute) -> OpenAnswer:
        """The answer of this route, behind every check that it needs."""

        async def opened(request: web.Request) -> web.StreamResponse:
            self._check_origin(request, required=False)
            assert isinstance(route, OpenRoute)
            return await route.answer(request)

        async def signed(request: web.Request) -> web.StreamResponse:
            assert isinstance(route, SignedRoute)
            self._check_origin(request, required=route.action == "stream.open")
            who = await self._sessions.of(request)
            if who is None:
                raise Problem(401, "sign_in", "Sign in first.")
            if request.method != "GET":
                self._check_csrf(request, who)
            if not allows(who.session.role, route.action):
                raise Problem(403, "forbidden", "Your role does not allow this.")
            return await route.answer(request, who)

        return opened if isinstance(route, OpenRoute) else signed

    def _check_origin(self, request: web.Request, required: bool) -> None:
        # Reads over plain GET are safe from strangers' pages (no CORS header is ever sent);
        # the stream is not bound by CORS, so it must name a known origin.
        if request.method == "GET" and not required:
            return
        origin = request.headers.get("Origin")
        if origin is None and not required:
            return  # not a browser: nothing to protect from itself
        if origin not in self.origins:
            raise Problem(
                403, "origin", "This page's origin is not in the list; see `origins` in the config."
            )

    def _check_csrf(self, request: web.Request, who: Signed) -> None:
        sent = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(sent.encode(), who.session.csrf.encode()):
            raise Problem(403, "csrf", f"The {CSRF_HEADER} header is missing or wrong.")

    def address(self, request: web.Request) -> str:
        """Who asks, for counting: an IPv4 address or an IPv6 /64 network."""
        address = request.remote or ""
        forwarded = request.headers.get("X-Forwarded-For", "")
        if address in self._proxies and forwarded:
            address = forwarded.rsplit(",", 1)[-1].strip()
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return address[:64]
        if parsed.version == 6:
            # One customer gets a /64: counting single addresses would count nothing.
            return str(ipaddress.ip_network((parsed, 64), strict=False))
        return str(parsed)


def asked_from_here(request: web.Request) -> bool:
    """Whether the request came straight from this machine and not through a proxy on it."""
    proxied = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return is_loopback(request.remote or "") and not proxied


async def read_body(request: web.Request, shape: type[_T]) -> _T:
    """The JSON body as `shape`.

    Raises:
        Problem: it is not JSON of that shape, or took too long to arrive.
    """
    if request.content_type != "application/json":
        raise Problem(415, "not_json", "Send Content-Type: application/json.")
    try:
        async with asyncio.timeout(BODY_TIME):
            body = await request.read()
    except TimeoutError:
        raise Problem(408, "too_slow", "The body did not arrive in time.") from None
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.DecodeError as error:
        raise Problem(400, "bad_body", str(error)) from None
