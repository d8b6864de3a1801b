"""The things of the pretend world that have a state: callers, agents' legs, phones."""

from __future__ import annotations

from random import Random
from typing import Literal

import msgspec

from ctid.core.instants import Duration, Instant, WallMs
from ctid.core.records import CustomerCard, PhoneState
from sim.world.habits import AgentHabits, CallerHabits
from sim.world.plan import PlannedCaller


class Dice:
    """The streams of one entity, one for each purpose: what is drawn more often for one purpose,
    because the machine decided otherwise, changes nothing of the others."""

    __slots__ = ("_name", "_streams")

    def __init__(self, name: str) -> None:
        self._name = name
        self._streams: dict[str, Random] = {}

    def of(self, purpose: str) -> Random:
        """The stream for that purpose."""
        stream = self._streams.get(purpose)
        if stream is None:
            stream = self._streams[purpose] = Random(f"{self._name}/{purpose}")
        return stream

    def again(self, times: int) -> Dice:
        """The streams of the same person who calls for another time."""
        return Dice(f"{self._name}r{times}")

    def forget(self) -> None:
        """Free the memory of one who is gone, while timers of theirs still run."""
        self._streams.clear()


class Caller(msgspec.Struct):
    """One caller's channel, from the trunk to its end."""

    call: str
    channel: str
    dice: Dice
    habits: CallerHabits
    place: Literal["ivr", "queue", "held", "talking", "away", "dialled", "other"] = "ivr"
    """`away`: where an overflow rule sent the caller. `dialled`: a customer whose phone rings.
    `other`: gone."""
    moves: int = 0
    """Number of the last move that the machine ordered."""
    led: int = 0
    """The move that led to where the caller is away; a later one may only have noted a queue."""
    number: str = ""
    name: str = ""
    dialled: str = ""
    queue: str = ""
    code: str = ""
    language: str = ""
    since: WallMs = 0
    """When the wait began."""
    leg: str = ""
    """The offer whose leg the caller talks to."""
    latched: bool = False
    """Stays when the agent hangs up: a colleague waits."""
    heard: tuple[tuple[str, ...], ...] = ()
    """Announcements in the queue, in order."""
    customer: CustomerCard | None = None
    """Who it really is."""
    called_back: bool = False
    """We have dialled this line."""
    after: Literal["", "survey", "asked"] = ""
    """`survey`: will be asked when the agent has hung up; `asked`: has come to that."""
    inflow: str = ""
    """Id of the inflow that the caller came in."""
    plan: PlannedCaller | None = None
    """What was known beforehand."""
    gives_up: bool | None = None
    """Will ask for an agent after some failures; None until the first one."""
    failures: int = 0
    """Answers in menus that were wrong or missing."""
    pressed: int = 0
    """How many keys of the plan have been pressed."""
    errs: bool = False
    """The PIN that was keyed last is not the caller's own."""
    patience: Duration | None = None
    """Planned for the next wait."""
    talk: Duration | None = None
    """Planned for the next conversation."""
    tries: int = 0
    """How often this person has called again."""
    first: str = ""
    """Their first call, where this is another one."""

    @property
    def stream(self) -> Random:
        """For all that has no stream of its own."""
        return self.dice.of("else")

    def draw_patience(self) -> Duration:
        """How long the caller will wait in the queue where the wait begins."""
        planned, self.patience = self.patience, None
        if planned is not None:
            return planned
        spread = self.habits.patience_in.get(self.queue, self.habits.patience)
        return spread.draw(self.dice.of("patience"))

    def away_by(self, move: int) -> bool:
        """Whether the caller is still where that move led: another one may have come."""
        return self.place == "away" and self.led == move

    def draw_talk(self, queue: str, speed: float) -> Duration:
        """How long the conversation for that queue will be, with an agent of that speed."""
        planned, self.talk = self.talk, None
        if planned is not None:
            return planned
        spread = self.habits.talk_in.get(queue, self.habits.talk)
        drawn = spread.draw(self.dice.of("talk"))
        return drawn if speed == 1.0 else round(drawn / speed)


class Phone(msgspec.Struct):
    """One agent with their phone."""

    agent: str
    name: str
    dice: Dice
    state: PhoneState = "unreachable"
    """`in_use` without a leg is a private call."""
    silent_until: Instant = 0
    """Nobody picks it up before that."""
    habits: AgentHabits = AgentHabits()
    speed: float = 1.0
    """An agent of speed 2 needs half the time for a conversation."""

    @property
    def stream(self) -> Random:
        """For all that has no stream of its own."""
        return self.dice.of("else")


class Leg(msgspec.Struct):
    """One agent's leg, from ringing to its end."""

    offer: str
    call: str
    phone: Phone
    state: Literal["ringing", "answered", "talking", "aside", "away", "dialling", "gone"] = (
        "ringing"
    )
    """`aside`: with the colleague's leg, or that of the one who asks; `away`: in silence."""
    aside: str = ""
    """The leg of the agent who asks this one."""
    away_since: Instant = 0
    queue: str = ""
    """That the offer came from."""


class Tally(msgspec.Struct):
    """What only the world sees."""

    arrived: int = 0
    """Calls that found a line, redials included."""
    blocked: int = 0
    """Calls that found all lines busy; the machine never hears of them."""
    redials: int = 0
    """Calls of people who had called before, whether they found a line or not."""
    no_shows: int = 0
    """Shifts to which nobody came."""
