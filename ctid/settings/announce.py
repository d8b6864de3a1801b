"""The caller's wait in the settings of one queue: `[queues.wait]`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from ctid.acd.announce import PeriodicOrder, WaitSettings
from ctid.acd.settings import QueueSettings
from ctid.acd.wait_prompts import TEXTS
from ctid.core.instants import MINUTE, SECOND
from ctid.core.numerals import HIGHEST
from ctid.ivr.flow import Flow
from ctid.settings.flows import PROMPT
from ctid.settings.table import Table, nearest

_PROMPT_FORM = "1 to 60 of a-z 0-9 _ -"
_ORDERS: tuple[PeriodicOrder, ...] = get_args(PeriodicOrder)


def read_wait(table: Table) -> WaitSettings:
    """What `table` says; every problem with it goes to the table."""
    least = table.whole("min_minutes", 1, 1, HIGHEST)
    wait = WaitSettings(
        handling=table.seconds("handling_s", 4 * MINUTE),
        half_life=table.whole("half_life", 50, 1, 10_000),
        position_up_to=table.whole("position_up_to", 0, 0, HIGHEST),
        expected_wait=table.flag("expected_wait", False),
        first_after=table.seconds("first_after_s", 20 * SECOND),
        every=table.seconds("every_s", MINUTE),
        only_if_improved=table.flag("only_if_improved", True),
        least_minutes=least,
        most_minutes=table.whole("max_minutes", max(30, least), least, HIGHEST),
        periodic=table.texts("periodic", (), pattern=PROMPT.pattern, form=_PROMPT_FORM),
        periodic_every=table.seconds("periodic_every_s", MINUTE),
        periodic_order=_order(table),
        comfort=table.text(
            "comfort", "queue-comfort", pattern=PROMPT.pattern, form=_PROMPT_FORM, empty=False
        ),
        comfort_every=table.seconds("comfort_every_s", 0, zero=True),
    )
    table.close()
    return wait


def _order(table: Table) -> PeriodicOrder:
    told = table.text("periodic_order", "in_order")
    for order in _ORDERS:
        if told == order:
            return order
    table.wrong("periodic_order", f"{told!r} is no order; {nearest(told, _ORDERS)}")
    return "in_order"


def check_prompts(main: Table, queues: Iterable[QueueSettings], flows: Iterable[Flow]) -> None:
    """A prompt that has no text anywhere would be silence."""
    known = {*TEXTS, *(name for flow in flows for name in flow.prompts)}
    for number, queue in enumerate(queues, 1):
        said = {"periodic": queue.wait.periodic, "comfort": (queue.wait.comfort,)}
        for key, names in said.items():
            for name in names:
                if name not in known:
                    what = f"there is no prompt {name!r}; write its texts under"
                    at = f"queues[{number}].wait.{key}"
                    main.wrong(at, f"{what} [prompts.{name}] of a flow file")
