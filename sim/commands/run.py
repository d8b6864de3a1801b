"""`ctid-sim run`: play a scenario, often enough to trust what it says."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

import ctid
from ctid.core.journal import FORMAT, Header, Line, encode
from sim.report import page, timings, verdicts
from sim.report.content import report
from sim.report.ivr import ivr
from sim.run import figures, options, precision
from sim.run.catalogue import FIGURES
from sim.run.figures import Estimate, Named
from sim.run.options import Overrides
from sim.run.outcome import Outcome
from sim.run.output import (
    as_csv,
    as_json,
    may_write,
    table,
    told,
    whole_file,
    with_half,
    write_page,
    write_whole,
)
from sim.run.pool import Pool, numbered
from sim.run.precision import Target
from sim.run.progress import progress
from sim.run.replication import replicate
from sim.scenario.files import load
from sim.scenario.model import Scenario

HELP = "play a scenario, and say how well its figures are known"
DESCRIPTION = (
    "Plays a scenario several times with other chance, and tells each figure with its interval."
    " Exit code 0: done, and with --until as precisely as asked; 1: not as precisely within"
    " --replications; 2: bad input, or a replication failed."
)
EXAMPLES = """\
  ctid-sim run config/scenarios/small.toml --replications 50 --jobs 2 --out small.html
      fifty mornings on two processors; a page for people, and the same as JSON beside it
  ctid-sim run config/scenarios/small.toml --until service_level:0.005 --replications 1000
      as many mornings as it takes to know the service level to half a percentage point
  ctid-sim run config/scenarios/small.toml --set config.queues.sales.strategy=fewest_contacts
      the same morning under another setting of production
  ctid-sim run config/scenarios/small.toml --replications 1 --journal day.journal
      the journal of one day; `ctid replay day.journal` plays it again
"""
COLUMNS = 5
"""Queues side by side on a terminal."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `ctid-sim run`."""
    parser.add_argument("scenario", type=Path, help="a TOML file, as those in config/scenarios")
    options.add(parser, replications=20)
    options.add_set(parser, "another value")
    parser.add_argument(
        "--until", action="append", default=[], metavar="FIGURE:WIDTH",
        help="stop once the interval reaches no further than this to each side, as"
        " service_level:0.005, asa:500ms or abandonment:5%%; then --replications is the most",
    )  # fmt: skip
    parser.add_argument(
        "--first", type=int, default=0, metavar="N", help="number of the first replication; 0"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="the report as a page; JSON beside"
    )
    parser.add_argument(
        "--theory", type=Path, metavar="FILE",
        help="what `ctid-sim theory --json` printed, as a table in the report",
    )  # fmt: skip
    parser.add_argument(
        "--timings", action="store_true",
        help="measure how long the machine takes for each kind of fact, for the report; which is"
        " then another one each time",
    )  # fmt: skip
    parser.add_argument(
        "--journal", type=Path, metavar="FILE", help="the journal of the first replication"
    )
    parser.add_argument(
        "--decisions", type=Path, metavar="FILE",
        help="CSV: why each call of the first replication went where it went",
    )  # fmt: skip


def run(asked: argparse.Namespace) -> int:
    """See DESCRIPTION."""
    return options.told("run", lambda: _run(asked))


def _run(asked: argparse.Namespace) -> int:
    options.check(asked)
    overrides = options.overrides_of(asked.overrides)
    scenario = load(asked.scenario, overrides)
    asked.seed = scenario.seed if asked.seed is None else asked.seed
    for doubt in scenario.doubts:
        print(f"run: warning: {doubt}", file=sys.stderr)
    targets = [precision.parse(text, scenario) for text in asked.until]
    if targets:
        options.check(asked, least=2)
    may_write(asked.out, asked.journal, asked.decisions)
    known = verdicts.read(asked.theory) if asked.theory else ()
    outcomes, met = _play(scenario, targets, asked)
    if asked.journal:
        write_journal(asked.journal, scenario, asked.seed, asked.first)
    if asked.decisions:
        write_decisions(asked.decisions, outcomes[0])
    found = figures.measure(scenario, outcomes, level=asked.level)
    if asked.out or asked.json:
        said = report(
            scenario, outcomes, seed=asked.seed, command=_command(asked), level=asked.level,
            verdicts=known,
        )  # fmt: skip
        if asked.out:
            took = timings.measure(scenario, asked.seed, asked.first) if asked.timings else []
            timed = msgspec.structs.replace(said, took=took)
            write_page(asked.out, page.html(timed), timed)
        if asked.json:
            print(as_json(msgspec.to_builtins(said) | {"until": _until(targets, found)}))
    if not asked.json:
        print(_told(scenario, overrides, outcomes, found, asked.level))
        _say(targets, found)
    return 0 if met else 1


def _play(
    scenario: Scenario, targets: Sequence[Target], asked: argparse.Namespace
) -> tuple[list[Outcome], bool]:
    first, most = asked.first, asked.replications
    repeat = options.repeats(asked.scenario, asked.overrides, asked.seed)
    pool = Pool([scenario], asked.seed, min(asked.jobs, most), check=asked.check, repeat=repeat)
    what = f"{scenario.name}: replications"
    with pool, progress(what, most) as advance:

        def batch(numbers: range) -> list[Outcome]:
            tasks = numbered(0, (first + n for n in numbers), decisions_of=first)
            return pool.run(tasks, advance)

        if not targets:
            return batch(range(most)), True
        return precision.run(scenario, targets, most, batch, asked.level)


def _command(asked: argparse.Namespace) -> str:
    """What makes the same report again; the number of processes changes nothing, so it is not in
    it."""
    words = ["ctid-sim", "run", str(asked.scenario), "--replications", str(asked.replications)]
    words += ["--seed", str(asked.seed)]
    words += options.repeated("--set", asked.overrides)
    words += options.repeated("--until", asked.until)
    words += ["--first", str(asked.first)] if asked.first else []
    words += ["--level", str(asked.level)] if asked.level != figures.LEVEL else []
    words += ["--theory", str(asked.theory)] if asked.theory else []
    words += ["--timings"] if asked.timings else []
    return shlex.join(words)


# -- what is told --


def _told(
    scenario: Scenario, overrides: Overrides, outcomes: Sequence[Outcome],
    found: dict[str, Estimate], level: float,
) -> str:  # fmt: skip
    calls = sum(outcome.calls for outcome in outcomes)
    few = "; one replication has no intervals" if len(outcomes) == 1 else ""
    head = f"{scenario.name}: {len(outcomes)} replications, {calls} calls{few}"
    if overrides:
        head += f"\nwith {options.as_text(overrides)}"
    queues = ["", *(queue.id for queue in scenario.centre.acd.queues)]
    if len(queues) == 2:
        queues = [""]
    blocks = [_block(queues[at : at + COLUMNS], found) for at in range(0, len(queues), COLUMNS)]
    return "\n\n".join([head, *blocks, *_steps(outcomes, level)])


def _steps(outcomes: Sequence[Outcome], level: float) -> list[str]:
    """Where callers were lost in the flows; nothing where nobody was in one."""
    steps = ivr(outcomes, level).steps
    rows = [
        [step.step, _came(step.entered), with_half(step.drop_off)]
        for step in steps
        if step.drop_off.value
    ]
    if not rows:
        return []
    told = table(["step of a flow", "came", "hung up unserved"], rows)
    if others := len(steps) - len(rows):
        told += f"\nat {others} more step{'s' if others > 1 else ''} nobody hung up unserved"
    return [told]


def _came(callers: float) -> str:
    """Of a mean replication."""
    return f"{callers:.0f}" if callers >= 100 or callers == round(callers) else f"{callers:.1f}"


def _block(queues: Sequence[str], found: dict[str, Estimate]) -> str:
    rows: list[list[str]] = []
    for figure in FIGURES:
        cells = [found.get(Named(figure, queue).name) for queue in queues]
        if any(cell is not None and cell.value is not None for cell in cells):
            rows.append([figure.en, *("" if c is None else with_half(c) for c in cells)])
    return table(["", *(queue or "all" for queue in queues)], rows)


def _until(targets: Sequence[Target], found: dict[str, Estimate]) -> list[dict[str, object]]:
    return [
        {
            "figure": target.named.name,
            "half": target.half,
            "relative": target.relative,
            "met": target.met_by(found[target.named.name]),
            "would_take": target.would_take(found[target.named.name]),
        }
        for target in targets
    ]


def _say(targets: Sequence[Target], found: dict[str, Estimate]) -> None:
    for target in targets:
        estimate = found[target.named.name]
        if target.met_by(estimate):
            print(f"{estimate.name} is known to ± {told(estimate.half, estimate.unit)}, as asked")
            continue
        take = target.would_take(estimate)
        more = f"about {take} replications would do" if take else "it has no spread to go by"
        print(f"{estimate.name} is known to ± {told(estimate.half, estimate.unit)} only; {more}")


# -- the first replication --


def write_journal(path: Path, scenario: Scenario, seed: int, number: int) -> None:
    """The journal of one replication, as the daemon would have written it; played once more for it.

    Raises:
        CannotWrite: nothing is left of it then.
    """
    settings = msgspec.Raw(msgspec.json.encode(scenario.centre))
    with whole_file(path) as file:
        file.write(encode(Header(FORMAT, ctid.__version__, settings)))

        def write(line: Line) -> None:
            file.write(encode(line))

        replicate(scenario, seed, number, write=write)


def write_decisions(path: Path, outcome: Outcome) -> None:
    """The decisions of one replication, one a line.

    Raises:
        CannotWrite: nothing is left of it then.
    """
    names = ("at", "call", "queue", "agent", "strategy", "reason", "waited", "available", "waiting")
    rows = ([getattr(one, name) for name in names] for one in outcome.decisions)
    write_whole({path: as_csv(names, rows)})


__all__ = ["DESCRIPTION", "EXAMPLES", "HELP", "add_arguments", "run"]
