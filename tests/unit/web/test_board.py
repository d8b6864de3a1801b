"""What a board shows where very much waits."""

from ctid.core.views import CentreView, WaitingView
from ctid.web.frames import MOST_TASKS, board


def waiting(*ones: WaitingView) -> list[str]:
    view = CentreView(0, 0, False, 0, (), (), ones)
    return [one.call for one in board(view, 80).waiting]


def task(n: int, raised: int = 0) -> WaitingView:
    return WaitingView(f"task:{n}", "mail", "", n, "", raised)


def test_all_callers_and_so_many_tasks_those_that_were_raised_first() -> None:
    tasks = [task(n, raised=int(n == 5_000)) for n in range(10_000)]
    callers = [WaitingView(f"c{n}", "sales", "", n, "") for n in range(300)]
    shown = waiting(*tasks, *callers)
    assert len(shown) == MOST_TASKS + 300
    assert shown[-300:] == [one.call for one in callers]
    assert shown[: MOST_TASKS - 1] == [f"task:{n}" for n in range(MOST_TASKS - 1)]
    assert "task:5000" in shown


def test_few_are_all_shown_in_their_order() -> None:
    assert waiting(task(1), WaitingView("c1", "sales", "", 2, ""), task(3)) == [
        "task:1", "c1", "task:3",
    ]  # fmt: skip
