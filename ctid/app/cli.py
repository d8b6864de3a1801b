"""The `ctid` command: one subcommand per thing that a person does with it."""

from __future__ import annotations

import argparse
import os
import select
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from ctid import __version__
from ctid.core.errors import ConfigError, CtidError
from ctid.ports import StoreUnavailable

EXAMPLES = """examples:
  ctid demo --seconds 60            a whole contact centre without any PBX, for a first look
  ctid check-config config/ctid.toml
  ctid doctor --config config/ctid.toml
  ctid run --config config/ctid.toml
  ctid user add anna --role agent --agent anna --config config/ctid.toml
  ctid pin set 100123 --config config/ctid.toml
  ctid prompts build --flows config/flows --out build/prompts
  ctid ivr draw main --out flow.svg
  ctid ivr try main --language en
  ctid explain 1790000000.12
  ctid replay var/journal/000000000001.ctid
"""


COMMANDS = (
    ("run", "run the daemon", "daemon"),
    ("demo", "run with a pretend PBX, SQLite and 500 demo customers", "demo"),
    ("check-config", "report every problem in the config", "check_config"),
    ("doctor", "check a PBX from outside", "doctor"),
    ("prompts", "make the audio of the flows' prompts", "prompts"),
    ("ivr", "draw a flow, or try it in the terminal", "ivr"),
    ("user", "add or change sign-ins", "accounts"),
    ("pin", "give a customer a PIN, or take it away", "customer_pins"),
    ("explain", "say why a call went to an agent, or why an agent gets none", "explaining"),
    ("replay", "run a journal through the machine again", "replaying"),
)
"""(name, what it does, module in ctid.app)."""


def parser(chosen: str = "") -> argparse.ArgumentParser:
    """The command line; with `chosen` only that command is whole.

    A restart counts in seconds while callers wait: the daemon does not load what others need.
    """
    top = argparse.ArgumentParser(
        prog="ctid",
        description="A contact centre on Asterisk: call routing, IVR, dialer and screen pop.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"ctid {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    for name, text, module_name in COMMANDS:
        if chosen and name != chosen:
            commands.add_parser(name, help=text)
            continue
        module: Any = import_module(f"ctid.app.{module_name}")
        sub = commands.add_parser(
            name,
            help=text,
            description=(module.__doc__ or text).strip(),
            epilog=_examples(name) if "example" not in (module.__doc__ or "") else None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(sub)
        sub.set_defaults(run=module.run)
    return top


def _examples(command: str) -> str:
    lines = [line for line in EXAMPLES.splitlines() if line.startswith(f"  ctid {command} ")]
    return "\n".join(("examples:", *lines))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 when it went well, 1 when not, 2 for a wrong call."""
    words = sys.argv[1:] if argv is None else list(argv)
    chosen = words[0] if words and words[0] in {name for name, _, _ in COMMANDS} else ""
    args = parser(chosen).parse_args(words)
    try:
        code: int = args.run(args)
        sys.stdout.flush()
    except BrokenPipeError as error:
        if not _nobody_reads():
            print(f"ctid: {error}", file=sys.stderr)
            return 1
        return 0
    except ConfigError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        print(f"{len(error.problems)} problem(s) in the config; nothing was started",
              file=sys.stderr)  # fmt: skip
        return 1
    except (CtidError, StoreUnavailable, OSError) as error:
        print(f"ctid: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def _nobody_reads() -> bool:
    """Whether what is printed goes to a pipe that was closed, as by `| head`; then it goes nowhere
    from here on, also at the end of the process."""
    look = select.poll()
    look.register(sys.stdout.fileno(), 0)  # POLLERR comes unasked
    gone = any(state & select.POLLERR for _, state in look.poll(0))
    if gone:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return gone


if __name__ == "__main__":
    sys.exit(main())
