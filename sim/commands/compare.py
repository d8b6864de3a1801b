"""`ctid-sim compare`: which of two settings is better, and whether the difference is real."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path

import msgspec

import ctid
from ctid.core.errors import ConfigError
from sim.report import comparison as page
from sim.report.words import figure_name
from sim.run import figures, options, precision
from sim.run.comparing import COMPARED, REAL, Difference, Verdict, compare, shown
from sim.run.figures import LEVEL, Named
from sim.run.options import Overrides
from sim.run.outcome import Outcome
from sim.run.output import as_json, may_write, table, told, with_half, write_page
from sim.run.pool import Pool, Task
from sim.run.progress import progress
from sim.scenario.files import load
from sim.scenario.model import Scenario

HELP = "tell which of two settings is better, and whether that is more than chance"
DESCRIPTION = (
    "Plays two scenarios with the same callers and tells the difference of each figure. The second"
    " is another file, or the first with --set. Exit code 0: done, whatever the answer; 2: bad"
    " input, or a replication failed."
)
EXAMPLES = """\
  ctid-sim compare config/scenarios/small.toml --set config.queues.sales.strategy=fewest_contacts
      the same morning under another strategy, 50 times each
  ctid-sim compare one_queue.toml skills.toml --replications 200 --figures service_level,asa
      two files, two figures, and so many replications that a small difference shows
"""
SCHEMA = "ctid-sim-compare/1"
APART = 1_000_000
"""With --independent, the second's replications have numbers that the first's never have."""
WORDS: dict[Verdict, str] = {
    "better": "better",
    "worse": "worse",
    "higher": "higher",
    "lower": "lower",
    "same": "no real difference",
    "unclear": "too few replications to tell",
    "none": "-",
}


class Side(msgspec.Struct, frozen=True):
    """One of the two."""

    scenario: str
    file: str
    overrides: Overrides


class Comparison(msgspec.Struct, frozen=True):
    """What `--json` prints."""

    schema: str
    version: str
    """Of ctid."""
    first: Side
    second: Side
    seed: int
    replications: int
    level: float
    independent: bool
    """The second had other callers."""
    differences: list[Difference]
    """Second minus first."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `ctid-sim compare`."""
    parser.add_argument("first", type=Path, help="a scenario")
    parser.add_argument("second", type=Path, nargs="?", help="another; default: the first")
    options.add(parser, replications=50)
    options.add_set(parser, "what is different in the second")
    parser.add_argument(
        "--both", action="append", default=[], metavar="PATH=VALUE",
        help="another value in both; repeatable",
    )  # fmt: skip
    parser.add_argument(
        "--figures", default="", metavar="A,B",
        help=f"what is compared, as asa or service_level[sales]; default {', '.join(COMPARED)}",
    )  # fmt: skip
    parser.add_argument(
        "--matters", action="append", default=[], metavar="FIGURE:SIZE",
        help="a smaller difference is none, as service_level:0.01 or asa:1s; repeatable",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="FILE", help="a page; JSON beside it")
    parser.add_argument(
        "--independent", action="store_true",
        help="other callers in the second: to see what the same ones save",
    )  # fmt: skip


def run(asked: argparse.Namespace) -> int:
    """See DESCRIPTION."""
    return options.told("compare", lambda: _run(asked))


def _run(asked: argparse.Namespace) -> int:
    options.check(asked, least=2)
    overrides = options.overrides_of(asked.overrides)
    if asked.second is None and not overrides:
        raise ConfigError(("compare with what? name a second file, or say --set PATH=VALUE",))
    files = (asked.first, asked.second or asked.first)
    both = options.overrides_of(asked.both)
    scenarios = load(files[0], both), load(files[1], both | overrides)
    _same_time(scenarios)
    asked.seed = scenarios[0].seed if asked.seed is None else asked.seed
    names = _names(asked.figures, scenarios)
    matters = _matters(asked.matters, names, scenarios[0])
    may_write(asked.out)
    outcomes = _play(scenarios, files, asked)
    comparison = Comparison(
        SCHEMA, ctid.__version__,
        Side(scenarios[0].name, str(files[0]), both),
        Side(scenarios[1].name, str(files[1]), both | overrides),
        asked.seed, asked.replications, asked.level, asked.independent,
        compare(scenarios, outcomes, names, asked.level, matters),
    )  # fmt: skip
    if asked.out:
        whole = _page(asked, comparison.differences, scenarios, outcomes)
        write_page(asked.out, whole, comparison)
    print(as_json(comparison) if asked.json else text(comparison))
    return 0


def _same_time(scenarios: tuple[Scenario, Scenario]) -> None:
    spans = [(one.lasts, one.warm_up, one.interval) for one in scenarios]
    if spans[0] != spans[1]:
        raise ConfigError(
            ("the two last for different times; give both the same lasts_h, warm_up_s and"
             " interval_s, with --both",)
        )  # fmt: skip


def _names(text: str, scenarios: tuple[Scenario, Scenario]) -> list[Named]:
    asked = [name.strip() for name in text.split(",") if name.strip()] or COMPARED
    for scenario in scenarios:
        found = [figures.find(name, scenario) for name in asked]
    if len(set(asked)) < len(asked):
        raise ConfigError((f"--figures {text}: one of them stands there twice",))
    return found


def _matters(asked: Sequence[str], names: Sequence[Named], scenario: Scenario) -> dict[str, float]:
    targets = [precision.parse(text, scenario, "--matters") for text in asked]
    for target in targets:
        if target.relative or target.named not in names:
            raise ConfigError(
                (f"--matters {target.named.name}: want a size, not a share of it, of a figure that"
                 " is compared",)
            )  # fmt: skip
    return {target.named.name: target.half for target in targets}


def _play(
    scenarios: tuple[Scenario, Scenario], files: tuple[Path, Path], asked: argparse.Namespace
) -> tuple[list[Outcome], list[Outcome]]:
    many = asked.replications
    apart = APART if asked.independent else 0

    def repeat(task: Task) -> str:
        sets = [*asked.both, *(asked.overrides if task.scenario else [])]
        return options.repeats(files[task.scenario], sets, asked.seed)(task)

    # In pairs: whatever ends early has as many of one as of the other.
    tasks = [t for n in range(many) for t in (Task(0, n), Task(1, n + apart))]
    pool = Pool(
        scenarios, asked.seed, min(asked.jobs, len(tasks)), check=asked.check, repeat=repeat
    )
    with pool, progress("comparing: replications", len(tasks)) as advance:
        found = pool.run(tasks, advance)
    return found[::2], found[1::2]


def _page(
    asked: argparse.Namespace, differences: Sequence[Difference],
    scenarios: tuple[Scenario, Scenario], outcomes: tuple[list[Outcome], list[Outcome]],
) -> str:  # fmt: skip
    return page.html(
        page.Side(scenarios[0], outcomes[0]),
        page.Side(scenarios[1], outcomes[1], ", ".join(asked.overrides)),
        differences,
        page.Asked(asked.seed, asked.level, asked.independent, _command(asked)),
    )


def _command(asked: argparse.Namespace) -> str:
    """What makes the same page again."""
    words = ["ctid-sim", "compare", str(asked.first)]
    words += [str(asked.second)] if asked.second else []
    words += ["--replications", str(asked.replications), "--seed", str(asked.seed)]
    words += options.repeated("--set", asked.overrides)
    words += options.repeated("--both", asked.both)
    words += ["--figures", asked.figures] if asked.figures else []
    words += options.repeated("--matters", asked.matters)
    words += ["--level", str(asked.level)] if asked.level != LEVEL else []
    words += ["--independent"] if asked.independent else []
    return shlex.join(words)


# -- what is told --


def text(comparison: Comparison) -> str:
    """For people."""
    sides = [
        f"{one.file} with {options.as_text(one.overrides)}" if one.overrides else one.file
        for one in (comparison.first, comparison.second)
    ]
    callers = "other callers" if comparison.independent else "the same callers"
    head = (
        f"A  {sides[0]}\nB  {sides[1]}\n{comparison.replications} replications of each, {callers}"
    )
    known = shown(comparison.differences)
    rows = [
        (
            figure_name(one.name).en, with_half(one.first), with_half(one.second),
            f"{told(one.low, one.unit, signed=True)} … {told(one.high, one.unit, signed=True)}",
            _chance(one.p_holm),
            "-" if one.variance_reduction is None else f"{one.variance_reduction:.1f}",
            WORDS[one.verdict],
        )
        for one in known
    ]  # fmt: skip
    columns = ("", "A", "B", "B - A", "p (Holm)", "saved", "B is")
    return "\n\n".join([head, table(columns, rows), "\n".join(conclusion(known))])


def _chance(p: float | None) -> str:
    if p is None:
        return "-"
    return f"{p:.4f}" if p >= 0.00005 else "< 0.0001"


def conclusion(differences: Sequence[Difference]) -> list[str]:
    """What it comes to, in sentences."""
    said: list[str] = []
    for verdict in REAL:
        names = [one.name for one in differences if one.verdict == verdict]
        if names:
            said.append(f"B is {verdict} in {', '.join(names)}.")
    same = [one.name for one in differences if one.verdict == "same"]
    if same:
        said.append(f"No real difference in {', '.join(same)}.")
    unclear = [
        f"{one.name} (about {one.would_take} would do)" if one.would_take else one.name
        for one in differences
        if one.verdict == "unclear"
    ]
    if unclear:
        said.append(f"Too few replications to tell about {', '.join(unclear)}.")
    return said


__all__ = ["DESCRIPTION", "EXAMPLES", "HELP", "add_arguments", "run"]
