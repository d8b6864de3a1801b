"""A report as one page, and both its files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from sim.report import why
from sim.report.beside import beside
from sim.report.content import Report, Took, report
from sim.report.files import write_whole
from sim.report.frame import Section, page
from sim.report.over_day import whole_day
from sim.report.sections import about, agents, menu, queues
from sim.report.summary import summary
from sim.report.verdicts import verdicts as verdict_table
from sim.report.waits import waits_plot
from sim.report.words import words
from sim.run.figures import LEVEL
from sim.run.outcome import Outcome
from sim.scenario.model import Scenario
from sim.theory.verdict import Verdict


def html(content: Report, language: str = "en") -> str:
    """The page; `language` is shown first where the reader's browser asks for neither."""
    sections = [
        Section("short", words("short.title"), summary(content)),
        Section("day", words("day.title"), whole_day(content)),
        Section("queues", words("queues.title"), queues(content)),
        Section("waits", words("plot.waits"), waits_plot(content, content.queues)),
        Section("agents", words("agents.title"), agents(content)),
        Section("menu", words("menu.title"), menu(content)),
        Section("theory", words("theory.title"), beside(content)),
    ]
    if content.verdicts:
        sections.append(
            Section("verdicts", words("verdicts.title"), verdict_table(content.verdicts))
        )
    sections += [
        Section("why", words("why.title"), why.why(content)),
        Section("about", words("about.title"), about(content)),
    ]
    return page(content.about.scenario, language, sections, {why.DATA: why.data(content)})


def json(content: Report) -> bytes:
    """The same for programs."""
    return msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"


def write(
    target: Path,
    scenario: Scenario,
    outcomes: Sequence[Outcome],
    *,
    seed: int,
    command: str,
    level: float = LEVEL,
    verdicts: Sequence[Verdict] = (),
    took: Sequence[Took] = (),
    language: str = "en",
) -> Report:
    """Write the page to `target` and the JSON beside it, `report.html` and `report.json`.

    Both are functions of the arguments, byte for byte, where `took` is empty.

    Args:
        outcomes: at least one replication; decisions are those of the first.
        command: the command line that does it again.
        level: of the intervals.
        verdicts: of `ctid-sim theory`, for a table of them.
        took: measured times, which differ from run to run.

    Raises:
        CannotWrite: the folder or the disk does not take it; what stood there stands there still.
    """
    content = report(
        scenario, outcomes, seed=seed, command=command, level=level, verdicts=verdicts, took=took
    )  # fmt: skip
    write_whole(
        {target: html(content, language).encode(), target.with_suffix(".json"): json(content)}
    )
    return content
