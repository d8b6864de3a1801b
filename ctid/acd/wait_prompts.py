"""The prompts that tell of place and wait: their names, their texts, and how they are put together.

The parts come in the same order in both languages, so that a decision does not depend on one. A
recording of the same name takes the place of the spoken text (`ctid prompts build`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ctid.core import numerals

Prompts = tuple[str, ...]


def position(place: int) -> Prompts:
    """`You are number 3 in the queue.`"""
    return ("queue-position", numerals.numeral(place), "queue-position-end")


def wait(low: int, high: int, least: int, most: int) -> Prompts:
    """`The expected wait is 3 to 5 minutes.`, from a range in whole minutes, `low` to `high`.

    A range that ends at `least` or before is `less than least`; one that goes beyond `most` is
    `more than` where it begins, which says no more than what is known.
    """
    if high <= least:
        return ("queue-wait-under", *minutes(least))
    if high > most:
        return ("queue-wait-over", *minutes(min(max(low, least), most)))
    if (low := max(low, least)) == high:
        return ("queue-wait", *minutes(high))
    return ("queue-wait", numerals.counted(low), "queue-to", *minutes(high))


def minutes(count: int) -> Prompts:
    """`5 minutes.`"""
    return (numerals.counted(count), "queue-minute" if count == 1 else "queue-minutes")


def _both(chinese: str, english: str) -> Mapping[str, str]:
    return {"zh-CN": chinese, "en": english}


TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "queue-position": _both("您目前排在第", "You are number"),
    "queue-position-end": _both("位。", "in the queue."),
    "queue-wait": _both("预计等待时间为", "The expected wait is"),
    "queue-wait-under": _both("预计等待时间不到", "The expected wait is less than"),
    "queue-wait-over": _both("预计等待时间超过", "The expected wait is more than"),
    "queue-to": _both("到", "to"),
    "queue-minute": _both("分钟。", "minute."),
    "queue-minutes": _both("分钟。", "minutes."),
    "queue-comfort": _both(
        "坐席正忙,请您稍候,我们会尽快为您接听。",
        "All our agents are still busy. Please stay on the line; we will be with you soon.",
    ),
    "callback-offer": _both(
        "您可以现在挂机,我们会保留您的排队位置,轮到您时回拨您的来电号码。需要回拨请按1,继续等待请按其他键。",
        "We can call you back at the number you are calling from; you keep your place in the queue."
        " To be called back, press 1. To stay in line, press any other key.",
    ),
    "callback-thanks": _both(
        "谢谢,我们会在轮到您时回拨给您。再见。",
        "Thank you. We will call you back when it is your turn. Goodbye.",
    ),
    "callback-already": _both(
        "我们已经登记了对这个号码的回拨。请继续等待。",
        "We are going to call this number back already. Please stay on the line.",
    ),
    "callback-no-number": _both(
        "我们无法回拨您的来电号码。请继续等待。",
        "We cannot call back the number that you are calling from. Please stay on the line.",
    ),
    **{name: texts for name, texts in numerals.TEXTS.items() if name != numerals.numeral(0)},
}
"""Name → language → what is spoken."""
