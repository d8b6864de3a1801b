"""What the journal cannot tell is drawn: from what others did, each caller from a stream of their
own, so that both settings meet the same people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from ctid.core.instants import Duration
from ctid.core.records import AgentId
from sim.calibrate.fit import TooFew, fit
from sim.calibrate.laws import exponential, sample
from sim.whatif.facts import Caller, Day, Note, Ring, WrapUp
from sim.world.plan import PlannedCaller

OWN = 10
"""So many must be known of one queue or agent; with fewer, those of all are drawn from."""
THEIRS = ("answered", "no_answer", "rejected")
"""Ends of ringing that show what an agent does; the others show what the caller or the PBX did."""
TRIES = 100
"""For a ringing that is longer than one that was cut off; then nobody has ever answered so late."""
ENDLESS: Duration = 24 * 3_600_000
"""The patience of callers of whom none has ever hung up, in ms."""


class Continuous(Protocol):
    """A law that can be asked for its quantiles."""

    def cdf(self, at: Any) -> Any: ...
    def ppf(self, share: Any) -> Any: ...


class Draws:
    """The laws of one day."""

    def __init__(self, day: Day) -> None:
        self.told: list[Note] = []
        """Where the day says too little."""
        self._patience = self._patience_of(day.callers)
        self._talks = Pools((c.queue, c.talked) for c in day.callers if c.outcome == "answered")
        self._wrap_ups = Pools((c.queue, c.wrap_up) for c in day.callers if c.wrap_up is not None)
        self._rings = Pools(
            (agent, ring)
            for (_, agent), rings in day.rings.items()
            for ring in rings
            if ring.end in THEIRS
        )
        self._backs = Pools((agent, took) for agent, all_ in day.backs.items() for took in all_)
        if all(caller.outcome != "answered" for caller in day.callers):
            self.told.append(
                Note(
                    "nobody was answered: a talk is taken to last 3 minutes",
                    "当日无人接通:通话按 3 分钟计",
                )
            )

    def _patience_of(self, callers: Sequence[Caller]) -> Continuous | None:
        waited = [caller for caller in callers if caller.joined_at is not None]
        left = [float(c.waited) for c in waited if c.outcome == "abandoned"]
        stayed = [float(c.waited) for c in waited if c.outcome != "abandoned"]
        if not left:
            self.told.append(
                Note(
                    "nobody gave up waiting: in the model nobody does",
                    "当日无人放弃:模型中也无人放弃",
                )
            )
            return None
        data = sample(left, stayed)
        try:
            law: Any = fit(data).best.fitted.law
        except TooFew:
            self.told.append(
                Note(
                    f"only {len(left)} callers gave up waiting: the others' patience is drawn from"
                    " an exponential law",
                    f"仅有 {len(left)} 位来电者放弃:其余来电者的耐心按指数分布抽取",
                )
            )
            law = exponential(data).law
        found: Continuous = law
        return found

    # -- callers --

    def plan(self, day: Day, seed: str) -> list[PlannedCaller]:
        """Every caller of the day, as known and otherwise drawn."""
        patience = self._patiences(day.callers, seed)
        return [
            self._caller(caller, waits, Random(f"{seed}/talk/{caller.call}"))
            for caller, waits in zip(day.callers, patience, strict=True)
        ]

    def _caller(self, caller: Caller, patience: Duration, stream: Random) -> PlannedCaller:
        drawn = self._talks.draw(caller.queue, stream)
        return PlannedCaller(
            at=caller.at,
            number=caller.number,
            dialled=caller.dialled,
            code=caller.code,
            keys=tuple(step.digits[:1] for step in caller.steps if step.ended == "full"),
            patience=patience,
            talk=caller.talked if caller.outcome == "answered" else drawn or 180_000,
            takes_callback=caller.takes_callback,
        )

    def _patiences(self, callers: Sequence[Caller], seed: str) -> list[Duration]:
        """Who hung up has shown theirs. Of the others it was longer than they waited, and it is
        drawn from the law's part beyond that."""
        if self._patience is None:
            return [ENDLESS] * len(callers)
        waited = np.asarray([float(c.waited) for c in callers])
        shares = np.asarray([Random(f"{seed}/patience/{c.call}").random() for c in callers])
        below = self._patience.cdf(waited)
        beyond = self._patience.ppf(below + shares * (1 - below))
        capped = np.clip(np.nan_to_num(beyond, nan=ENDLESS, posinf=ENDLESS), waited, ENDLESS)
        return [
            caller.waited if caller.outcome == "abandoned" else round(float(drawn))
            for caller, drawn in zip(callers, capped, strict=True)
        ]

    def wrap_up(self, caller: Caller, seed: str) -> WrapUp | None:
        """As it was, or as others' of that queue; None where nobody ever had one."""
        if caller.wrap_up is not None:
            return caller.wrap_up
        return self._wrap_ups.draw(caller.queue, Random(f"{seed}/wrap_up/{caller.call}"))

    # -- agents --

    def ring(self, agent: AgentId, stream: Random, beyond: Duration = 0) -> Ring | None:
        """How a ringing ends that the day did not have, or that had rung for `beyond` when the
        caller ended it; None where no phone ever rang."""
        for _ in range(TRIES):
            ring = self._rings.draw(agent, stream)
            if ring is None or ring.after > beyond:
                return ring
        return Ring("no_answer", beyond)

    def back(self, agent: AgentId, stream: Random) -> Duration | None:
        """How long an agent takes to ask for calls again; None where nobody ever had to."""
        return self._backs.draw(agent, stream)


T = TypeVar("T")


class Pools(Generic[T]):
    """What was seen, by queue or agent, and of all."""

    def __init__(self, seen: Iterable[tuple[str, T]]) -> None:
        self._by: dict[str, list[T]] = {}
        self._all: list[T] = []
        for whose, what in seen:
            self._by.setdefault(whose, []).append(what)
            self._all.append(what)

    def draw(self, whose: str, stream: Random) -> T | None:
        """One of their own where there are enough, else one of everybody's; None where nothing
        was seen at all."""
        own = self._by.get(whose, ())
        pool = own if len(own) >= OWN else self._all
        return stream.choice(pool) if pool else None
