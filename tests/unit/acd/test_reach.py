"""Ladders: whom a contact reaches first, and whom as its wait grows."""

from __future__ import annotations

from ctid.acd.need import Need
from ctid.acd.reach import Reach, ladder, penalties
from ctid.acd.settings import AgentSettings, QueueSettings, RelaxStep
from ctid.core.instants import SECOND

ANNA = AgentSettings("anna", "", "PJSIP/1", ("q",), {"german": 4}, penalties={"q": 2})
BEN = AgentSettings("ben", "", "PJSIP/2", ("q",), {"german": 2, "billing": 1})
CHEN = AgentSettings("chen", "", "PJSIP/3", (), {"german": 5}, groups=("reserve",))
ALL = (ANNA, BEN, CHEN)


def climbed(queue: QueueSettings, *more: Need) -> list[tuple[int, str, list[str]]]:
    """(seconds, what is asked for, who is reached) of each rung."""
    rungs = ladder(queue, penalties(ALL, queue.id), more)
    return [
        (r.after // SECOND, r.reach.told(), [a.id for a in ALL if r.reach.holds(a)]) for r in rungs
    ]


def test_a_plain_queue_has_its_members_by_penalty() -> None:
    assert climbed(QueueSettings("q", "")) == [
        (0, "", ["ben"]),
        (0, "penalty 2", ["anna", "ben"]),
    ]


def test_a_member_with_a_penalty_beyond_the_highest_waits_for_a_step() -> None:
    queue = QueueSettings("q", "", max_penalty=1, relax=(RelaxStep(10 * SECOND, max_penalty=2),))
    assert climbed(queue) == [(0, "", ["ben"]), (10, "penalty 2", ["anna", "ben"])]


def test_needs_fall_and_groups_come_as_the_wait_grows() -> None:
    queue = QueueSettings(
        "q", "", max_penalty=2, needs=(Need("german", 4),),
        relax=(
            RelaxStep(10 * SECOND, needs=(Need("german", 2),)),
            RelaxStep(20 * SECOND, groups=("reserve",)),
            RelaxStep(30 * SECOND, needs=()),
        ),
    )  # fmt: skip
    assert climbed(queue) == [
        (0, "german 4", []),
        (0, "german 4, penalty 2", ["anna"]),
        (10, "german 2", ["ben"]),
        (10, "german 2, penalty 2", ["anna", "ben"]),
        (20, "german 2, with reserve, penalty 2", ["anna", "ben", "chen"]),
        (30, "", ["ben"]),
        (30, "with reserve, penalty 2", ["anna", "ben", "chen"]),
    ]


def test_preferred_skills_come_first_and_are_not_required() -> None:
    queue = QueueSettings("q", "", prefers=(Need("billing"),))
    assert climbed(queue)[:2] == [(0, "billing 1", ["ben"]), (0, "", ["ben"])]


def test_no_step_drops_a_need_of_the_contact_itself() -> None:
    queue = QueueSettings("q", "", needs=(Need("billing"),), relax=(RelaxStep(SECOND, needs=()),))
    assert climbed(queue, Need("german", 3))[-1] == (1, "german 3, penalty 2", ["anna"])


def test_one_agent_alone() -> None:
    reach = Reach("q", agent="chen")
    assert [a.id for a in ALL if reach.holds(a)] == ["chen"]
    assert reach.told() == "the preferred agent"
