"""A flow with callers of known habits as an absorbing Markov chain: what the simulator must show.

With Q the probabilities from one transient state to another and R those into the ends, the
fundamental matrix N = (I - Q)^-1 has the expected number of visits to each state, and B = N R the
probability of each end (J. G. Kemeny, J. L. Snell: Finite Markov Chains, 1960, chapter III).

A state is a step, the number of tries that failed there, and whether something has served the
caller. Steps of the kinds play, menu, collect (with the check `customer`), language, queue and
hangup are known here; that is enough to hold the simulator to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
import numpy as np

from ctid.ivr.flow import Collect, Flow, HangUp, Language, Menu, Play, Queue
from sim.world.habits import CallerHabits, StepHabits

State = tuple[str, int, bool]
"""Step, failed tries, served."""
_NO_DIFFERENCE: Final = StepHabits()


class Expected(msgspec.Struct, frozen=True):
    """What becomes of one visit."""

    ends: dict[str, float]
    """Probability of `contained`, `unserved`, `queue` and `hung_up`."""
    entered: dict[str, float]
    """By step: how often it is entered in one visit, in the mean."""
    lost: dict[str, float]
    """By step: the probability that the caller hangs up there unserved."""


def expected(flow: Flow, habits: CallerHabits) -> Expected:
    """Exact values.

    Raises:
        ValueError: a step of another kind, or callers who ask for an agent after failures.
    """
    if habits.zero_out:
        raise ValueError("a state does not know the failures at other steps")
    places: dict[State, int] = {}
    rows: list[list[tuple[State | str, float]]] = []
    to_do: list[State] = [(flow.start, 0, False)]
    while to_do:
        state = to_do.pop()
        if state in places:
            continue
        places[state] = len(rows)
        rows.append(list(_moves(flow, habits, state)))
        to_do += [to for to, _ in rows[-1] if not isinstance(to, str)]
    n = len(rows)
    q, ends = np.zeros((n, n)), sorted({to for row in rows for to, _ in row if isinstance(to, str)})
    r = np.zeros((n, len(ends)))
    for place, row in enumerate(rows):
        for to, chance in row:
            if isinstance(to, str):
                r[place, ends.index(to)] += chance
            else:
                q[place, places[to]] += chance
    visits = np.linalg.solve((np.eye(n) - q).T, np.eye(n)[0])  # the first row of N
    entered: dict[str, float] = {}
    lost: dict[str, float] = {}
    for (step, tries, _), place in places.items():
        entered[step] = entered.get(step, 0.0) + (float(visits[place]) if tries == 0 else 0.0)
        if "hung_up" in ends:
            gone = float(visits[place] * r[place, ends.index("hung_up")])
            lost[step] = lost.get(step, 0.0) + gone
    chances = visits @ r
    return Expected({end: float(p) for end, p in zip(ends, chances, strict=True)}, entered, lost)


def _moves(flow: Flow, habits: CallerHabits, state: State) -> Iterator[tuple[State | str, float]]:
    """Where one state leads, and how likely."""
    name, tries, served = state
    match step := flow.steps[name]:
        case HangUp():
            yield "contained" if served or step.serves else "unserved", 1.0
        case Queue():
            yield "queue", 1.0
        case Language():
            yield (step.next, 0, served), 1.0
        case Play():
            stays = 1 - _or(_own(habits, step.prompt).hang_up, habits.menu_hang_up)
            yield "contained" if served else "hung_up", 1 - stays
            yield (step.next, 0, served or step.serves), stays
        case Menu() | Collect():
            own = _own(habits, step.prompt)
            stays = 1 - _or(own.hang_up, habits.menu_hang_up)
            yield "contained" if served else "hung_up", 1 - stays
            usual = habits.wrong_key if isinstance(step, Menu) else habits.wrong_code
            right = stays * (1 - _or(own.silent, habits.no_digits)) * (1 - _or(own.wrong, usual))
            failed = tries + 1 >= step.tries
            again = (step.on_fail, 0, served) if failed else (name, tries + 1, served)
            yield again, stays - right
            if isinstance(step, Collect):
                yield (step.next, 0, served), right
                return
            for key, share in habits.menus[step.prompt].keys:
                yield (step.keys[key], 0, served), right * share
        case _:
            raise ValueError(f"{name}: {type(step).__name__}")


def _own(habits: CallerHabits, prompt: str) -> StepHabits:
    return habits.steps.get(prompt, _NO_DIFFERENCE)


def _or(own: float | None, usual: float) -> float:
    return usual if own is None else own
