"""The state tables: every state is reached, none is a trap, nothing leads out of the table."""

import pytest

from ctid.acd.agents import AGENT_TRANSITIONS, BUSY_STATES, SIGNED_OUT
from ctid.acd.contacts import CONTACT_TRANSITIONS, OFFER_TRANSITIONS, RINGING, WAITING
from ctid.core.errors import IllegalTransition
from ctid.core.transitions import Table, allows, mermaid, step

TABLES = [
    pytest.param(AGENT_TRANSITIONS, SIGNED_OUT, id="agent"),
    pytest.param(CONTACT_TRANSITIONS, WAITING, id="contact"),
    pytest.param(OFFER_TRANSITIONS, RINGING, id="offer"),
]


def reached(table: Table, start: str) -> set[str]:
    found, todo = set[str](), [start]
    while todo:
        state = todo.pop()
        if state not in found:
            found.add(state)
            todo += table[state].values()
    return found


@pytest.mark.parametrize(("table", "start"), TABLES)
def test_every_state_is_reached_and_listed(table: Table, start: str) -> None:
    assert reached(table, start) == set(table)


def test_every_agent_can_sign_out_from_every_state() -> None:
    for state in AGENT_TRANSITIONS:
        assert SIGNED_OUT in reached(AGENT_TRANSITIONS, state)
        assert state == SIGNED_OUT or allows(AGENT_TRANSITIONS, state, "sign_out")


def test_busy_states_lead_to_each_wish() -> None:
    for state in BUSY_STATES:
        assert {"not_ready", "sign_out"} <= set(AGENT_TRANSITIONS[state])


def test_an_offer_takes_each_fact_in_each_state() -> None:
    for state in OFFER_TRANSITIONS:
        assert {"answered", "bridged"} <= set(OFFER_TRANSITIONS[state])


def test_offers_never_lead_back() -> None:
    rank = {"ringing": 0, "answered": 1, "bridged": 2, "stopping": 2}
    for state, row in OFFER_TRANSITIONS.items():
        assert all(rank[target] >= rank[state] for target in row.values())


def test_what_is_not_in_the_table_is_a_defect() -> None:
    assert step("agent", AGENT_TRANSITIONS, "ready", "offer") == "reserved"
    with pytest.raises(IllegalTransition, match="agent: no transition from ready on bridged"):
        step("agent", AGENT_TRANSITIONS, "ready", "bridged")
    with pytest.raises(IllegalTransition):
        step("agent", AGENT_TRANSITIONS, "asleep", "ready")


def test_diagram_holds_every_row() -> None:
    text = mermaid(CONTACT_TRANSITIONS, WAITING)
    assert text.startswith("stateDiagram-v2\n    [*] --> waiting\n")
    assert text.count("-->") == 1 + sum(len(row) for row in CONTACT_TRANSITIONS.values())
    assert "    offered --> waiting: offer_ended\n" in text
