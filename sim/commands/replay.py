"""`ctid-sim replay`: a recorded day through changed settings."""

from __future__ import annotations

import argparse
from pathlib import Path

from ctid.centre.settings import CentreSettings
from ctid.core.errors import ConfigError
from ctid.settings.files import checked, read, without_secrets
from sim.run import options as common
from sim.run.figures import LEVEL
from sim.run.output import as_json, may_write, write_whole
from sim.run.pool import cores
from sim.run.progress import progress, reading
from sim.whatif import page, tell
from sim.whatif.facts import Day
from sim.whatif.files import Reel
from sim.whatif.reading import read_day
from sim.whatif.study import Prices, WhatIf, what_if

HELP = "play a recorded day through changed settings, and tell what would have been different"
DESCRIPTION = (
    "Plays the callers and agents of a journal through its own settings and through others. Exit"
    " code 0: done; 1: done, but under its own settings the model does not show the day as it was,"
    " so do not believe the rest; 2: bad input."
)
EXAMPLES = """\
  ctid-sim replay var/journal/000000000001.ctid --config new/ctid.toml
      what yesterday would have been with other queues, agents or menus
  ctid-sim replay var/journal/*.ctid --config new/ctid.toml --cost-per-hour 60 --cost-abandoned 25
      with what agents and lost callers cost
  ctid-sim replay day.ctid --config new/ctid.toml --out whatif.html --json
      as a page with plots, and for a program to read
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("journals", type=Path, nargs="+", metavar="JOURNAL",
                        help="journal files (*.ctid) of one run, in any order")  # fmt: skip
    parser.add_argument(
        "--config", type=Path, required=True, metavar="NEW",
        help="the other settings: a ctid.toml, with its flows beside it",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="FILE.html",
                        help="write a page, in English and Chinese")  # fmt: skip
    parser.add_argument("--cost-per-hour", type=float, default=0.0, metavar="MONEY",
                        help="of an agent who is signed in")  # fmt: skip
    parser.add_argument("--cost-abandoned", type=float, default=0.0, metavar="MONEY",
                        help="of a caller who gives up")  # fmt: skip
    parser.add_argument(
        "--replications", type=int, default=10, metavar="N",
        help="how often the day is played, for what it does not tell; default 10",
    )  # fmt: skip
    parser.add_argument("--changes", type=int, default=20, metavar="N",
                        help="callers to name who fare differently; default 20")  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, help="another one is another chance; 1")
    parser.add_argument("--jobs", type=int, default=cores(), metavar="N",
                        help="processes; default: all processors")  # fmt: skip
    parser.add_argument("--level", type=float, default=LEVEL, help="of the intervals; default 0.95")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument(
        "--language", choices=("en", "zh-CN"), default="en",
        help="of the page, until the reader chooses; default en",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    return common.told("replay", lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    common.check(options, least=2)
    _check(options)
    may_write(options.out)
    new = _settings(options.config)
    with reading(options.journals) as (watch, _):
        day = read_day(Reel(options.journals, watch))
    found = _play(day, new, options)
    if options.out is not None:
        write_whole({options.out: page.html(found, options.language).encode()})
    print(as_json(found) if options.json else tell.text(found))
    return 0 if found.faithful else 1


def _settings(path: Path) -> CentreSettings:
    """Those of a production file; its secrets are not looked at.

    Raises:
        ConfigError: all that is wrong in it.
    """
    problems: list[str] = []
    main, flows = read(path, problems)
    if main is None:
        raise ConfigError(tuple(problems))
    bare, broken = without_secrets(main), bool(problems)
    return checked(bare, flows, path.name, problems, unreadable=broken).centre


def _check(options: argparse.Namespace) -> None:
    prices = {"--cost-per-hour": options.cost_per_hour, "--cost-abandoned": options.cost_abandoned}
    problems = [f"{name} {value}: must be 0 or more" for name, value in prices.items()
                if not 0 <= value < 1e9]  # fmt: skip
    if options.out is not None and options.out.suffix != ".html":
        problems.append(f"--out {options.out}: is a page; name a file that ends in .html")
    if options.changes < 0:
        problems.append(f"--changes {options.changes}: must be 0 or more")
    if problems:
        raise ConfigError(tuple(problems))


def _play(day: Day, new: CentreSettings, options: argparse.Namespace) -> WhatIf:
    with progress("playing", 2 * options.replications) as advance:
        return what_if(
            day,
            new,
            journals=[path.name for path in options.journals],
            config=str(options.config),
            replications=options.replications,
            seed=options.seed,
            jobs=options.jobs,
            level=options.level,
            prices=Prices(options.cost_per_hour, options.cost_abandoned),
            most=options.changes,
            advance=advance,
        )
