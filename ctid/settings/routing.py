"""The part of the settings that the machine runs on: queues, agents, hours, flows, entries."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from ctid.acd.settings import AcdSettings
from ctid.centre.settings import CentreSettings
from ctid.core.instants import MINUTE, SECOND
from ctid.ivr.flow import Flow
from ctid.ivr.subflows import entry_problem
from ctid.settings.absence import read_absence
from ctid.settings.agents import read_agents
from ctid.settings.announce import check_prompts
from ctid.settings.callback import check_callbacks
from ctid.settings.channels import calls_only, check_channels, read_channels
from ctid.settings.flow_names import recording_problems, transfer_problems
from ctid.settings.flows import ids_of, read_flows
from ctid.settings.hours import read_hours
from ctid.settings.identity import read_identity
from ctid.settings.overflow import check_overflow
from ctid.settings.queues import read_queues
from ctid.settings.rules import read_rules
from ctid.settings.sections import Site
from ctid.settings.skills import check_reach
from ctid.settings.supervision import read_supervision
from ctid.settings.survey import check_surveys
from ctid.settings.table import Table, nearest
from ctid.settings.transfer import read_transfer
from ctid.settings.voicemail import check_voicemail

ENTRY = re.compile(r"\*|[+0-9]{1,32}")


def read_centre(
    main: Table,
    site: Site,
    flows: Mapping[str, Mapping[str, Any]],
    services: Mapping[str, Collection[str]],
) -> tuple[CentreSettings, list[str]]:
    """The machine's settings, and the problems of the flow files; others go to `main`'s. `services`
    are those that flows may ask, with what may be asked of each."""
    queues = read_queues(main)
    names = [queue.id for queue in queues]
    hours = read_hours(main.table("hours"), site.timezone)
    for_calls = calls_only(queues)
    walks, lines = read_flows(flows, for_calls, hours, services)
    if not lines:  # a flow that is broken brings no prompts along
        check_prompts(main, queues, walks.values())
    routing = main.table("routing")
    back_off = routing.seconds("back_off_s", 5 * SECOND)
    agents = read_agents(main, names)
    check_reach(main, queues, agents)
    channels = read_channels(main)
    check_channels(main, channels, queues, agents)
    check_overflow(main, queues, hours, walks)
    check_callbacks(main, queues, hours)
    centre = CentreSettings(
        acd=AcdSettings(
            queues=queues,
            agents=agents,
            channels=channels,
            tasks_kept=routing.seconds("tasks_kept_s", 120 * SECOND),
            outbound_stops_after=routing.seconds("outbound_stops_after_s", 20 * SECOND),
            rules=read_rules(main, names, hours),
            rank_budget=routing.seconds("rank_budget_s", 300),
            back_off=back_off,
            age_every=routing.seconds("age_every_s", 60 * SECOND),
            urgency_cap=routing.seconds("urgency_cap_s", 600 * SECOND),
            absence=read_absence(main, routing, back_off),
            leg_grace=routing.seconds("leg_grace_s", 5 * SECOND),
        ),
        flows=walks,
        hours=hours,
        entries=_entries(main, ids_of(flows), walks),
        fallback_queue=_fallback(routing, for_calls),
        country=site.country,
        language=site.language,
        timezone=site.timezone,
        look_up_budget=routing.seconds("look_up_budget_s", 2 * SECOND),
        check_budget=routing.seconds("check_budget_s", 1_500),
        regain=routing.seconds("regain_s", 3 * MINUTE, zero=True),
        ivr_limit=routing.seconds("ivr_limit_s", 10 * MINUTE),
        tombstone_for=routing.seconds("tombstone_for_s", 2 * MINUTE),
        transfer=read_transfer(main),
        supervision=read_supervision(main, agents),
        identity=read_identity(main),
    )
    check_surveys(main, queues, ids_of(flows), walks, centre.acd.rules)
    check_voicemail(main, queues)
    files = {str(raw.get("id")): file for file, raw in flows.items()}
    lines += transfer_problems(walks, files, centre.transfer.numbers)
    lines += recording_problems(walks, files, [name for name in names if name not in for_calls])
    routing.close()
    return centre, lines


def _fallback(routing: Table, queues: list[str]) -> str:
    queue = routing.id("fallback_queue", "fallback")
    if queue not in queues:
        routing.wrong("fallback_queue", f"there is no queue {queue!r}; {nearest(queue, queues)}")
    return queue


def _entries(main: Table, flows: list[str], walks: Mapping[str, Flow]) -> dict[str, str]:
    table = main.table("entries")
    entries: dict[str, str] = {}
    for number, flow in table.rest("<number>").items():
        if not ENTRY.fullmatch(number):
            table.wrong(number, 'is not a number; use digits, or "*" for all others')
        elif not isinstance(flow, str):
            table.wrong(number, "is not a text; write the id of a flow in quotes")
        elif flow not in flows:
            table.wrong(number, f"there is no flow {flow!r}; {nearest(flow, flows)}")
        elif flow in walks and (what := entry_problem(walks[flow])):
            table.wrong(number, what)
        else:
            entries[number] = flow
    if not table.raw:
        main.wrong("entries", 'there is no entry, so no call gets in; add "*" = "…"')
    return entries
