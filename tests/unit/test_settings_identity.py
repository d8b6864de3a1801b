"""`[identity]` in the settings: what is read, and every bad value with its path."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ctid.core.errors import ConfigError
from ctid.ivr.identity_rules import IdentityRules, Limit
from ctid.settings import parse
from tests.unit.test_settings import FLOW, MAIN

FILES = {"flows/main.toml": FLOW}


def site(**identity: Any) -> dict[str, Any]:
    main = copy.deepcopy(MAIN)
    main["identity"] = identity
    return main


def test_the_example_says_the_defaults() -> None:
    assert parse(MAIN, FILES).centre.identity == IdentityRules()
    assert parse(site(), FILES).centre.identity == IdentityRules()


def test_everything_that_can_be_said() -> None:
    main = site(
        caller_tries=3, caller_window_s=60, caller_lock_s=120, code_tries=10, code_window_s=0.5,
        code_lock_s=7200, check_s=1.5,
    )  # fmt: skip
    assert parse(main, FILES).centre.identity == IdentityRules(
        Limit(3, 60_000, 120_000), Limit(10, 500, 7_200_000), 1_500
    )


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("caller_tries", 0, "0 is out of range; use 1 to 100"),
        ("code_tries", 101, "101 is out of range; use 1 to 100"),
        ("code_tries", "many", "is a text; write a whole number"),
        ("caller_window_s", 0, "0 is out of range; use more than 0"),
        ("code_lock_s", -1, "-1 is out of range"),
        ("check_s", 11, "11 is too long for a caller who waits; use 10 or less"),
        ("check", 3, 'unknown key; did you mean "check_s"?'),
    ],
)
def test_every_bad_value(key: str, value: object, what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(site(**{key: value}), FILES)
    [problem] = caught.value.problems
    assert problem.startswith(f"ctid.toml: identity.{key}: {what}")
