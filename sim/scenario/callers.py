"""What a scenario says of callers: how they behave, in all queues, in one, or in one stream."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from ctid.centre.settings import CentreSettings
from ctid.core.instants import SECOND
from ctid.ivr.collecting import AGAIN, RIGHT
from ctid.ivr.flow import Collect, Menu
from ctid.ivr.survey import keys_of
from ctid.ivr.survey_step import Survey
from ctid.settings.table import Table, nearest
from sim.scenario.menu_steps import step_habits
from sim.scenario.spreads import spread
from sim.scenario.values import share, shares, weighed
from sim.spreads import Exponential, LogNormal, Spread, Uniform
from sim.world.habits import CallerHabits, MenuHabits, RedialHabits

ORDINARY = CallerHabits(
    calls=0,
    patience=Exponential(120 * SECOND),
    talk=LogNormal(150 * SECOND, 0.8),
    prompt=Uniform(2 * SECOND, 8 * SECOND),
    think=Uniform(1 * SECOND, 4 * SECOND),
    wrong_key=0.02, wrong_code=0.1, wrong_pin=0.1, no_digits=0.03, menu_hang_up=0.01, hidden=0.1,
    takes_callback=0.5, outside_answers=0.7,
    redial=RedialHabits(after=Uniform(60 * SECOND, 600 * SECOND)),
)  # fmt: skip
"""Whoever a scenario says nothing of."""
SPREADS = ("patience", "talk", "prompt", "think", "message", "outside_rings")
SHARES = (
    "wrong_key", "wrong_code", "wrong_pin", "no_digits", "menu_hang_up", "hidden", "strangers",
    "takes_callback", "keys_waiting", "leaves_message", "outside_answers", "ends_call",
    "type_ahead", "zero_out",
)  # fmt: skip
_KEYS = "0123456789*#"


def habits(
    table: Table, before: CallerHabits, centre: CentreSettings, folder: Path
) -> CallerHabits:
    """`before`, with what the table says in place of it. The table is not closed."""
    spreads = {key: spread(table, key, getattr(before, key), folder) for key in SPREADS}
    given = {key: share(table, key, getattr(before, key)) for key in SHARES}
    made = msgspec.structs.replace(
        before,
        menus=_menus(table.table("keys"), before.menus, centre),
        redial=_redial(table.table("redial"), before.redial, folder),
        queue_keys=shares(table, "queue_keys", _KEYS) or before.queue_keys,
        hold_limit=table.seconds("hold_limit_s", before.hold_limit),
        steps=step_habits(table.table("steps"), before.steps, centre, folder),
        zero_out_after=table.whole("zero_out_after", before.zero_out_after, 1, 100),
        zero_out_key=_key(table, before.zero_out_key),
        **spreads,
        **given,
    )
    # What is said of one stream goes before what is said of a queue.
    own: dict[str, Mapping[str, Spread]] = {
        f"{key}_in": {} for key in ("patience", "talk") if key in table.raw
    }
    return msgspec.structs.replace(made, **own)


def _key(table: Table, before: str) -> str:
    key = table.text("zero_out_key", before)
    if len(key) == 1 and key in _KEYS:
        return key
    table.wrong("zero_out_key", f"{key!r} is no key of a telephone; use one of 0 to 9, * or #")
    return before


def in_queues(table: Table, before: CallerHabits, known: set[str], folder: Path) -> CallerHabits:
    """`before`, with what `[queues.ID]` says of callers in that queue."""
    patience, talk = dict(before.patience_in), dict(before.talk_in)
    for queue in table.rest("<id>"):
        if queue not in known:
            table.wrong(queue, f"there is no queue {queue!r}; {nearest(queue, known)}")
        one = _one_queue(table, queue)
        if "patience" in one.raw:
            patience[queue] = spread(one, "patience", before.patience, folder)
        if "talk" in one.raw:
            talk[queue] = spread(one, "talk", before.talk, folder)
    return msgspec.structs.replace(before, patience_in=patience, talk_in=talk)


def _one_queue(table: Table, queue: str) -> Table:
    one = Table(table.raw[queue], table.at(queue), table.problems, "queues.<id>")
    for key in ("patience", "talk", "wrap_up"):
        one.any(key, None)
    one.close()
    return one


def _redial(table: Table, before: RedialHabits, folder: Path) -> RedialHabits:
    made = RedialHabits(
        abandoned=share(table, "abandoned", before.abandoned),
        busy=share(table, "busy", before.busy),
        after=spread(table, "after", before.after, folder),
        tries=table.whole("tries", before.tries, 1, 100),
    )
    table.close()
    return made


def _menus(
    table: Table, before: Mapping[str, MenuHabits], centre: CentreSettings
) -> dict[str, MenuHabits]:
    """By the menu's prompt: the shares of its keys, alike where the scenario is silent."""
    menus = {
        (flow.id, name): step
        for flow in centre.flows.values()
        for name, step in flow.steps.items()
        if isinstance(step, Menu | Survey)
    }
    # A step of a name that two flows have is the last one's, unless its flow is named too.
    steps = {name: step for (_, name), step in menus.items()}
    steps |= {f"{flow}/{name}": step for (flow, name), step in menus.items()}
    found = {**_confirmations(centre), **before}
    for step in menus.values():
        keys = _keys(step)
        alike = tuple((key, 1 / len(keys)) for key in keys)
        for prompt in _prompts(step):
            found.setdefault(prompt, MenuHabits(alike, _wrong(keys)))
    for name, raw in table.rest("<step>").items():
        if (menu := steps.get(name)) is None:
            table.wrong(name, f"there is no menu {name!r} in the flows; {nearest(name, steps)}")
        elif given := weighed(table, name, raw, list(_keys(menu)), "key"):
            for prompt in _prompts(menu):
                found[prompt] = MenuHabits(given, _wrong(_keys(menu)))
    return found


def _confirmations(centre: CentreSettings) -> dict[str, MenuHabits]:
    """By the prompt behind a code that was read back: callers say that it is right, and those who
    err that it is not."""
    return {
        step.confirm: MenuHabits(((RIGHT, 1.0),), AGAIN, confirms=True)
        for flow in centre.flows.values()
        for step in flow.steps.values()
        if isinstance(step, Collect) and step.confirm
    }


def _keys(step: Menu | Survey) -> Collection[str]:
    return step.keys if isinstance(step, Menu) else keys_of(step.answers)


def _prompts(step: Menu | Survey) -> tuple[str, ...]:
    return (step.prompt, *step.again) if isinstance(step, Menu) else (step.prompt,)


def _wrong(keys: Collection[str]) -> str:
    return next((key for key in reversed(_KEYS) if key not in keys), "")
