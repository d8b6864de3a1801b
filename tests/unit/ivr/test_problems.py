"""What `check-config` says of flows whose steps are each in order, and what it advises."""

from typing import Any

import pytest

from ctid.ivr import flow, ways
from ctid.ivr.parser import parse_flow
from ctid.ivr.problems import problems_of

TEXTS = {"en": "Hello", "zh-CN": "你好"}


def made(start: str = "a", language: str = "en", **steps: flow.AnyStep) -> flow.Flow:
    return flow.Flow("f", start, language, steps, {"p": TEXTS})


def problems(start: str = "a", **steps: flow.AnyStep) -> list[str]:
    return problems_of(made(start, **steps), steps, ["sales", "support"], ["office"])


def play(to: str) -> flow.Play:
    return flow.Play("p", next=to)


def menu(on_fail: str, **keys: str) -> flow.Menu:
    return flow.Menu("p", {key.removeprefix("k"): to for key, to in keys.items()}, on_fail=on_fail)


BYE = flow.HangUp()


def test_a_circle_that_a_key_leads_out_of_is_one_for_the_silent() -> None:
    assert problems(a=menu("b", k1="bye"), b=play("a"), bye=BYE) == [
        "steps.a: a silent caller goes round here for ever (a → b → a); lead an on_fail out of the"
        " circle"
    ]


def test_a_menu_that_fails_into_itself() -> None:
    assert problems(a=menu("a", k1="bye"), bye=BYE) == [
        "steps.a.on_fail: leads back to the step itself, so that a silent caller never leaves;"
        " lead it on, to a queue or to the end of the call"
    ]


def test_who_is_locked_may_not_go_round_either() -> None:
    pin = flow.Collect(
        "p", next="bye", on_fail="bye", class_="pin", check="pin", locked="b"
    )  # fmt: skip
    assert problems(a=pin, b=play("a"), bye=BYE) == [
        "steps.a: a silent caller goes round here for ever (a → b → a); lead an on_fail out of the"
        " circle"
    ]


def test_a_key_may_lead_back() -> None:
    assert problems(a=menu("bye", k9="a", k1="b"), b=play("a"), bye=BYE) == []


def test_opening_hours_and_a_language_alone_are_no_way_out_of_a_circle() -> None:
    steps = {"hours": flow.Hours("office", open="tongue", closed="bye")}
    found = problems("hours", **steps, tongue=flow.Language("en", next="hours"), bye=BYE)
    assert found == [
        "steps.hours: goes round without the caller doing anything (hours → tongue → hours); lead"
        " one of these steps elsewhere, or ask for a key in between"
    ]


def test_one_mistake_is_told_once() -> None:
    found = problems(a=play("b"), b=play("c"), c=play("a"))
    assert len(found) == 1
    assert "(a → b → c → a)" in found[0]


def test_two_circles_are_two_mistakes() -> None:
    found = problems(a=menu("bye", k1="b", k2="d"), b=play("c"), c=play("b"), d=play("d"), bye=BYE)
    assert [problem.partition(":")[0] for problem in found] == ["steps.b", "steps.d"]


def test_a_menu_whose_every_way_leads_back_has_no_way_out() -> None:
    found = problems(a=menu("b", k1="b"), b=menu("a", k1="a"))
    assert [problem.partition(" (")[0] for problem in found] == [
        "steps.a: a silent caller goes round here for ever"
    ]
    found = problems(a=menu("bye", k1="b"), b=menu("c", k1="c"), c=menu("b", k1="b"), bye=BYE)
    assert len(found) == 1


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        (flow.Queue("sale"), "there is no queue 'sale' of callers; did you mean \"sales\"?"),
        (flow.Hours("x", "bye", "bye"), "there are no opening hours 'x'; known are: office"),
        (flow.Play("q", "bye"), "there is no prompt 'q'; known are: p, or write [prompts.q]"),
        (flow.Play("p", "by"), "there is no step 'by'; did you mean \"bye\"?"),
        (flow.Menu("p", {}, "bye"), "needs at least one key; write keys = { 1 = STEP }"),
        (flow.Menu("p", {"12": "bye"}, "bye"), "keys.12: one key only; collect asks for several"),
        (flow.Menu("p", {"１": "bye"}, "bye"), "not a telephone key; use 0 to 9, * or #"),
        (flow.Menu("p", {"1": "bye"}, "bye", tries=0), "tries: must be 1 to 9, not 0; use 3"),
    ],
)
def test_every_problem_says_what_to_do(step: flow.AnyStep, problem: str) -> None:
    found = problems_of(made(a=step, bye=BYE), ("a", "bye"), ["sales"], ["office"])
    assert any(problem in line and line.startswith("steps.a") for line in found), found


def test_a_language_that_nobody_speaks() -> None:
    found = problems_of(made(language="de", a=BYE), ("a",), (), ())
    assert found == ["language: 'de' is not one of en, zh-CN; use one of them"]


def test_every_kind_of_mistake_in_one_file_is_told_at_once() -> None:
    raw: dict[str, Any] = {
        "id": "f", "start": "menu", "language": "en",
        "steps": {
            "menu": {"kind": "menu", "prompt": "p", "keys": {"1": "round", "2": "queue"},
                     "on_fail": "menu"},
            "round": {"kind": "play", "prompt": "gone", "next": "tongue"},
            "tongue": {"kind": "language", "language": "en", "next": "round"},
            "queue": {"kind": "queue", "queue": "nobody"},
            "lonely": {"kind": "hours", "hours": "never", "open": "queue", "closed": "queue"},
        },
        "prompts": {"p": {"en": "Hello"}},
    }  # fmt: skip
    made, found = parse_flow(raw, "flows/f.toml", ["sales"], ["office"])
    assert made is None
    assert [line.split(": ")[1:3][0] for line in found] == [
        "steps.menu.prompt", "steps.round.prompt", "steps.queue.queue", "steps.lonely.hours",
        "steps.lonely", "steps.menu.on_fail", "steps.round",
    ]  # fmt: skip
    assert all(line.startswith("flows/f.toml: ") and "; " in line for line in found)


def test_a_circle_that_counts_its_rounds() -> None:
    """The second time the branch leads on: the menu fails only once into itself."""
    steps: dict[str, flow.AnyStep] = {
        "a": menu("b", k1="bye"),
        "b": flow.Branch("tried", {"yes": "bye"}, otherwise="c"),
        "c": flow.Set("tried", "yes", next="a"),
        "bye": BYE,
    }
    assert problems(**steps) == []
    other = flow.Set("other", "yes", next="a")
    assert problems(**{**steps, "c": other})[0].startswith("steps.a: a silent caller goes round")


def test_a_step_out_of_the_flow_is_an_end_although_it_may_lead_on() -> None:
    away = flow.Transfer("+49301234", on_fail="a")
    back = flow.CallBack("sales", on_fail="a")
    for out in (away, back):
        assert problems(a=menu("m", k1="out"), out=out, m=flow.Voicemail("sales")) == []
    [found] = problems(a=menu("out", k1="m"), out=away, m=flow.Voicemail("sales"))
    assert found.startswith("steps.a: a silent caller goes round here for ever (a → out → a)")


def test_another_flow_may_end_the_call() -> None:
    assert problems(a=flow.Call("who", next="b"), b=menu("a", k1="bye"), bye=BYE) == []


def test_what_is_wrong_with_the_head_hides_nothing_else() -> None:
    """The steps and their ways are looked at all the same."""
    raw: dict[str, Any] = {
        "start": "a", "language": 5,
        "steps": {"a": {"kind": "play", "prompt": "p", "next": "a"}},
        "prompts": {"p": {"en": 5, "zh-CN": "你好"}},
    }  # fmt: skip
    made, found = parse_flow(raw, "f.toml", (), ())
    assert made is None
    assert [line.partition(";")[0] for line in found] == [
        "f.toml: id: is missing",
        "f.toml: language: must be a text, not 5",
        "f.toml: prompts.p.en: must be a text, not 5",
        "f.toml: steps.a: goes round without the caller doing anything (a → a)",
    ]


def test_ways_that_end_where_they_began() -> None:
    leads = {"a": ("b", "c"), "b": ("c",), "c": ("a", "c"), "d": ("e",), "e": ()}
    assert ways.circles(leads) == [("a", "c")]
    assert ways.reached(leads, "d") == {"d", "e"}
    assert ways.reached(leads, "nowhere") == set()
    assert ways.trapped(leads, ["e"]) == ["a", "b", "c"]


def test_knots_are_those_who_reach_one_another() -> None:
    leads = {"a": ("b",), "b": ("a", "c"), "c": ("d",), "d": ("d", "e"), "e": ()}
    assert [sorted(knot) for knot in ways.knots(leads)] == [["a", "b"], ["d"]]
    assert ways.last_first({"a": ("b", "c"), "b": ("c",), "c": ()}) == ["c", "b", "a"]


def test_a_long_circle_is_told_in_short() -> None:
    steps = {f"s{n}": flow.Play("p", f"s{(n + 1) % 50}") for n in range(50)}
    [found] = problems("s0", **steps)
    assert "(s0 → s1 → s2 → " in found
    assert " → s11 → … → s0); lead one of these" in found


def test_a_flow_in_which_nothing_is_right_is_told_all_the_same() -> None:
    """Looking for what was meant takes long among many names, and is left off in the end."""
    steps = {f"step-{n}": {"kind": "play", "prompt": "p", "next": f"x{n}"} for n in range(300)}
    texts = {"p": {"en": "Hello", "zh-CN": "你好"}}
    raw = {"id": "f", "start": "step-0", "steps": steps, "prompts": texts}
    found = [line for line in parse_flow(raw, "f.toml", (), ())[1] if "there is no step" in line]
    assert len(found) == 300
    assert "known are: step-0, step-1, step-10, " in found[0]
    assert found[0].endswith(", and 260 more")
    assert found[299] == "f.toml: steps.step-299.next: there is no step 'x299'; see those above"
