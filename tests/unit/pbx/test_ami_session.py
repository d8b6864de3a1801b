from __future__ import annotations

from collections.abc import Sequence
from hashlib import md5

import pytest

from ctid.core.errors import IllegalTransition, LocalProtocolError
from ctid.pbx.ami.codec import AmiCodec, AmiMessage
from ctid.pbx.ami.session import (
    ActionEnded,
    AmiSession,
    AmiUp,
    Answered,
    Fact,
    Failed,
    LinkBroken,
    LinkUp,
    Phase,
    Purpose,
    Unknown,
)
from ctid.pbx.ami.settings import AmiSettings

SETTINGS = AmiSettings(
    username="ctid",
    secret="s3cret",
    login_timeout_ms=500,
    boot_timeout_ms=2_000,
    response_timeout_ms=100,
    list_timeout_ms=300,
    ping_every_ms=1_000,
    ping_timeout_ms=50,
    max_list_events=3,
)


def message(*lines: str) -> AmiMessage:
    return AmiMessage("\r\n".join(lines).encode())


class Link:
    """A session and what it sent."""

    def __init__(self, settings: AmiSettings = SETTINGS) -> None:
        self.session = AmiSession(settings, "t", 0)

    def sent(self) -> list[AmiMessage]:
        return AmiCodec(expect_banner=False).feed(self.session.take_output())

    def answer(self, action: AmiMessage, now: int, *lines: str) -> Sequence[Fact]:
        first = lines[0] if lines else "Response: Success"
        action_id = f"ActionID: {action.get('ActionID')}"
        return self.session.handle(message(first, action_id, *lines[1:]), now)

    def log_in(self) -> Sequence[Fact]:
        self.session.greet("Asterisk Call Manager/9.0.0", 0)
        (challenge,) = self.sent()
        self.answer(challenge, 0, "Response: Success", "Challenge: 12345")
        (login,) = self.sent()
        self.answer(login, 0)
        self.session.handle(message("Event: FullyBooted", "Uptime: 77"), 0)
        facts: Sequence[Fact] = ()
        for question in self.sent():
            facts = self.answer(
                question,
                0,
                "Response: Success",
                "AsteriskVersion: 22.10.1",
                "CoreStartupDate: 2026-11-22",
                "CoreStartupTime: 01:02:03",
            )
        return facts


def up(settings: AmiSettings = SETTINGS) -> Link:
    link = Link(settings)
    link.log_in()
    assert link.session.phase is Phase.UP
    return link


def test_login_by_challenge_until_up() -> None:
    link = Link()
    link.session.greet("Asterisk Call Manager/9.0.0", 0)
    (challenge,) = link.sent()
    assert (challenge.get("Action"), challenge.get("AuthType")) == ("Challenge", "MD5")
    assert link.answer(challenge, 1, "Response: Success", "Challenge: 12345") == ()
    (login,) = link.sent()
    assert login.get("Key") == md5(b"12345s3cret").hexdigest()
    assert login.get("Secret", "none") == "none"


def test_up_tells_version_and_start() -> None:
    (fact,) = Link().log_in()
    assert fact == LinkUp(AmiUp("22.10.1", 77, "2026-11-22 01:02:03"))


def test_plain_login() -> None:
    link = Link(AmiSettings(username="ctid", secret="s3cret", plain_login=True))
    link.session.greet("Asterisk Call Manager/9.0.0", 0)
    (login,) = link.sent()
    assert [login.get(n) for n in ("Action", "Username", "Secret", "AuthType")] == [
        "Login",
        "ctid",
        "s3cret",
        "",
    ]


def test_booted_event_before_the_login_response_counts() -> None:
    link = Link()
    link.session.greet("Asterisk Call Manager/9.0.0", 0)
    link.answer(link.sent()[0], 0, "Response: Success", "Challenge: 1")
    booted = message("Event: FullyBooted")
    assert link.session.handle(booted, 0) == (booted,)
    link.answer(link.sent()[0], 0)
    assert link.session.phase is Phase.ASKING


def test_filters_are_added_and_refused_ones_reported() -> None:
    link = Link(AmiSettings(username="u", secret="s", filters=("!Event: A", "!Event: B")))
    link.session.greet("Asterisk Call Manager/9.0.0", 0)
    link.answer(link.sent()[0], 0, "Response: Success", "Challenge: 1")
    link.answer(link.sent()[0], 0)
    link.session.handle(message("Event: FullyBooted", "Uptime: ²"), 0)
    first, second, *questions = link.sent()
    assert [f.get("Filter") for f in (first, second)] == ["!Event: A", "!Event: B"]
    link.answer(first, 0, "Response: Error", "Message: Permission denied")
    link.answer(second, 0)
    link.answer(questions[0], 0, "Response: Error", "Message: Permission denied")
    assert link.answer(questions[1], 0) == (LinkUp(AmiUp("", None, "", ("!Event: A",))),)


@pytest.mark.parametrize("step", ["Challenge", "Login"])
def test_refused_login(step: str) -> None:
    link = Link()
    link.session.greet("Asterisk Call Manager/9.0.0", 0)
    (action,) = link.sent()
    if step == "Login":
        link.answer(action, 0, "Response: Success", "Challenge: 1")
        (action,) = link.sent()
    facts = link.answer(action, 0, "Response: Error", "Message: Authentication failed")
    assert facts == (LinkBroken(f"{step}: Authentication failed", refused=True),)


def test_deadlines_before_up() -> None:
    link = Link()
    assert link.session.next_deadline() == 500
    assert link.session.advance(499) == []
    (broken,) = link.session.advance(500)
    assert isinstance(broken, LinkBroken)
    assert "no AMI banner" in broken.text


def test_missing_fully_booted_says_what_to_do() -> None:
    link = Link()
    link.session.greet("Asterisk Call Manager/9.0.0", 0)
    link.answer(link.sent()[0], 0, "Response: Success", "Challenge: 1")
    link.answer(link.sent()[0], 10)
    link.session.advance(1_010)
    (ping,) = link.sent()
    link.answer(ping, 1_011)
    (broken,) = link.session.advance(2_010)
    assert isinstance(broken, LinkBroken)
    assert "read=system" in broken.text
    assert not broken.refused


def test_responses_find_their_action_in_any_order() -> None:
    link = up()
    first = link.session.send("Hangup", [("Channel", "A")], 0)
    second = link.session.send("Hangup", [("Channel", "B")], 0, purpose=Purpose.POSTED)
    a, b = link.sent()
    refusal = message("Response: Error", f"ActionID: {second}", "Message: No such channel")
    assert link.session.handle(refusal, 1) == (
        ActionEnded(second, Purpose.POSTED, Failed("Hangup: No such channel", refusal)),
    )
    (ended,) = link.answer(a, 2)
    assert isinstance(ended, ActionEnded)
    assert (ended.action_id, type(ended.outcome)) == (first, Answered)
    assert b.get("ActionID") == second


def test_a_refused_send_leaves_nothing_in_flight() -> None:
    link = up()
    before = link.session.next_deadline()
    with pytest.raises(LocalProtocolError):
        link.session.send("Hangup", [("Channel", "A\r\nB: C")], 0)
    assert link.session.take_output() == b""
    assert link.session.next_deadline() == before


def test_timed_out_action_is_unknown_and_its_late_response_counted() -> None:
    link = up()
    action_id = link.session.send("Hangup", [("Channel", "A")], 10, timeout_ms=40)
    assert link.session.next_deadline() == 50
    assert link.session.advance(49) == []
    (ended,) = link.session.advance(50)
    assert isinstance(ended, ActionEnded)
    assert isinstance(ended.outcome, Unknown)
    assert link.session.handle(message("Response: Success", f"ActionID: {action_id}"), 60) == ()
    assert link.session.handle(message("Response: Success", "ActionID: stranger"), 60) == ()
    assert link.session.handle(message("torn: message"), 60) == ()
    assert (link.session.late_responses, link.session.unknown_responses) == (1, 2)


def start_list(link: Link) -> tuple[str, AmiMessage]:
    action_id = link.session.send("Status", [], 0, purpose=Purpose.LIST)
    start = message("Response: Success", f"ActionID: {action_id}", "EventList: start")
    assert link.session.handle(start, 0) == ()
    return action_id, start


def item(action_id: str, n: int) -> AmiMessage:
    return message("Event: Status", f"ActionID: {action_id}", f"Channel: {n}")


def test_event_list_is_collected_and_other_events_pass() -> None:
    link = up()
    action_id, start = start_list(link)
    other = message("Event: Hangup", "Uniqueid: 1")
    tagged = message("Event: OriginateResponse", "ActionID: else", "Response: Failure")
    assert link.session.handle(item(action_id, 1), 1) == ()
    assert link.session.handle(other, 1) == (other,)
    assert link.session.handle(tagged, 1) == (tagged,)
    assert link.session.handle(item(action_id, 2), 1) == ()
    end = message("Event: StatusComplete", f"ActionID: {action_id}", "EventList: Complete")
    assert link.session.handle(end, 2) == (
        ActionEnded(
            action_id,
            Purpose.LIST,
            Answered(start, (item(action_id, 1), item(action_id, 2))),
        ),
    )


def test_cancelled_list_fails() -> None:
    link = up()
    action_id, _ = start_list(link)
    end = message("Event: StatusComplete", f"ActionID: {action_id}", "EventList: Cancelled")
    (ended,) = link.session.handle(end, 1)
    assert isinstance(ended, ActionEnded)
    assert isinstance(ended.outcome, Failed)


def test_list_without_end_is_unknown_and_its_rest_is_swallowed() -> None:
    link = up()
    action_id, _ = start_list(link)
    (ended,) = link.session.advance(300)
    assert isinstance(ended, ActionEnded)
    assert isinstance(ended.outcome, Unknown)
    assert link.session.handle(item(action_id, 3), 301) == ()


def test_endless_list_fails_at_its_limit() -> None:
    link = up()
    action_id, _ = start_list(link)
    facts = [fact for n in range(6) for fact in link.session.handle(item(action_id, n), 1)]
    (ended,) = facts
    assert isinstance(ended, ActionEnded)
    assert isinstance(ended.outcome, Failed)


def test_list_action_that_answers_without_a_list_is_empty() -> None:
    link = up()
    action_id = link.session.send("Status", [], 0, purpose=Purpose.LIST)
    (ended,) = link.session.handle(message("Response: Success", f"ActionID: {action_id}"), 1)
    assert isinstance(ended, ActionEnded)
    assert isinstance(ended.outcome, Answered)
    assert ended.outcome.items == ()


def test_pings_keep_the_link_and_two_misses_end_it() -> None:
    link = up()
    assert link.session.advance(999) == []
    assert link.session.take_output() == b""
    link.session.advance(1_000)
    (ping,) = link.sent()
    assert ping.get("Action") == "Ping"
    assert link.answer(ping, 1_010) == ()
    link.session.advance(2_010)
    link.sent()
    assert list(link.session.advance(2_060)) == []
    (second,) = link.sent()
    assert second.get("Action") == "Ping"
    assert link.session.advance(2_110) == [LinkBroken("link is dead: 2 pings without an answer")]


def test_one_missed_ping_is_forgiven() -> None:
    link = up()
    link.session.advance(1_000)
    link.sent()
    link.session.advance(1_050)
    (second,) = link.sent()
    link.answer(second, 1_060)
    assert link.session.next_deadline() == 2_060


def test_on_link_loss_everything_in_flight_is_unknown_never_failed() -> None:
    link = up()
    listed, _ = start_list(link)
    waited = link.session.send("Hangup", [("Channel", "A")], 0)
    posted = link.session.send("Originate", [("Channel", "A")], 0, purpose=Purpose.POSTED)
    link.session.advance(0)
    facts = link.session.lose("closed by peer")
    assert {f.action_id for f in facts if isinstance(f, ActionEnded)} == {listed, waited, posted}
    assert all(isinstance(f, ActionEnded) and isinstance(f.outcome, Unknown) for f in facts)
    assert link.session.lose("again") == []
    assert link.session.take_output() == b""


def test_greeting_twice_is_a_defect() -> None:
    link = up()
    with pytest.raises(IllegalTransition):
        link.session.greet("Asterisk Call Manager/9.0.0", 0)
