"""Give a customer of the embedded directory a PIN, or take it away. It holds from the next call on.

The PIN is asked for, or read from standard input: 4 to 64 figures. Only its argon2id hash is kept.

examples:
  ctid pin set 100123 --config config/ctid.toml
  ctid pin remove 100123 --config config/ctid.toml
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from pathlib import Path

from crm_link.embedded.directory import EmbeddedDirectory
from crm_link.embedded.engine import open_engine
from crm_link.embedded.pins import EmbeddedPins
from ctid.core.errors import CtidError
from ctid.settings.files import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(metavar="ACTION", required=True)
    for name, text in (("set", "give a customer a PIN"), ("remove", "take it away")):
        command = commands.add_parser(name, help=text)
        command.add_argument("code", metavar="CODE", help="the customer's code")
        command.add_argument(
            "--config", type=Path, default=Path("config/ctid.toml"), metavar="FILE",
            help="main file, whose [crm] is used; default config/ctid.toml",
        )  # fmt: skip
        command.set_defaults(action=name)


def run(args: argparse.Namespace) -> int:
    """0 when it is done.

    Raises:
        CtidError: no such customer, what was given is no PIN, or the database is not there.
        ConfigError: the config has problems.
    """
    url = load(args.config).crm.url
    pin = ""
    if args.action == "set":
        pin = getpass.getpass("PIN: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
        if not pin:
            raise CtidError("no PIN was given; nothing was changed")
    try:
        asyncio.run(_change(url, args.code, pin))
    except ValueError as error:
        raise CtidError(f"{error}; nothing was changed") from None
    print(f"the customer {args.code} has {'a PIN' if pin else 'no PIN'} now")
    return 0


async def _change(url: str, code: str, pin: str) -> None:
    engine = open_engine(url)
    try:
        await EmbeddedDirectory(engine).create_schema()
        await EmbeddedPins(engine).set_pin(code, pin)
    finally:
        await engine.dispose()
