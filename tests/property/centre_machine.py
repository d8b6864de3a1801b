"""A hostile world around one centre: facts doubled, late, in the wrong order, and cut links.

The PBX of `sim.world` stays true to itself; what spoils is the way of its facts to the machine.
After each step the invariants are checked on the machine's own state and on its commands.
"""

from __future__ import annotations

from collections import Counter
from random import Random

import msgspec

from ctid.acd.absence import AbsenceRules
from ctid.acd.contacts import WAITING
from ctid.acd.wrapup import WrapUpRule
from ctid.centre.centre import Centre
from ctid.centre.invariants import Checker
from ctid.centre.settings import CentreSettings
from ctid.centre.state import CentreState
from ctid.centre.transfer import TransferRules
from ctid.core import events as ev
from ctid.core.commands import (
    Announce,
    CallClosed,
    Command,
)
from ctid.core.instants import Instant
from ctid.core.journal import Line
from ctid.core.records import CustomerCard, PastContact
from ctid.core.tasks import TaskClosed
from sim import site
from sim.fuzz import supervised, tasked
from sim.fuzz.schooling import schooled
from sim.spreads import Exponential, Fixed, Spread, Uniform
from sim.world.habits import AgentHabits, CallerHabits, PbxHabits, WorldSettings
from sim.world.tasks import TaskHabits
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


BRANCH = "+49301234"
"""A number outside that agents may send callers to."""
LOSSLESS = ("Started", "Inventory", "LinkLost")
"""Facts of the driver itself, which no network carries."""


def world(mischief: Mischief, settings: CentreSettings) -> World:
    """A busy world with short times, so that things meet."""
    habits = WorldSettings(
        callers=CallerHabits(
            calls=mischief.calls, arrivals=Exponential(3000), patience=Exponential(20_000),
            talk=Exponential(8000), hidden=0.7, menu_hang_up=0.05, keys_waiting=0.3,
        ),
        agents=AgentHabits(
            answer=Uniform(0, 4000), no_answer=0.15, reject=0.1, decline=0.1, breaks=0.2,
            screen_lost=0.2, private_call=0.1, unplugged=0.1, back=Uniform(100, 8000),
            transfers=mischief.transfers, transfer_numbers=(BRANCH, BRANCH, BRANCH, "+490"),
            asides=mischief.asides,
        ),
        supervisors=supervised.habits(mischief.supervisors),
        pbx=PbxHabits(cut_every=mischief.cut_every, crm_silent=0.2),
        tasks=TaskHabits(
            mischief.tasks, arrivals=Exponential(4000), deadline=Uniform(1_000, 90_000),
            accept=Uniform(0, 6_000), rejected=0.15, unseen=0.15, work=Exponential(9000),
            given_back=0.2, cancelled=0.2, doubled=0.3,
        ),
        customers=_customers(mischief.agents),
    )  # fmt: skip
    return World(habits, settings.acd, mischief.seed)


def _customers(agents: int) -> tuple[CustomerCard, ...]:
    """Each had one of the agents last time."""
    cards = site.customers(12)
    return tuple(
        msgspec.structs.replace(
            card, last_contacts=(PastContact(0, "phone", "", f"agent{n % agents}"),)
        )
        for n, card in enumerate(cards)
    )


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
    """Drives the centre, spoils the facts, checks, and keeps the journal."""

    def __init__(self, mischief: Mischief, settings: CentreSettings | None = None) -> None:
        self.mischief = mischief
        self.settings = settings or site_of(mischief)
        self.centre = Centre(self.settings)
        self.checker = Checker(self.centre)
        self.world = world(mischief, self.settings)
        self.now: Instant = 0
        self.journal: list[Line] = []
        self.closed: Counter[str] = Counter()
        self._late: list[tuple[Instant, int, ev.Event]] = []
        self._dice = Random(f"{mischief.seed}/mischief")
        self._serial = 0

    def play(self) -> None:
        """Until the world is quiet and a minute has passed."""
        while (at := self._next()) is not None:
            self._step(at)
        end = self.now + 60_000
        while (due := self.centre.next_deadline()) is not None and due <= end:
            self._advance(due)
            self._deliver()

    def _next(self) -> Instant | None:
        coming = [at for at in (self.world.next_at(), self._first_late()) if at is not None]
        if not coming:
            return None
        due = self.centre.next_deadline()
        return min(coming) if due is None else min(*coming, due)

    def _first_late(self) -> Instant | None:
        return min((at for at, _, _ in self._late), default=None)

    def _step(self, at: Instant) -> None:
        self._advance(at)
        for fact in self.world.take(at):
            self._spoil(fact)
        self._deliver()

    def _advance(self, at: Instant) -> None:
        assert at >= self.now
        self.now = at
        due = self.centre.next_deadline()
        if due is not None and due <= at:
            self._take(None)

    def _spoil(self, fact: ev.Event) -> None:
        if type(fact).__name__ in LOSSLESS:
            if isinstance(fact, ev.Inventory) and self.mischief.restarts and self.journal:
                self._restart()
            # What was on its way is dropped with the link, or is older than the inventory.
            if isinstance(fact, ev.Inventory | ev.LinkLost):
                self._late = [x for x in self._late if not _by_link(x[2])]
            self._push(fact, 0)
            return
        late = self._dice.random() < self.mischief.late
        self._push(fact, self._dice.randrange(3000) if late else 0)
        if self._dice.random() < self.mischief.doubled:
            self._push(fact, self._dice.randrange(5000))

    def _push(self, fact: ev.Event, delay: int) -> None:
        self._serial += 1
        self._late.append((self.now + delay, self._serial, fact))

    def _deliver(self) -> None:
        due = sorted(x for x in self._late if x[0] <= self.now)
        self._late = [x for x in self._late if x[0] > self.now]
        for _, _, fact in due:
            self._take(fact)

    def _restart(self) -> None:
        saved = msgspec.json.encode(self.centre.dump())
        self.centre = Centre.load(self.settings, msgspec.json.decode(saved, type=CentreState))
        assert msgspec.json.encode(self.centre.dump()) == saved
        self.checker.centre = self.centre

    def _take(self, fact: ev.Event | None) -> None:
        if fact is None:
            commands = self.centre.advance(self.now)
        else:
            commands = self.centre.handle(fact, self.now)
        self.journal.append(Line(len(self.journal) + 1, self.now, fact, tuple(commands)))
        self.checker.follow(commands, self.now)
        self._note(commands)
        self.world.carry_out(commands, self.now)

    def _note(self, commands: list[Command]) -> None:
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


def _by_link(fact: ev.Event) -> bool:
    """Whether the AMI link carries this fact."""
    return isinstance(
        fact,
        ev.AgentRinging | ev.AgentAnswered | ev.CallBridged | ev.LegEnded | ev.PhoneChanged
        | ev.CallWaiting | ev.CallEnded | ev.CallHeld | ev.ConsultBridged | ev.OutsideAnswered
        | ev.OutsideFailed,
    )  # fmt: skip
