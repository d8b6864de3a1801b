"""Each code of `ctid.acd.explain` once: on a real router, brought into that very case."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ctid.acd.agents import Agent, Work
from ctid.acd.channels import Channel
from ctid.acd.contacts import Demand
from ctid.acd.explain import (
    CHECKS,
    CHOSEN,
    FREE,
    LATER_CHOICE,
    LATER_TURN,
    LINK_DOWN,
    NOBODY_WAITS,
    OWN_CHECKS,
    Standing,
    agent_standing,
    standings,
)
from ctid.acd.router import Router
from ctid.acd.settings import AcdSettings, AgentSettings, Need, QueueSettings, RelaxStep
from ctid.core.deadlines import Deadlines
from ctid.core.instants import SECOND, Epoch

RELAX = RelaxStep(30 * SECOND, needs=(), groups=("helpers",))
QUEUE = QueueSettings(
    "q", "Q", needs=(Need("german", 2),), max_penalty=1, relax=(RELAX,), sticky=20 * SECOND
)
OTHER = QueueSettings("other", "Other")
SKILL = {"german": 3}
NOW = 100_000


def router(agent: AgentSettings, *others: AgentSettings) -> Router:
    """Frozen, so that contacts wait; everybody is ready, with an idle phone, from 1, 2, …"""
    chats = (Channel("chat"),)
    made = Router(AcdSettings((QUEUE, OTHER), (agent, *others), channels=chats), Deadlines(), Epoch)
    for now, one in enumerate(made.staff.agents.values(), 1):
        made.staff.phone_changed(one.phone, "idle")
        made.staff.sign_in(one, now)
        made.staff.wish(one, "ready", "", now)
    return made


def able(name: str = "a", **changes: object) -> AgentSettings:
    return AgentSettings(**{"id": name, "name": "", "phone": f"P/{name}", "queues": ("q",),
                            "skills": SKILL} | changes)  # fmt: skip


def of(made: Router, agent: str = "a", demand: Demand | None = None, at: int = NOW) -> Standing:
    """How a caller who joined at NOW sees that agent at `at`."""
    if "c" not in made.contacts:
        made.join("c", "q", "ch", "", "", NOW, NOW, *([demand] if demand else []))
    return next(s for s in standings(made, made.contacts["c"], at) if s.agent == agent)


def test_free() -> None:
    assert of(router(able())) == Standing("a", FREE, "free", NOW - 1)


@pytest.mark.parametrize(
    ("agent", "code", "text"),
    [
        (able(queues=("other",)), "not_in_queue", "takes no contacts of q"),
        (able(penalties={"q": 2}), "penalty", "penalty 2, and the queue asks up to 1"),
        (able(skills={"german": 1}), "not_yet", "is asked after 30 s of waiting"),
        (able(queues=("other",), groups=("helpers",)), "not_yet", "is asked after 30 s of waiting"),
    ],
)
def test_whom_the_contact_does_not_reach(agent: AgentSettings, code: str, text: str) -> None:
    found = of(router(agent, able("b")))
    assert (found.code, found.text) == (code, text)


def test_a_skill_that_no_step_drops() -> None:
    """What the contact itself asks for is asked for however long it waits."""
    demand = Demand(needs=(Need("tax", 2), Need("german", 5)))
    found = of(router(able(skills={"tax": 1, "german": 3})), demand=demand)
    assert (found.code, found.text) == ("skill_missing", "lacks tax 2 (has 1), german 5 (has 3)")
    found = of(router(able(skills={})), demand=demand)
    assert found.text == "lacks tax 2 (has none), german 5 (has none)"


def test_a_contact_that_is_kept_for_somebody_else() -> None:
    made = router(able("a"), able("b"))
    demand = Demand(preferred="b")
    assert (of(made, "a", demand).code, of(made, "b").code) == ("not_yet", FREE)
    assert of(made, "a").text == "is asked after 20 s of waiting"


def sign_out(made: Router, agent: Agent) -> None:
    made.staff.wish(agent, "signed_out", "", NOW)


def lunch(made: Router, agent: Agent) -> None:
    made.staff.wish(agent, "not_ready", "lunch", NOW - 90_000)


def rings(made: Router, agent: Agent) -> None:
    made.thaw(NOW - 9)
    made.join("earlier", "q", "ch", "", "", NOW - 9, NOW - 5 * SECOND)
    made.freeze()
    assert agent.offer


def talks(made: Router, agent: Agent) -> None:
    rings(made, agent)
    made.bridged(agent.offer, NOW - 2 * SECOND)


def wraps_up(made: Router, agent: Agent) -> None:
    talks(made, agent)
    made.leave("earlier", NOW - SECOND)
    made.leg_ended(agent.offer, "hangup", NOW - SECOND)


def busy(made: Router, agent: Agent) -> None:
    rings(made, agent)
    made.leg_ended(agent.offer, "busy", NOW - SECOND)


def phone(state: str) -> Callable[[Router, Agent], None]:
    def change(made: Router, agent: Agent) -> None:
        made.staff.phone_changed(agent.phone, state)

    return change


def chats(made: Router, agent: Agent) -> None:
    agent.work = (Work("o1", "task:1", "chat"),)
    made.staff.refresh(agent)


OWN: list[tuple[str, Callable[[Router, Agent], None], str]] = [
    ("signed_out", sign_out, "signed out"),
    ("not_ready", lunch, "not ready: lunch, for 1 min 30 s"),
    ("reserved", rings, "the phone rings for earlier, for 5 s"),
    ("on_call", talks, "talks to earlier, for 2 s"),
    ("wrap_up", wraps_up, "wrap-up for 1 s, ends in 9 s"),
    ("phone_unreachable", phone("unreachable"), "the phone P/a is unreachable"),
    ("phone_in_use", phone("in_use"), "the phone P/a is in use for another call"),
    ("phone_ringing", phone("ringing"), "the phone P/a rings for another call"),
    ("backed_off", busy, "left alone for a moment after an offer that failed"),
    ("in_hand", chats, "has 1 chat in hand, which leaves no room for call"),
]


@pytest.mark.parametrize(("code", "bring", "text"), OWN, ids=[code for code, _, _ in OWN])
def test_what_the_agent_is_doing(
    code: str, bring: Callable[[Router, Agent], None], text: str
) -> None:
    made = router(able())
    bring(made, made.staff.agents["a"])
    found = of(made)
    assert (found.code, found.text) == (code, text)
    mine = agent_standing(made, made.staff.agents["a"], NOW)
    assert (mine.code, mine.text) == (code, text)


def test_every_check_has_its_test() -> None:
    assert [code for code, _, _ in OWN] == [code for code, _ in OWN_CHECKS]
    reach = [code for code, _ in CHECKS if code not in dict(OWN_CHECKS)]
    assert reach == ["not_in_queue", "penalty", "skill_missing", "not_yet", "reserve"]


def test_the_documentation_names_every_code() -> None:
    text = (Path(__file__).parents[3] / "docs/fairness.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `(\w+)` \|", text.partition("| code | the agent |")[2], re.MULTILINE)
    considered = [CHOSEN, LATER_TURN, LATER_CHOICE, FREE]
    assert named == considered + [code for code, _ in CHECKS]


def test_the_lasting_reason_is_told_first() -> None:
    made = router(able(queues=("other",)))
    sign_out(made, made.staff.agents["a"])
    assert of(made).code == "not_in_queue"


def test_chosen_behind_in_line_and_behind_in_choice() -> None:
    made = router(able("a"), able("b"), able("c", penalties={"q": 1}))
    made.thaw(NOW)
    assert {name: of(made, name).code for name in "abc"} == {
        "a": CHOSEN, "b": LATER_TURN, "c": LATER_CHOICE,
    }  # fmt: skip
    assert of(made, "a").idle == NOW - 1, "until this moment"
    assert of(made, "a", at=NOW + SECOND).idle == 0, "the phone rings"


# -- from the agent's side --


def test_free_and_nobody_waits() -> None:
    made = router(able())
    made.thaw(NOW)
    found = agent_standing(made, made.staff.agents["a"], NOW)
    assert (found.code, found.idle, found.waiting) == (NOBODY_WAITS, NOW - 1, ())


def test_free_and_those_who_wait_ask_for_others() -> None:
    made = router(able())
    made.thaw(NOW)
    made.join("c1", "other", "ch", "", "", NOW - 7, NOW)
    found = agent_standing(made, made.staff.agents["a"], NOW)
    assert found.code == NOBODY_WAITS
    [waiter] = found.waiting
    assert (waiter.call, waiter.code, waiter.waited) == ("c1", "not_in_queue", 7)


def test_free_and_the_link_is_down() -> None:
    made = router(able())
    made.join("c1", "q", "ch", "", "", NOW - 7, NOW)
    found = agent_standing(made, made.staff.agents["a"], NOW)
    assert (found.code, [w.code for w in found.waiting]) == (LINK_DOWN, [FREE])
