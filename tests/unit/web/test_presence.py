"""What the machine hears of the agents' pages coming and going."""

import msgspec
import pytest

from ctid.core.events import ScreenBack, ScreenLost, SignInAsked
from ctid.core.views import AgentView
from ctid.web.presence import ASK_AGAIN, Presence

LOST = 15_000


@pytest.fixture
def presence():
    return Presence(LOST)


def agent(state: str = "ready") -> AgentView:
    return AgentView(
        "1001", "Ann", state, "", 0, 0, "", "PJSIP/1001", "idle", ("sales",), "", 0, None
    )


def test_the_first_page_signs_the_agent_in(presence):
    assert presence.joined(agent("signed_out"), 0) == [SignInAsked("1001")]
    assert presence.joined(agent("signed_out"), 1) == [], "the second tab does not"


def test_without_a_page_the_screen_is_lost_once_and_comes_back(presence):
    presence.joined(agent("signed_out"), 0)
    presence.left("1001", 1000)
    assert presence.check([agent()], 1000 + LOST - 1) == []
    assert presence.check([agent()], 1000 + LOST) == [ScreenLost("1001")]
    assert presence.check([agent()], 1000 + LOST + 1) == []
    assert presence.joined(agent("not_ready"), 30_000) == [ScreenBack("1001")]


def test_a_reload_within_the_time_is_nothing(presence):
    presence.joined(agent("signed_out"), 0)
    presence.left("1001", 1000)
    assert presence.joined(agent(), 2000) == []
    assert presence.check([agent()], 99_000) == []


def test_one_of_two_tabs_may_go(presence):
    presence.joined(agent("signed_out"), 0)
    presence.joined(agent(), 1)
    presence.left("1001", 2)
    assert presence.check([agent()], 99_000) == []
    assert presence.pages("1001") == 1


def test_after_a_restart_agents_without_page_are_lost_too(presence):
    assert presence.check([agent()], 0) == []
    assert presence.check([agent()], LOST) == [ScreenLost("1001")]


def test_after_a_restart_a_returning_page_says_so(presence):
    assert presence.joined(agent("not_ready"), 0) == [ScreenBack("1001")]


def test_signed_out_agents_are_not_missed(presence):
    assert presence.check([agent("signed_out")], 0) == []
    assert presence.check([agent("signed_out")], 10 * LOST) == []


def test_a_page_that_stays_while_the_machine_forgets_the_agent_signs_in_again(presence):
    presence.joined(agent("signed_out"), 0)
    assert presence.check([agent("signed_out")], ASK_AGAIN - 1) == []
    assert presence.check([agent("signed_out")], ASK_AGAIN) == [SignInAsked("1001")]
    assert presence.check([agent("signed_out")], ASK_AGAIN + 1) == []


def test_an_agent_without_page_stays_as_it_is_while_views_change(presence):
    presence.check([agent()], 0)
    talking = msgspec.structs.replace(agent(), state="on_call")
    assert presence.check([talking], LOST) == [ScreenLost("1001")]
