"""Check a PBX from outside: can ctid work with this Asterisk, and if not, what is to be done?

It asks with an AMI client that is not ours, changes nothing at the PBX, and rings nobody. The exit
code is 0 when no check failed and 1 when one did.

Some things only an account with write=system,command can see, and ctid's own must not have these.
Name one with --admin USER, and put its secret into the environment variable CTID_ADMIN_SECRET.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from rich.console import Console

from ctid.app.doctor.examination import Admin, examine
from ctid.app.doctor.findings import as_json, failed, show
from ctid.core.errors import ConfigError
from ctid.settings.files import load

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words that may follow `ctid doctor`."""
    parser.add_argument(
        "--config", type=Path, default=Path("config/ctid.toml"), metavar="FILE", help="main file"
    )
    parser.add_argument(
        "--admin", metavar="USER", help="an AMI account with write=system,command, to see more"
    )
    parser.add_argument(
        "--admin-secret-env",
        metavar="NAME",
        default="CTID_ADMIN_SECRET",
        help="environment variable with that account's secret, default CTID_ADMIN_SECRET",
    )
    parser.add_argument(
        "--limit", type=float, default=5.0, metavar="S", help="seconds per step, default 5"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")


def run(args: argparse.Namespace) -> int:
    """Examine, say what was found, and return the exit code.

    Raises:
        ConfigError: the config has problems; the doctor compares the PBX with it.
    """
    settings = load(args.config)
    admin = None
    if args.admin:
        if not (secret := os.environ.get(args.admin_secret_env)):
            name = args.admin_secret_env
            raise ConfigError((f"--admin: the environment variable {name} is not set; set it",))
        admin = Admin(args.admin, secret)
    findings = examine(settings, admin, args.limit)
    if args.json:
        print(as_json(findings))
    else:
        title = f"ctid doctor: {settings.pbx.host}:{settings.pbx.port}"
        show(findings, title, Console())
    return 1 if failed(findings) else 0
