"""The pops on the screens: one per agent, gone with their offer, measured once."""

import msgspec

from ctid.core.commands import PopTimed, RevokePop, ShowPop, UpdatePop
from ctid.core.records import CustomerCard, Pop
from ctid.screenpop.match import Match
from ctid.screenpop.pops import Pops

POP = Pop(
    id="o1", version=1, call="c1", agent="anna", queue="q", number="", number_kind="hidden",
    region="", caller_name="", code="", language="en", path=(), waited=0, status="pending",
    matched_by="", customers=(), shown_at=100, reason="",
)  # fmt: skip
FOUND = Match("found", "number", (CustomerCard("7", "", "Zhang"),))


def pop(id: str, call: str, agent: str) -> Pop:
    return msgspec.structs.replace(POP, id=id, call=call, agent=agent)


def test_show_and_close_with_the_offer() -> None:
    pops = Pops()
    assert pops.show(POP) == [ShowPop(POP)]
    assert pops.of("anna") == POP
    assert pops.close_offer("o1", "gone") == [RevokePop("o1", "anna", "gone")]
    assert pops.of("anna") is None
    assert pops.close_offer("o1", "gone") == []
    assert pops.close("anna", "gone") == []


def test_a_second_pop_takes_the_place_of_the_first() -> None:
    pops = Pops()
    pops.show(POP)
    second = pop("o2", "c2", "anna")
    assert pops.show(second) == [RevokePop("o1", "anna", "replaced"), ShowPop(second)]
    assert pops.update("c1", FOUND, "claimed") == []
    assert pops.close_offer("o1", "late") == []
    assert pops.of("anna") == second


def test_an_update_is_a_newer_version_of_the_same_pop() -> None:
    pops = Pops()
    pops.show(POP)
    (update,) = pops.update("c1", FOUND, "claimed")
    assert isinstance(update, UpdatePop)
    assert (update.pop.id, update.pop.version, update.pop.customers) == ("o1", 2, FOUND.customers)
    assert pops.of("anna") == update.pop


def test_the_first_acknowledgement_is_the_measured_one() -> None:
    pops = Pops()
    pops.show(POP)
    assert pops.acknowledge("bob", "o1", 140) == []
    assert pops.acknowledge("anna", "o0", 140) == []
    assert pops.acknowledge("anna", "o1", 145) == [PopTimed("o1", "anna", 45)]
    assert pops.acknowledge("anna", "o1", 150) == []


def test_restored_pops_are_measured_if_nobody_has_acknowledged_them() -> None:
    pops, restored = Pops(), Pops()
    pops.show(POP)
    pops.show(pop("o2", "c2", "bob"))
    pops.acknowledge("bob", "o2", 120)
    assert pops.unacknowledged() == ["o1"]
    restored.restore(list(pops.open.values()), [*pops.unacknowledged(), "o9"])
    assert restored.acknowledge("bob", "o2", 200) == []
    assert restored.acknowledge("anna", "o1", 200) == [PopTimed("o1", "anna", 100)]


def agents_told(pops: Pops) -> list[str]:
    return [u.pop.agent for u in pops.update("c1", FOUND, "claimed") if isinstance(u, UpdatePop)]


def test_two_agents_of_one_call_both_get_the_answer() -> None:
    """One asks the other, or both phones ring."""
    pops = Pops()
    pops.show(POP)
    pops.show(pop("o2", "c1", "ben"))
    assert agents_told(pops) == ["anna", "ben"]
    pops.close("anna", "done")
    assert agents_told(pops) == ["ben"]
    pops.close("ben", "done")
    assert pops.update("c1", FOUND, "claimed") == []
