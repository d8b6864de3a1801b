"""What is said of place and wait, in words; every name that is used has its texts."""

import pytest

from ctid.acd.wait_prompts import TEXTS, Prompts, minutes, position, wait
from ctid.core.numerals import HIGHEST


def spoken(prompts: Prompts, language: str) -> str:
    return (" " if language == "en" else "").join(TEXTS[name][language] for name in prompts)


@pytest.mark.parametrize(
    ("prompts", "chinese", "english"),
    [
        (position(1), "您目前排在第一位。", "You are number one in the queue."),
        (position(2), "您目前排在第二位。", "You are number two in the queue."),
        (position(45), "您目前排在第四十五位。", "You are number forty-five in the queue."),
        (
            wait(2, 5, 1, 30),
            "预计等待时间为两到5分钟。",
            "The expected wait is two to five minutes.",
        ),
        (wait(3, 3, 1, 30), "预计等待时间为3分钟。", "The expected wait is three minutes."),
        (
            wait(1, 1, 1, 30),
            "预计等待时间不到1分钟。",
            "The expected wait is less than one minute.",
        ),
        (
            wait(1, 3, 3, 30),
            "预计等待时间不到3分钟。",
            "The expected wait is less than three minutes.",
        ),
        (
            wait(1, 4, 3, 30),
            "预计等待时间为3到4分钟。",
            "The expected wait is three to four minutes.",
        ),
        (
            wait(1, 3, 2, 30),
            "预计等待时间为两到3分钟。",
            "The expected wait is two to three minutes.",
        ),
        (
            wait(9, 31, 1, 30),
            "预计等待时间超过9分钟。",
            "The expected wait is more than nine minutes.",
        ),
        (
            wait(50, 99, 1, 30),
            "预计等待时间超过30分钟。",
            "The expected wait is more than thirty minutes.",
        ),
    ],
)
def test_sentences(prompts: Prompts, chinese: str, english: str) -> None:
    assert spoken(prompts, "en") == english
    digits = "0123456789"
    words = "零一二三四五六七八九"
    wanted = "".join(words[digits.index(c)] if c in digits else c for c in chinese)
    assert spoken(prompts, "zh-CN") == wanted.replace("三零", "三十")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "一"),
        (10, "十"),
        (11, "十一"),
        (19, "十九"),
        (20, "二十"),
        (22, "二十二"),
        (99, "九十九"),
    ],
)
def test_chinese_numbers(number: int, words: str) -> None:
    assert TEXTS[f"number-{number}"]["zh-CN"] == words


def test_every_name_has_its_texts_in_both_languages() -> None:
    callback = ("offer", "thanks", "already", "no-number")
    used = {"queue-comfort", *(f"callback-{word}" for word in callback)}
    for low in range(1, HIGHEST + 1):
        used |= {*position(low), *minutes(low)}
        used |= {*wait(low, low + 2, 1, 30), *wait(low, low, low, 99), *wait(low, 200, 1, 99)}
    assert used == set(TEXTS)
    assert {tuple(sorted(texts)) for texts in TEXTS.values()} == {("en", "zh-CN")}
