"""A hostile world around one centre, small and busy, with the faults of `sim.faults`.

After each step the invariants are checked on the machine's own state and on its commands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from ctid.acd.absence import AbsenceRules
from ctid.acd.contacts import WAITING
from ctid.acd.wrapup import WrapUpRule
from ctid.centre.centre import Centre
from ctid.centre.settings import CentreSettings
from ctid.centre.transfer import TransferRules
from ctid.core.commands import (
    Announce,
    CallClosed,
    Command,
)
from ctid.core.instants import MINUTE, Duration, Instant
from ctid.core.journal import Line
from ctid.core.tasks import TaskClosed
from sim import site
from sim.faults.beset import Beset, beset
from sim.faults.model import Faults, Spell
from sim.fuzz import supervised, tasked
from sim.fuzz.busy import BRANCH, Busy, habits
from sim.fuzz.schooling import schooled
from sim.spreads import Fixed, Spread, Uniform
from sim.world.world import World


class Mischief(msgspec.Struct, frozen=True):
    """What happens to facts on their way."""

    seed: int
    agents: int = 4
    calls: int = 25
    doubled: float = 0.0
    """Share of facts that come twice, the second time up to 5 s later."""
    late: float = 0.0
    """Share of facts that come up to 3 s late, behind others."""
    cut_every: Spread = Fixed(0)
    restarts: bool = False
    """After each link cut the machine is loaded from its state."""
    wrap_up: WrapUpRule = WrapUpRule()
    """Of every queue."""
    absence: AbsenceRules = AbsenceRules()
    transfers: float = 0.0
    """Share of talks in which the agent sends the caller on."""
    asides: float = 0.0
    """Share of talks in which the agent puts the caller on hold, asks colleagues, …"""
    tasks: int = 0
    """How many e-mails and chats come."""
    supervisors: bool = False
    """Supervisors listen in, take over and assign; agents pull."""
    school: int = 0
    """Seed of abilities and demands (sim.fuzz.schooling); 0: none."""


def faults(mischief: Mischief) -> Faults:
    """What goes wrong in such a world."""
    return Faults(
        doubled=mischief.doubled, late=mischief.late, reload_after_cut=mischief.restarts,
        link_cut=Spell(mischief.cut_every, Uniform(500, 20_000)), crm_silent=0.2,
    )  # fmt: skip


def world(mischief: Mischief, settings: CentreSettings) -> World:
    """Callers, agents and PBX of such a run."""
    kind = Busy(
        mischief.agents, mischief.calls, mischief.transfers, mischief.asides, mischief.tasks,
        mischief.supervisors,
    )  # fmt: skip
    return World(habits(kind), settings.acd, mischief.seed)


def site_of(mischief: Mischief) -> CentreSettings:
    """The site of such a run."""
    made = site.settings(mischief.agents)
    replace = msgspec.structs.replace
    queues = tuple(replace(q, wrap_up_rule=mischief.wrap_up) for q in made.acd.queues)
    acd = replace(made.acd, queues=queues, absence=mischief.absence)
    if mischief.tasks:
        acd = tasked.with_tasks(acd, mischief.seed)
    acd = tasked.one_phone(schooled(acd, mischief.school))
    transfer = TransferRules(3_000, {"branch": BRANCH})
    if mischief.supervisors:
        acd = supervised.with_supervisors(acd)
    return replace(made, acd=acd, transfer=transfer, supervision=supervised.RULES)


class Run:
    """Drives the centre through one such world to its end, checks, and keeps the journal."""

    def __init__(self, mischief: Mischief, settings: CentreSettings | None = None) -> None:
        self.mischief = mischief
        self.settings = settings or site_of(mischief)
        self.world = world(mischief, self.settings)
        self.journal: list[Line] = []
        self.closed: Counter[str] = Counter()
        self.ended: Instant = 0
        self._beset: Beset | None = None

    @property
    def centre(self) -> Centre:
        """The machine that was started last."""
        assert self._beset is not None, "play comes first"
        return self._beset.driver.centre

    def play(self, linger: Duration = MINUTE) -> None:
        """Until the world has been quiet for that long."""
        self._beset = beset(
            Centre(self.settings), self.world, faults(self.mischief), self.mischief.seed,
            write=self._write,
        )  # fmt: skip
        self.ended = self._beset.driver.run(linger)

    def _write(self, line: Line) -> None:
        self.journal.append(line)
        self._note(line.c)

    def _note(self, commands: Sequence[Command]) -> None:
        for command in commands:
            match command:
                case CallClosed():
                    self.closed[command.record.call] += 1
                case TaskClosed():
                    self.closed[command.record.task] += 1
                case Announce():
                    self._check_word(command)
                case _:
                    pass

    def _check_word(self, announce: Announce) -> None:
        """A word to one who waits, and whose wait no ringing phone is about to end."""
        router = self.centre.router
        assert not router.frozen
        assert announce.prompts
        assert router.contacts[announce.call].state == WAITING
        assert router.contacts[announce.call].queue == "sales", "the other queue says nothing"
