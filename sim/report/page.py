"""A report as one page."""

from __future__ import annotations

from sim.report import ivr_sections, why
from sim.report.beside import beside
from sim.report.content import Report
from sim.report.frame import Section, page
from sim.report.over_day import whole_day
from sim.report.sections import about, agents, menu, queues
from sim.report.summary import summary
from sim.report.verdicts import verdicts as verdict_table
from sim.report.waits import waits_plot
from sim.report.words import words


def html(content: Report, language: str = "en") -> str:
    """The page; `language` is shown first where the reader's browser asks for neither."""
    sections = [
        Section("short", words("short.title"), summary(content)),
        Section("day", words("day.title"), whole_day(content)),
        Section("queues", words("queues.title"), queues(content)),
        Section("waits", words("plot.waits"), waits_plot(content, content.queues)),
        Section("agents", words("agents.title"), agents(content)),
        Section("menu", words("menu.title"), menu(content)),
        Section("ivr", words("ivr.title"), ivr_sections.ivr(content)),
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
