"""What supervisors may do in agents' talks: `[supervision]`, `[supervision_phones]`."""

from __future__ import annotations

from collections.abc import Sequence

from ctid.acd.settings import AgentSettings
from ctid.centre.supervision import SupervisionRules
from ctid.settings.agents import PHONE
from ctid.settings.table import Problems, Table


def read_supervision(main: Table, agents: Sequence[AgentSettings]) -> SupervisionRules:
    """The rules."""
    table = main.table("supervision")
    told = table.flag("told", default=True)
    table.close()
    return SupervisionRules(told, _phones(main.table("supervision_phones"), agents))


def _phones(table: Table, agents: Sequence[AgentSettings]) -> dict[str, str]:
    # With problems of its own: these keys are logins, none that everybody could set.
    mine = Table(table.raw, table.path, Problems(table.problems.file))
    owners = {agent.phone: f"agent {agent.id}" for agent in agents}
    phones: dict[str, str] = {}
    for login in table.rest("<login>"):
        form = "TECHNOLOGY/NAME, such as PJSIP/1090"
        phone = mine.text(login, None, pattern=PHONE, form=form)
        if not phone:
            continue
        if owner := owners.get(phone):
            todo = "add the sign-in with --agent, or name another phone"
            mine.wrong(login, f"{phone} is the phone of {owner}; {todo}")
        else:
            owners[phone], phones[login] = login, phone
    table.problems.lines += mine.problems.lines
    return phones
