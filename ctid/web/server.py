"""The web room: builds its parts, opens the port, and closes both again."""

from __future__ import annotations

import asyncio

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge

from ctid.core.errors import ConfigError
from ctid.ports import Accounts, Bus, Clock, Engine, Store
from ctid.web import files
from ctid.web.answers import common_headers, content_policy, problems_as_json
from ctid.web.fanout import FanOut
from ctid.web.gate import BODY, Gate, OpenRoute, SignedRoute
from ctid.web.hearing import Hearing
from ctid.web.history import History
from ctid.web.rest import Rest
from ctid.web.sessions import Sessions
from ctid.web.settings import WebSettings, check
from ctid.web.stream import Stream
from ctid.web.tasks import Tasks

__all__ = ["WebServer", "WebSettings", "start_web"]

_log = structlog.get_logger("ctid.web")

LAST_ANSWERS = 2.0
"""Seconds that running requests have to end at a stop."""


class WebServer:
    """A running web room; made by `start_web`."""

    def __init__(
        self, port: int, runner: web.AppRunner, rest: Rest, fanout: FanOut, feed: asyncio.Task[None]
    ) -> None:
        self.port = port
        """The TCP port that it listens on."""
        self._runner, self._rest, self._fanout, self._feed = runner, rest, fanout, feed

    @property
    def pages(self) -> int:
        """How many pages are connected to the stream."""
        return len(self._fanout.pages)

    async def close(self) -> None:
        """Say goodbye to the pages, close the port, end every task and thread."""
        self._fanout.close()
        await self._runner.cleanup()
        self._feed.cancel()
        await asyncio.gather(self._feed, return_exceptions=True)
        self._rest.close()


async def start_web(
    settings: WebSettings,
    engine: Engine,
    bus: Bus,
    store: Store,
    accounts: Accounts,
    clock: Clock,
    metrics: CollectorRegistry | None = None,
) -> WebServer:
    """Open the room and return once it listens on its port and on the bus.

    Raises:
        ConfigError: the settings have problems, or the port is taken.
    """
    check(settings)
    sessions = Sessions(accounts, clock, settings)
    gate = Gate(settings, sessions)
    fanout = FanOut(settings, engine, bus, sessions)
    hearing = Hearing(settings, engine, fanout)
    rest = Rest(settings, fanout, bus, store, accounts, clock, sessions, gate, metrics, hearing)
    if metrics is not None:
        Gauge("ctid_web_pages", "Pages connected to the stream", registry=metrics).set_function(
            lambda: len(fanout.pages)
        )
    found = files.load()
    routes = [
        *rest.routes(),
        *History(store, clock).routes(),
        *Tasks(engine, store).routes(),
        Stream(settings, engine, fanout, hearing).route(),
        *files.routes(found),
    ]
    policy = content_policy(found["/"], settings.frame_ancestors)
    app = build_app(gate, routes, common_headers(settings, policy))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=LAST_ANSWERS)
    await runner.setup()
    try:
        port = await _listen(runner, settings)
    except ConfigError:
        await runner.cleanup()
        rest.close()
        raise
    if not settings.origins:
        hosts = ("127.0.0.1", "localhost", "[::1]")
        gate.origins = frozenset(f"http://{host}:{port}" for host in hosts)
    # The one task of this room that has no parent here: it lives until `close`, and says so
    # in the log if it should ever end before.
    feed = asyncio.create_task(fanout.run(), name="ctid-web-feed")
    feed.add_done_callback(_report)
    try:
        await fanout.listening.wait()
    except BaseException:
        feed.cancel()
        await runner.cleanup()
        rest.close()
        raise
    _log.info("web.open", host=settings.host, port=port)
    return WebServer(port, runner, rest, fanout, feed)


def build_app(
    gate: Gate, routes: list[OpenRoute | SignedRoute], headers: dict[str, str]
) -> web.Application:
    """The aiohttp application with every route behind the gate."""
    app = web.Application(middlewares=[problems_as_json], client_max_size=BODY)
    for route in routes:
        app.router.add_route(route.method, route.path, gate.guard(route))

    async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(headers)

    app.on_response_prepare.append(add_headers)
    return app


async def _listen(runner: web.AppRunner, settings: WebSettings) -> int:
    site = web.TCPSite(runner, settings.host, settings.port)
    try:
        await site.start()
    except OSError as error:
        raise ConfigError(
            (
                f"web: port: cannot listen on {settings.host}:{settings.port}: {error.strerror};"
                " free it or choose another",
            )
        ) from error
    port: int = runner.addresses[0][1]
    return port


def _report(feed: asyncio.Task[None]) -> None:
    if not feed.cancelled() and (error := feed.exception()) is not None:
        _log.error("web.feed_ended", exc_info=error)
