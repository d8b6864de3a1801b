"""A whole report: what it says, that it needs nothing, and that strangers' names stay names."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from sim.report.content import MOST_DECISIONS, Report, Took
from sim.report.content import report as contents
from sim.report.page import html
from sim.run.outcome import Outcome
from sim.run.output import write_page
from sim.theory.verdict import Verdict
from tests.unit.sim.report.small import HOSTILE, content, outcomes, scenario


class Seen(HTMLParser):
    """The elements of a page, their attributes, and the text of scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.scripts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.open.append(tag)
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        while self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts[-1] += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def page() -> str:
    return html(content())


@pytest.fixture(scope="module")
def seen(page: str) -> Seen:
    return Seen(page)


def test_nothing_is_fetched(page: str, seen: Seen) -> None:
    for _, attributes in seen.elements:
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            target = attributes.get(name)
            assert target is None or target.startswith("#") or target == "data:,", attributes
    assert not re.search(r"@import|url\((?!#)", page)


def test_names_are_names(seen: Seen) -> None:
    assert len(seen.scripts) == 2
    assert seen.of("img") == []
    known = json.loads(seen.scripts[0])
    assert known["queues"]["sales"] == HOSTILE
    assert known["agents"]["agent1"] == HOSTILE
    assert len(known["rows"]) == len(outcomes()[0].decisions)


def test_ids_are_unique_and_meant(seen: Seen) -> None:
    ids = [a["id"] for _, a in seen.elements if "id" in a]
    assert len(ids) == len(set(ids))
    for _, attributes in seen.elements:
        for name in ("aria-labelledby", "for"):
            assert set((attributes.get(name) or "").split()) <= set(ids)


def test_tables_have_captions_and_plots_have_words(seen: Seen, page: str) -> None:
    assert len(seen.of("table")) == len(seen.of("caption"))
    plots = [a for a in seen.of("div") if a.get("class") == "plot"]
    assert len(plots) == len(seen.of("svg")) > 10
    for plot in plots:
        assert len((plot["aria-labelledby"] or "").split()) == 2


def test_both_languages_are_there(page: str) -> None:
    assert "callers who stayed in a queue were answered within 20 s" in page
    assert "位在20 秒内接通" in page
    assert 'lang="zh-CN"' in html(content(), "zh-CN")[:40]


def test_the_json_is_the_report() -> None:
    again = msgspec.json.decode(msgspec.json.encode(content()), type=Report)
    assert again == content()
    assert again.schema == "ctid-sim-report/1"


def test_calls_add_up() -> None:
    found = content()
    assert found.menu.calls * 3 == pytest.approx(found.about.calls)
    assert sum(found.menu.endings.values()) == pytest.approx(found.menu.calls)
    joined = sum(value or 0 for value in found.day.offered.mean)
    assert joined == pytest.approx(found.figures["offered"].value)
    answered = sum(sum(q.waits.answered) for q in found.queues if q.waits) / 3
    assert answered == pytest.approx(found.menu.endings["answered"])


def test_the_slowest_waited_longest() -> None:
    slowest = content().slowest
    assert [s.waited for s in slowest] == sorted((s.waited for s in slowest), reverse=True)
    longest = max(d.waited for d in outcomes()[0].decisions)
    assert slowest[0].waited == longest


def test_only_so_many_decisions_are_kept() -> None:
    first = outcomes()[0]
    many = (first.decisions * (MOST_DECISIONS // len(first.decisions) + 1))[: MOST_DECISIONS + 5]
    grown = [msgspec.structs.replace(first, decisions=many), *outcomes()[1:]]
    found = contents(scenario(), grown, seed=1, command="")
    assert (len(found.decisions), found.decisions_left_out) == (MOST_DECISIONS, 5)


def test_one_replication_has_no_interval() -> None:
    page = html(contents(scenario(), outcomes()[:1], seed=1, command=""))
    assert "This is one simulated run" in page
    assert "nine of ten" not in page.replace("the band holds nine of ten runs", "")


def test_nobody_called() -> None:
    empty = [_emptied(outcome) for outcome in outcomes()]
    page = html(contents(scenario(), empty, seed=1, command=""))
    assert "No caller joined a queue." in page
    assert "No decisions were kept." in page


def _emptied(outcome: Outcome) -> Outcome:
    sums = {q: [type(s)() for s in rows] for q, rows in outcome.queues.items()}
    agents = {a: [type(s)() for s in rows] for a, rows in outcome.agents.items()}
    return msgspec.structs.replace(
        outcome, queues=sums, agents=agents, fairness=[], calls=0, contained=0, left_menu=0,
        waits={}, endings={}, decisions=[],
    )  # fmt: skip


def test_theory_and_times_where_there_are_any() -> None:
    verdict = Verdict(
        "M/M/n", "10", "1", 0.0, 12, "P(wait)", 0.45, 0.0, 0.46, 0.01, 1, 1, 20, 50, ""
    )
    beyond = msgspec.structs.replace(verdict, z=-4.2)
    took = Took("CallWaiting", 12, 30.5, 80.0, 99.9)
    found = msgspec.structs.replace(content(), verdicts=[verdict, beyond], took=[took])
    page = html(found)
    assert "1 of 2 values lie beyond chance." in page
    assert "CallWaiting" in page


WRITE = """
import sys
from pathlib import Path
from sim.report.page import html
from sim.run.output import write_page
from tests.unit.sim.report.small import content
write_page(Path(sys.argv[1]), html(content()), content())
"""


def test_same_bytes_under_any_hash_seed(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", WRITE, str(tmp_path / f"{seed}.html")],
            check=True, env={**os.environ, "PYTHONHASHSEED": seed},
        )  # fmt: skip
    write_page(tmp_path / "3.html", html(content()), content())
    for suffix in ("html", "json"):
        files = {(tmp_path / f"{n}.{suffix}").read_bytes() for n in (1, 2, 3)}
        assert len(files) == 1
