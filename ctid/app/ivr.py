"""Look at a flow without a telephone: draw it as a picture, or walk through it in the terminal.

`draw` makes one SVG that needs nothing else.

`try` walks the flow as ctid itself does: it prints what the caller hears, asks for keys, and tells
the path and the outcome. An empty line is silence, a word is said and not pressed, `h` hangs up.
With --keys it asks nobody: the inputs stand between commas, an empty one is silence, and after the
last one the caller stays silent. Opening hours, the CRM and services are pretended.

FLOW is the id of a flow in the folder --flows, or a flow's file. The exit code is 0 when the flow
was drawn or came to an end, 1 when it has problems, and 2 for a wrong call.

examples:
  ctid ivr draw main --out flow.svg               the picture
  ctid ivr draw main --language en --json         the same as a graph, for programs
  ctid ivr try main --language en                 walk it by hand
  ctid ivr try main --keys 2,1,123456             English, sales, and a code of six figures
  ctid ivr try main --keys ,,1,9999# --code-unknown --json
  ctid ivr try config/flows/main.toml --closed --keys ""
  ctid ivr try self-service --flows config/examples --keys 2,100001,1234#,2 --service-none
  ctid ivr try self-service --flows config/examples --value order_status=delivered
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from ctid.app.clocks import SystemClock
from ctid.app.ivr_answers import Answers
from ctid.app.ivr_flows import flows_for, told_by_services
from ctid.app.ivr_say import Terminal
from ctid.app.ivr_try import Pretence, Trial, keys_problem
from ctid.core.errors import CtidError
from ctid.core.text import nearest
from ctid.ivr.flow import LANGUAGES
from ctid.ivr.hours import UNKNOWN, Next
from ctid.ivr.subflows import parameters
from ctid.ivr.variables import Known, name_problem
from ctid.settings.rules import GRADES
from ctid.settings.zones import country_problem

LONGEST_SPEECH = 3_600
FLOWS = Path("config/flows")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words that may follow `ctid ivr`."""
    whats = parser.add_subparsers(metavar="draw|try", required=True)
    draw = whats.add_parser("draw", help="the flow as a picture", **_texts("draw"))
    draw.add_argument("--out", type=Path, metavar="FILE", help="the SVG; default FLOW.svg")
    draw.set_defaults(do=_draw)
    walk = whats.add_parser("try", help="walk through the flow in the terminal", **_texts("try"))
    walk.add_argument(
        "--keys", type=_keys, metavar="KEYS",
        help="what the caller presses, one input for each question, between commas; asks nobody",
    )  # fmt: skip
    hours = walk.add_mutually_exclusive_group()
    hours.add_argument("--closed", action="store_true", help="all opening hours are closed")
    hours.add_argument(
        "--opens", type=_opens, metavar="WHEN",
        help='closed, and open again then: "today 14:00", "tomorrow 9:00" or "2026-10-09 9:00"',
    )  # fmt: skip
    codes = walk.add_mutually_exclusive_group()
    for name, status, text in (
        ("found", "found", "the CRM knows each code (default)"),
        ("unknown", "none", "the CRM knows no code"),
        ("unanswered", "timeout", "the CRM does not answer"),
    ):
        codes.add_argument(
            f"--code-{name}", dest="status", action="store_const", const=status, help=text
        )
    pins = walk.add_mutually_exclusive_group()
    for name, status, text in (
        ("right", "right", "each PIN is right (default)"),
        ("wrong", "wrong", "each PIN is wrong"),
        ("unset", "unset", "the customer has no PIN"),
        ("unanswered", "timeout", "the CRM does not answer"),
        ("locked", "locked", "no PIN is taken of this caller"),
    ):
        pins.add_argument(
            f"--pin-{name}", dest="pin", action="store_const", const=status, help=text
        )
    services = walk.add_mutually_exclusive_group()
    for status, text in (
        ("none", "services have nothing such"),
        ("unavailable", "services are broken"),
        ("timeout", "services do not answer"),
    ):
        services.add_argument(
            f"--service-{status}", dest="answer", action="store_const", const=status, help=text
        )
    walk.add_argument(
        "--value", dest="values", type=_value, action="append", default=[], metavar="NAME=TEXT",
        help="a variable that the flow is called with, or what services say of it in place of an"
        " example; once for each",
    )  # fmt: skip
    walk.add_argument(
        "--nobody-outside", dest="outside", action="store_false",
        help="nobody answers where a transfer leads",
    )  # fmt: skip
    walk.add_argument(
        "--no-callback", dest="callback", action="store_false",
        help="the caller's number cannot be called back",
    )  # fmt: skip
    walk.add_argument(
        "--speaks", type=_seconds, default=5_000, metavar="S",
        help="seconds that the caller speaks at each tone; 0: says nothing; default 5",
    )  # fmt: skip
    walk.add_argument("--number", metavar="TEXT", help="the caller's number; '' is a hidden one")
    walk.add_argument("--grade", default="", choices=GRADES, help="the customer's grade")
    walk.add_argument("--segment", default="", metavar="TEXT", help="the customer's segment")
    walk.add_argument(
        "--region", type=_region, default="", metavar="CC", help="country of the caller's number"
    )
    walk.set_defaults(do=_try, status="found", pin="right", answer="done")
    for one in (draw, walk):
        one.add_argument("flow", metavar="FLOW", help="id of a flow, or a flow's file")
        one.add_argument(
            "--flows", type=Path, default=FLOWS, metavar="FOLDER",
            help=f"folder with the flow files; default {FLOWS}",
        )  # fmt: skip
        one.add_argument(
            "--language", choices=LANGUAGES, default="", help="default: the flow's own"
        )
        one.add_argument("--json", action="store_true", help="one JSON object, for programs")


def run(args: argparse.Namespace) -> int:
    """Draw or walk; the exit code.

    Raises:
        CtidError: there is no such flow.
        ConfigError: the flow has problems.
    """
    code: int = args.do(args)
    return code


def _texts(what: str) -> dict[str, Any]:
    """Description and examples of one of the two."""
    about, _, examples = (__doc__ or "").partition("examples:\n")
    _, of_draw, of_try, of_both = about.strip().split("\n\n")
    lines = [line for line in examples.splitlines() if line.startswith(f"  ctid ivr {what} ")]
    return {
        "description": f"{of_draw if what == 'draw' else of_try}\n\n{of_both}",
        "epilog": "\n".join(("examples:", *lines)),
        "formatter_class": argparse.RawDescriptionHelpFormatter,
    }


def _keys(text: str) -> list[str]:
    inputs = [one.strip() for one in text.split(",")]
    for number, one in enumerate(inputs, start=1):
        if problem := keys_problem(one):
            raise argparse.ArgumentTypeError(f"input {number}: {problem}")
    return inputs


def _value(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or name_problem(name):
        raise argparse.ArgumentTypeError(f"{text!r} does not fit; write order_status=shipped")
    return name, value


def _region(text: str) -> str:
    if text and (problem := country_problem(text)):
        raise argparse.ArgumentTypeError(problem)
    return text


def _out_problem(out: Path, flow: str) -> str:
    """Why the picture cannot stand there, or empty."""
    if out.is_dir():
        return f"is a folder; name a file in it, {out / f'{flow}.svg'}"
    if not out.parent.is_dir():
        return f"there is no folder {out.parent}; make it first, or name another"
    if out.suffix.lower() not in ("", ".svg"):
        return f"the picture is an SVG; name it {out.with_suffix('.svg').name}"
    return ""


def _seconds(text: str) -> int:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_SPEECH:
        raise argparse.ArgumentTypeError(f"{text!r} does not fit; use 0 to {LONGEST_SPEECH}")
    return round(seconds * 1000)


def _opens(text: str) -> Next:
    day, _, clock = text.partition(" ")
    try:
        at = datetime.strptime(clock.strip(), "%H:%M")
        if day in ("today", "tomorrow"):
            today = datetime.fromtimestamp(SystemClock().wall() / 1000, UTC).date()
            date, word = today + timedelta(days=day == "tomorrow"), day
        else:
            date, word = datetime.strptime(day, "%Y-%m-%d").date(), "later"
    except ValueError:
        form = '"today 14:00", "tomorrow 9:00" or "2026-10-09 9:00"'
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write {form}") from None
    return f"{date:%Y-%m-%d}", f"{at:%H:%M}", word


def _draw(args: argparse.Namespace) -> int:
    # The layout needs numpy and scipy, which nobody else here waits for.
    from ctid.app.ivr_graph import graph_of
    from ctid.app.ivr_svg import svg

    flow, _ = flows_for(args.flow, args.flows)
    graph = graph_of(flow, args.language or flow.language)
    if args.out or not args.json:
        out: Path = args.out or Path(f"{flow.id}.svg")
        if problem := _out_problem(out, flow.id):
            raise CtidError(f"--out {out}: {problem}")
        out.write_text(svg(graph), encoding="utf-8")
        told = f"{out}: {len(graph.nodes)} steps, {len(graph.edges)} ways between them"
        print(told, file=sys.stderr if args.json else sys.stdout)
    if args.json:
        _print(graph)
    return 0


def _try(args: argparse.Namespace) -> int:
    if args.json and args.keys is None:
        print("ctid ivr try: --json asks nobody, so it needs --keys", file=sys.stderr)
        return 2
    values = dict(args.values)
    flow, flows = flows_for(args.flow, args.flows, values.keys())
    told = {name for one in flows.values() for name in told_by_services(one)}
    handed = parameters(flow)
    if unknown := [name for name in values if name not in told | handed]:
        hint = nearest(unknown[0], sorted(told | handed)) if told | handed else "leave it out"
        what = f"no service tells {unknown[0]!r}, and the flow is not called with it"
        raise CtidError(f"--value {unknown[0]}: {what}; {hint}")
    if args.answer != "done" and (useless := [name for name in values if name not in handed]):
        raise CtidError(f"--value {useless[0]}: services tell nothing here; take one of them out")
    known = Known(args.grade, args.segment, args.region, args.number or "")
    terminal = Terminal(args.keys, silent=args.json)
    is_open = not (args.closed or args.opens)
    pretence = Pretence(
        is_open, args.opens or UNKNOWN, args.status, known, Answers(args.answer, values), args.pin,
        args.outside, args.callback, hidden=args.number == "",
        given={name: value for name, value in values.items() if name in handed},
        speaks=args.speaks,
    )  # fmt: skip
    trial = Trial(flows, pretence, terminal.tell)
    story = trial.walk(flow.id, args.language, terminal.keyed)
    if args.json:
        _print(story)
    else:
        terminal.end(story)
    return 1 if story.outcome == "lost" else 0


def _print(answer: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
