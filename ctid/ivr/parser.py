"""From a flow file's mapping to a `Flow`, or to the list of everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from ctid.core.text import nearest
from ctid.ivr.flow import AnyStep, Flow
from ctid.ivr.problems import problems_of
from ctid.ivr.reading import read_step
from ctid.ivr.shapes import head_of

MOST_STEPS: Final = 2_000
"""Of one flow. A call walks 500 at most, and each is looked at while calls wait for a reload."""
STEP_NAME: Final = re.compile(r"[\w.-]{1,60}")
"""Letters and figures of any script: paths, records and pictures show them."""
_KEYS: Final = ("id", "start", "language", "steps", "prompts")


def parse_flow(
    raw: Mapping[str, Any], where: str, queues: Collection[str], hours: Collection[str]
) -> tuple[Flow | None, list[str]]:
    """The flow, and all problems with their path.

    Args:
        raw: the file's content as TOML gives it. Durations are in seconds, keys end in `_s`.
        where: the file's name, the beginning of each problem.
        queues, hours: ids that the flow may refer to.
    """
    head, prompts, wrong = head_of(raw)
    found = [
        f"{key[:60]}: unknown key; {nearest(key[:60], _KEYS)}" for key in raw if key not in _KEYS
    ] + wrong
    bodies = raw.get("steps", {})
    if not isinstance(bodies, Mapping):
        found.append("steps: is not a table; write each one under its own [steps.NAME]")
        bodies = {}
    elif len(bodies) > MOST_STEPS:
        what = f"{len(bodies)} are more than {MOST_STEPS}"
        found.append(f"steps: {what}; split the flow, and lead on with a step call")
        return None, [f"{where}: {problem}" for problem in found]
    steps: dict[str, AnyStep] = {}
    partly: list[str] = []
    for name, body in bodies.items():
        if not STEP_NAME.fullmatch(name):
            what = "does not fit as a name; use 1 to 60 letters, figures, - _ or ."
            found.append(f"steps.{name[:60]!r}: {what}")
            if not name.isprintable():
                continue  # nor does it fit on anybody's screen
        step, more = read_step(f"steps.{name[:60]}", body)
        found += more
        if step is not None:
            steps[name] = step
            partly += [name] if more else []
    flow = Flow(head["id"], head["start"], head["language"], steps, prompts)
    found += problems_of(flow, bodies, queues, hours, partly)
    return (None if found else flow), [f"{where}: {problem}" for problem in found]
