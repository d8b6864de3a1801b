"""Flows that call one another: what they hand over, and what is refused before a call comes."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from ctid.ivr import flow
from ctid.ivr.actions import Action, Ask, End, Lost, ToQueue
from ctid.ivr.session import Session
from ctid.ivr.subflows import entry_problem
from ctid.ivr.variables import Known
from ctid.ivr.walker import MAX_DEPTH, MAX_STEPS, Walker
from ctid.settings.flows import read_flows

Steps = Mapping[str, flow.AnyStep]


NOTHING_KNOWN = Known()


def walk(known: Known = NOTHING_KNOWN, /, **flows: Steps) -> tuple[Walker, Session, Action]:
    """The first flow, begun at its first step; the others can be called by their names."""
    made = {name: flow.Flow(name, next(iter(s)), "en", s, {}) for name, s in flows.items()}
    walker = Walker(made, {})
    session, action = walker.begin(next(iter(flows)), 0, known=known)
    return walker, session, action


def test_arguments_go_in_and_values_come_out() -> None:
    main: Steps = {
        "set": flow.Set("a", "1", next="call"),
        "call": flow.Call("sub", next="see", with_={"b": "{a}2"}),
        "see": flow.Branch("c", {"1-12": "yes"}, otherwise="no"),
        "yes": flow.Queue("yes"),
        "no": flow.Queue("no"),
    }
    sub: Steps = {
        "own": flow.Set("a", "sub", next="c"),
        "c": flow.Set("mine", "1-{b}", next="back"),
        "back": flow.Return({"c": "{mine}"}),
    }
    _, session, action = walk(main=main, sub=sub)
    assert action == ToQueue("yes")
    assert session.variables == {"a": "1", "c": "1-12"}, "what the other flow set is not here"
    assert session.path == ["set", "call", "sub/own", "sub/c", "sub/back", "see", "yes"]
    assert session.stack == []


def test_a_flow_does_not_see_its_callers_variables() -> None:
    main: Steps = {"set": flow.Set("a", "1", next="call"), "call": flow.Call("sub", next="set")}
    sub: Steps = {
        "see": flow.Branch("a", {"1": "yes"}, otherwise="no"),
        "yes": flow.Queue("yes"),
        "no": flow.Queue("no"),
    }
    assert walk(main=main, sub=sub)[2] == ToQueue("no")


@pytest.mark.parametrize(
    ("on", "known", "queue"),
    [
        ("grade", Known(grade="A"), "yes"), ("grade", Known(), "no"),
        ("segment", Known(segment="A"), "yes"), ("region", Known(region="A"), "yes"),
        ("region", Known("A", "A"), "no"), ("nobody", Known("A", "A", "A"), "no"),
    ],
)  # fmt: skip
def test_branches(on: str, known: Known, queue: str) -> None:
    steps: Steps = {
        "see": flow.Branch(on, {"A": "yes"}, otherwise="no"),
        "yes": flow.Queue("yes"),
        "no": flow.Queue("no"),
    }
    assert walk(known, main=steps)[2] == ToQueue(queue)


def test_return_without_a_caller_ends_the_call() -> None:
    assert walk(main={"back": flow.Return()})[2] == End()


def test_the_language_stays_and_the_state_is_plain_data() -> None:
    main: Steps = {"call": flow.Call("sub", next="m"), "m": flow.Menu("m", {"1": "m"}, "m")}
    sub: Steps = {
        "zh": flow.Language("zh-CN", next="menu"),
        "menu": flow.Menu("which", {"1": "back"}, on_fail="back"),
        "back": flow.Return(),
    }
    walker, session, _ = walk(main=main, sub=sub)
    loaded = msgspec.json.decode(msgspec.json.encode(session), type=Session)
    assert loaded == session
    assert isinstance(walker.collected(loaded, "1", "full", 0), Ask)
    assert (loaded.step, loaded.language, loaded.stack) == ("m", "zh-CN", [])


def test_a_session_saved_before_there_were_variables_loads() -> None:
    old = b'{"flow":"f","step":"code","language":"en","tries":1,"code":"","pending":"","path":[]}'
    session = msgspec.json.decode(old, type=Session)
    assert (session.variables, session.stack, session.heard, session.code_status) == (
        {},
        [],
        "",
        "",
    )


@pytest.mark.parametrize("gone", ["flow", "step", "kind"])
def test_new_settings_without_the_step_leave_nobody_stuck(gone: str) -> None:
    walker, session, _ = walk(main={"m": flow.Menu("m", {"1": "m"}, "m")})
    other = "else" if gone == "flow" else "main"
    steps: Steps = {"m" if gone == "kind" else "x": flow.Queue("q")}
    changed = Walker({other: flow.Flow(other, "x", "en", steps, {})}, {})
    assert changed.awaits(session) == "anything"
    assert changed.collected(session, "1", "full", 0) == Lost("main/m")
    assert changed.played(session, 0) == Lost("main/m")
    assert walker.awaits(session) == "collected"


def test_new_settings_without_the_step_to_return_to() -> None:
    main: Steps = {"call": flow.Call("sub", next="m"), "m": flow.Queue("q")}
    sub: Steps = {"menu": flow.Menu("m", {"1": "back"}, "back"), "back": flow.Return()}
    _, session, _ = walk(main=main, sub=sub)
    changed = Walker({"sub": flow.Flow("sub", "menu", "en", sub, {})}, {})
    assert changed.collected(session, "1", "full", 0) == Lost("main/m")


def test_flows_that_call_each_other_for_ever_end() -> None:
    """Check time refuses them; a caller in a flow that a reload has bent is not lost either."""
    main: Steps = {"call": flow.Call("main", next="call")}
    _, session, action = walk(main=main)
    assert action == Lost("main/")
    assert len(session.stack) == MAX_DEPTH
    steps: Steps = {"a": flow.Set("x", "{x}{x}1", next="a")}
    _, session, action = walk(main=steps)
    assert action == End()
    assert len(session.path) == MAX_STEPS + 1


# -- at check time --

TEXT = {"en": "Hello", "zh-CN": "你好"}


def raw(name: str, **steps: dict[str, Any]) -> dict[str, Any]:
    return {"id": name, "start": next(iter(steps)), "steps": steps, "prompts": {"p": TEXT}}


def problems(*flows: dict[str, Any]) -> list[str]:
    return read_flows({f"{one['id']}.toml": one for one in flows}, ["sales"], {})[1]


CALL = {"kind": "call", "flow": "sub", "next": "q"}
QUEUE = {"kind": "queue", "queue": "sales"}
BACK = {"kind": "return"}


def test_flows_of_several_files_know_each_other() -> None:
    main = raw("main", a=CALL | {"with": {"x": "1"}}, q={"kind": "branch", "on": "y",
               "cases": {"1": "end"}, "otherwise": "end"}, end=QUEUE)  # fmt: skip
    sub = raw("sub", a={"kind": "set", "variable": "z", "value": "{x}", "next": "b"},
              b=BACK | {"with": {"y": "{z}"}})  # fmt: skip
    assert problems(main, sub) == []


def test_a_flow_that_is_not_there() -> None:
    found = problems(raw("main", a=CALL | {"flow": "subb"}, q=QUEUE), raw("sub", a=BACK))
    assert found == ["main.toml: steps.a.flow: there is no flow 'subb'; did you mean \"sub\"?"]


def test_a_flow_that_is_broken_is_no_second_problem() -> None:
    found = problems(raw("main", a=CALL, q=QUEUE), raw("sub", a={"kind": "jump"}))
    assert len(found) == 1
    assert found[0].startswith("sub.toml: steps.a.kind: 'jump'")


def test_a_circle_of_flows_is_told_once() -> None:
    [found] = problems(
        raw("main", a=CALL, q=QUEUE), raw("sub", a=CALL | {"flow": "main", "next": "b"}, b=BACK)
    )
    assert "flows call each other in a circle (main → sub → main)" in found


def test_too_deep() -> None:
    names = [f"f{n}" for n in range(MAX_DEPTH + 2)]
    flows = [
        raw(name, a=CALL | {"flow": after, "next": "b"}, b=BACK) for name, after in pairwise(names)
    ]
    found = problems(*flows, raw(names[-1], a=BACK))
    assert found == [
        "f0.toml: steps: flows that call flows are 9 deep from here; make it 8 or less"
    ]


def test_a_chain_of_thousands_is_told_once() -> None:
    names = [f"f{n}" for n in range(3_000)]
    flows = [
        raw(name, a=CALL | {"flow": after, "next": "b"}, b=BACK) for name, after in pairwise(names)
    ]
    assert problems(*flows, raw(names[-1], a=BACK)) == [
        "f0.toml: steps: flows that call flows are 2999 deep from here; make it 8 or less"
    ]


def test_many_ways_to_the_same_flows_are_walked_once() -> None:
    """Thirty calls on each of eight levels are 30 to the power of eight ways."""
    flows = []
    for level in range(8):
        calls = {f"c{n}": CALL | {"flow": f"f{level + 1}", "next": f"c{n + 1}"} for n in range(30)}
        flows.append(raw(f"f{level}", **calls, c30=BACK if level else QUEUE))
    assert problems(*flows, raw("f8", a=BACK)) == []


ASK = {"kind": "menu", "prompt": "p", "keys": {"1": "b"}, "on_fail": "b"}
"""Asks, and returns whatever is pressed."""


def test_a_silent_caller_who_comes_back_from_a_called_flow_goes_round() -> None:
    main = raw(
        "main", a=CALL | {"next": "m"}, m=ASK | {"keys": {"1": "q"}, "on_fail": "a"}, q=QUEUE
    )
    assert problems(main, raw("sub", a=ASK, b=BACK)) == [
        "main.toml: steps.a: a silent caller goes round here for ever (a → m → a); lead an on_fail"
        " out of the circle"
    ]
    over = raw("sub", a=ASK | {"on_fail": "c"}, b=BACK, c=QUEUE)
    assert problems(main, over) == [], "who is silent there does not come back"


def test_the_way_back_over_two_flows_is_followed() -> None:
    main = raw(
        "main", a=CALL | {"next": "m"}, m=ASK | {"keys": {"1": "q"}, "on_fail": "a"}, q=QUEUE
    )
    sub = raw("sub", a=CALL | {"flow": "last", "next": "b"}, b=BACK)
    [found] = problems(main, sub, raw("last", a=ASK, b=BACK))
    assert found.startswith("main.toml: steps.a: a silent caller goes round here for ever")
    assert problems(main, sub, raw("last", a=QUEUE)) == []


def test_a_circle_that_counts_by_what_a_called_flow_hands_back() -> None:
    see = {"kind": "branch", "on": "y", "cases": {"1": "q"}, "otherwise": "a"}
    main = raw("main", a=CALL | {"next": "see"}, see=see, q=QUEUE)
    assert problems(main, raw("sub", a=BACK | {"with": {"y": "1"}})) == []
    [found] = problems(
        raw("main", a=CALL | {"next": "see"}, see=see | {"on": "region"}, q=QUEUE),
        raw("sub", a=BACK | {"with": {"y": "1"}}),
    )
    assert "goes round without the caller doing anything (a → see → a)" in found


def test_a_name_that_nobody_sets() -> None:
    say = {"kind": "say", "as": "number", "value": "{balanse}", "next": "q"}
    get = {"kind": "set", "variable": "balance", "value": "1", "next": "say"}
    [found] = problems(raw("main", a=get, say=say, q=QUEUE))
    assert "main.toml: steps.say: nobody sets 'balanse'; did you mean \"balance\"?" in found


def test_a_number_to_call_back_that_nobody_sets() -> None:
    back = {"kind": "callback", "queue": "sales", "on_fail": "q", "number": "{phone}"}
    [found] = problems(raw("main", a=back, q=QUEUE))
    assert found.startswith("main.toml: steps.a: nobody sets 'phone'; ")
    assert problems(raw("main", a=back | {"number": "{caller}"}, q=QUEUE)) == []


def test_when_hours_open_is_known_behind_the_hours_alone() -> None:
    say = {"kind": "say", "as": "date", "value": "{opens_date}", "next": "q"}
    ask = {"kind": "hours", "hours": "office", "open": "q", "closed": "say"}
    made = {"main.toml": raw("main", a=ask, say=say, q=QUEUE)}
    assert read_flows(made, ["sales"], {"office": None})[1] == []
    [found] = problems(raw("main", a=say, q=QUEUE))
    assert found.startswith("main.toml: steps.a: nobody sets 'opens_date'; ")


def test_callers_cannot_begin_where_nobody_called() -> None:
    sub = flow.Flow("sub", "a", "en", {"a": flow.Return()}, {})
    assert "returns at step 'a'" in entry_problem(sub)
    assert entry_problem(flow.Flow("main", "a", "en", {"a": flow.HangUp()}, {})) == ""
