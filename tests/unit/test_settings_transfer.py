"""Transfers in the settings: what loads, and what cannot be dialled."""

from __future__ import annotations

import pytest

from ctid.centre.transfer import TransferRules
from tests.unit.test_settings import changed, problems, read


def test_nothing_said_is_twenty_seconds_and_no_number() -> None:
    main = changed("queues.0.name", "Q")
    del main["transfer"], main["transfer_numbers"]
    assert read(main).centre.transfer == TransferRules(20_000, {})


def test_numbers_have_names() -> None:
    main = changed("queues.0.name", "Q")
    main["transfer"] = {"hold_s": 7.5}
    main["transfer_numbers"] = {"总部 Head office": "+49301234", "Lab": "0800"}
    rules = read(main).centre.transfer
    assert rules == TransferRules(7_500, {"总部 Head office": "+49301234", "Lab": "0800"})


def flow_to(number: str) -> dict[str, object]:
    steps = {"out": {"kind": "transfer", "to": number}}
    return {"id": "main", "start": "out", "steps": steps}


def test_recordings_are_tasks_in_queues_of_tasks_alone() -> None:
    step = {"kind": "record", "prompt": "p", "next": "end", "on_fail": "end"}
    texts = {"p": {"en": "Speak.", "zh-CN": "请讲。"}}
    main = changed("queues.0.name", "Q")
    for queue, found in (("mail", 0), ("sales", 1)):
        steps = {"a": step | {"task_queue": queue}, "end": {"kind": "hangup"}}
        made = {"id": "main", "start": "a", "steps": steps, "prompts": texts}
        if not found:
            assert "a" in read(main, main=made).centre.flows["main"].steps
            continue
        [told] = problems(main, main=made)
        assert told == (
            "flows/main.toml: steps.a.task_queue: there is no queue 'sales' for tasks; known are:"
            " mail"
        )


def test_a_flow_may_lead_to_a_named_number_or_to_any() -> None:
    main = changed("transfer_numbers", {"Lab": "0800"})
    for number in ("Lab", "0801", "+49301234"):
        assert "out" in read(main, main=flow_to(number)).centre.flows["main"].steps
    [found] = problems(main, main=flow_to("Labb"))
    assert found == (
        "flows/main.toml: steps.out.to: there is no number 'Labb' in [transfer_numbers];"
        ' did you mean "Lab"?'
    )


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"transfer": {"hold_s": 0}}, "transfer.hold_s: 0 is out of range; use more than 0"),
        ({"transfer": {"hold": 3}}, 'transfer.hold: unknown key; did you mean "hold_s"?'),
        (
            {"transfer_numbers": {"Lab": "911&912"}},
            "transfer_numbers.Lab: '911&912' does not fit; use digits",
        ),
        (
            {"transfer_numbers": {"Lab": 49}},
            "transfer_numbers.Lab: is a number; write a text in quotes",
        ),
        (
            {"transfer_numbers": {"A": "0800", "B": "0800"}},
            "transfer_numbers.B: 0800 has a name already",
        ),
        ({"transfer_numbers": []}, "transfer_numbers: is a list; write it as a table"),
    ],
)
def test_bad_values_are_told_with_their_path(keys: dict[str, object], problem: str) -> None:
    main = changed("queues.0.name", "Q")
    main |= keys
    assert any(problem in line for line in problems(main)), problems(main)
