"""The overflow rules of the settings: `[[queues.overflow]]`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TypeVar

from ctid.acd.overflow import (
    Moment,
    Overflow,
    Presence,
    Rule,
    Target,
    ToCallback,
    ToExternal,
    ToHangUp,
    ToMenu,
    ToMessage,
    ToQueue,
    ToVoicemail,
    circles,
    shadowed,
)
from ctid.acd.settings import QueueSettings
from ctid.acd.wait_prompts import TEXTS
from ctid.core.instants import SECOND
from ctid.core.text import KEYS
from ctid.ivr.flow import Flow
from ctid.ivr.subflows import entry_problem
from ctid.settings.flows import PROMPT
from ctid.settings.table import ID, Table, nearest

NUMBER = r"\+?[0-9]{2,20}"
_TARGET = re.compile(
    rf"queue:(?P<queue>{ID.pattern})|external:(?P<number>{NUMBER})"
    rf"|menu:(?P<flow>{ID.pattern})|voicemail|message|callback|hang_up"
)
_FORM = "queue:ID, external:NUMBER, menu:FLOW, voicemail, message, callback or hang_up"
_PRESENCE: dict[str, Presence] = {
    "": "",
    "signed_in": "signed_in",
    "ready": "ready",
    "free": "free",
}
_MOMENTS: dict[str, Moment] = {"join": "join", "wait": "wait", "both": "both"}
_KEY = f"[{re.escape(KEYS)}]"
_HIGHEST_RATIO = 1000
MOST_PROMPTS = 8
"""They must fit into one line of AMI."""
T = TypeVar("T")


def read_overflow(queue: Table) -> Overflow:
    """The rules of one queue; what other parts of the file must know of them, see `check`."""
    rules = []
    for table in queue.tables("overflow"):
        rules.append(_rule(table))
        table.close()
    for later, earlier in shadowed(rules):
        what = f"never has its turn: rule {earlier} holds whenever this one does"
        queue.wrong(f"overflow[{later}]", f"{what}; put it before that one, or take it out")
    return Overflow(
        tuple(rules),
        queue.whole("overflow_hops", 3, 1, 20),
        queue.seconds("overflow_look_s", 5 * SECOND),
    )


def _rule(table: Table) -> Rule:
    waited = table.seconds("waited_s", SECOND) if _given(table, "waited_s") else 0
    expected = table.seconds("expected_s", SECOND) if _given(table, "expected_s") else 0
    key = table.text("key", "", pattern=_KEY, form="one of 0-9, * and #")
    rounds = table.whole("rounds", 1, 1, 100) if _given(table, "rounds") else 0
    at = _one_of(table, "at", "wait" if waited or rounds else "join", _MOMENTS)
    if key and _given(table, "at"):
        table.wrong("at", "does not go with key: such a rule is looked at when the key is pressed")
    at = "key" if key else at
    rule = Rule(
        to=_target(table),
        at=at,
        waited=waited,
        length=table.whole("length", 1, 1, 100_000) if _given(table, "length") else 0,
        ratio=_ratio(table) if _given(table, "ratio") else 0,
        no_agent=_one_of(table, "no_agent", "", _PRESENCE),
        closed=table.text("closed", ""),
        expected=expected,
        key=key,
        rounds=rounds,
    )
    if waited and at in ("join", "both"):
        what = f"is {at!r}, but nobody who joins has waited {waited // SECOND} s"
        table.wrong("at", f'{what}; write "wait" or leave waited_s out')
    if rounds and at in ("join", "both"):
        what = f"is {at!r}, but no phone has rung for who joins"
        table.wrong("at", f'{what}; write "wait" or leave rounds out')
    if not (waited or rounds or rule.changes or table.raw.get("no_agent") or table.raw.get("key")):
        what = "has no condition, so nobody would ever wait in this queue"
        table.wrong("to", f"{what}; add waited_s, no_agent or another one")
    return rule


def _given(table: Table, key: str) -> bool:
    return table.any(key, None) is not None


def _one_of(table: Table, key: str, default: str, known: Mapping[str, T]) -> T:
    value = table.text(key, default)
    if value not in known:
        what = f"{value!r} is not known"
        table.wrong(key, f"{what}; use {', '.join(repr(one) for one in known if one)}")
        return known[default]
    return known[value]


def _ratio(table: Table) -> int:
    value = table.any("ratio", 0)
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    if not fits or not 0 < value <= _HIGHEST_RATIO:
        what = f"{value!r} does not fit"
        table.wrong("ratio", f"{what}; use a number above 0 and up to {_HIGHEST_RATIO}")
        return 1_000
    return max(round(1_000 * float(value)), 1)


def _target(table: Table) -> Target:
    text = table.text("to", None, pattern=_TARGET.pattern, form=_FORM, empty=False)
    prompts = table.texts("prompts", (), pattern=PROMPT.pattern, form="1 to 60 of a-z 0-9 _ -")
    if len(prompts) > MOST_PROMPTS:
        what = f"names {len(prompts)} prompts"
        table.wrong("prompts", f"{what}; use at most {MOST_PROMPTS}, or record them as one")
    found = _TARGET.fullmatch(text)
    if text == "voicemail":
        return ToVoicemail(prompts)
    if text == "message":
        if not prompts:
            table.wrong("prompts", 'is missing; a message needs one, or use to = "hang_up"')
        return ToMessage(prompts)
    if text == "callback":
        return ToCallback(prompts or ToCallback().prompts)
    if prompts:
        what = "are played by voicemail, message and callback only"
        table.wrong("prompts", f"{what}; take them out")
    if found and found["queue"]:
        return ToQueue(found["queue"])
    if found and found["number"]:
        return ToExternal(found["number"])
    if found and found["flow"]:
        return ToMenu(found["flow"])
    return ToHangUp()


def check_overflow(
    main: Table,
    queues: Sequence[QueueSettings],
    hours: Collection[str],
    flows: Mapping[str, Flow],
) -> None:
    """What only the whole file can tell: unknown names, and ways that lead in a circle."""
    names = [queue.id for queue in queues]
    spoken = {*TEXTS, *(prompt for flow in flows.values() for prompt in flow.prompts)}
    for n, queue in enumerate(queues, start=1):
        for number, rule in enumerate(queue.overflow.rules, start=1):
            at = f"queues[{n}].overflow[{number}]"
            if isinstance(rule.to, ToQueue) and rule.to.queue not in names:
                what = f"there is no queue {rule.to.queue!r}; {nearest(rule.to.queue, names)}"
                main.wrong(f"{at}.to", what)
            if isinstance(rule.to, ToMenu) and rule.to.flow not in flows:
                what = f"there is no flow {rule.to.flow!r}; {nearest(rule.to.flow, flows)}"
                main.wrong(f"{at}.to", what)
            elif isinstance(rule.to, ToMenu) and (what := entry_problem(flows[rule.to.flow])):
                main.wrong(f"{at}.to", what)
            if rule.closed and rule.closed not in hours:
                what = f"there are no opening hours {rule.closed!r}; {nearest(rule.closed, hours)}"
                main.wrong(f"{at}.closed", what)
            prompts: tuple[str, ...] = ()
            if isinstance(rule.to, ToVoicemail | ToMessage | ToCallback):
                prompts = rule.to.prompts
            for prompt in prompts:
                if prompt not in spoken:
                    what = f"no flow has the prompt {prompt!r}; {nearest(prompt, spoken)}"
                    main.wrong(f"{at}.prompts", what)
    for circle in circles({queue.id: queue.overflow for queue in queues}):
        n = names.index(circle.queue) + 1
        what = f"leads in a circle without end, {' → '.join(circle.way)}"
        main.wrong(
            f"queues[{n}].overflow[{circle.number}].to",
            f"{what}; end it at voicemail, a message, a number or another queue",
        )
