"""How long agents are left alone after a failed offer, and how long breaks may be."""

from __future__ import annotations

from collections.abc import Collection

from ctid.acd.absence import AbsenceRules
from ctid.core.instants import Duration
from ctid.settings.table import Problems, Table, nearest

MOST_NO_ANSWERS = 20
"""Who lets more calls ring is not there at all."""


def read_absence(main: Table, routing: Table, back_off: Duration) -> AbsenceRules:
    """The rules; `back_off` is what holds for a cause that has no time of its own."""
    table = main.table("break_max_s")
    # With problems of its own: these keys are the site's words, none that everybody could set.
    mine = Problems(table.problems.file)
    times = Table(table.raw, table.path, mine)
    longest = {reason: times.seconds(reason, 0) for reason in table.rest("<reason>")}
    table.problems.lines += mine.lines
    return AbsenceRules(
        rejected=routing.seconds("back_off_rejected_s", back_off),
        no_answer=routing.seconds("back_off_no_answer_s", back_off),
        no_answers=routing.whole("no_answers", 1, 1, MOST_NO_ANSWERS),
        break_most=longest,
    )


def check_break_reasons(main: Table, reasons: Collection[str]) -> None:
    """Each break with a maximum is one that agents can choose."""
    table = main.table("break_max_s")
    for reason in table.raw:
        if reason not in reasons:
            what = f"there is no break reason {reason!r} in web.break_reasons"
            table.wrong(reason, f"{what}; {nearest(reason, reasons)}")
