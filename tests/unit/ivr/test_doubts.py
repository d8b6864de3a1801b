"""Texts that name keys: how people write them, and what is said where the key is not there."""

import tomllib
from pathlib import Path

import pytest

from ctid.ivr import flow
from ctid.ivr.doubts import doubts_of, named_keys, pin_doubts
from ctid.ivr.parser import parse_flow

CONFIG = Path(__file__).parents[3] / "config"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("For sales, press 1. For support, press 2.", "12"),
        ("Press one for sales, or press two for support.", "12"),
        ("Press 1 or 2.", "12"),
        ("Press 1, 2, or 3.", "123"),
        ("press the star key, or push #", "*#"),
        ("Finish by pressing nothing; then press hash.", "#"),
        ("Press one of the following keys: 1 or 2.", ""),
        ("Please enter your six digit customer code.", ""),
        ("Press 10 times.", ""),
        ("Dial 10010.", ""),
        ("You pressed 4.", ""),
        ("购买产品请按1,售后支持请按2,人工服务请按0。", "120"),
        ("中文服务请按1。For English, press 2.", "21"),
        ("请按一或二", "12"),
        ("按1、2、3键", "123"),
        ("结束后按井号键", "#"),
        ("按星号键返回", "*"),
        ("请按下数字 5", "5"),
        ("请按１号键", "1"),
        ("请按一下任意键", ""),
        ("请按照提示操作", ""),
        ("按键无效。", ""),
        ("请拨打10010。", ""),
        ("按12345", ""),
    ],
)
def test_the_keys_that_a_text_names(text: str, keys: str) -> None:
    assert named_keys(text) == list(keys)


def flow_of(step: flow.AnyStep, **texts: str) -> flow.Flow:
    spoken = {"p": {"en": texts.get("en", "Hello"), "zh-CN": texts.get("zh", "你好")}}
    return flow.Flow("f", "a", "en", {"a": step, "b": flow.HangUp()}, spoken)


MENU = flow.Menu("p", {"1": "b", "0": "b"}, on_fail="b")


def test_a_key_that_the_menu_does_not_have_in_both_languages() -> None:
    assert doubts_of(flow_of(MENU, en="Press 1 or 3.", zh="请按1,投诉请按四。")) == [
        "steps.a.prompt: its text in en names the key 3, which the menu does not have; add it to"
        " keys, or change the text",
        "steps.a.prompt: its text in zh-CN names the key 4, which the menu does not have; add it"
        " to keys, or change the text",
    ]


def test_a_key_that_no_text_names_is_no_doubt() -> None:
    assert doubts_of(flow_of(MENU, en="Press 1.", zh="请按1。")) == []


def test_the_texts_for_wrong_and_missing_keys_are_read_too() -> None:
    menu = flow.Menu("q", {"1": "b"}, on_fail="b", invalid="p", silence="p")
    found = doubts_of(flow_of(menu, en="Press 2 or 3."))
    assert [line.partition(",")[0] for line in found] == [
        "steps.a.invalid: its text in en names the keys 2",
        "steps.a.silence: its text in en names the keys 2",
    ]


def test_what_a_code_swallows() -> None:
    code = flow.Collect("p", next="b", on_fail="b", terminator="*")
    assert doubts_of(flow_of(code, en="Your code, then press star or hash.")) == []
    assert doubts_of(flow_of(code, en="Your code, or press 0 for us.")) == [
        "steps.a.prompt: its text in en names the key 0, which this step takes as a part of what"
        " is keyed in; ask for it in a menu, or change the text"
    ]


def test_a_pin_of_no_code() -> None:
    pin = flow.Collect("p", next="b", on_fail="b", check="pin", class_="pin")
    assert pin_doubts(flow_of(pin)) == [
        "steps.a.check: no step before this one takes the customer code whose PIN it asks for;"
        " lead callers through a collect without into first"
    ]


@pytest.mark.parametrize(
    ("first", "told"),
    [
        (flow.Collect("p", next="b", on_fail="c"), 0),
        (flow.LookUp("b", "c", "c", by="code"), 0),
        (flow.Call("asks", next="b"), 0),
        (flow.LookUp("b", "c", "c"), 1),
        (flow.Collect("p", next="b", on_fail="c", into="order"), 1),
        (flow.Collect("p", next="b", on_fail="c", class_="pin"), 1),
    ],
)
def test_a_code_before_its_pin(first: flow.AnyStep, told: int) -> None:
    pin = flow.Collect("p", next="c", on_fail="c", check="pin", class_="pin")
    made = flow.Flow("f", "a", "en", {"a": first, "b": pin, "c": flow.HangUp()}, {})
    assert len(pin_doubts(made)) == told


def test_the_answers_of_a_survey() -> None:
    question = flow.Survey("p", next="b", on_fail="b", answers="yes_no")
    (found,) = doubts_of(flow_of(question, en="Press 1 for yes, press 3 for no."))
    assert "names the key 3, which is no answer here; use 1 to 2" in found


def test_a_prompt_that_asks_nothing_may_say_what_it_likes() -> None:
    assert doubts_of(flow_of(flow.Play("p", next="b"), en="Later, press 9.")) == []


def test_the_flows_that_we_ship_raise_no_doubts() -> None:
    for file in sorted((CONFIG / "flows").glob("*.toml")):
        raw = tomllib.loads(file.read_text())
        hours = {step.get("hours") for step in raw["steps"].values()}
        queues = {step.get("queue") for step in raw["steps"].values()}
        made, _ = parse_flow(raw, file.name, queues, hours)
        assert made is not None
        assert doubts_of(made) == [], file
