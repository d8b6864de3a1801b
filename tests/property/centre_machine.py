"""A hostile world around one centre: facts doubled, late, in the wrong order, and cut links.

The PBX of `sim.world` stays true to itself; what spoils is the way of its facts to the machine.
After each step the invariants are checked on the machine's own state and on its commands.
"""

from __future__ import annotations

from collections import Counter
from random import Random

import msgspec

from ctid.acd.absence import AbsenceRules
from ctid.acd.agents import Agent
from ctid.acd.contacts import BRIDGED, WAITING, Contact, Offer
from ctid.acd.order import Rank, rank
from ctid.acd.reach import ladder, penalties
from ctid.acd.wrapup import WrapUpRule
from ctid.centre.calls import Call
from ctid.centre.centre import Centre
from ctid.centre.invariants import asides
from ctid.centre.settings import CentreSettings
from ctid.centre.state import CentreState
from ctid.centre.transfer import TransferRules
from ctid.core import events as ev
from ctid.core.commands import (
    AgentTimed,
    Announce,
    CallClosed,
    Command,
    Divert,
    LegClosed,
    RingAgent,
)
from ctid.core.instants import Instant
from ctid.core.journal import Line
from ctid.core.records import CustomerCard, PastContact
from ctid.core.tasks import Escalated, OfferTask, TaskClosed
from sim import site
from sim.settings import AgentHabits, CallerHabits, PbxHabits, WorldSettings
from sim.spreads import Exponential, Fixed, Spread, Uniform
from sim.tasks import TaskHabits
from sim.world import World
from tests.property import supervision_checks, task_checks
from tests.property.schooling import schooled


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
    """Seed of abilities and demands (tests.property.schooling); 0: none."""


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
        supervisors=supervision_checks.habits(mischief.supervisors),
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


def _site(mischief: Mischief) -> CentreSettings:
    made = site.settings(mischief.agents)
    replace = msgspec.structs.replace
    queues = tuple(replace(q, wrap_up_rule=mischief.wrap_up) for q in made.acd.queues)
    acd = replace(made.acd, queues=queues, absence=mischief.absence)
    if mischief.tasks:
        acd = task_checks.with_tasks(acd, mischief.seed)
    acd = task_checks.one_phone(schooled(acd, mischief.school))
    transfer = TransferRules(3_000, {"branch": BRANCH})
    if mischief.supervisors:
        acd = supervision_checks.with_supervisors(acd)
    return replace(made, acd=acd, transfer=transfer, supervision=supervision_checks.RULES)


class Run:
    """Drives the centre, spoils the facts, checks, and keeps the journal."""

    def __init__(self, mischief: Mischief, settings: CentreSettings | None = None) -> None:
        self.mischief = mischief
        self.settings = settings or _site(mischief)
        self._profiles = {agent.id: agent for agent in self.settings.acd.agents}
        self.centre = Centre(self.settings)
        self.world = world(mischief, self.settings)
        self.now: Instant = 0
        self.journal: list[Line] = []
        self.closed: Counter[str] = Counter()
        self.timed: Counter[str] = Counter()
        """Milliseconds of closed stretches by agent."""
        self.signed_in: dict[str, Instant] = {}
        self._late: list[tuple[Instant, int, ev.Event]] = []
        self._dice = Random(f"{mischief.seed}/mischief")
        self._serial = 0
        self._lapsed: set[str] = set()
        self.escalated: set[tuple[str, str, str]] = set()

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

    def _take(self, fact: ev.Event | None) -> None:
        if fact is None:
            commands = self.centre.advance(self.now)
        else:
            commands = self.centre.handle(fact, self.now)
        self.journal.append(Line(len(self.journal) + 1, self.now, fact, tuple(commands)))
        self._note(commands)
        self.check()
        self.world.carry_out(commands, self.now)

    def _note(self, commands: list[Command]) -> None:
        # On somebody's page until a deadline of this very instant.
        self._lapsed = {c.record.call for c in commands if isinstance(c, LegClosed)}
        for command in commands:
            match command:
                case CallClosed():
                    self.closed[command.record.call] += 1
                    assert command.record.waited >= 0
                    assert command.record.talked >= 0
                case LegClosed():
                    assert command.record.ended_at >= command.record.started_at
                    asides.check_leg(command.record)
                case AgentTimed():
                    stretch = command.time
                    assert stretch.ended_at > stretch.began_at
                    self.timed[stretch.agent] += stretch.ended_at - stretch.began_at
                case RingAgent() if not command.aside and not supervision_checks.by_hand(command):
                    self._check_turn(command.call, command.agent)
                case OfferTask():
                    self._check_turn(command.task, command.agent)
                case Escalated():
                    step = (command.move.call, command.move.queue, command.move.to)
                    assert step not in self.escalated, step
                    self.escalated.add(step)
                case TaskClosed():
                    self.closed[command.record.task] += 1
                    assert command.record.waited >= 0
                    assert command.record.worked >= 0
                case Divert(leaves=leg) if leg:
                    offer = self.centre.router.offers[leg]
                    assert (offer.call, offer.state) == (command.call, BRIDGED)
                case Announce():
                    self._check_word(command)
                case _:
                    pass

    # -- the invariants --

    def _check_turn(self, call: str, agent: str) -> None:
        """Of all who wait for that agent too, nobody is overtaken by the one who is offered."""
        router = self.centre.router
        offered = router.contacts.get(call)
        if offered is None:
            return  # gone by the end of the same fact
        mine = self._rank(offered)
        for other in router.contacts.values():
            able = task_checks.could_take(self.centre, router.staff.agents[agent], other)
            held = task_checks.kept_free(self.centre, other)
            if other.state != WAITING or other.call in self._lapsed:
                continue
            if able and not held and self._reaches(other, agent):
                assert mine < self._rank(other), f"{call} overtook {other.call}"

    def _rank(self, contact: Contact) -> Rank:
        weight = self.centre.router.queues[contact.queue].weight
        return rank(contact, weight, self.settings.acd, self.now)

    def _reaches(self, contact: Contact, agent: str) -> bool:
        """Whether the contact may go to the agent at its age, by the settings alone."""
        queue = self.centre.router.queues[contact.queue]
        age, held = self.now - contact.joined_at, 0
        if contact.preferred:
            if contact.preferred == agent:
                return True
            held = contact.hold
        if not set(contact.groups).isdisjoint(self._profiles[agent].groups):
            steps = self.centre.router.lines.steps(contact)[: contact.rung]
            if any(step.pool.reach.holds(self._profiles[agent]) for step in steps):
                return True
        rungs = ladder(queue, penalties(self.settings.acd.agents, queue.id), contact.needs)
        profile = self._profiles[agent]
        return any(r.after + held <= age and r.reach.holds(profile) for r in rungs)

    def _check_word(self, announce: Announce) -> None:
        """A word to one who waits, and whose wait no ringing phone is about to end."""
        router = self.centre.router
        assert not router.frozen
        assert announce.prompts
        assert router.contacts[announce.call].state == WAITING
        assert router.contacts[announce.call].queue == "sales", "the other queue says nothing"

    def _check_waits(self) -> None:
        """The lines hold those who wait and nobody else; nothing is kept of others."""
        router, waits = self.centre.router, self.centre.router.waits
        for queue in waits.queues:
            waiting = [
                c for c in router.contacts.values() if c.queue == queue and c.state == WAITING
            ]
            order = {c.call: waits.place(c.call) for c in waiting}
            assert sorted(order.values()) == list(range(1, len(waiting) + 1)), order
        state = waits.dump()
        assert state.told.keys() <= router.contacts.keys()
        assert router.announcer.voices.keys() <= router.contacts.keys()
        for agent in router.staff.agents.values():
            busy = agent.state in ("reserved", "on_call", "wrap_up")
            assert busy or agent.id not in state.work

    def check(self) -> None:
        """What must hold after every fact and every deadline."""
        router = self.centre.router
        open_offers = [o for o in router.offers.values() if not o.caller_left and not o.aside]
        self._check_rings(open_offers)
        agents = Counter(o.agent for o in router.offers.values())
        assert max(agents.values(), default=0) <= 1, "two legs for one agent"
        for agent in router.staff.agents.values():
            assert bool(agent.offer) == (agent.state in ("reserved", "on_call")), agent
            assert agent.available == bool(agent.open)
            if agent.offer:
                offer = router.offer_of(agent)
                assert offer is not None
                assert offer.agent == agent.id
            self._check_times(agent)
        asides.check(self.centre)
        self._check_nobody_waits_for_nothing()
        for contact in router.contacts.values():
            assert contact.call in self.centre.calls or contact.call in self.centre.tasks.open
        for call in self.centre.calls.values():
            self._check_transfer(call)
        for queue, pool in router.pools.items():
            waiting = [c for c in router.contacts.values() if c.queue == queue]
            assert pool.waiting == sum(c.state != "connected" for c in waiting)
            agents_now = router.staff.agents.values()
            able = [a for a in agents_now if pool.reach.holds(self._profiles[a.id])]
            channel = router.queues[queue].channel
            assert pool.available == sum(channel in agent.open for agent in able)
        task_checks.check(self.centre)
        assert max(self.closed.values(), default=0) <= 1, "two records for one call"
        self._check_agent_time()
        self._check_waits()
        supervision_checks.check(self.centre)

    def _check_rings(self, open_offers: list[Offer]) -> None:
        """As many phones for one caller as the queue rings, and one talk."""
        router = self.centre.router
        rings: dict[str, list[Offer]] = {}
        for offer in open_offers:
            if offer.call in router.contacts:
                rings.setdefault(offer.call, []).append(offer)
        for call, offers in rings.items():
            contact = router.contacts[call]
            ringing = router.queues[contact.queue].ringing
            assert len(offers) <= (1 if ringing.mode == "one" else ringing.at_most), offers
            assert contact.state == "offered" or len(offers) == 1, (contact, offers)
            if contact.state in ("offered", "connected"):
                assert set(contact.rings()) == {o.id for o in offers}, (contact, offers)
        for contact in router.contacts.values():
            assert len(set(contact.rings())) == len(contact.rings())
            if self.centre.deadlines.at(("ring_more", contact.call)) is not None:
                assert contact.state == "offered", contact

    def _check_transfer(self, call: Call) -> None:
        """One on the way is looked after, and nobody has two places."""
        contact = self.centre.router.contacts.get(call.id)
        under_way = call.transfer is not None and not call.transfer.given_up
        assert (self.centre.deadlines.at(("transfer", call.id)) is not None) == under_way, call
        if call.transfer is not None:
            assert contact is not None, call
            assert contact.state == "connected", contact
        assert call.waited_before >= 0, call
        assert call.talked_before >= 0, call
        assert call.handed is None or call.talks > 0 or call.attempt, call

    def _check_times(self, agent: Agent) -> None:
        """A wrap-up and its deadline live and end together; a break is told once."""
        at = self.centre.deadlines.at
        assert (agent.wrap_up is not None) == (agent.state == "wrap_up"), agent
        until = agent.wrap_up.until if agent.wrap_up else 0
        assert (at(("wrap_up", agent.id)) or 0) == until, agent
        timed = at(("break", agent.id)) is not None
        allowed = agent.reason in self.settings.acd.absence.break_most
        assert (timed or agent.overrun) == (agent.state == "not_ready" and allowed), agent
        assert not (timed and agent.overrun), agent

    def _check_nobody_waits_for_nothing(self) -> None:
        router = self.centre.router
        if router.frozen:
            return
        waiting = [c for c in router.contacts.values() if c.state == WAITING]
        for agent in router.staff.agents.values():
            if agent.available:
                for contact in waiting:
                    channel = router.queues[contact.queue].channel
                    if channel in agent.open and not task_checks.kept_free(self.centre, contact):
                        assert not self._reaches(contact, agent.id), (agent, contact)

    def _check_agent_time(self) -> None:
        """Closed stretches and the open one add up to the time since the agent signed in."""
        for agent in self.centre.router.staff.agents.values():
            began = self.signed_in.get(agent.id)
            if agent.state == "signed_out":
                if began is not None:
                    assert self.timed.pop(agent.id, 0) == self.now - began, agent.id
                    del self.signed_in[agent.id]
            elif began is None:
                self.signed_in[agent.id] = agent.since
            else:
                current = self.now - agent.since
                assert self.timed[agent.id] + current == self.now - began, agent.id


def _by_link(fact: ev.Event) -> bool:
    """Whether the AMI link carries this fact."""
    return isinstance(
        fact,
        ev.AgentRinging | ev.AgentAnswered | ev.CallBridged | ev.LegEnded | ev.PhoneChanged
        | ev.CallWaiting | ev.CallEnded,
    )  # fmt: skip
