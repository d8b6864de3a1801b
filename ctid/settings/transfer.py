"""What agents may do with the callers they talk to: `[transfer]`, `[transfer_numbers]`."""

from __future__ import annotations

from ctid.centre.transfer import TransferRules
from ctid.core.instants import SECOND
from ctid.settings.overflow import NUMBER
from ctid.settings.table import Problems, Table


def read_transfer(main: Table) -> TransferRules:
    """The rules."""
    table = main.table("transfer")
    hold = table.seconds("hold_s", 20 * SECOND)
    table.close()
    return TransferRules(hold, _numbers(main.table("transfer_numbers")))


def _numbers(table: Table) -> dict[str, str]:
    # With problems of its own: these keys are the site's words, none that everybody could set.
    mine = Table(table.raw, table.path, Problems(table.problems.file))
    numbers: dict[str, str] = {}
    for name in table.rest("<name>"):
        number = mine.text(name, None, pattern=NUMBER, form="digits, with + in front or not")
        if number in numbers.values():
            mine.wrong(name, f"{number} has a name already; take one of the two out")
        elif number:
            numbers[name] = number
    table.problems.lines += mine.problems.lines
    return numbers
