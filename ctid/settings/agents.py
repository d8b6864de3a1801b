"""The agents of the settings."""

from __future__ import annotations

from ctid.acd.settings import AgentSettings
from ctid.settings.skills import read_abilities
from ctid.settings.table import Table, nearest, unique

PHONE = r"[A-Za-z][A-Za-z0-9]{1,15}/[A-Za-z0-9_.+-]{1,80}"
"""One device and no more: `&` would ring several, `@` and `,` would reach the dialplan."""


def read_agents(main: Table, queues: list[str]) -> tuple[AgentSettings, ...]:
    found = []
    tables = main.tables("agents")
    for table in tables:
        name = table.id("id")
        found.append(
            AgentSettings(
                id=name,
                name=table.text("name", name, empty=False),
                phone=table.text(
                    "phone", None, pattern=PHONE, form="TECHNOLOGY/NAME, such as PJSIP/1001",
                    empty=False,
                ),
                queues=table.texts("queues", None),
            )
        )  # fmt: skip
        for queue in found[-1].queues:
            if queue not in queues:
                table.wrong("queues", f"there is no queue {queue!r}; {nearest(queue, queues)}")
        if len(set(found[-1].queues)) < len(found[-1].queues):
            table.wrong("queues", "names a queue twice; name it once")
        found[-1] = read_abilities(table, found[-1], queues)
        table.close()
    unique(tables, "id", (agent.id for agent in found), "an agent")
    unique(tables, "phone", (agent.phone for agent in found), "an agent")
    return tuple(found)
