"""The queues of the settings."""

from __future__ import annotations

from ctid.acd.settings import QueueSettings
from ctid.acd.strategies import STRATEGIES
from ctid.core.instants import SECOND
from ctid.settings.announce import read_wait
from ctid.settings.callback import read_callback
from ctid.settings.channels import read_channel
from ctid.settings.overflow import read_overflow
from ctid.settings.ringing import read_ringing
from ctid.settings.skills import read_reach
from ctid.settings.survey import read_survey
from ctid.settings.table import Table, nearest, unique
from ctid.settings.voicemail import read_voicemail
from ctid.settings.wrapup import read_wrap_up

MUSIC = r"[A-Za-z0-9_.-]{1,60}"


def read_queues(main: Table) -> tuple[QueueSettings, ...]:
    found = []
    tables = main.tables("queues")
    for table in tables:
        name = table.id("id")
        wrap_up, rule = read_wrap_up(table)
        ring_for = table.seconds("ring_for_s", 20 * SECOND)
        found.append(
            QueueSettings(
                id=name,
                name=table.text("name", name, empty=False),
                music=table.text("music", "default", pattern=MUSIC, form="A-Z a-z 0-9 _ . -"),
                strategy=table.text("strategy", "longest_idle"),
                target=table.seconds("target_s", 20 * SECOND),
                ring_for=ring_for,
                ringing=read_ringing(table, ring_for),
                pull=table.flag("pull", default=False),
                wrap_up=wrap_up,
                wrap_up_rule=rule,
                overflow=read_overflow(table),
                callback=read_callback(table.table("callback")),
                wait=read_wait(table.table("wait")),
                survey=read_survey(table),
                voicemail=read_voicemail(table.table("voicemail")),
            )
        )
        found[-1] = read_channel(table, read_reach(table, found[-1]))
        if found[-1].strategy not in STRATEGIES:
            what = f"there is no strategy {found[-1].strategy!r}"
            table.wrong("strategy", f"{what}; {nearest(found[-1].strategy, STRATEGIES)}")
        table.close()
    if not tables:
        main.wrong("queues", "there is no queue; add one under [[queues]]")
    unique(tables, "id", (queue.id for queue in found), "a queue")
    return tuple(found)
