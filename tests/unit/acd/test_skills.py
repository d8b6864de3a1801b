"""Skills, penalties, groups, steps, levels and preferred agents on the router."""

from __future__ import annotations

from ctid.acd.contacts import Demand
from ctid.acd.need import Need
from ctid.acd.settings import QueueSettings, RelaxStep
from ctid.core.instants import SECOND
from tests.unit.acd.routing import floor, person

GERMAN = person("greta", skills={"german": 4})
LITTLE = person("lars", skills={"german": 2})
NONE = person("nora")


def test_a_needed_skill_is_waited_for_and_then_let_go() -> None:
    site = floor(
        GERMAN, LITTLE, NONE, needs=(Need("german", 4),),
        relax=(RelaxStep(20 * SECOND, needs=(Need("german", 2),)), RelaxStep(40 * SECOND, ())),
    )  # fmt: skip
    site.ready("nora", "lars")
    assert site.join("c1") == []
    assert site.wait(19) == []
    assert site.wait(1) == ["c1→lars"]
    assert "q for german 2: 1 available, waited 20 s" in site.reasons[-1]
    assert site.join("c2") == []
    assert site.wait(40) == ["c2→nora"]


def test_a_better_agent_who_comes_in_time_gets_the_call() -> None:
    site = floor(GERMAN, NONE, needs=(Need("german"),), relax=(RelaxStep(20 * SECOND, ()),))
    site.ready("nora")
    site.join("c1")
    site.wait(5)
    assert site.ready("greta") == ["c1→greta"]
    assert site.wait(60) == []


def test_who_was_reached_first_stays_preferred() -> None:
    site = floor(GERMAN, NONE, needs=(Need("german"),), relax=(RelaxStep(10 * SECOND, ()),))
    assert site.join("c1") == []
    site.wait(15)
    site.router.freeze()
    site.ready("nora", "greta")
    site.router.frozen = False
    assert site.join("c2", demand=Demand(needs=(Need("german", 9),))) == []
    assert [c.agent for c in site.router.thaw(site.now) if type(c).__name__ == "RingAgent"] == [
        "greta"
    ]


def test_preferred_skills_order_and_do_not_exclude() -> None:
    site = floor(GERMAN, NONE, prefers=(Need("german"),))
    site.ready("nora", "greta")
    assert site.join("c1") == ["c1→greta"]
    assert site.join("c2") == ["c2→nora"]


def test_penalties_order_members_and_steps_open_them() -> None:
    late = person("lena", penalties={"q": 2})
    site = floor(NONE, late, max_penalty=1, relax=(RelaxStep(30 * SECOND, max_penalty=2),))
    site.ready("lena")
    assert site.join("c1") == []
    assert site.wait(30) == ["c1→lena"]
    site.ready("nora")
    assert site.join("c2") == ["c2→nora"]


def test_a_group_helps_after_a_while() -> None:
    helper = person("hugo", "other", groups=("backoffice",))
    step = RelaxStep(30 * SECOND, groups=("backoffice",))
    site = floor(NONE, helper, others=(QueueSettings("other", ""),), relax=(step,))
    site.ready("hugo")
    assert site.join("c1") == []
    assert site.wait(30) == ["c1→hugo"]


def test_the_higher_level_goes_first_until_the_other_has_aged() -> None:
    site = floor(NONE)
    site.join("old")
    site.wait(30)
    site.join("vip", demand=Demand(priority=1))
    assert site.ready("nora") == ["vip→nora"]
    assert site.served("vip") == ["old→nora"]
    site.join("older")
    site.wait(61)  # one level up, and it has waited longer
    site.join("vip2", demand=Demand(priority=1))
    assert site.served("old") == ["older→nora"]


def test_weight_decides_between_queues() -> None:
    both = person("bea", "q", "heavy")
    site = floor(both, others=(QueueSettings("heavy", "", weight=3),))
    site.join("first")
    site.wait(10)
    site.join("second", "heavy")
    site.wait(7)  # 18 s × 1 against 7 s × 3
    assert site.ready("bea") == ["second→bea"]


def test_a_contact_is_kept_for_its_agent_and_then_let_go() -> None:
    site = floor(GERMAN, NONE, sticky=30 * SECOND)
    site.ready("greta", "nora")
    assert site.join("busy") == ["busy→greta"]
    assert site.join("c1", demand=Demand(preferred="greta")) == []
    assert site.join("c2") == ["c2→nora"]
    assert site.served("c2") == []
    assert site.wait(25) == ["c1→nora"]


def test_the_agent_who_comes_free_in_time_gets_it() -> None:
    site = floor(GERMAN, NONE, sticky=30 * SECOND)
    site.ready("greta", "nora")
    site.join("busy")
    site.join("c1", demand=Demand(preferred="greta"))
    assert site.served("busy") == ["c1→greta"]
    assert "q for the preferred agent: 1 available" in site.reasons[-1]


def test_a_preferred_agent_who_leaves_lets_go_at_once() -> None:
    site = floor(GERMAN, NONE, sticky=300 * SECOND)
    site.ready("greta", "nora")
    site.join("busy")
    for call in ("c1", "c2"):
        assert site.join(call, demand=Demand(preferred="greta")) == []
    site.on_break("greta")
    assert site.served("busy") == ["c1→nora"]
    assert site.served("c1") == ["c2→nora"]


def test_nobody_is_kept_for_an_agent_who_is_not_there() -> None:
    site = floor(GERMAN, NONE, sticky=300 * SECOND)
    site.ready("nora")
    assert site.join("c1", demand=Demand(preferred="greta")) == ["c1→nora"]
    assert site.join("c2", demand=Demand(preferred="nobody")) == []
    assert site.served("c1") == ["c2→nora"]
