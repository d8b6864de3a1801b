"""The checker of invariants finds what it looks for: each one broken by hand in a busy centre."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ctid.centre.centre import Centre
from ctid.centre.invariants import Checker, InvariantBroken
from ctid.core import events as ev
from ctid.core.commands import AgentTimed, RingAgent
from ctid.core.records import AgentTime
from tests.golden.routing import begun
from tests.golden.site import settings, talk, to_sales
from tests.golden.transcript import Scenario


def busy() -> Scenario:
    """Anna talks, Bob's phone rings, a third caller waits."""
    s = begun(settings(), "anna", "bob")
    to_sales(s, "c1")
    talk(s, "b1-2")
    to_sales(s, "c2")
    to_sales(s, "c3")
    return s


def held(s: Scenario) -> Checker:
    checker = Checker(s.centre)
    checker.check(s.now)
    return checker


def two_legs(centre: Centre) -> None:
    for offer in centre.router.offers.values():
        offer.agent = "anna"


def no_offer(centre: Centre) -> None:
    centre.router.staff.agents["anna"].offer = ""


def forgotten_place(centre: Centre) -> None:
    centre.router.waits.step_out("c3")


def miscounted(centre: Centre) -> None:
    centre.router.pools["sales"].waiting += 1


def nobody_owns(centre: Centre) -> None:
    del centre.calls["c3"]


def unknown_offer(centre: Centre) -> None:
    centre.router.contacts["c2"].others.append("b1-99")


def unreal_idleness(centre: Centre) -> None:
    """Bob is free again, and nobody was told."""
    agent = centre.router.staff.agents["bob"]
    del centre.router.offers[agent.offer]
    agent.offer, agent.state, agent.open = "", "ready", ("call",)


@pytest.mark.parametrize(
    "breaks",
    [two_legs, no_offer, forgotten_place, miscounted, nobody_owns, unknown_offer, unreal_idleness],
)
def test_each_is_found(breaks: Callable[[Centre], None]) -> None:
    s = busy()
    checker = held(s)
    breaks(s.centre)
    with pytest.raises(InvariantBroken):
        checker.check(s.now)


def test_an_agents_seconds_add_up() -> None:
    s = busy()
    checker = held(s)
    stretch = AgentTime("anna", "ready", "", 0, 5)
    with pytest.raises(InvariantBroken, match="an agent's seconds add up"):
        checker.follow([AgentTimed(stretch)], s.now)


def test_whoever_is_overtaken_is_named() -> None:
    s = begun(settings(), "anna")
    to_sales(s, "c1")
    s.say(ev.SignInAsked("bob"), after=100)
    for call in ("c2", "c3"):
        to_sales(s, call)
    said = s.say(ev.ReadyAsked("bob"))
    [ring] = [command for command in said if isinstance(command, RingAgent)]
    s.centre.router.contacts["c3"].joined_at = 0
    with pytest.raises(InvariantBroken, match=r"nobody is overtaken; c2; .*c3"):
        Checker(s.centre).follow([ring], s.now)
