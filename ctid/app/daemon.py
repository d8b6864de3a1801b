"""Run the daemon until SIGTERM or SIGINT. Calls in progress stay up: Asterisk holds them.
SIGHUP reads the config files anew; with a problem in them everything stays as it is.

examples:
  ctid run --config /etc/ctid/ctid.toml
  ctid check-config /etc/ctid/ctid.toml && kill -HUP "$(pgrep -f 'ctid run')"
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import structlog

from ctid import __version__
from ctid.app import log
from ctid.app.compose import App
from ctid.app.reload import reload
from ctid.settings import Settings
from ctid.settings.files import load

_log = structlog.get_logger("ctid.daemon")

SWITCH_INTERVAL = 0.0005
"""Seconds that a thread of the databases may keep the engine's loop waiting for the interpreter;
Python's default of 5 ms is longer than the way from a caller who waits to a phone that rings."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, default=Path("config/ctid.toml"), metavar="FILE")
    parser.add_argument("--json", action="store_true", help="log as JSON lines")


def run(args: argparse.Namespace) -> int:
    """Exit code 0 after a clean stop."""
    log.configure(json=args.json or not sys.stderr.isatty())
    sys.setswitchinterval(SWITCH_INTERVAL)
    asyncio.run(serve(lambda: load(args.config)))
    return 0


async def serve(read: Callable[[], Settings]) -> None:
    """Serve with the settings that `read` gives until a signal asks for the end."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until there is something to reload
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with App(read()) as app:
        loop.add_signal_handler(signal.SIGHUP, reload, app, read)
        # What is there now lives as long as the process: the collector need not look at it.
        gc.freeze()
        _log.info("ready", version=__version__, web=app.web.port, boot=app.boot)
        await stop.wait()
        _log.info("stopping", text="calls stay with Asterisk")
