"""Callers by hand: whom an agent may pull, and what a supervisor may do beyond."""

from __future__ import annotations

from ctid.acd import by_hand
from ctid.acd.contacts import Demand
from ctid.acd.explain import CHOSEN, standings
from ctid.acd.need import Need
from ctid.acd.settings import QueueSettings, RelaxStep
from ctid.core import events as ev
from ctid.core.commands import Command, Decided, Denied, RingAgent
from ctid.core.instants import SECOND
from ctid.core.supervision import Supervisor
from tests.unit.acd.routing import Floor, floor, person

SUE = Supervisor("sue", "Sue")
GERMAN = (Need("german", 1),)


def outcome(commands: list[Command]) -> str:
    """The agent who is rung, or why nobody is."""
    for command in commands:
        match command:
            case RingAgent():
                return command.agent
            case Denied():
                return command.code
            case _:
                pass
    raise AssertionError(commands)


def pull(f: Floor, agent: str, call: str) -> str:
    mine = f.router.staff.agents[agent]
    return outcome(by_hand.pull(f.router, ev.PullAsked(agent, call), mine, f.now))


def assign(f: Floor, agent: str, call: str) -> str:
    return outcome(by_hand.assign(f.router, ev.AssignAsked(SUE, call, agent), f.now))


def pullable(f: Floor, agent: str) -> list[str]:
    mine = f.router.staff.agents[agent]
    return [contact.call for contact in by_hand.pullable(f.router, mine)]


def test_only_where_the_queue_allows_it_and_for_its_agents() -> None:
    others = (QueueSettings("r", "R", pull=True),)
    f = floor(person("anna", "q"), person("ben", "q", "r"), others=others)
    f.join("c1")
    f.join("c2", "r")
    assert (pullable(f, "anna"), pullable(f, "ben")) == ([], ["c2"])
    assert pull(f, "anna", "c2") == "agent_busy"  # signed out
    f.router.staff.sign_in(f.router.staff.agents["anna"], f.now)
    assert (pull(f, "anna", "c1"), pull(f, "anna", "c2")) == ("no_pull", "no_pull")


def test_a_pull_brings_forward_what_a_later_step_would_allow_and_no_more() -> None:
    steps = (RelaxStep(60 * SECOND, needs=()),)
    f = floor(person("anna"), person("ben", penalties={"q": 9}), pull=True, needs=GERMAN,
              relax=steps, max_penalty=5)  # fmt: skip
    assert f.ready("anna", "ben") == []
    f.join("c1")
    f.join("c2", demand=Demand(needs=(Need("french", 3),)))
    assert (pullable(f, "anna"), pullable(f, "ben")) == (["c1"], [])
    assert (pull(f, "anna", "c2"), pull(f, "ben", "c1")) == ("no_pull", "no_pull")
    assert pull(f, "anna", "c1") == "anna"


def test_who_is_kept_for_somebody_is_pulled_by_nobody_else() -> None:
    f = floor(person("anna"), person("ben"), pull=True, sticky=60 * SECOND)
    f.ready("anna")
    f.join("c0")
    f.join("c1", demand=Demand(preferred="anna"))
    f.router.staff.sign_in(f.router.staff.agents["ben"], f.now)
    assert pull(f, "ben", "c1") == "no_pull"
    f.ready("ben")
    assert assign(f, "ben", "c1") == "ben", "the supervisor's word goes"


def test_the_decision_says_who_chose_and_the_others_are_told_so() -> None:
    f = floor(person("anna"), person("ben"), needs=GERMAN)
    f.ready("anna", "ben")
    f.join("c1")
    event = ev.AssignAsked(SUE, "c1", "ben")
    commands = by_hand.assign(f.router, event, f.now)
    [decision] = [c.decision for c in commands if isinstance(c, Decided)]
    assert (decision.strategy, decision.agent) == (by_hand.BY_HAND, "ben")
    assert decision.reason.startswith("assigned by Sue; q")
    told = {one.agent: one for one in standings(f.router, f.router.contacts["c1"], f.now)}
    assert (told["ben"].code, told["ben"].text) == (CHOSEN, "chosen by hand")
    assert assign(f, "anna", "c1") == "rings_already"


def test_nothing_while_the_link_is_down() -> None:
    f = floor(person("anna"), needs=GERMAN, pull=True)
    f.ready("anna")
    f.join("c1")
    f.router.freeze()
    assert (pull(f, "anna", "c1"), assign(f, "anna", "c1")) == ("link_down", "link_down")
    assert pullable(f, "anna") == []
