"""The stories of visits: who is contained, who is lost where, and who wants an agent after all."""

from __future__ import annotations

from collections.abc import Callable

from ctid.core import events as ev
from ctid.ivr import flow
from tests.golden.ivr import arrive, keys, opened
from tests.golden.site import phones, talk, wait_in
from tests.golden.transcript import WALL, Scenario

STEPS: dict[str, flow.AnyStep] = {
    "menu": flow.Menu("which", {"1": "news", "0": "sales"}, on_fail="service", tries=2),
    "news": flow.Play("news", next="more", serves=True),
    "more": flow.Menu("more", {"0": "sales"}, on_fail="bye", tries=1),
    "bye": flow.HangUp(),
}


def calls() -> Scenario:
    scenario = opened(STEPS, "menu")
    arrive(scenario)
    return scenario


def contained_by_the_end_of_the_flow() -> str:
    """One wrong key, then the news to their end; who says nothing then has what they called for."""
    s = calls()
    keys(s, "7", "1")
    s.say(ev.PromptsPlayed("c1"), after=4_000)
    keys(s, "")
    return s.text


def contained_by_hanging_up() -> str:
    """The news were heard to their end."""
    s = calls()
    keys(s, "1")
    s.say(ev.PromptsPlayed("c1"), after=4_000)
    s.say(ev.CallEnded("c1", "16"), after=1_500)
    return s.text


def lost_before_the_end_of_the_news() -> str:
    """Half of the news are no news: the caller is lost there."""
    s = calls()
    keys(s, "1")
    s.say(ev.CallEnded("c1", "16"), after=2_000)
    return s.text


def served_and_on_to_an_agent() -> str:
    """Who wants an agent after being served is not contained, and what served them is told."""
    s = calls()
    keys(s, "1")
    s.say(ev.PromptsPlayed("c1"), after=4_000)
    keys(s, "0")
    wait_in(s)
    talk(s, "b1-2")
    s.say(ev.CallEnded("c1", "16"), after=60_000)
    return s.text


def lost_over_a_restart_and_told_once() -> str:
    """The process dies in the menu: broken, once, however often an inventory comes."""
    s = calls()
    s.restart()
    s.say(ev.Started("b2", WALL), ev.Inventory(False, (), phones()))
    s.say(ev.Inventory(False, (), phones()))
    return s.text


CONTAINMENT: tuple[Callable[[], str], ...] = (
    contained_by_the_end_of_the_flow, contained_by_hanging_up, lost_before_the_end_of_the_news,
    served_and_on_to_an_agent, lost_over_a_restart_and_told_once,
)  # fmt: skip
