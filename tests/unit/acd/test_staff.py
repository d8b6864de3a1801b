"""The agents' side: wishes, wrap-up, lost pages, phones, and seconds that add up."""

import msgspec
import pytest

from ctid.acd.absence import AbsenceRules
from ctid.acd.agents import Agent
from ctid.acd.contacts import Offer
from ctid.acd.settings import AcdSettings, AgentSettings, QueueSettings
from ctid.acd.staff import Staff
from ctid.acd.wrapup import Talk, WrapUpRule
from ctid.core.commands import AgentChanged, AgentTimed, Command, Disposed, Noticed
from ctid.core.deadlines import Deadlines
from ctid.core.instants import Epoch
from ctid.core.records import AgentTime, Disposition, LegCause

SETTINGS = AcdSettings(
    (QueueSettings("q", "Q"),), (AgentSettings("a", "A", "P/1", ("q",)),), back_off=5_000
)


def talk(lasts: int = 0, **rule: object) -> Talk:
    return Talk("c1", "o1", "q", lasts, msgspec.convert(rule, WrapUpRule))


def offer(*, left: bool = False) -> Offer:
    return Offer("o1", "c1", "a", "q", 30, caller_left=left)


class Desk:
    """One agent, and what the router was told."""

    def __init__(self, **absence: object) -> None:
        rules = msgspec.convert(absence, AbsenceRules)
        settings = msgspec.structs.replace(SETTINGS, absence=rules)
        self.deadlines = Deadlines()
        self.told: list[bool] = []
        self.staff = Staff(
            settings, self.deadlines, lambda: Epoch(1000),
            lambda agent, was: self.told.append(agent.available),
            lambda agent, old, now: None,
        )  # fmt: skip
        self.agent: Agent = self.staff.agents["a"]

    def ready(self) -> None:
        self.staff.phone_changed("P/1", "idle")
        self.staff.sign_in(self.agent, 10)
        self.staff.wish(self.agent, "ready", "", 20)

    def in_call(self, lasts: int = 0, **rule: object) -> None:
        self.ready()
        self.staff.reserve(self.agent, "o1", 30)
        self.staff.connect(self.agent, talk(lasts, **rule), 40)

    def wrap_up(self, lasts: int = 0, **rule: object) -> list[Command]:
        """A call that ends at 100."""
        self.in_call(lasts, **rule)
        return self.staff.after_call(self.agent, 100)

    def wait(self, until: int) -> list[Command]:
        """Fire what is due up to `until`, each at that instant."""
        commands: list[Command] = []
        while (key := self.deadlines.take(until)) is not None:
            commands += self.staff.fire(key[0], self.agent, until)
        return commands


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
    desk.in_call(10_000)
    assert states(desk.staff.wish(desk.agent, "not_ready", "lunch", 50)) == [("on_call", "")]
    commands = desk.staff.after_call(desk.agent, 60)
    assert states(commands) == [("wrap_up", "")]
    (shown,) = (c for c in commands if isinstance(c, AgentChanged))
    assert (shown.until, shown.next) == (10_060, "not_ready")
    assert states(desk.staff.end_wrap_up(desk.agent, 10_060)) == [("not_ready", "lunch")]
    assert desk.staff.end_wrap_up(desk.agent, 10_061) == []


def test_the_last_wish_counts(desk: Desk) -> None:
    desk.in_call()
    desk.staff.wish(desk.agent, "signed_out", "", 50)
    desk.staff.wish(desk.agent, "ready", "", 51)
    assert states(desk.staff.after_call(desk.agent, 60)) == [("ready", "")]
    assert desk.agent.next == ""


def test_signing_out_waits_for_the_end_of_wrap_up(desk: Desk) -> None:
    desk.in_call(10_000)
    desk.staff.after_call(desk.agent, 60)
    desk.staff.wish(desk.agent, "signed_out", "", 70)
    assert states(desk.staff.end_wrap_up(desk.agent, 100)) == [("signed_out", "")]
    assert desk.deadlines.next() is None


def test_idle_begins_anew_after_a_call_and_not_after_a_withdrawn_offer(desk: Desk) -> None:
    desk.ready()
    desk.staff.reserve(desk.agent, "o1", 30)
    desk.staff.after_offer(desk.agent, "caller_gone", offer(left=True), 35)
    assert desk.agent.idle_since == 20
    desk.staff.reserve(desk.agent, "o2", 40)
    desk.staff.connect(desk.agent, talk(), 45)
    desk.staff.after_call(desk.agent, 50)
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
    assert states(desk.staff.after_call(desk.agent, 60))[0][0] == wish


def test_a_page_lost_in_a_call_and_not_back(desk: Desk) -> None:
    desk.in_call()
    desk.staff.screen_lost(desk.agent, 50)
    assert states(desk.staff.after_call(desk.agent, 60)) == [("not_ready", "connection_lost")]
    assert states(desk.staff.screen_back(desk.agent, 70)) == [("ready", "")]


def until(commands: list[Command]) -> list[int]:
    return [c.until for c in commands if isinstance(c, AgentChanged)]


def noticed(commands: list[Command]) -> list[str]:
    return [c.code for c in commands if isinstance(c, Noticed)]


def test_a_prolonged_wrap_up_ends_at_its_new_time() -> None:
    desk = Desk()
    desk.wrap_up(1_000, extend=500, most=1_800)
    assert until(desk.staff.extend_wrap_up(desk.agent, 900)) == [1_600]
    assert desk.wait(1_100) == [], "the first deadline was moved"
    assert until(desk.staff.extend_wrap_up(desk.agent, 1_200)) == [1_900], "no longer than 1,800 ms"
    assert desk.staff.extend_wrap_up(desk.agent, 1_300) == []
    assert states(desk.wait(1_900)) == [("ready", "")]
    assert desk.staff.extend_wrap_up(desk.agent, 2_000) == [], "there is none any more"


def test_a_full_wrap_up_cannot_be_ended_by_hand() -> None:
    desk = Desk()
    desk.wrap_up(1_000, mode="timed_full")
    assert desk.staff.end_wrap_up(desk.agent, 500) == []
    assert desk.agent.state == "wrap_up"
    assert states(desk.wait(1_100)) == [("ready", "")]


def test_an_optional_wrap_up_lasts_until_the_agent_ends_it() -> None:
    desk = Desk()
    assert until(desk.wrap_up(mode="optional")) == [0]
    assert desk.deadlines.next() is None
    assert states(desk.staff.end_wrap_up(desk.agent, 9_000_000)) == [("ready", "")]


def test_nobody_is_left_in_a_wrap_up_that_only_they_could_end() -> None:
    gone = Desk()
    gone.wrap_up(mode="optional")
    assert states(gone.staff.wish(gone.agent, "signed_out", "", 200)) == [("signed_out", "")]
    lost = Desk()
    lost.wrap_up(mode="optional")
    assert states(lost.staff.screen_lost(lost.agent, 200)) == [("not_ready", "connection_lost")]
    limited = Desk()
    limited.wrap_up(mode="optional", most=1_000)
    assert states(limited.staff.screen_lost(limited.agent, 200)) == [("wrap_up", "")]
    assert states(limited.wait(1_100)) == [("not_ready", "connection_lost")]


def test_no_wrap_up_begins_that_nobody_is_there_to_end() -> None:
    lost = Desk()
    lost.in_call(mode="optional")
    lost.staff.screen_lost(lost.agent, 50)
    assert states(lost.staff.after_call(lost.agent, 60)) == [("not_ready", "connection_lost")]
    gone = Desk()
    gone.in_call(mode="optional")
    gone.staff.wish(gone.agent, "signed_out", "", 50)
    assert states(gone.staff.after_call(gone.agent, 60)) == [("signed_out", "")]
    back = Desk()
    back.staff.screen_lost(back.agent, 5)
    back.in_call(mode="optional")
    assert states(back.staff.after_call(back.agent, 60)) == [("wrap_up", "")], "signed in since"


def test_a_code_ends_the_wrap_up_that_waits_for_it_and_is_booked() -> None:
    desk = Desk()
    desk.wrap_up(mode="disposition", most=1_000, codes=("sold", "later"))
    assert desk.staff.end_wrap_up(desk.agent, 150) == []
    assert desk.staff.dispose(desk.agent, "c1", "solt", 160) == [], "no code of this queue"
    assert desk.staff.dispose(desk.agent, "c0", "sold", 160) == [], "another call"
    commands = desk.staff.dispose(desk.agent, "c1", "sold", 200)
    assert commands[0] == Disposed(Disposition("o1", "c1", "q", "a", "sold", 1_200))
    assert states(commands) == [("ready", "")]
    assert desk.deadlines.next() is None


def test_a_code_that_never_comes_is_told_and_the_agent_goes_on() -> None:
    desk = Desk()
    desk.wrap_up(mode="disposition", most=1_000, codes=("sold",))
    commands = desk.wait(1_100)
    assert noticed(commands) == ["disposition_missing"]
    assert states(commands) == [("ready", "")]
    late = desk.staff.dispose(desk.agent, "c1", "sold", 1_200)
    assert [type(c) for c in late] == [Disposed, AgentChanged], "booked, and nothing else moves"
    assert states(late) == [("ready", "")]


def test_a_code_during_the_call_leaves_nothing_to_wait_for() -> None:
    desk = Desk()
    desk.in_call(mode="disposition", most=1_000, codes=("sold",))
    assert states(desk.staff.dispose(desk.agent, "c1", "sold", 50)) == [("on_call", "")]
    assert states(desk.staff.after_call(desk.agent, 60)) == [("ready", "")]


def test_a_code_for_nobodys_call_is_nothing() -> None:
    desk = Desk()
    assert desk.staff.dispose(desk.agent, "c1", "sold", 50) == []


def no_answer(desk: Desk, now: int) -> list[Command]:
    desk.staff.reserve(desk.agent, "o1", now)
    return desk.staff.after_offer(desk.agent, "no_answer", offer(), now)


def test_the_third_unanswered_call_in_a_row_sets_the_agent_not_ready() -> None:
    desk = Desk(no_answers=3, no_answer=2_000)
    desk.ready()
    for at in (1_000, 10_000):
        assert states(no_answer(desk, at)) == [("ready", "")]
        assert not desk.agent.available, "left alone"
        assert desk.deadlines.next() == at + 2_000
        desk.wait(at + 2_000)
        assert desk.agent.available
    assert states(no_answer(desk, 20_000)) == [("not_ready", "no_answer")]
    desk.staff.wish(desk.agent, "ready", "", 30_000)
    assert states(no_answer(desk, 40_000)) == [("ready", "")], "counted from the beginning again"


@pytest.mark.parametrize("there", ["answered", "rejected", "a wish"])
def test_whoever_shows_that_they_are_there_begins_a_new_row(there: str) -> None:
    desk = Desk(no_answers=2, no_answer=100, rejected=100)
    desk.ready()
    no_answer(desk, 1_000)
    desk.wait(2_000)
    if there == "a wish":
        desk.staff.wish(desk.agent, "ready", "", 3_000)
    else:
        desk.staff.reserve(desk.agent, "o2", 3_000)
        if there == "answered":
            desk.staff.connect(desk.agent, talk(), 3_100)
            desk.staff.after_call(desk.agent, 3_200)
        else:
            desk.staff.after_offer(desk.agent, "rejected", offer(), 3_100)
    desk.wait(4_000)
    assert states(no_answer(desk, 5_000)) == [("ready", "")]


@pytest.mark.parametrize(
    ("cause", "pause"), [("busy", 5_000), ("failed", 5_000), ("unreachable", 5_000),
                         ("rejected", 700), ("no_answer", 300)],
)  # fmt: skip
def test_each_cause_has_its_own_pause(cause: LegCause, pause: int) -> None:
    desk = Desk(no_answers=2, no_answer=300, rejected=700)
    desk.ready()
    desk.staff.reserve(desk.agent, "o1", 1_000)
    desk.staff.after_offer(desk.agent, cause, offer(), 1_000)
    assert desk.deadlines.next() == 1_000 + pause


def test_a_break_that_is_too_long_is_told_once_and_not_ended() -> None:
    desk = Desk(break_most={"lunch": 1_000})
    desk.ready()
    desk.staff.wish(desk.agent, "not_ready", "lunch", 100)
    assert desk.staff.wish(desk.agent, "not_ready", "lunch", 900) == [], "it does not begin anew"
    commands = desk.wait(1_100)
    assert noticed(commands) == ["break_overrun"]
    assert states(commands) == [("not_ready", "lunch")]
    assert desk.agent.overrun
    assert desk.deadlines.next() is None
    desk.staff.wish(desk.agent, "ready", "", 2_000)
    assert not desk.agent.overrun


def test_a_break_that_ends_in_time_is_not_told() -> None:
    desk = Desk(break_most={"lunch": 1_000})
    desk.ready()
    desk.staff.wish(desk.agent, "not_ready", "lunch", 100)
    desk.staff.wish(desk.agent, "not_ready", "meeting", 500)
    assert desk.deadlines.next() is None, "a meeting has no maximum here"
    desk.staff.wish(desk.agent, "ready", "", 600)
    assert desk.wait(5_000) == []


def test_a_break_that_was_chosen_during_a_call_is_timed_from_its_own_beginning() -> None:
    desk = Desk(break_most={"lunch": 1_000})
    desk.in_call()
    desk.staff.wish(desk.agent, "not_ready", "lunch", 50)
    desk.staff.after_call(desk.agent, 10_000)
    assert desk.deadlines.next() == 11_000
