"""Add or change sign-ins. The password is asked for, or read from standard input.

examples:
  ctid user add anna --role agent --agent anna --name "Anna Li" --config config/ctid.toml
  ctid user import people.csv --config config/ctid.toml
      many at once; the first line names the columns: login,role,agent,name,password
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import getpass
import io
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import cast, get_args

from ctid.core.errors import CtidError
from ctid.core.records import AgentId
from ctid.ports import Account, Accounts, Role
from ctid.settings import Settings
from ctid.settings.files import load
from ctid.store.open import open_store
from ctid.web.passwords import hash_password

SHORTEST = 10
"""Characters of a password; length is what counts (NIST SP 800-63B, 5.1.1)."""
COLUMNS = ("login", "role", "agent", "name", "password")
"""Of a CSV file with sign-ins."""
MOST_TOLD = 10
"""Problems of such a file that are told at once."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(metavar="ACTION", required=True)
    add = commands.add_parser("add", help="add a sign-in, or replace the one of this name")
    add.add_argument("login")
    add.add_argument("--role", choices=get_args(Role), default="agent")
    add.add_argument("--agent", default="", metavar="ID", help="the agent that this person is")
    add.add_argument("--name", default="", help="the name that pages show")
    many = commands.add_parser("import", help="add or replace the sign-ins of a CSV file")
    many.add_argument("file", type=Path, help=f"columns {','.join(COLUMNS)}; - is standard input")
    for command, act in ((add, _add), (many, _import)):
        command.add_argument(
            "--config", type=Path, default=Path("config/ctid.toml"), metavar="FILE"
        )
        command.set_defaults(act=act)


def run(args: argparse.Namespace) -> int:
    """0 when all accounts are stored."""
    settings = load(args.config)
    accounts = args.act(args, {agent.id for agent in settings.centre.acd.agents})
    asyncio.run(_store(settings, accounts))
    for account in accounts:
        print(f"{account.login} may sign in as {account.role}")
    return 0


def _add(args: argparse.Namespace, agents: set[AgentId]) -> list[Account]:
    if (args.agent or args.role == "agent") and args.agent not in agents:
        known = ", ".join(sorted(agents)) or "none"
        raise CtidError(f"--agent {args.agent!r}: no such agent in {args.config}; known: {known}")
    password = _password()
    if len(password) < SHORTEST:
        raise CtidError(f"the password needs at least {SHORTEST} characters; nothing was changed")
    name = args.name or args.login
    return [Account(args.login, name, args.role, args.agent, hash_password(password))]


def _import(args: argparse.Namespace, agents: set[AgentId]) -> list[Account]:
    """All or none: a half-imported list is worse than an error."""
    text = sys.stdin.read() if str(args.file) == "-" else args.file.read_text(encoding="utf-8")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    if missing := set(COLUMNS) - set(rows.fieldnames or ()):
        raise CtidError(f"{args.file}: no column {', '.join(sorted(missing))} in the first line")
    people = list(rows)
    problems = [
        f"line {line}: {what}" for line, row in enumerate(people, 2) for what in _wrong(row, agents)
    ]
    if problems:
        told = "; ".join(problems[:MOST_TOLD])
        raise CtidError(f"{args.file}: {len(problems)} problem(s), nothing was changed: {told}")
    return [
        Account(
            row["login"], row["name"] or row["login"], cast(Role, row["role"]), row["agent"],
            hash_password(row["password"]),
        )
        for row in people
    ]  # fmt: skip


def _wrong(row: dict[str, str | None], agents: set[AgentId]) -> Iterator[str]:
    if None in row or None in row.values():
        yield f"it has other columns than the first line ({len(COLUMNS)})"
        return
    if not row["login"]:
        yield "no login"
    if row["role"] not in get_args(Role):
        yield f"role {row['role']!r}; use one of {', '.join(get_args(Role))}"
    if (row["agent"] or row["role"] == "agent") and row["agent"] not in agents:
        yield f"no such agent {row['agent']!r}"
    if len(row["password"] or "") < SHORTEST:
        yield f"the password needs at least {SHORTEST} characters"


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


async def _store(settings: Settings, accounts: Iterable[Account]) -> None:
    store = await open_store(settings.store.url, {})
    try:
        for account in accounts:
            await store.put_account(account)
    finally:
        await store.close()


def _password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("password: ")
    return sys.stdin.readline().rstrip("\n")
