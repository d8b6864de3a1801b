"""`ctid-sim calibrate`: from call records to the laws of a scenario."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from ctid.core.errors import ConfigError
from ctid.core.instants import MINUTE
from sim.calibrate import page, part, tell
from sim.calibrate.fit import TooFew
from sim.calibrate.sources import gather
from sim.calibrate.study import Study, study
from sim.run import options as common
from sim.run.output import as_json, may_write, write_whole
from sim.run.progress import reading

HELP = "fit arrivals, patience, talk, wrap-up and answer delay to call records"
DESCRIPTION = (
    "Reads call records (CSV, docs/calibrate.md) or journals (*.ctid), fits laws to them, and"
    " writes them as a part of a scenario. Exit code 0: done; 2: bad input, or too few calls."
)
EXAMPLES = """\
  ctid-sim calibrate calls.csv --out fitted.toml --plot fit.html
      fit everything that the records tell of; write the scenario's part and the plots
  ctid-sim calibrate var/journal/*.ctid --interval 15 --json
      from ctid's own journals, with rates by the quarter of an hour, for a program to read
  ctid-sim calibrate call_record.csv leg_record.csv agent_time.csv --skip-bad
      from an export of ctid's tables; rows that cannot be read are told and passed over
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("records", type=Path, nargs="+", metavar="RECORDS",
                        help="CSV files, or journals (*.ctid)")  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="FILE.toml",
                        help="write the laws as a part of a scenario")  # fmt: skip
    parser.add_argument("--plot", type=Path, metavar="FILE.html",
                        help="write the fits as plots, in English and Chinese")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--interval", type=int, default=30, metavar="MINUTES",
        help="of arrival rates; it must divide a day; default 30",
    )  # fmt: skip
    parser.add_argument(
        "--timezone", default="Asia/Shanghai", metavar="ZONE",
        help="whose days arrivals are counted in, and of times written without a zone;"
        " default Asia/Shanghai",
    )  # fmt: skip
    parser.add_argument("--by", choices=("aic", "bic"), default="bic",
                        help="what chooses the law; default bic")  # fmt: skip
    parser.add_argument("--skip-bad", action="store_true",
                        help="go on without rows that cannot be read")  # fmt: skip
    parser.add_argument(
        "--language", choices=("en", "zh-CN"), default="en",
        help="of the plots' page, until the reader chooses; default en",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    return common.told("calibrate", lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    if options.interval < 1 or 1_440 % options.interval:
        text = f"--interval {options.interval}: does not divide a day; take 15, 30 or 60"
        raise ConfigError((text,))
    if options.plot is not None and options.plot.suffix != ".html":
        text = f"--plot {options.plot}: is a page; name a file that ends in .html"
        raise ConfigError((text,))
    may_write(options.out, options.plot)
    with reading(options.records) as (watch, working):
        past = gather(options.records, options.timezone, skip_bad=options.skip_bad, watch=watch)
        try:
            found = study(
                past, options.timezone, options.interval * MINUTE, options.by,
                lambda what: working(f"fitting {what}"),
            )  # fmt: skip
        except TooFew as error:
            raise ConfigError((f"{_names(options.records)}: {error}",)) from None
    _write(found, options)
    print(as_json(tell.document(found, past.problems)) if options.json else tell.text(found))
    if past.problems:
        Console(stderr=True).print(f"{len(past.problems)} rows passed over", highlight=False)
        for problem in past.problems:
            Console(stderr=True).print(f"  {problem}", highlight=False, markup=False)
    return 0


def _write(found: Study, options: argparse.Namespace) -> None:
    name = _names(options.records)
    if options.out is not None:
        write_whole({options.out: part.toml(found, name).encode()})
    if options.plot is not None:
        write_whole({options.plot: page.html(found, name, options.language).encode()})


def _names(paths: Sequence[Path]) -> str:
    first = ", ".join(path.name for path in paths[:3])
    return first + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
