"""A whole contact centre for a first look: ctid with a pretend PBX, SQLite and 500 demo customers.

Prints the address and the demo's sign-ins, and runs until Ctrl-C or for --seconds, then prints a
summary. SIGHUP reads the config anew, as in production. Everything listens on loopback only; what
it writes is gone afterwards.

examples:
  ctid demo
  ctid demo --seconds 60
  ctid demo --seconds 60 --json
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import logging
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from crm_link.demo.load import demo_customers
from ctid.app import log
from ctid.app.accounts import put_demo_accounts
from ctid.app.compose import App
from ctid.app.demo_desks import DemoDesks
from ctid.app.demo_pbx import DemoPbx
from ctid.app.reload import reload
from ctid.app.summary import Summary, summarise, text_of
from ctid.centre.settings import CentreSettings
from ctid.ivr import customer_codes
from ctid.ivr.flow import Flow
from ctid.settings import Settings
from ctid.settings.files import load

SUPERVISOR = "lead"
LEAD_PHONE = "PJSIP/lead"
PASSWORD = "demo-demo-demo"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, metavar="N", help="stop by itself after N seconds")
    parser.add_argument("--calls-per-minute", type=float, default=15.0, metavar="N")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same callers")
    parser.add_argument("--port", type=int, default=8080, help="web port; 0 takes any free one")
    parser.add_argument("--config", type=Path, default=Path("config/ctid.toml"), metavar="FILE")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")


def run(args: argparse.Namespace) -> int:
    """0 when it ran and stopped cleanly, 1 when something went wrong on the way."""
    log.configure(json=False, level=logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="ctid-demo-") as folder:
        settings = demo_settings(load(args.config), Path(folder), args.port)
        summary = asyncio.run(_demo(settings, args))
    if args.json:
        sys.stdout.buffer.write(msgspec.json.encode(summary) + b"\n")
    else:
        print(text_of(summary))
    return 0 if summary.defects == 0 else 1


def demo_settings(settings: Settings, folder: Path, port: int) -> Settings:
    """The config's routing and flows, with everything else on loopback and in `folder`."""
    replace = msgspec.structs.replace
    agi_port = _free_port()
    return replace(
        settings,
        pbx=replace(
            settings.pbx, host="127.0.0.1", user="ctid", secret=secrets.token_urlsafe(16),
            tls=False, port=0,
        ),
        agi=replace(
            settings.agi, host="127.0.0.1", port=agi_port, token=secrets.token_urlsafe(16)
        ),
        web=replace(
            settings.web, host="127.0.0.1", port=_port_or_free(port), origins=(),
            secure_cookies=False, frame_ancestors=(),
        ),
        store=replace(settings.store, url=f"sqlite+aiosqlite:///{folder}/ctid.db"),
        bus=replace(settings.bus, url="memory:"),
        journal=replace(settings.journal, folder=str(folder / "journal")),
        crm=replace(settings.crm, url=f"sqlite+aiosqlite:///{folder}/crm.db", demo=True),
        centre=_centre(settings),
    )  # fmt: skip


def _centre(settings: Settings) -> CentreSettings:
    return msgspec.structs.replace(
        settings.centre, hours=_always_open(settings),
        supervision=dataclasses.replace(
            settings.centre.supervision, phones={SUPERVISOR: LEAD_PHONE}
        ),
    )  # fmt: skip


def doubts_of_codes(flows: Mapping[str, Flow]) -> tuple[str, ...]:
    """What the site's flows refuse of the codes that the demo's callers key."""
    return customer_codes.doubts_of(flows, [one.code for one in demo_customers()], "the demo's")


def reread(app: App, config: Path) -> None:
    """Go on with the config as it is now; addresses, folders and secrets stay the demo's own."""

    def read() -> Settings:
        fresh = load(config)
        return msgspec.structs.replace(
            app.settings, centre=_centre(fresh), services=fresh.services
        )  # fmt: skip

    done = reload(app, read)
    told = f"read {config} anew" if done else f"{config} has problems; goes on as before"
    print(f"ctid demo: {told}", file=sys.stderr, flush=True)


async def _demo(settings: Settings, args: argparse.Namespace) -> Summary:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until there is something to reload
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    agents = settings.centre.acd.agents
    lead = (SUPERVISOR, PASSWORD, "Lead")
    sign_ins = (*((a.id, PASSWORD, a.name) for a in agents), lead)
    phones = tuple(p.partition("/")[2] for p in (*(a.phone for a in agents), LEAD_PHONE))
    async with DemoPbx(settings, phones, args.seed, args.calls_per_minute) as pbx:
        settings = msgspec.structs.replace(
            settings, pbx=msgspec.structs.replace(settings.pbx, port=pbx.ami_port)
        )
        async with App(settings, demo_sign_ins=sign_ins) as app:
            await put_demo_accounts(app.store, sign_ins, (SUPERVISOR,))
            base = f"http://127.0.0.1:{app.web.port}"
            # The first agent is left to the visitor, who signs in and presses Available.
            desks = DemoDesks(base, [(login, PASSWORD) for login, _, _ in sign_ins[1:-1]])
            async with desks:
                await app.switch.up.wait()
                loop.add_signal_handler(signal.SIGHUP, reread, app, args.config)
                for doubt in doubts_of_codes(settings.centre.flows):
                    print(f"ctid demo: warning: {doubt}", file=sys.stderr)
                print(_welcome(base, sign_ins, args.seconds), flush=True)
                await pbx.begin()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(args.seconds):
                        await stop.wait()
                return summarise(app)


def _welcome(base: str, sign_ins: tuple[tuple[str, str, str], ...], seconds: float | None) -> str:
    until = f"for {seconds:g} s" if seconds else "until Ctrl-C"
    first, lead = sign_ins[0], sign_ins[-1]
    return "\n".join((
        f"ctid demo: {base}  (runs {until})",
        f"  agent       {first[0]} / {first[1]}   sign in, press Available, take calls",
        f"  supervisor  {lead[0]} / {lead[1]}   watch the board, listen in",
        f"  {len(sign_ins) - 2} more agents work on their own; callers come by themselves",
    ))  # fmt: skip


def _always_open(settings: Settings) -> dict[str, object]:
    """The demo's callers come at any hour of the visitor's day."""
    day = ((0, 24 * 60),)
    return {
        name: msgspec.structs.replace(hours, week=(day,) * 7, closed_on=(), days={}, calendar="")
        for name, hours in settings.centre.hours.items()
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _port_or_free(port: int) -> int:
    """`port`, or any free one where another program has it: a first look must not fail on that."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port
