"""The example of a flow in which callers serve themselves: it stands beside the flow that comes
along, and each of its ways is spoken in both languages, tried and drawn."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ctid.app.cli import main
from ctid.ivr.doubts import doubts_of
from tests.unit.test_settings import CONFIG, FLOW, MAIN, changed, read

FILE = CONFIG / "examples/self-service.toml"
KNOWN = "1,100001,1234#"
"""Chinese, a code, and its PIN."""


def walked(capsys: pytest.CaptureFixture[str], keys: str, *options: str) -> dict[str, Any]:
    """The story of one caller."""
    argv = ["ivr", "try", str(FILE), "--keys", keys, "--json", *options]
    assert main(argv) == 0
    story: dict[str, Any] = json.loads(capsys.readouterr().out)
    return story


def said(story: dict[str, Any]) -> str:
    """Everything that was heard, without spaces."""
    texts = [one["text"] for turn in story["turns"] for one in turn["spoken"]]
    return "".join(texts).replace(" ", "")


def test_it_stands_beside_the_flow_that_comes_along() -> None:
    example = tomllib.loads(FILE.read_text())
    entries = {"4000": "main", "4800": "self-service"}
    flow = read(changed("entries", entries), main=FLOW, own=example).centre.flows["self-service"]
    assert doubts_of(flow) == []
    kinds = {str(step.__struct_config__.tag) for step in flow.steps.values()}
    assert kinds > {
        "order_status", "balance", "appointment", "complaint_status", "callback_number",
    }  # fmt: skip
    assert not set(flow.prompts) & set(read(MAIN).centre.flows["main"].prompts)


@pytest.mark.parametrize(
    ("keys", "values", "way", "words"),
    [
        ("1,1000011#", ["order_status=received"], "order=done order-told order-received order-due",
         "我们已收到您的订单,下单日期是二零二六年十月一日"),
        ("1,1000011#", ["order_total=3050.20"], "order-shipped order-due order-total",
         "订单金额是三千零五十元二角"),
        ("1,1000011#", ["order_status=delivered", "currency=USD"], "order-delivered order-total",
         "一百二十八美元"),
        ("1,1000011#", ["order_status=cancelled"], "order-cancelled more!", "您的订单已取消。"),
        ("1,1000011#", ["order_status=returned"], "order-returned more!", "您的订单已退货。"),
        ("1,1000011#", ["order_status=packed", "order_due="], "order-packed order-due! order-total",
         "您的订单已备货"),
        ("2", [], "balance=done balance-told balance-owed balance-due more!", "八十六元"),
        ("2", ["balance=0.00"], "balance-told balance-none more!", "您没有应付款项。"),
        ("3", [], "appointment=done appointment-date appointment-time more!", "下午"),
        ("4", [], "complaint=done complaint-since complaint-told complaint-in-progress more!",
         "我们正在处理。"),
        ("4", ["complaint_status=resolved"], "complaint-told complaint-resolved", "已处理完毕"),
        ("4", ["complaint_status=open"], "complaint-told complaint-open", "尚未开始处理"),
        ("5,013900139000#,1", [], "which-number number=done number-changed more!", "已修改"),
    ],
)  # fmt: skip
def test_what_is_told(
    capsys: pytest.CaptureFixture[str], keys: str, values: list[str], way: str, words: str
) -> None:
    options = [part for value in values for part in ("--value", value)]
    story = walked(capsys, f"{KNOWN},{keys}", *options)
    assert way in " ".join(story["path"])
    assert story["path"][-2:] == ["goodbye", "end"]
    assert story["outcome"] == "end"
    assert words in said(story)
    english = walked(capsys, f"2{KNOWN[1:]},{keys}", *options)
    assert english["path"][2:] == story["path"][2:]
    assert "[" not in said(story) + said(english), "each prompt has its text"


@pytest.mark.parametrize(
    ("keys", "none"),
    [("1,1#,1#", "order=none order-none which-order"), ("2", "balance=none balance-none more!"),
     ("3", "appointment=none appointment-none"), ("4", "complaint=none complaint-none"),
     ("5,013900139000#,1", "number=none number-none operator")],
)  # fmt: skip
def test_nothing_such(capsys: pytest.CaptureFixture[str], keys: str, none: str) -> None:
    assert none in " ".join(walked(capsys, f"{KNOWN},{keys}", "--service-none")["path"])


@pytest.mark.parametrize("status", ["unavailable", "timeout"])
@pytest.mark.parametrize("keys", ["1,1#", "2", "3", "4", "5,013900139000#,1"])
def test_no_answer_leads_to_somebody(
    capsys: pytest.CaptureFixture[str], keys: str, status: str
) -> None:
    story = walked(capsys, f"{KNOWN},{keys}", f"--service-{status}")
    assert story["path"][-3].endswith(f"!{status}")
    assert story["path"][-2:] == ["no-answer", "operator"]
    assert (story["outcome"], story["queue"]) == ("queue", "fallback")


@pytest.mark.parametrize("keys", ["1,1#", "2", "4", "5,013900139000#,1"])
def test_without_the_pin_only_the_appointment_is_told(
    capsys: pytest.CaptureFixture[str], keys: str
) -> None:
    story = walked(capsys, f"1,100001,1#,1#,1#,{keys}", "--pin-wrong")
    assert story["path"][-2:] == ["not-proved", "operator"]
    assert story["path"][-3].endswith("=unverified")
    assert not [turn for turn in story["turns"] if turn["does"] == "requests"]
    appointment = walked(capsys, "1,100001,1#,1#,1#,3", "--pin-wrong")
    assert "appointment=done" in appointment["path"]


def test_the_questions_and_answers_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ivr", "try", str(FILE), "--keys", f"{KNOWN},1,4711#"]) == 0
    out = capsys.readouterr().out
    assert "asks  crm order number=4711" in out
    assert "told  done order_number=4711 order_status=shipped" in out


def test_a_value_needs_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    for bad in ("shipped", "code=1", "A=1"):
        with pytest.raises(SystemExit):
            main(["ivr", "try", str(FILE), "--value", bad])
        assert "does not fit; write order_status=shipped" in capsys.readouterr().err


def test_it_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ivr", "draw", str(FILE), "--json", "--out", str(tmp_path / "own.svg")]) == 0
    graph = json.loads(capsys.readouterr().out)
    looks = {node["name"]: (node["kind"], node["look"]) for node in graph["nodes"]}
    assert looks["balance"] == ("balance", "forks")
    ways = {
        edge["target"]: (edge["labels"], edge["fails"])
        for edge in graph["edges"] if edge["source"] == "balance"
    }  # fmt: skip
    assert ways == {
        "balance-told": ([], False), "balance-none": (["none"], False),
        "no-answer": (["on fail"], True), "not-proved": (["refused"], False),
    }  # fmt: skip
    assert (tmp_path / "own.svg").read_text().startswith("<svg")
