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
