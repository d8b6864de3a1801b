"""Supervision in the settings: what loads, and what cannot be rung."""

from __future__ import annotations

import pytest

from ctid.centre.supervision import SupervisionRules
from tests.unit.test_settings import changed, problems, read


def test_nothing_said_is_told_without_a_phone_and_no_pulling() -> None:
    main = changed("queues.0.name", "Q")
    del main["supervision"], main["supervision_phones"], main["queues"][0]["pull"]
    centre = read(main).centre
    assert centre.supervision == SupervisionRules(told=True, phones={})
    assert not centre.acd.queues[0].pull


def test_supervisors_have_phones() -> None:
    main = changed("queues.0.pull", True)
    main["supervision"] = {"told": False}
    main["supervision_phones"] = {"sue": "PJSIP/1090", "tom.li": "PJSIP/tom"}
    centre = read(main).centre
    assert centre.supervision == SupervisionRules(
        told=False, phones={"sue": "PJSIP/1090", "tom.li": "PJSIP/tom"}
    )
    assert centre.acd.queues[0].pull


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"supervision": {"told": "no"}}, "supervision.told: is a text; write true or false"),
        ({"supervision": {"say": True}}, "supervision.say: unknown key"),
        (
            {"supervision_phones": {"sue": "PJSIP/1090&PJSIP/1091"}},
            "supervision_phones.sue: 'PJSIP/1090&PJSIP/1091' does not fit",
        ),
        ({"supervision_phones": {"sue": 1090}}, "supervision_phones.sue: is a number"),
        (
            {"supervision_phones": {"sue": "PJSIP/1001"}},
            "supervision_phones.sue: PJSIP/1001 is the phone of agent",
        ),
        (
            {"supervision_phones": {"sue": "PJSIP/1090", "tom": "PJSIP/1090"}},
            "supervision_phones.tom: PJSIP/1090 is the phone of sue",
        ),
        ({"supervision_phones": []}, "supervision_phones: is a list; write it as a table"),
    ],
)
def test_bad_values_are_told_with_their_path(keys: dict[str, object], problem: str) -> None:
    main = changed("queues.0.name", "Q")
    main |= keys
    assert any(problem in line for line in problems(main)), problems(main)
