"""A pretend PBX with its callers, agents and CRM: commands in, facts out at later instants. Pure.

Everything that will happen lies in one heap ordered by instant and by when it was put there. Each
caller, agent and piece of equipment draws from a stream of its own, so that another agent's habits
do not change what this caller does.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from random import Random

from ctid.acd.settings import AcdSettings
from ctid.core import commands as cmd
from ctid.core import events as ev
from ctid.core.identity import CheckPin
from ctid.core.instants import Instant
from ctid.core.recording import RecordCaller
from ctid.core.records import (
    ChannelFact,
    LegCause,
    PhoneFact,
    PhoneState,
)
from ctid.core.services import AskService
from ctid.core.survey import AskAfter
from ctid.core.tasks import OfferTask
from sim.world.arrivals import Arrivals
from sim.world.asides import Asides
from sim.world.calling_back import CallingBack
from sim.world.crm import Crm
from sim.world.desks import Desks
from sim.world.entities import Caller, Dice, Leg, Phone, Tally
from sim.world.habits import WorldSettings
from sim.world.menus import Menus
from sim.world.outside import Outside
from sim.world.redials import Redials
from sim.world.services import Services
from sim.world.shifts import Shifts
from sim.world.supervisors import Supervisors
from sim.world.tasks import Mailroom
from sim.world.waiting import Waiting

Happening = Callable[[Instant], None]


class World:
    """See `sim.driver.AnyWorld` for how to drive it."""

    def __init__(self, settings: WorldSettings, acd: AcdSettings, seed: object) -> None:
        self.settings = settings
        self._seed = seed
        self._heap: list[tuple[Instant, int, Happening]] = []
        self._serial = 0
        self._facts: list[ev.Event] = []
        self.callers: dict[str, Caller] = {}
        """Live callers by call id."""
        self.legs: dict[str, Leg] = {}
        """Live agent legs by offer id."""
        self.phones = {a.id: self._phone(a.id, a.phone) for a in acd.agents}
        self.wrap_ups = {queue.id: queue.wrap_up_rule for queue in acd.queues}
        self._pbx = self.stream("pbx")
        self.tally = Tally()
        self.crm = Crm(self)
        self.services = Services(self)
        self.arrivals = Arrivals(self)
        self.redials = Redials(self)
        self._menus = Menus(self)
        self._waiting = Waiting(self)
        self.shifts = Shifts(self)
        self._desks = Desks(self, acd)
        self.outside = Outside(self)
        self.asides = Asides(self)
        self.calling_back = CallingBack(self)
        self.supervisors = Supervisors(self)
        self._mailroom = Mailroom(self, acd)
        self.link_up = True
        self._down_by: list[str] = []
        self.restarted = False
        """The PBX has restarted since the machine last saw it."""
        self.ctid_up = True
        """Else the dialplan takes every caller to its own fallback."""
        self.trunks_full = False
        """No line is free, however many there are."""
        self.at(0, self._begin)

    def stream(self, entity: str) -> Random:
        """The stream of one entity."""
        return Random(f"{self._seed}/{entity}")

    def dice(self, entity: str) -> Dice:
        """The streams of one entity, by purpose."""
        return Dice(f"{self._seed}/{entity}")

    def _phone(self, agent: str, name: str) -> Phone:
        plan = self.settings.staff.get(agent)
        habits, speed = (plan.habits, plan.speed) if plan else (self.settings.agents, 1.0)
        return Phone(agent, name, self.dice(agent), habits=habits, speed=speed)

    # -- the driver's side --

    def next_at(self) -> Instant | None:
        return self._heap[0][0] if self._heap else None

    def take(self, now: Instant) -> Sequence[ev.Event]:
        while self._heap and self._heap[0][0] <= now:
            heapq.heappop(self._heap)[2](now)
        facts, self._facts = self._facts, []
        return facts

    def carry_out(self, commands: Sequence[cmd.Command], now: Instant) -> None:
        for command in commands:
            self._one(command, now)

    def _one(self, command: cmd.Command, now: Instant) -> None:
        match command:
            case cmd.Play() | cmd.Collect() | RecordCaller():
                self._menus.prompt(command, now)
            case cmd.HoldInQueue():
                self._later(now, lambda at: self._waiting.hold(command, at))
            case cmd.Requeue() if self.link_up:
                self._later(now, lambda at: self.outside.requeue(command))
            case cmd.Divert() if self.link_up or self._in_menu(command.call):
                self._later(now, lambda at: self.outside.divert(command, at))
            case cmd.Announce() if self.link_up:
                self._later(now, lambda at: self._waiting.announce(command, at))
            case cmd.HangUpCall():
                self._later(now, lambda at: self.caller_gone(command.call, "16", at))
            case AskAfter() if self.link_up:
                self._later(now, lambda at: self._ask_after(command))
            case cmd.RingAgent() if self.link_up:
                self._later(now, lambda at: self._ring(command, at))
            case cmd.StopRinging() | cmd.HangUpAgent() if self.link_up:
                self._later(now, lambda at: self._end_leg_asked(command.offer, at))
            case cmd.Bring() if self.link_up:
                self._later(now, lambda at: self.asides.bring(command, at))
            case cmd.Spy() if self.link_up:
                self._later(now, lambda at: self.supervisors.ring(command, at))
            case cmd.ChangeSpy() if self.link_up:
                self._later(now, lambda at: self.supervisors.change(command, at))
            case cmd.LookUpCustomer():
                self.crm.look_up(command, now)
            case CheckPin():
                self.crm.check_pin(command, now)
            case AskService():
                self.services.ask(command, now)
            case OfferTask():
                self._mailroom.offer(command, now)
            case cmd.ShowPop():
                self._desks.see(command, now)
            case cmd.AgentChanged():
                self._desks.behave(command, now)
            case _:
                pass  # facts for the record, and orders that a cut link swallows

    def _in_menu(self, call: str) -> bool:
        caller = self.callers.get(call)
        return caller is not None and caller.place == "ivr"

    def at(self, at: Instant, happening: Happening) -> None:
        """Let `happening` come to pass at `at`."""
        self._serial += 1
        heapq.heappush(self._heap, (at, self._serial, happening))

    def _later(self, now: Instant, happening: Happening) -> None:
        self.at(now + self.settings.pbx.setup.draw(self._pbx), happening)

    def tell(self, fact: ev.Event) -> None:
        """A fact that no link can hold up."""
        self._facts.append(fact)

    def tell_ami(self, fact: ev.Event) -> None:
        """A fact that only the AMI link carries."""
        if self.link_up:
            self._facts.append(fact)

    # -- beginning, arrivals, the link --

    def _begin(self, now: Instant) -> None:
        self.tell(ev.Started(self.settings.boot, self.settings.wall_at_zero))
        for phone in self.phones.values():
            phone.state = "idle"
        self.tell(self.inventory())
        self.staff_comes(now)
        self.arrivals.begin(now)
        self._plan_cut(now)

    def staff_comes(self, now: Instant) -> None:
        """Agents sign in; supervisors have no desk."""
        self.shifts.begin(now)

    @property
    def expects_callers(self) -> bool:
        """Whether some are here or to come."""
        return self.arrivals.more() or bool(self.callers)

    def fall_back(self, caller: Caller, now: Instant) -> None:
        """Nobody leads this caller through the menu: the dialplan's own queue does, unless the
        caller has been served."""
        if caller.after == "asked":
            self.caller_gone(caller.call, "16", now)
            return
        caller.since = caller.since or self.settings.wall_at_zero + now
        self.wait(caller, now)

    def _plan_cut(self, now: Instant) -> None:
        every = self.settings.pbx.cut_every.draw(self._pbx)
        if every and self.expects_callers:
            self.at(now + every, self.cut)

    def cut(self, now: Instant) -> None:
        """The link is down, and comes back by itself."""
        self.link_down("cut")
        self.at(now + self.settings.pbx.cut_for.draw(self._pbx), self.mend)

    def mend(self, now: Instant) -> None:
        """The link is up again, with the inventory of this instant."""
        self.link_back("cut")
        self._plan_cut(now)

    def link_down(self, why: str) -> None:
        """This, and perhaps something else already, keeps the link down."""
        if self.link_up:
            self.tell(ev.LinkLost(why))
        self.link_up = False
        self._down_by.append(why)

    def link_back(self, why: str) -> None:
        """This keeps the link down no more; when nothing does, it is up."""
        self._down_by.remove(why)
        if not self._down_by:
            self.link_up = True
            self.tell(self.inventory())

    def inventory(self) -> ev.Inventory:
        """All that lives at the PBX now."""
        channels = [
            ChannelFact(
                c.channel, c.call, "caller",
                "other" if c.place == "away" or c.place == "dialled" else c.place,
                queue=c.queue, since=c.since, number=c.number, name=c.name, dialled=c.dialled,
                code=c.code, language=c.language,
                bridge=f"talk-{c.call}" if c.place == "talking" else "",
            )
            for c in self.callers.values()
        ]  # fmt: skip
        channels += [
            ChannelFact(
                f"{leg.phone.name}-{leg.offer}", leg.offer, "agent",
                "talking" if leg.state in ("talking", "aside") else "ringing",
                call=leg.call, phone=leg.phone.name, bridge=self.asides.bridge_of(leg),
            )
            for leg in self.legs.values()
        ]  # fmt: skip
        channels += self.supervisors.channels()
        phones = tuple(PhoneFact(p.name, p.state) for p in self.phones.values())
        restarted, self.restarted = self.restarted, False
        return ev.Inventory(restarted, tuple(channels), phones)

    # -- callers --

    def wait(self, caller: Caller, now: Instant) -> None:
        """The caller is in the PBX's queue."""
        self._waiting.begin(caller, now)

    def caller_gone(self, call: str, cause: str, now: Instant) -> None:
        """The caller's channel ends, and with it a talk."""
        caller = self.callers.pop(call, None)
        if caller is None:
            return
        in_menu, caller.place = caller.place == "ivr", "other"
        caller.dice.forget()
        self.calling_back.gone(caller)
        fact = ev.CallEnded(call, cause)
        if in_menu:
            self.tell(fact)  # FastAGI says it too
        else:
            self.tell_ami(fact)
        leg = self.legs.get(caller.leg)
        if leg is not None:
            self._later(now, lambda at: self.leg_gone(leg, "hangup", at))

    # -- agents' legs --

    def _ring(self, command: cmd.RingAgent, now: Instant) -> None:
        phone = self.phones[command.agent]
        leg = Leg(command.offer, command.call, phone, aside=command.aside, queue=command.queue)
        if phone.state != "idle":
            cause: LegCause = "unreachable" if phone.state == "unreachable" else "busy"
            self.tell_ami(ev.LegEnded(leg.offer, cause))
            return
        self.legs[leg.offer] = leg
        self.calling_back.ordered(leg, command.dial)
        self.phone_is(phone, "ringing")
        self.tell_ami(ev.AgentRinging(leg.offer))
        self.react(leg, command, now)

    def react(self, leg: Leg, command: cmd.RingAgent, now: Instant) -> None:
        """The phone rings: the agent picks up after a while, or does not."""
        phone = leg.phone
        habits, stream = phone.habits, phone.dice.of("answers")
        draw = stream.random()
        after = now + min(habits.answer.draw(stream), command.ring_for)
        if draw < habits.no_answer or now < phone.silent_until:
            at = now + command.ring_for
            self.at(at, lambda at: self._not_answered(leg, "no_answer", at))
        elif draw < habits.no_answer + habits.reject:
            self.at(after, lambda at: self._not_answered(leg, "rejected", at))
        elif draw < habits.no_answer + habits.reject + habits.decline:
            self.at(after, lambda at: self.tell(ev.HangUpAsked(phone.agent)))
            at = now + command.ring_for
            self.at(at, lambda at: self._not_answered(leg, "no_answer", at))
        else:
            self.at(after, lambda at: self._answer(leg, at))

    def _not_answered(self, leg: Leg, cause: LegCause, now: Instant) -> None:
        if leg.state == "ringing":
            self.leg_gone(leg, cause, now)

    def _answer(self, leg: Leg, now: Instant) -> None:
        if leg.state != "ringing":
            return
        leg.state = "answered"
        self.phone_is(leg.phone, "in_use")
        self.tell_ami(ev.AgentAnswered(leg.offer))
        at = now + self.settings.pbx.bridge.draw(self._pbx)
        self.at(at, lambda at: self._bridge(leg, at))

    def _bridge(self, leg: Leg, now: Instant) -> None:
        if leg.state != "answered":
            return
        if leg.aside:
            self.asides.answered(leg, now)
            return
        if self.calling_back.dials(leg, now):
            return
        caller = self.callers.get(leg.call)
        if caller is None or caller.place not in ("queue", "held"):
            self.leg_gone(leg, "caller_gone", now)
            return
        leg.state, caller.place, caller.leg = "talking", "talking", leg.offer
        self.tell_ami(ev.CallBridged(leg.offer))
        self.end_talk(leg, now)

    def end_talk(self, leg: Leg, now: Instant) -> None:
        """The talk on this leg has begun; some time, somebody ends it."""
        caller = self.callers[leg.call]
        over = now + caller.draw_talk(leg.queue or caller.queue, leg.phone.speed)
        stream = caller.dice.of("talk")
        if stream.random() < caller.habits.ends_call:
            self.at(over, lambda at: self._left_alone(leg, at))
        elif stream.random() < 0.5:
            self.at(over, lambda at: self.leg_gone(leg, "hangup", at))
        else:
            self.at(over, lambda at: self._presses_hang_up(leg, at))

    def _presses_hang_up(self, leg: Leg, now: Instant) -> None:
        if leg.state == "talking":
            self.tell(ev.HangUpAsked(leg.phone.agent))
            # The page's button may be lost with the link; the talk then goes on for a while.
            over = self.settings.callers.talk.draw(leg.phone.stream)
            self.at(now + over, lambda at: self.leg_gone(leg, "hangup", at))

    def _end_leg_asked(self, offer: str, now: Instant) -> None:
        leg = self.legs.get(offer)
        if leg is None:
            self.supervisors.end_asked(offer, now)
            return
        gone = leg.call not in self.callers
        talks = leg.state in ("talking", "aside", "away")
        cause: LegCause = "hangup" if talks else "rejected"
        if self.calling_back.is_of(leg):
            gone, cause = False, "hangup"
        self.leg_gone(leg, "caller_gone" if gone and cause == "rejected" else cause, now)

    def leg_gone(self, leg: Leg, cause: LegCause, now: Instant) -> None:
        """An agent's leg ends, whatever it was in."""
        if self.legs.pop(leg.offer, None) is None:
            return
        talked, leg.state = leg.state == "talking", "gone"
        self.tell_ami(ev.LegEnded(leg.offer, cause))
        self.phone_is(leg.phone, "idle")
        self.supervisors.talk_over(leg.offer, now)
        self.asides.left(leg, now)
        self.calling_back.left(leg, now)
        if talked:
            self._later(now, lambda at: self._agent_left(leg, at))

    def _ask_after(self, command: AskAfter) -> None:
        caller = self.callers.get(command.call)
        if caller is not None and caller.after != "asked":
            caller.after = "survey" if command.on else ""

    def _agent_left(self, leg: Leg, now: Instant) -> None:
        """The agent has hung up: a caller who is to be asked goes to the survey."""
        caller = self.callers.get(leg.call)
        if caller is None or caller.after != "survey" or not self.ctid_up:
            self._left_alone(leg, now)
        elif caller.place == "talking" and caller.leg == leg.offer:
            caller.place, caller.after, caller.since = "ivr", "asked", 0
            self.tell(ev.CallArrived(caller.call, caller.channel, "", "", caller.dialled, "survey"))

    def _left_alone(self, leg: Leg, now: Instant) -> None:
        """The talk on this leg is over, and with it the call, unless the caller was sent on."""
        caller = self.callers.get(leg.call)
        if caller is not None and caller.place == "talking" and caller.leg == leg.offer:
            self.caller_gone(leg.call, "16", now)

    def lose_caller(self, offer: str, now: Instant) -> None:
        """The caller was taken out of the talk on this leg: the dialplan ends it."""
        if (leg := self.legs.get(offer)) is not None:
            self._later(now, lambda at: self.leg_gone(leg, "hangup", at))

    def phone_is(self, phone: Phone, state: PhoneState) -> None:
        if phone.state != state:
            phone.state = state
            self.tell_ami(ev.PhoneChanged(phone.name, state))
