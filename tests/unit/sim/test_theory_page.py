"""`ctid-sim theory` beyond the table of its rows: a page, notes, and what many rows mean."""

from pathlib import Path

import pytest

from sim import cli
from sim.erlang.queue import Queue
from sim.theory.measures import Sums
from sim.theory.row import Held, Row
from sim.theory.system import erlang
from sim.theory.table import family, table
from sim.theory.verdict import Verdict, judge, t_and_z

HEAD = "model,lambda,mu,theta,n,metric,value\n"


def verdict(errors: list[float], value: float = 0.5) -> Verdict:
    """A row of P(wait) in M/M/3 whose replications miss `value` by so much."""
    sums: list[Sums] = [{"P(wait)": (value + e, 1.0), "arrivals": (100, 1)} for e in errors]
    held = Held(erlang(Queue(1, 1, 3)), "P(wait)")
    return judge(Row("M/M/3", "P(wait)", value, held), sums)


def test_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows, out = tmp_path / "rows.csv", tmp_path / "theory.html"
    rows.write_text(
        HEAD
        + "M/M/n/n,1,1,,1,P(block),0.5\n"
        + "Halfin-Whitt limit,,1,,inf,P(wait) beta=1,0.223361274798261\n"
        + "Predictive dialer,x,,,,max,1\n"
    )
    run = ["theory", "--rows", str(rows), "--calls", "200", "--replications", "6", "--jobs", "1"]
    assert cli.main([*run, "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert "passed over: 1 rows of Predictive dialer" in told
    assert "whose P(wait) differs from the limit's by -0.00642" in told
    page = out.read_text()
    assert page.count("<svg") == 1
    assert "z against the normal" in page
    assert "z 值与正态分布" in page
    assert "passed over" in page


def test_no_place_for_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text(HEAD + "M/M/n/n,1,1,,1,P(block),0.5\n")
    assert cli.main(["theory", "--rows", str(rows), "--out", "/nowhere/x.html"]) == 2
    assert "cannot write /nowhere/x.html" in capsys.readouterr().err


def test_a_row_that_is_wrong_itself_is_told_of() -> None:
    right = Queue(1, 1, 3).p_wait()
    assert "is the row right?" in table([verdict([0.1, -0.1, 0.05, 0.0, -0.05])])
    assert "is the row right?" not in table([verdict([0.1, -0.1, 0.05, 0.0, -0.05], right)])


def test_many_rows_together() -> None:
    chance = verdict([0.1, -0.1, 0.05, 0.0, -0.05])
    one = family([chance] * 167)
    assert (one.rows, one.beyond, one.replications) == (167, 0, 5)
    assert one.expected == pytest.approx(167 * 0.000465258)
    assert one.chance == 1
    far = family([chance] * 9 + [verdict([0.1, 0.101, 0.099, 0.1, 0.1])])
    assert far.beyond == 1
    assert far.chance < 0.01


def test_symmetric_errors_are_judged_by_student_alone() -> None:
    t, z = t_and_z([-1.0, 3.0, 1.0, 0.0, 2.0])
    assert t == pytest.approx(2**0.5)
    assert z == pytest.approx(1.1998, abs=1e-3), "p is 0.230 both ways"


def test_few_very_long_queues_do_not_say_too_small() -> None:
    """Nineteen replications a little below, one far above: their mean is below by chance."""
    errors = [-1.0 + n / 100 for n in range(19)] + [6.0]
    t, z = t_and_z(errors)
    assert -2.2 < t < -1.4
    assert abs(z) < abs(t)
    assert t_and_z([-e for e in errors])[1] == pytest.approx(-z)


def test_no_spread_at_all() -> None:
    assert t_and_z([0.0, 0.0, 0.0]) == (0, 0)
    assert t_and_z([1.0, 1.0, 1.0])[1] == float("inf")
