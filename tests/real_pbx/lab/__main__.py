"""`python -m tests.real_pbx.lab`: a real Asterisk with phones and callers, and a whole ctid.

Prints the web address, the sign-ins and what to dial, and runs until Ctrl-C or for --seconds. Then
it stops everything it started; the prompts stay in build/prompts, and the rest is gone.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import re
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from crm_link.demo.load import demo_customers
from ctid.app import log
from ctid.app.accounts import put_demo_accounts
from ctid.app.compose import App
from ctid.app.demo import PASSWORD, SUPERVISOR, demo_settings
from ctid.app.demo_desks import DemoDesks
from ctid.app.prompts import build
from ctid.core.errors import CtidError
from ctid.settings import Settings
from ctid.settings.files import load
from tests.real_pbx.lab.asterisk import Asterisk
from tests.real_pbx.lab.configs import FIRST_PHONE
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.root import NoAsterisk
from tests.real_pbx.lab.script import answers

ROOT = Path(__file__).parents[3]
CONFIG = ROOT / "config/ctid.toml"
PROMPTS = ROOT / "build/prompts"
ANSWER_AFTER = 3.0
"""Seconds that a phone rings: enough to see the pop before the talk begins."""


def main(argv: Sequence[str] | None = None) -> int:
    """0 when it ran and stopped cleanly, 1 when it could not start."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.real_pbx.lab",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seconds", type=float, metavar="N", help="stop by itself after N seconds")
    parser.add_argument("--port", type=int, default=8080, help="web port; 0 takes any free one")
    args = parser.parse_args(argv)
    log.configure(json=False, level=logging.WARNING)
    try:
        _say("making the prompts")
        build(CONFIG.parent / "flows", CONFIG.parent / "prompts", PROMPTS)
        asyncio.run(_run(args.seconds, args.port))
    except (NoAsterisk, CtidError) as why:
        _say(str(why))
        return 1
    return 0


async def _run(seconds: float | None, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    config = load(CONFIG)
    agents = config.centre.acd.agents
    lead = (SUPERVISOR, PASSWORD, "Lead")
    sign_ins = (*((a.id, PASSWORD, a.name) for a in agents), lead)
    _say("starting two Asterisks: the PBX, and the world around it")
    with tempfile.TemporaryDirectory(prefix="ctid-lab-site-") as folder:
        async with Lab(agents=len(agents), prompts=PROMPTS) as lab:
            await lab.world.all_phones(answers(after=ANSWER_AFTER))
            settings = _beside(lab, demo_settings(config, Path(folder), port))
            async with App(settings, demo_sign_ins=sign_ins) as app:
                await put_demo_accounts(app.store, sign_ins, (SUPERVISOR,))
                base = f"http://127.0.0.1:{app.web.port}"
                # The first agent is left to whoever looks: sign in and press Available.
                async with DemoDesks(base, [(a.id, PASSWORD) for a in agents[1:]]):
                    await app.switch.up.wait()
                    print(_told(lab, base, agents[0].id, seconds), flush=True)
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(seconds):
                            await stop.wait()
        _say("stopped")


def _beside(lab: Lab, settings: Settings) -> Settings:
    """The demo's settings with the lab's PBX; each queue's music is the lab's."""
    replace = msgspec.structs.replace
    pbx, acd = lab.pbx, settings.centre.acd
    queues = tuple(replace(queue, music="default") for queue in acd.queues)
    return replace(
        settings,
        pbx=replace(
            settings.pbx, host=pbx.host, port=pbx.ami_port, user=pbx.ami_user,
            secret=pbx.ami_secret,
        ),
        agi=replace(settings.agi, port=pbx.agi_port, token=pbx.agi_token),
        centre=replace(settings.centre, acd=replace(acd, queues=queues)),
    )  # fmt: skip


def _told(lab: Lab, base: str, first: str, seconds: float | None) -> str:
    until = f"for {seconds:g} s" if seconds else "until Ctrl-C"
    port = re.search(r"bind = 127\.0\.0\.1:(\d+)", (lab.folder / "pbx/etc/pjsip.conf").read_text())
    assert port is not None, "the lab writes its SIP port into pjsip.conf"
    known = [customer for customer in demo_customers() if customer.numbers][:3]
    codes = ", ".join(f"{customer.code} ({customer.name})" for customer in known)
    # W waits a second: the welcome, then English, sales, the code, and a talk of a minute.
    keys = f"WWWWW2WW1WW{known[0].code}{'W' * 60}"
    call = f"channel originate PJSIP/4000@pbx application SendDTMF {keys}"
    return f"""\
lab: {lab.version} and ctid, at {base}  (runs {until})
  agent       {first} / {PASSWORD}   phone {FIRST_PHONE}; sign in, press Available
  supervisor  {SUPERVISOR} / {PASSWORD}
  The other agents work on their own; every phone answers after {ANSWER_AFTER:g} s.

Call 4000: from any SIP phone on this machine, sip:4000@127.0.0.1:{port[1]} (no registration),
or let the world call, and press keys:
  {_console(lab.world.asterisk)} '{call}'
  Keys: 1 Chinese, 2 English; then 1 sales, 2 support, 0 operator; then a customer code:
  {codes}
Other numbers: {FIRST_PHONE} and up are the agents' phones, {lab.pbx.queue_extension} is an \
app_queue of the same phones.
The PBX's own console:
  {_console(lab.asterisk)} 'core show channels'
Logs and configs: {lab.folder}"""


def _console(asterisk: Asterisk) -> str:
    """A command line that reaches this Asterisk's console, up to the console's command."""
    # The lab's Asterisk lives in mounts of its own; its process id leads there.
    inside = f"nsenter --target {asterisk.pid} --mount --root --wdns=/"
    config = Path(f"/proc/{asterisk.pid}/cmdline").read_bytes().split(b"\0")
    path = config[config.index(b"-C") + 1].decode()
    return f"{inside} asterisk -C {path} -rx"


def _say(text: str) -> None:
    print(f"lab: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
