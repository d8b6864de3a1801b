"""The agents' side: wishes, wrap-up, lost pages, phones, and seconds that add up."""

import pytest

from ctid.acd.agents import Agent
from ctid.acd.settings import AcdSettings, AgentSettings, QueueSettings
from ctid.acd.staff import Staff
from ctid.core.commands import AgentChanged, AgentTimed, Command
from ctid.core.deadlines import Deadlines
from ctid.core.instants import Epoch
from ctid.core.records import AgentTime

SETTINGS = AcdSettings(
    (QueueSettings("q", "Q"),), (AgentSettings("a", "A", "P/1", ("q",)),), back_off=5_000
)


class Desk:
    """One agent, and what the router was told."""

    def __init__(self) -> None:
        self.deadlines = Deadlines()
        self.told: list[bool] = []
        self.staff = Staff(
            SETTINGS, self.deadlines, lambda: Epoch(1000), lambda a: self.told.append(a.available)
        )
        self.agent: Agent = self.staff.agents["a"]

    def ready(self) -> None:
        self.staff.phone_changed("P/1", "idle")
        self.staff.sign_in(self.agent, 10)
        self.staff.wish(self.agent, "ready", "", 20)

    def in_call(self) -> None:
        self.ready()
        self.staff.reserve(self.agent, "o1", 30)
        self.staff.connect(self.agent, 40)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def states(commands: list[Command]) -> list[tuple[str, str]]:
    return [(c.state, c.reason) for c in commands if isinstance(c, AgentChanged)]


def test_sign_in_lands_in_not_ready_once(desk: Desk) -> None:
    assert states(desk.staff.sign_in(desk.agent, 10)) == [("not_ready", "sign_in")]
    assert desk.staff.sign_in(desk.agent, 11) == []


def test_a_wish_of_somebody_signed_out_is_nothing(desk: Desk) -> None:
    for wish in ("ready", "not_ready", "signed_out"):
        assert desk.staff.wish(desk.agent, wish, "", 5) == []


def test_only_a_ready_agent_with_an_idle_phone_is_available(desk: Desk) -> None:
    desk.ready()
    for state in ("in_use", "idle", "ringing", "idle", "unreachable"):
        desk.staff.phone_changed("P/1", state)
    assert desk.told == [True, False, True, False, True, False]
    assert desk.staff.phone_changed("P/1", "unreachable") is None, "nothing changed"
    assert desk.staff.phone_changed("P/9", "idle") is None, "not one of ours"


def test_a_stretch_is_closed_with_its_wall_times(desk: Desk) -> None:
    desk.staff.sign_in(desk.agent, 10)
    commands = desk.staff.wish(desk.agent, "not_ready", "lunch", 25)
    assert commands[0] == AgentTimed(AgentTime("a", "not_ready", "sign_in", 1010, 1025))
    assert states(commands) == [("not_ready", "lunch")]
    assert not any(
        isinstance(c, AgentTimed) for c in desk.staff.wish(desk.agent, "ready", "", 25)
    ), "a stretch of no length"


def test_a_wish_in_a_call_is_kept_for_after_wrap_up(desk: Desk) -> None:
    desk.in_call()
    assert states(desk.staff.wish(desk.agent, "not_ready", "lunch", 50)) == [("on_call", "")]
    commands = desk.staff.after_call(desk.agent, 10_000, 60)
    assert states(commands) == [("wrap_up", "")]
    (shown,) = (c for c in commands if isinstance(c, AgentChanged))
    assert (shown.until, shown.next) == (10_060, "not_ready")
    assert states(desk.staff.end_wrap_up(desk.agent, 10_060)) == [("not_ready", "lunch")]
    assert desk.staff.end_wrap_up(desk.agent, 10_061) == []


def test_the_last_wish_counts(desk: Desk) -> None:
    desk.in_call()
    desk.staff.wish(desk.agent, "signed_out", "", 50)
    desk.staff.wish(desk.agent, "ready", "", 51)
    assert states(desk.staff.after_call(desk.agent, 0, 60)) == [("ready", "")]
    assert desk.agent.next == ""


def test_signing_out_waits_for_the_end_of_wrap_up(desk: Desk) -> None:
    desk.in_call()
    desk.staff.after_call(desk.agent, 10_000, 60)
    desk.staff.wish(desk.agent, "signed_out", "", 70)
    assert states(desk.staff.end_wrap_up(desk.agent, 100)) == [("signed_out", "")]
    assert desk.deadlines.next() is None


def test_idle_begins_anew_after_a_call_and_not_after_a_withdrawn_offer(desk: Desk) -> None:
    desk.ready()
    desk.staff.reserve(desk.agent, "o1", 30)
    desk.staff.after_offer(desk.agent, "caller_gone", True, 35)
    assert desk.agent.idle_since == 20
    desk.staff.reserve(desk.agent, "o2", 40)
    desk.staff.connect(desk.agent, 45)
    desk.staff.after_call(desk.agent, 0, 50)
    assert (desk.agent.idle_since, desk.agent.handled) == (50, 1)


def test_page_lost_and_back(desk: Desk) -> None:
    desk.ready()
    assert states(desk.staff.screen_lost(desk.agent, 30)) == [("not_ready", "connection_lost")]
    assert states(desk.staff.screen_back(desk.agent, 40)) == [("ready", "")]


def test_a_break_is_not_ended_by_a_page_that_comes_back(desk: Desk) -> None:
    desk.ready()
    desk.staff.wish(desk.agent, "not_ready", "lunch", 30)
    assert desk.staff.screen_lost(desk.agent, 31) == []
    assert desk.staff.screen_back(desk.agent, 32) == []
    assert desk.agent.reason == "lunch"


@pytest.mark.parametrize("wish", ["not_ready", "signed_out"])
def test_a_wish_in_a_call_outlives_a_lost_page(desk: Desk, wish: str) -> None:
    desk.in_call()
    desk.staff.wish(desk.agent, wish, "lunch", 50)
    desk.staff.screen_lost(desk.agent, 51)
    desk.staff.screen_back(desk.agent, 52)
    assert states(desk.staff.after_call(desk.agent, 0, 60))[0][0] == wish


def test_a_page_lost_in_a_call_and_not_back(desk: Desk) -> None:
    desk.in_call()
    desk.staff.screen_lost(desk.agent, 50)
    assert states(desk.staff.after_call(desk.agent, 0, 60)) == [("not_ready", "connection_lost")]
    assert states(desk.staff.screen_back(desk.agent, 70)) == [("ready", "")]
