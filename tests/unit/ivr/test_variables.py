"""Texts with names in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctid.core.text import masked, unseen
from ctid.ivr.variables import LONGEST, fill, name_problem, names_in, text_problem


def test_names_are_replaced_and_nobody_s_is_empty() -> None:
    assert fill("{a}-{b}!{c}", {"a": "1", "b": "{a}"}) == "1-{a}!"
    assert names_in("{a}-{b}") == ["a", "b"]


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_value_outgrows_its_limit(text: str, value: str) -> None:
    assert len(fill(f"{{a}}{text}{{a}}", {"a": value})) <= LONGEST


@pytest.mark.parametrize(
    ("text", "wrong"),
    [("{a}", False), ("no name", False), ("{", True), ("{A}", True), ("}a{", True)],
)
def test_braces(text: str, wrong: bool) -> None:
    assert bool(text_problem(text)) == wrong


@pytest.mark.parametrize(
    ("name", "wrong"), [("order", False), ("code", True), ("grade", True), ("A", True), ("", True)]
)
def test_names(name: str, wrong: bool) -> None:
    assert bool(name_problem(name)) == wrong


@given(st.text("0123456789*#", max_size=64))
def test_unseen_keeps_no_figure(keys: str) -> None:
    hidden = unseen(keys)
    assert len(hidden) == len(keys)
    assert not set(hidden) & set("0123456789")


@pytest.mark.parametrize(
    ("code", "shown"), [("", ""), ("12", "••"), ("100001", "••••01"), ("1" * 20, "•" * 16 + "1111")]
)
def test_masked(code: str, shown: str) -> None:
    assert masked(code) == shown
