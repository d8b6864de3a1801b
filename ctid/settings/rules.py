"""The routing rules of the settings."""

from __future__ import annotations

from collections.abc import Collection

from ctid.acd.rules import Rule, never
from ctid.core.instants import SECOND
from ctid.settings.skills import read_needs
from ctid.settings.table import Table, nearest, unique

GRADES = ("A", "B", "C", "D", "E")
MOST_VALUE = 10**15


def read_rules(main: Table, queues: Collection[str], hours: Collection[str]) -> tuple[Rule, ...]:
    """All rules in order; one that can never match is a problem."""
    found = []
    tables = main.tables("rules")
    for table in tables:
        found.append(
            Rule(
                id=table.id("id"),
                queues=table.texts("queues", ()),
                grades=table.texts("grades", (), pattern="[A-E]", form="A to E"),
                languages=table.texts("languages", (), pattern="[A-Za-z-]{2,20}", form='"zh-CN"'),
                regions=table.texts("regions", (), pattern="[A-Z]{2}", form='"CN", ISO 3166'),
                known=_flag(table, "known"),
                vip=_flag(table, "vip"),
                complaint=_flag(table, "complaint"),
                segments=table.texts("segments", ()),
                order_value=_order_value(table),
                during=table.texts("during", ()),
                expected=table.seconds("expected_s", SECOND) if "expected_s" in table.raw else 0,
                priority=table.whole("priority", 0, 0, 9) if "priority" in table.raw else None,
                needs=read_needs(table, "needs"),
            )
        )
        for optional in ("priority", "order_value", "expected_s"):
            table.any(optional, None)
        for queue in found[-1].queues:
            if queue not in queues:
                table.wrong("queues", f"there is no queue {queue!r}; {nearest(queue, queues)}")
        for name in found[-1].during:
            if name not in hours:
                what = f"there are no opening hours {name!r}; {nearest(name, hours)}"
                table.wrong("during", what)
        if found[-1].priority is None and not found[-1].needs:
            table.wrong("priority", "the rule does nothing; give priority or needs")
        table.close()
    unique(tables, "id", (rule.id for rule in found), "a rule")
    for n, why in never(found):
        tables[n].wrong("id", f"this rule can never match: {why}; change it or take it out")
    return tuple(found)


def _order_value(table: Table) -> int | None:
    given = "order_value" in table.raw
    return table.whole("order_value", 0, 0, MOST_VALUE) if given else None


def _flag(table: Table, key: str) -> bool | None:
    value = table.any(key, None)
    return None if value is None else table.flag(key, False)
