"""What may be offered beside what is in hand."""

import pytest

from ctid.acd.agents import NOT_READY, ON_CALL, READY, RESERVED, WORKING, WRAP_UP, Agent, Work
from ctid.acd.channels import Channel, Channels

EMAIL = Channel("email", capacity=2, beside=("call", "chat"))
CHAT = Channel("chat", capacity=3)
FORM = Channel("form", beside=("call", "email", "chat"))


def agent(*in_hand: str, state: str = "", **changes: object) -> Agent:
    made = Agent("a", 0, "PJSIP/1", ("q",), state=state or (WORKING if in_hand else READY))
    made.phone_state = "idle"
    made.work = tuple(Work(f"o{n}", f"task:{n}", one) for n, one in enumerate(in_hand))
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def open_for(one: Agent, **capacity: int) -> tuple[str, ...]:
    return Channels((EMAIL, CHAT, FORM), [("a", capacity)]).open_for(one)


@pytest.mark.parametrize(
    ("in_hand", "opened"),
    [
        ((), ("call", "email", "chat", "form")),
        (("email",), ("call", "email", "chat")),
        (("email", "email"), ("call", "chat")),
        (("chat",), ("chat",)),
        (("chat", "chat", "chat"), ()),
        (("email", "chat"), ("chat",)),
        (("form",), ("call", "email", "chat")),
    ],
)
def test_what_is_in_hand_says_what_may_stand_beside(
    in_hand: tuple[str, ...], opened: tuple[str, ...]
) -> None:
    assert open_for(agent(*in_hand)) == opened


def test_an_agent_may_take_less_or_nothing_of_a_channel() -> None:
    assert open_for(agent(), chat=0) == ("call", "email", "form")
    assert open_for(agent("chat"), chat=1) == ()
    assert open_for(agent("email", "email"), email=3) == ("call", "email", "chat")


@pytest.mark.parametrize("state", [NOT_READY, RESERVED, ON_CALL, WRAP_UP])
def test_nothing_to_those_who_are_busy_or_away(state: str) -> None:
    assert open_for(agent(state=state)) == ()


def test_a_phone_that_is_off_takes_no_call_and_a_private_call_takes_all() -> None:
    assert open_for(agent(phone_state="unreachable")) == ("email", "chat", "form")
    assert open_for(agent(phone_state="in_use")) == ()
    assert open_for(agent(backed_off=True)) == ()
    assert open_for(agent(tasks_paused=True)) == ("call",)


def test_without_channels_it_is_what_it_was() -> None:
    only_calls = Channels((), [])
    for one in (agent(), agent(phone_state="unreachable"), agent(backed_off=True)):
        assert only_calls.open_for(one) == (("call",) if one.may_be_offered() else ())


def test_a_channel_that_a_reload_took_away_keeps_nothing_away() -> None:
    assert Channels((EMAIL,), []).open_for(agent("chat")) == ("call", "email")
