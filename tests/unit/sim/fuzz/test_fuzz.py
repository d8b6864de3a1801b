"""`ctid-sim fuzz`, its cases, its steps and its shrinking."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import msgspec
import pytest

from ctid.core import events as ev
from ctid.core.journal import encode
from sim.cli import main
from sim.fuzz.case import case
from sim.fuzz.play import play
from sim.fuzz.shrink import fewest
from sim.fuzz.steps import Step, feed, steps_of
from tests.golden.site import phones, settings
from tests.golden.transcript import WALL
from tests.unit.sim.fuzz import defects


def test_a_seed_is_always_the_same_case_and_the_same_run() -> None:
    assert case(7) == case(7)
    assert case(7) != case(8)
    assert [encode(line) for line in play(case(3)).lines] == [
        encode(line) for line in play(case(3)).lines
    ]


@pytest.mark.parametrize("seed", [811, 4602, 4730, 5428, 8510, 8771, 9664])
def test_what_broke_a_promise_once_does_not_again(seed: int) -> None:
    assert play(case(seed), again=True).violation is None


def test_the_facts_of_a_run_make_it_again() -> None:
    """Also where the process was killed in between."""
    seeds = (one for one in range(60) if case(one).faults.engine_restart.every.draw(Random(1)))
    played = next(p for p in map(play, map(case, seeds)) if p.loads)
    steps, names = steps_of(played.lines, played.loads)
    one = next(case(s) for s in range(60) if play(case(s)).lines == played.lines)
    fed = feed(one.settings, steps, names)
    assert fed.violation is None
    assert fed.lines == played.lines[: len(fed.lines)]
    assert len(fed.lines) > 0.9 * len(played.lines)


def test_ids_that_the_machine_hands_out_follow_the_facts_that_are_left() -> None:
    """Without the first caller the second one's offer has another number, and its facts too."""
    facts: list[tuple[int, ev.Event]] = [
        (0, ev.Started("b", WALL)),
        (0, ev.Inventory(False, (), phones())),
        (10, ev.SignInAsked("anna")),
        (10, ev.ReadyAsked("anna")),
        (20, ev.CallWaiting("c1", "PJSIP/t-1", "sales", WALL + 20)),
        (30, ev.CallEnded("c1", "16")),
        (40, ev.LegEnded("b-2", "caller_gone")),
        (50, ev.CallWaiting("c2", "PJSIP/t-2", "sales", WALL + 50)),
        (60, ev.AgentAnswered("b-4")),
        (70, ev.CallBridged("b-4")),
    ]
    whole = feed(settings(), [Step(at, fact) for at, fact in facts])
    steps, names = steps_of(whole.lines)
    less = [step for step in steps if getattr(step.fact, "call", "") != "c1"]
    fed = feed(settings(), less, names)
    assert fed.lines[-1].e == ev.CallBridged("b-2")
    assert not any(isinstance(line.e, ev.LegEnded) for line in fed.lines), "of an offer not made"
    assert fed.lines[-1].c, "anna talks"


@pytest.mark.parametrize("needed", [{3}, {0, 99}, {10, 11, 12}, set(range(0, 100, 9))])
def test_fewest_leaves_what_is_needed_and_nothing_else(needed: set[int]) -> None:
    tried = 0

    def enough(some: list[int]) -> bool:
        nonlocal tried
        tried += 1
        return needed <= set(some)

    assert fewest(list(range(100)), enough) == sorted(needed)
    assert tried < 400


def fuzz(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["fuzz", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_nothing_found(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = fuzz(capsys, "--seeds", "3", "--first", "4")
    assert code == 0
    assert out.startswith("seeds 4 to 6: ")
    assert out.endswith(" journal lines checked, nothing found\n")


def test_a_violation(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    defects.no_steps(monkeypatch)
    folder = str(tmp_path / "found")
    code, out, _ = fuzz(capsys, "--first", "1", "--seeds", "9", "--out", folder)
    assert code == 1
    seen = re.search(r"seed (\d): no idle agent while a contact waits for one\nshrunk to", out)
    assert seen is not None
    seed = seen[1]
    assert f"again:   ctid-sim fuzz --first {seed} --seeds 1" in out
    assert f"journal: ctid replay --check {folder}/seed-{seed}.ctid" in out
    assert (tmp_path / "found" / f"seed-{seed}.ctid").exists()
    assert "> " in out, "the transcript"
    code, out, _ = fuzz(capsys, "--first", seed, "--seeds", "1", "--out", folder, "--json")
    assert code == 1
    [found] = msgspec.json.decode(out)["found"]
    assert (found["seed"], found["facts"] <= 6) == (int(seed), True)


def test_what_was_found_is_told_where_no_journal_can_be_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    defects.kept_reserved(monkeypatch)
    taken = tmp_path / "taken"
    taken.write_text("a file")
    code, out, _ = fuzz(capsys, "--first", "1", "--seeds", "9", "--out", str(taken))
    assert code == 1
    assert "an agent's offer is open" in out
    assert "journal: the journal is not written: " in out


def test_as_many_jobs_as_you_like(capsys: pytest.CaptureFixture[str]) -> None:
    one = fuzz(capsys, "--seeds", "6", "--json")
    assert fuzz(capsys, "--seeds", "6", "--jobs", "2", "--json") == one


def test_a_scenario_of_ones_own(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = fuzz(capsys, "--seeds", "1", "--scenario", "config/scenarios/small.toml")
    assert code == 0
    assert "nothing found" in out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--seeds", "0"), "--seeds and --jobs must be >= 1"),
        (("--seeds", "1", "--first", "-1"), "--first >= 0"),
        (("--seeds", "1", "--scenario", "nowhere.toml"), "nowhere.toml"),
    ],
)
def test_bad_input(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    code, out, err = fuzz(capsys, *arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert "Traceback" not in err
