"""How many phones ring for one contact, who joins in, and what becomes of those in vain."""

from __future__ import annotations

import pytest

from ctid.acd.adoption import adopt_talk
from ctid.acd.need import Need
from ctid.acd.ringing import Ringing
from ctid.acd.settings import AcdSettings, QueueSettings, RelaxStep
from ctid.core.commands import Command, LegClosed, RingAgent, StopRinging
from ctid.core.instants import SECOND
from ctid.core.records import LegCause
from tests.unit.acd.routing import Floor, person

ALL = Ringing("all", 5 * SECOND)
PROGRESSIVELY = Ringing("progressively", 5 * SECOND)
AGENTS = ("a", "b", "c", "d")


class Phones(Floor):
    """Phones ring until somebody says otherwise."""

    def _told(self, commands: list[Command]) -> list[str]:
        return [f"{c.call}→{c.agent}" for c in commands if isinstance(c, RingAgent)]

    def offer(self, agent: str) -> str:
        return self.router.staff.agents[agent].offer

    def talks(self, agent: str) -> list[str]:
        """This agent gets the caller; whose ringing ends because of it."""
        self.router.answered(self.offer(agent), self.now)
        commands = self.router.bridged(self.offer(agent), self.now)
        stopped = [c.offer for c in commands if isinstance(c, StopRinging)]
        return [self.router.offers[offer].agent for offer in stopped]

    def ends(self, agent: str, cause: LegCause) -> list[str]:
        """The agent's leg is gone; what is rung then."""
        commands = self.router.leg_ended(self.offer(agent), cause, self.now)
        assert [c.record.cause for c in commands if isinstance(c, LegClosed)] == [cause]
        return self._told(commands + self.router.settle(self.now))

    def states(self) -> list[str]:
        return [agent.state for agent in self.router.staff.agents.values()]


def phones(ringing: Ringing, *agents: str) -> Phones:
    own = QueueSettings("q", "Q", wrap_up=0, ringing=ringing)
    return Phones(AcdSettings((own,), tuple(person(name) for name in agents or AGENTS)))


def test_all_who_are_available_ring_and_the_one_who_answers_ends_the_others() -> None:
    site = phones(ALL)
    site.ready("c", "a", "b")
    assert site.join("x") == ["x→c", "x→a", "x→b"]
    assert site.talks("a") == ["c", "b"]
    assert site.ends("c", "hangup") == site.ends("b", "hangup") == []
    assert site.states() == ["on_call", "ready", "ready", "signed_out"]
    contact = site.router.contacts["x"]
    assert (contact.offers, contact.rings()) == (3, (contact.offer,))
    assert site.router.counts["q"].answered == 1


def test_those_in_vain_lose_no_turn_and_are_not_left_alone() -> None:
    site = phones(ALL, "a", "b", "c")
    site.ready("a", "b")
    site.join("x")
    site.talks("b")
    site.ready("c")
    site.ends("a", "hangup")
    assert site.join("y") == ["y→a", "y→c"], "a was there before c"


def test_one_more_phone_rings_each_time_while_nobody_answers() -> None:
    site = phones(PROGRESSIVELY)
    site.ready("a", "b", "c")
    assert site.join("x") == ["x→a"]
    assert site.wait(4) == []
    assert site.wait(1) == ["x→b"]
    assert site.ready("d") == []
    assert site.wait(4) == ["x→c"]
    assert site.wait(5) == ["x→d"]
    assert site.wait(5) == []


def test_all_takes_in_those_who_become_available_while_it_rings() -> None:
    site = phones(ALL)
    site.ready("a")
    site.join("x")
    assert site.ready("b", "c") == []
    assert site.wait(3) == ["x→b", "x→c"]


def test_nobody_joins_in_once_somebody_has_answered() -> None:
    site = phones(PROGRESSIVELY)
    site.ready("a", "b")
    site.join("x")
    site.router.answered(site.offer("a"), site.now)
    assert site.wait(5) == []


def test_no_more_phones_than_the_queue_allows() -> None:
    site = phones(Ringing("all", 5 * SECOND, at_most=2))
    site.ready("a", "b", "c")
    assert site.join("x") == ["x→a", "x→b"]
    assert site.wait(20) == []
    assert site.ends("a", "rejected") == []
    assert site.router.contacts["x"].rings() == (site.offer("b"),)


def test_the_caller_waits_on_at_the_old_place_once_the_last_phone_is_silent() -> None:
    site = phones(ALL, "a", "b", "c")
    site.ready("a", "b")
    site.join("x")
    site.join("y")
    assert site.ends("a", "no_answer") == []
    assert site.router.contacts["x"].state == "offered"
    assert site.ends("b", "no_answer") == []
    assert site.router.contacts["x"].state == "waiting"
    assert site.ready("c") == ["x→c"]


@pytest.mark.parametrize(("ringing", "state"), [(ALL, "ready"), (Ringing(), "not_ready")])
def test_letting_others_take_it_is_no_sign_of_an_empty_chair(ringing: Ringing, state: str) -> None:
    site = phones(ringing, "a")
    site.ready("a")
    site.join("x")
    site.ends("a", "no_answer")
    agent = site.router.staff.agents["a"]
    assert agent.state == state
    assert not agent.available, "left alone for a moment, or not ready"


def test_a_caller_who_hangs_up_ends_all_ringing() -> None:
    site = phones(ALL)
    site.ready("a", "b")
    site.join("x")
    left, commands = site.router.leave("x", site.now)
    assert left is not None
    assert len([c for c in commands if isinstance(c, StopRinging)]) == 2
    assert site.deadlines.at(("ring_more", "x")) is None
    site.ends("a", "hangup")
    site.ends("b", "hangup")
    assert site.states()[:2] == ["ready", "ready"]


def test_a_phone_that_found_the_caller_taken_leaves_the_other_offer_alone() -> None:
    """Both answered; the dialplan let one through, and the other's end is heard first."""
    site = phones(ALL)
    site.ready("a", "b")
    site.join("x")
    for agent in ("a", "b"):
        site.router.answered(site.offer(agent), site.now)
    assert site.ends("a", "caller_gone") == []
    assert site.router.contacts["x"].state == "offered"
    assert site.talks("b") == []
    assert site.states()[:2] == ["ready", "on_call"]


def test_only_the_agents_of_the_first_choice_ring_before_further_ones_join_in() -> None:
    french, anybody = (Need("french", 3),), RelaxStep(2 * SECOND, ())
    own = QueueSettings("q", "Q", ringing=ALL, needs=french, relax=(anybody,))
    able = [person("a"), person("b", skills={"french": 4}), person("c", skills={"french": 3})]
    site = Phones(AcdSettings((own,), tuple(able)))
    site.ready("a", "b", "c")
    assert site.join("x") == ["x→b", "x→c"]
    assert site.wait(5) == ["x→a"]


def test_an_inventory_that_shows_a_talk_ends_the_ringing_for_the_same_caller() -> None:
    site = phones(ALL)
    site.ready("a", "b")
    site.join("x")
    agent = site.router.staff.agents["d"]
    commands = adopt_talk(site.router, "seen", "x", agent, "q", site.now)
    assert len([c for c in commands if isinstance(c, StopRinging)]) == 2
    assert site.router.contacts["x"].rings() == ("seen",)
    assert site.deadlines.at(("ring_more", "x")) is None
