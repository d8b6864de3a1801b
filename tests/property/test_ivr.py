"""Whatever a caller keys, or does not key: every way through every flow ends, and soon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ctid.core.identity import PinStatus
from ctid.core.services import ServiceStatus
from ctid.ivr import flow
from ctid.ivr.actions import (
    Action,
    Ask,
    AskOutside,
    Check,
    End,
    Find,
    Leave,
    Listen,
    Lost,
    Prove,
    Say,
    ToQueue,
    Waiting,
)
from ctid.ivr.service_steps import SERVICES, CallbackNumber, OrderStatus, Request, ServiceStep
from ctid.ivr.session import Session
from ctid.ivr.variables import Known
from ctid.ivr.walker import MAX_STEPS, Walker

STEPS = 7
"""Of each flow, the last of which ends it."""
FLOWS = ("main", "second", "third")
"""Each may call those behind it."""
MOST_ANSWERS = MAX_STEPS * 9 * 2
"""A step has at most nine tries, and a code is read back in between."""

WORDS = ("Sales", "sales", "customer service")

names = st.sampled_from(("a", "b", "code_status", "grade", "identity", "language", "region"))
values = st.sampled_from(("", "1", "A", "{a}", "{b}{b}2", "found", "en", "verified"))
keyed = st.one_of(
    st.just(""), st.text("0123456789*#x", max_size=70),
    st.sampled_from(("1", "2", "18", "1234", "xxxx", "#")),
)  # fmt: skip


def name_of(number: int) -> str:
    return f"s{number}"


@st.composite
def step(draw: st.DrawFn, here: int, callable_flows: tuple[str, ...]) -> flow.AnyStep:
    """What the caller does not decide leads forwards, as check time asks; keys lead anywhere."""
    onward = name_of(draw(st.integers(here + 1, STEPS - 1)))
    other = name_of(draw(st.integers(here + 1, STEPS - 1)))
    anywhere = st.integers(0, STEPS - 1).map(name_of)
    kinds = ["play", "menu", "collect", "collect", "language", "set", "branch", "say", "service"]
    kinds += ["transfer", "callback", "pin", "record", "look_up"]
    match draw(st.sampled_from([*kinds, "call"] if callable_flows else kinds)):
        case "play":
            return flow.Play("p", onward, serves=draw(st.booleans()))
        case "menu":
            keys = draw(st.dictionaries(st.sampled_from("12#"), anywhere, min_size=1))
            said = draw(st.dictionaries(st.sampled_from(WORDS), st.sampled_from("12#")))
            return flow.Menu(
                "p", keys, onward, tries=draw(st.integers(1, 9)), again=("q", "r"),
                words={"en": said}, unsure=draw(st.sampled_from(("", "unsure"))),
            )  # fmt: skip
        case "collect":
            into = draw(st.sampled_from(("code", "a")))
            return flow.Collect(
                "p", draw(anywhere), onward, min=2, max=draw(st.integers(2, 40)),
                tries=draw(st.integers(1, 9)), confirm=draw(st.sampled_from(("", "right"))),
                check="customer" if into == "code" and draw(st.booleans()) else "", into=into,
                check_digit=draw(st.sampled_from(("", "luhn", "mod11", "mod97"))),
                class_=draw(st.sampled_from(("", "code", "pin"))), speech=draw(st.booleans()),
            )  # fmt: skip
        case "pin":
            return flow.Collect(
                "p", draw(anywhere), onward, min=4, max=8, tries=draw(st.integers(1, 9)),
                class_="pin", check="pin", locked=draw(st.sampled_from(("", other))),
            )  # fmt: skip
        case "language":
            return flow.Language(draw(st.sampled_from(("en", "zh-CN"))), onward)
        case "set":
            return flow.Set(draw(st.sampled_from("ab")), draw(values), onward)
        case "branch":
            return flow.Branch(draw(names), {draw(values): onward}, other)
        case "transfer":
            return flow.Transfer("branch", "q", draw(st.sampled_from(("", onward))))
        case "look_up":
            return flow.LookUp(
                onward, other, onward, many=draw(st.sampled_from(("", other))),
                by=draw(st.sampled_from(("number", "code"))), value=draw(values),
                language=draw(st.booleans()),
            )  # fmt: skip
        case "record":
            return flow.Record(
                "p", draw(anywhere), onward, confirm=draw(st.sampled_from(("", "right"))),
                tries=draw(st.integers(1, 9)), short=draw(st.sampled_from(("", "more"))),
            )  # fmt: skip
        case "callback":
            return flow.CallBack("q", onward, number=draw(values))
        case "say":
            return flow.Say("digits", draw(values), onward, on_fail=other)
        case "service":
            return draw(service(onward, other))
        case _:
            name = draw(st.sampled_from(callable_flows))
            return flow.Call(name, onward, {"a": draw(values)})


@st.composite
def service(draw: st.DrawFn, onward: str, other: str) -> ServiceStep:
    """A step that asks somebody outside."""
    kind = draw(st.sampled_from(SERVICES))
    given: dict[str, object] = {"next": onward, "none": other, "on_fail": other}
    given["prompt"] = draw(st.sampled_from(("", "p")))
    if kind is Request:
        given |= {"service": "shop", "ask": "GET /{a}", "into": {"b": "b.0"}}
    else:
        given["needs"] = draw(st.sampled_from(("verified", "claimed")))
        given["refused"] = draw(st.sampled_from(("", onward)))
    if kind in (OrderStatus, CallbackNumber):
        given["number"] = draw(values)
    return msgspec.convert({"kind": kind.__struct_config__.tag, **given}, ServiceStep)


@st.composite
def worlds(draw: st.DrawFn) -> Mapping[str, flow.Flow]:
    made = {}
    for place, name in enumerate(FLOWS):
        behind = FLOWS[place + 1 :]
        steps: dict[str, flow.AnyStep] = {
            name_of(n): draw(step(n, behind)) for n in range(STEPS - 1)
        }
        serves = draw(st.booleans())
        ends: list[flow.AnyStep] = [flow.Queue("q"), flow.HangUp(serves), flow.Voicemail("q")]
        if place:
            ends.append(flow.Return({"b": draw(values)}))
        steps[name_of(STEPS - 1)] = draw(st.sampled_from(ends))
        made[name] = flow.Flow(name, name_of(0), "en", steps, {})
    return made


def spoken(walker: Walker, session: Session, said: str, sure: bool) -> Action:
    """A word, whether anybody listens or not; one that was in vain makes them deaf for the step."""
    listened, place = walker.listens(session), len(session.path)
    action = walker.spoken(session, said, sure, 0, Known(grade="A", region="CN"))
    if listened and isinstance(action, Ask) and len(session.path) == place:
        assert not walker.listens(session)
    return action


def answer(walker: Walker, session: Session, action: Action, data: st.DataObject) -> Action:
    """The switch's or the CRM's answer, whatever it may be."""
    known = Known(grade="A", region="CN")
    match action:
        case Say():
            assert walker.awaits(session) == "played"
            return walker.played(session, 0, known)
        case Check():
            assert walker.awaits(session) == "checked"
            status = data.draw(st.sampled_from(("none", "found", "many", "timeout")))
            return walker.checked(session, status, 0, known)
        case Prove():
            assert walker.awaits(session) == "proved"
            if data.draw(st.booleans()):
                return walker.locked(session, 0, known)
            return walker.proved(session, data.draw(st.sampled_from(get_args(PinStatus))), 0, known)
        case Leave():
            return walker.failed(session, 0, known)
        case Find():
            assert walker.awaits(session) == "found"
            status = data.draw(st.sampled_from(("none", "found", "many", "timeout", "unavailable")))
            return walker.found(session, status, 0, known)
        case Listen():
            assert walker.awaits(session) == "recorded"
            file = data.draw(st.sampled_from(("", "/r/c1-1.wav")))
            return walker.recorded(session, file, data.draw(st.integers(0, 9_000)), "key", 0, known)
        case Ask():
            assert walker.awaits(session) == "collected"
            assert all(action.prompts)
            if action.proves and data.draw(st.booleans()):
                return walker.locked(session, 0, known)
            if data.draw(st.integers(0, 3)) == 0:
                said = data.draw(st.sampled_from((*WORDS, "", "1234", "18")))
                return spoken(walker, session, said, data.draw(st.booleans()))
            ended = data.draw(st.sampled_from(("full", "terminator", "timeout")))
            return walker.collected(session, data.draw(keyed), ended, 0, known)
        case AskOutside():
            assert walker.awaits(session) == ("either" if action.prompts else "answered")
            if action.prompts and data.draw(st.booleans()):
                assert isinstance(walker.played(session, 0, known), Waiting)
                assert walker.awaits(session) == "answered"
            status = data.draw(st.sampled_from(get_args(ServiceStatus)))
            told = data.draw(st.lists(st.tuples(st.sampled_from("ab"), st.text(max_size=200))))
            return walker.answered(session, status, told, 0, known)
        case Waiting():
            assert walker.awaits(session) == "played"
            return walker.played(session, 0, known)
        case _:
            raise AssertionError(f"{action} is an end")


@given(worlds(), st.data())
def test_every_way_ends(flows: Mapping[str, flow.Flow], data: st.DataObject) -> None:
    """After some answers the caller falls silent, as each one does in the end; and the state may be
    saved and loaded at any time."""
    walker = Walker(flows, {})
    session, action = walker.begin("main", 0)
    for _ in range(data.draw(st.integers(0, 25))):
        if is_over(action):
            return
        session = msgspec.json.decode(msgspec.json.encode(session), type=Session)
        action = answer(walker, session, action, data)
    before, answers = len(session.path), 0
    while not is_over(action):
        answers += 1
        action = in_silence(walker, session, action)
        assert answers <= MOST_ANSWERS
    assert len(session.path) - before <= STEPS ** len(FLOWS), "a silent caller goes round"


@given(worlds(), st.lists(keyed, min_size=1, max_size=5))
def test_keys_for_ever_end_too(flows: Mapping[str, flow.Flow], keys: list[str]) -> None:
    """The same few entries again and again, by a machine that never tires."""
    walker = Walker(flows, {})
    session, action = walker.begin("main", 0)
    answers = 0
    while not is_over(action):
        assert not isinstance(action, Lost)
        if isinstance(action, Ask):
            action = walker.collected(session, keys[answers % len(keys)], "full", 0)
        else:
            action = in_silence(walker, session, action)
        answers += 1
        assert answers <= MOST_ANSWERS
    assert len(session.path) <= MAX_STEPS + 1


def is_over(action: Action) -> bool:
    """Whether the flow is over for certain: somebody may answer at a number, or nobody."""
    if isinstance(action, Leave):
        return action.place == "voicemail" or (action.place == "external" and not action.returns)
    return isinstance(action, ToQueue | End)


def in_silence(walker: Walker, session: Session, action: Action) -> Action:
    match action:
        case Say():
            return walker.played(session, 0)
        case Check():
            return walker.checked(session, "timeout", 0)
        case Prove():
            return walker.proved(session, "timeout", 0)
        case Leave():
            return walker.failed(session, 0)
        case Find():
            return walker.found(session, "timeout", 0)
        case Listen():
            return walker.recorded(session, "/r/c1-1.wav", 1_000, "silence", 0)
        case Ask():
            return walker.collected(session, "", "timeout", 0)
        case AskOutside():
            if action.prompts:
                walker.played(session, 0)
            return walker.answered(session, "timeout", (), 0)
        case _:
            raise AssertionError(f"{action} is no question")
