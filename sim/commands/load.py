"""`ctid-sim load`: play a scenario against a running ctid over its sockets."""

from __future__ import annotations

import argparse
import asyncio
import csv
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from ctid.core.errors import ConfigError, CtidError
from ctid.core.records import AgentId
from ctid.ivr import customer_codes
from ctid.settings.files import load as load_settings
from sim.live.customers import demo_customers
from sim.load import tell
from sim.load.measure import Limits, Step
from sim.load.order import Order, Report, Running
from sim.load.ramp import Ramp
from sim.load.session import load
from sim.run.output import as_json
from sim.scenario.files import load as load_scenario

HELP = "play a scenario against a running ctid over AMI, FastAGI and the pages"
DESCRIPTION = (
    "Plays a scenario in real time, or faster, against a ctid over real sockets: a pretend Asterisk"
    " with its callers and phones, and the agents' pages. Exit code 0: all limits held, or the ramp"
    " found a rate that holds; 1: they did not; 2: bad input, or ctid did not start."
)
EXAMPLES = """\
  ctid-sim load config/scenarios/small.toml --start --speed 5 --seconds 60
      start a throwaway ctid with the scenario's production config, and play the scenario's first
      five minutes in one
  ctid-sim load config/scenarios/small.toml --start --ramp 5:100:5 --plot load.svg
      raise the calls a second step by step until it breaks, then look closer
  ctid-sim load mine.toml --config test/ctid.toml --sign-ins people.csv
      against a ctid that runs with that config, whose [pbx] names a free port of this machine; the
      sign-ins are the file that `ctid user import` took
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenario", type=Path, metavar="SCENARIO")
    whom = parser.add_mutually_exclusive_group(required=True)
    whom.add_argument("--start", action="store_true", help="start a throwaway ctid for it")
    whom.add_argument("--config", type=Path, metavar="FILE", help="config of the ctid that runs")
    whom.add_argument(
        "--alone", action="store_true", help="a stub in its place: what can this program play?"
    )
    parser.add_argument("--url", help="pages of that ctid; default: as its config says")
    parser.add_argument(
        "--sign-ins", type=Path, metavar="CSV", help="login, agent and password of each agent"
    )
    parser.add_argument("--seed", type=int, default=1, help="same seed, same callers")
    parser.add_argument(
        "--speed", type=_positive, metavar="N",
        help="everything in the world runs N times faster; default 1, in a ramp so that a call"
        " takes an agent 1.5 s",
    )  # fmt: skip
    parser.add_argument(
        "--ramp", type=_ramp, metavar="FIRST:LAST:STEP", help="calls a second, as 5:100:5"
    )
    parser.add_argument(
        "--seconds", type=_positive, metavar="N",
        help="length of each step of a ramp, default 10; without one, of the whole at most,"
        " default: the scenario's own",
    )  # fmt: skip
    for name in Limits.__struct_fields__:
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=_positive, metavar="N",
            help=f"limit of a step, default {getattr(Limits(), name):g}",
        )  # fmt: skip
    parser.add_argument("--plot", type=_picture, metavar="FILE", help="latencies as .svg or .png")
    parser.add_argument("--json", action="store_true", help="print JSON in place of the table")


def run(args: argparse.Namespace) -> int:
    """See DESCRIPTION."""
    console = Console(stderr=True)
    try:
        order = _order(args)
        for doubt in doubts_of(order):
            print(f"ctid-sim load: warning: {doubt}", file=sys.stderr)
        with _progress(console) as say:
            report = _until_done(order, say, console)
        if args.plot is not None:
            tell.plot(report, args.plot)
    except ConfigError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return 2
    except (CtidError, OSError, ValueError) as error:
        print(f"ctid-sim load: {error}", file=sys.stderr)
        return 2
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("ctid-sim load: stopped; nothing was left running", file=sys.stderr)
        return 130
    if args.json:
        print(as_json(report))
    else:
        tell.print_table(report, Console(width=None if sys.stdout.isatty() else 200))
    return 0 if report.held else 1


def doubts_of(order: Order) -> tuple[str, ...]:
    """What the flows refuse of the codes that callers key, who are the demo's customers."""
    settings = order.running.settings.centre if order.running else order.scenario.centre
    codes = [code for code, _ in demo_customers()]
    return customer_codes.doubts_of(settings.flows, codes, "the demo's customers")


def _until_done(order: Order, say: Callable[[str], None], console: Console) -> Report:
    async def whole() -> Report:
        task = asyncio.current_task()
        assert task is not None
        # Whoever ends us by SIGTERM wants the same as with Ctrl-C: nothing may be left running.
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await load(order, say, lambda step: _stepped(step, console))

    return asyncio.run(whole())


def _stepped(step: Step, console: Console) -> None:
    told = f"{step.rate:.3g} calls/s: {step.verdict}"
    console.print(f"{told}; {'; '.join(step.broken)}" if step.broken else told, highlight=False)


@contextmanager
def _progress(console: Console) -> Iterator[Callable[[str], None]]:
    """One changing line on a terminal, nothing elsewhere."""
    if not console.is_terminal:
        yield lambda text: None
        return
    with console.status("starting", spinner="line") as status:
        yield status.update


def _order(args: argparse.Namespace) -> Order:
    scenario = load_scenario(args.scenario)
    limits = Limits(**{
        name: value
        for name in Limits.__struct_fields__
        if (value := getattr(args, name)) is not None
    })  # fmt: skip
    running = None
    if args.config is not None:
        if args.sign_ins is None:
            raise ValueError("--config needs --sign-ins: the agents sign in as people do")
        settings = load_settings(args.config)
        url = args.url or f"http://127.0.0.1:{settings.web.port}"
        running = Running(settings, url, _sign_ins(args.sign_ins))
    elif args.url or args.sign_ins:
        raise ValueError("--url and --sign-ins go with --config")
    seconds = args.seconds or (10.0 if args.ramp else float("inf"))
    return Order(
        scenario, args.seed, args.speed, args.ramp, seconds, limits, running, args.alone,
    )  # fmt: skip


def _sign_ins(path: Path) -> dict[AgentId, tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if missing := {"login", "agent", "password"} - set(rows.fieldnames or ()):
            raise ValueError(f"{path}: no column {', '.join(sorted(missing))} in the first line")
        return {row["agent"]: (row["login"], row["password"]) for row in rows if row["agent"]}


def _ramp(text: str) -> Ramp:
    try:
        return Ramp.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _picture(text: str) -> Path:
    path = Path(text)
    if path.suffix not in (".svg", ".png"):
        raise argparse.ArgumentTypeError(f"{text!r} is neither .svg nor .png")
    return path


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 1e7:
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return value
