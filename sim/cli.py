"""`ctid-sim`: the simulator from the command line. Each command is a file of `sim.commands`."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from typing import Protocol, cast

COMMANDS = (
    "run", "compare", "sweep", "theory", "erlang", "staff", "calibrate", "replay", "load", "fuzz",
    "compile",
)  # fmt: skip
"""Names of the files in `sim.commands`, in the order in which the help lists them."""


class SimCommand(Protocol):
    """What a file of `sim.commands` holds."""

    HELP: str
    """One line for the list of commands."""
    DESCRIPTION: str
    """What it does, and its exit codes."""
    EXAMPLES: str
    """Command lines, indented by two, each with what it does below it, indented by six."""
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    """Returns the exit code."""


def parser(names: Sequence[str] = COMMANDS) -> argparse.ArgumentParser:
    """These commands; only their files are imported."""
    found = {name: _command(name) for name in names}
    top = argparse.ArgumentParser(
        prog="ctid-sim",
        description="Simulates a contact centre with the very code that runs in production.",
        epilog=f"examples:\n{''.join(_first_example(c) for c in found.values())}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in found.items():
        made = commands.add_parser(
            name.replace("_", "-"),
            help=command.HELP,
            description=command.DESCRIPTION,
            epilog=f"examples:\n{command.EXAMPLES}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(made)
        made.set_defaults(run=command.run)
    return top


def _command(name: str) -> SimCommand:
    return cast(SimCommand, importlib.import_module(f"sim.commands.{name}"))


def _first_example(command: SimCommand) -> str:
    """The first of a command's examples, with what it does."""
    return "  ctid-sim" + command.EXAMPLES.split("  ctid-sim")[1]


def main(argv: Sequence[str] | None = None) -> int:
    """The `ctid-sim` script."""
    words = sys.argv[1:] if argv is None else argv
    named = words[0].replace("-", "_") if words else ""
    # What only other commands need takes a second to import.
    options = parser((named,) if named in COMMANDS else COMMANDS).parse_args(words)
    code: int = options.run(options)
    return code


if __name__ == "__main__":
    sys.exit(main())
