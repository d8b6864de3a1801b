"""Add or change sign-ins. The password is asked for, or read from standard input.

example:
  ctid user add anna --role agent --agent anna --name "Anna Li" --config config/ctid.toml
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from pathlib import Path
from typing import get_args

from ctid.core.errors import CtidError
from ctid.ports import Account, Accounts, Role
from ctid.settings import Settings
from ctid.settings.files import load
from ctid.store.open import open_store
from ctid.web.passwords import hash_password

SHORTEST = 10
"""Characters of a password; length is what counts (NIST SP 800-63B, 5.1.1)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(metavar="ACTION", required=True)
    add = commands.add_parser("add", help="add a sign-in, or replace the one of this name")
    add.add_argument("login")
    add.add_argument("--role", choices=get_args(Role), default="agent")
    add.add_argument("--agent", default="", metavar="ID", help="the agent that this person is")
    add.add_argument("--name", default="", help="the name that pages show")
    add.add_argument("--config", type=Path, default=Path("config/ctid.toml"), metavar="FILE")


def run(args: argparse.Namespace) -> int:
    """0 when the account is stored."""
    settings = load(args.config)
    agents = {agent.id for agent in settings.centre.acd.agents}
    if (args.agent or args.role == "agent") and args.agent not in agents:
        known = ", ".join(sorted(agents)) or "none"
        raise CtidError(f"--agent {args.agent!r}: no such agent in {args.config}; known: {known}")
    password = _password()
    if len(password) < SHORTEST:
        raise CtidError(f"the password needs at least {SHORTEST} characters; nothing was changed")
    account = Account(
        args.login, args.name or args.login, args.role, args.agent, hash_password(password)
    )
    asyncio.run(_store(settings, account))
    print(f"{args.login} may sign in as {args.role}")
    return 0


async def put_demo_accounts(
    accounts: Accounts, sign_ins: tuple[tuple[str, str, str], ...], supervisors: tuple[str, ...]
) -> None:
    """The demo's public sign-ins: (login, password, name); logins are agent ids."""
    for login, password, name in sign_ins:
        role: Role = "supervisor" if login in supervisors else "agent"
        agent = "" if role == "supervisor" else login
        # Off the loop: one hash takes tens of milliseconds, and pages are being served already.
        hashed = await asyncio.to_thread(hash_password, password)
        await accounts.put_account(Account(login, name, role, agent, hashed))


async def _store(settings: Settings, account: Account) -> None:
    store = await open_store(settings.store.url, {})
    try:
        await store.put_account(account)
    finally:
        await store.close()


def _password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("password: ")
    return sys.stdin.readline().rstrip("\n")
