"""Both languages say the same, and say everything that pages ask for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sim.report
from sim.report.words import Words, catalogue, say, words

HERE = Path(sim.report.__file__).parent
GAP = re.compile(r"\{(\w+)\}")


def test_no_language_lacks_a_text() -> None:
    assert list(catalogue("en")) == list(catalogue("zh-CN"))
    assert all(text.strip() for text in catalogue("zh-CN").values())


def test_both_languages_have_the_same_gaps() -> None:
    for key, text in catalogue("en").items():
        assert set(GAP.findall(text)) == set(GAP.findall(catalogue("zh-CN")[key])), key


def test_every_text_is_used_and_every_key_exists() -> None:
    source = "".join(path.read_text("utf-8") for path in sorted(HERE.glob("*.py")))
    asked = set(re.findall(r"(?:say|words)\(\s*\"([\w.]+)\"", source))
    assert asked <= set(catalogue("en"))
    begun = tuple(re.findall(r"f\"([\w.]+\.)\{", source))
    unused = [k for k in catalogue("en") if f'"{k}"' not in source and not k.startswith(begun)]
    assert unused == []


def test_values_are_escaped_and_follow_the_language() -> None:
    said = say("short.asa", asa=Words("1 min", "1 分"), given_up="<b>")
    assert "1 min on average. &lt;b&gt; of 100" in said
    assert '<span lang="zh-CN">接通者平均等待1 分；' in said


def test_a_missing_value_is_a_defect_and_no_gap() -> None:
    with pytest.raises(KeyError):
        words("short.asa", asa="1")
