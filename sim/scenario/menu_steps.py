"""What a scenario says of single steps of the flows: `[callers.steps.NAME]`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ctid.centre.settings import CentreSettings
from ctid.ivr.flow import AnyStep, asks, prompts_of
from ctid.settings.table import Table, nearest
from sim.scenario.spreads import spread
from sim.scenario.values import share
from sim.spreads import Fixed
from sim.world.habits import StepHabits

SHARES = ("wrong", "silent", "hang_up", "type_ahead")
ASKED_ONLY = ("wrong", "silent", "type_ahead", "think", "keyed")
"""Keys that only a step has that asks for keys."""


def step_habits(
    table: Table, before: Mapping[str, StepHabits], centre: CentreSettings, folder: Path
) -> dict[str, StepHabits]:
    """By the step's prompts, for that is what a caller hears: steps with one prompt are alike."""
    known = dict(_steps(centre))
    found = dict(before)
    form = table.table("<step>")
    _one(form, True, folder)  # so that the reference must have every key
    for name in table.rest("<step>"):
        one = form.like(table.raw[name], table.at(name))
        if name not in known:
            table.wrong(name, f"no flow says anything at a step {name!r}; {nearest(name, known)}")
            continue
        if not one.raw:
            table.wrong(name, "says nothing; write what is different there, or take it out")
        made = _one(one, asks(known[name]), folder)
        for prompt in _questions(known[name]):
            found[prompt] = made
    return found


def _one(table: Table, asked: bool, folder: Path) -> StepHabits:
    for key in (*SHARES, "think", "keyed"):
        table.any(key, None)
    given = {key: share(table, key, 0.0) if key in table.raw else None for key in SHARES}
    made = StepHabits(
        wrong=given["wrong"],
        silent=given["silent"],
        hang_up=given["hang_up"],
        type_ahead=given["type_ahead"],
        think=spread(table, "think", Fixed(0), folder) if "think" in table.raw else None,
        keyed=table.texts("keyed", (), pattern="[0-9*]{1,64}", form="1 to 64 of 0-9 *"),
    )
    if "keyed" in table.raw and table.raw["keyed"] == []:
        table.wrong("keyed", "is empty; write what is keyed, or take it out")
    for key in ASKED_ONLY:
        if key in table.raw and not asked:
            table.wrong(key, "nobody is asked for a key at this step; take it out")
    table.close()
    return made


def _steps(centre: CentreSettings) -> Iterator[tuple[str, AnyStep]]:
    """`STEP` and `FLOW/STEP` of everything that has a prompt of its own."""
    for flow in centre.flows.values():
        for name, step in flow.steps.items():
            if _questions(step):
                yield name, step
                yield f"{flow.id}/{name}", step


def _questions(step: AnyStep) -> tuple[str, ...]:
    """The prompts that end what is said there: the first wording, and those of further tries."""
    return tuple(
        prompt
        for field, prompt in prompts_of(step)
        if field == "prompt" or field.startswith("again[")
    )
