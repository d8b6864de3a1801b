"""A day's facts out of its journal's lines, taken down as they come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec

from ctid.acd.agents import (
    BUSY_STATES,
    NOT_READY,
    ON_CALL,
    RESERVED,
    SIGNED_OUT,
    WRAP_UP,
)
from ctid.core import commands as cmd
from ctid.core import events as ev
from ctid.core.callbacks import CallbackAgreed
from ctid.core.errors import ConfigError
from ctid.core.identity import CheckPin, PinChecked
from ctid.core.instants import Epoch, Instant
from ctid.core.journal import Line
from ctid.core.opening import HoursSwitched
from ctid.core.recording import CallerRecorded, RecordCaller
from ctid.core.services import AskService, ServiceAnswered
from ctid.core.tasks import TaskSubmitted
from sim.calibrate.records import NOT_CALLERS, OUR_TURN
from sim.calibrate.sources import CUT, CUT_OFF, stopped_by_us
from sim.whatif.facts import (
    RECORDED,
    Absence,
    Caller,
    Day,
    LookUp,
    Note,
    PinAnswer,
    Ring,
    ServiceAnswer,
    Step,
    Wish,
    WrapUp,
)
from sim.whatif.files import Reel

SAID = (
    cmd.CallClosed, cmd.AgentChanged, cmd.Overflowed, cmd.RingAgent, cmd.LegClosed,
    cmd.FairnessMeasured,
)  # fmt: skip
"""Of these the figures are made."""
NOT_PLAYED: dict[type, tuple[str, str]] = {
    ev.TransferAsked: (
        "transfers: the talks of such a caller are one talk with the first agent",
        "次转接:该来电者的多段通话合为与首位坐席的一段",
    ),
    ev.ConsultAsked: ("consultations: the caller talks on meanwhile", "次咨询:其间通话照常计算"),
    ev.AssignAsked: (
        "calls that a supervisor assigned by hand: they wait for their turn",
        "次班长手工指派:改为按顺序等待",
    ),
    ev.PullAsked: (
        "calls that an agent took out of turn: they wait for theirs",
        "次坐席主动抢接:改为按顺序等待",
    ),
    ev.SpyAsked: ("wishes to listen in", "次监听请求"),
    HoursSwitched: (
        "switches of opening hours by a supervisor: their schedule holds",
        "次班长手动切换营业时间:仍按日程",
    ),
    TaskSubmitted: (
        "tasks beside calls: the agents who worked on them are free for calls",
        "个非电话任务:处理任务的坐席视为可接电话",
    ),
    ev.LinkLost: ("cuts of the link to the PBX", "次与 PBX 的连接中断"),
    ev.IvrLost: ("menus that broke off", "次菜单异常中断"),
}
"""Facts that the model leaves out, and what that means."""


def read_day(reel: Reel) -> Day:
    """Everything in these files.

    Raises:
        ConfigError: they hold no call, or overlap.
    """
    taker = _Taker(reel)
    for wall, line in reel.lines():
        taker.take(wall, line)
    return taker.day()


class _Taker:
    """Keeps what has begun until it has ended."""

    def __init__(self, reel: Reel) -> None:
        self._reel = reel
        self._zero: int | None = None
        self._now: Instant = 0
        self._epoch = Epoch()
        """Of the process that wrote the line."""
        self._day = Day(reel.settings, 0)
        self._callers: dict[str, Caller] = {}
        self._prompts: dict[str, tuple[Instant, tuple[str, ...]]] = {}
        """By call: the menu's step that is under way."""
        self._asked: dict[tuple[str, int], tuple[Instant, cmd.LookUpCustomer]] = {}
        self._pins: dict[tuple[str, int], tuple[Instant, str]] = {}
        """PINs that are being checked: when that began, and whose code."""
        self._questions: dict[tuple[str, int], tuple[Instant, AskService]] = {}
        self._ringing: dict[str, tuple[Instant, cmd.RingAgent]] = {}
        self._stopped: set[str] = set()
        """Offers that the machine took back. Only asked for membership."""
        self._last_call: dict[str, str] = {}
        """By agent: whom they talked to last."""
        self._states: dict[str, tuple[str, str, Instant]] = {}
        """By agent: state, reason, since."""
        self._wanted: dict[str, tuple[str, int]] = {}
        """By agent: the reason of the last break that they asked for, and its place in the day's
        wishes."""
        self._agents = {agent.phone: agent.id for agent in reel.settings.acd.agents}
        """By phone."""
        self._away: dict[str, Absence] = {}
        """By agent: since when their phone is in no call of ours, and yet not idle."""
        self._left_out: Counter[type] = Counter()
        self._on, self._orders = self._facts(), self._commands()

    def _facts(self) -> dict[type, Callable[[Any], None]]:
        return {
            ev.CallArrived: self._arrived,
            ev.PromptsPlayed: lambda e: self._stepped(e.call, "played"),
            CallerRecorded: self._recorded,
            ev.DigitsCollected: lambda e: self._stepped(e.call, e.ended, e.digits),
            ev.CallWaiting: self._waits,
            ev.KeyPressed: self._pressed,
            CallbackAgreed: self._agreed,
            ev.CallDiverted: self._diverted,
            ev.CallEnded: lambda e: self._stepped(e.call, "hung_up"),
            ev.AgentRinging: self._rings,
            ev.AgentAnswered: lambda e: self._rang(e.offer, "answered"),
            ev.LegEnded: lambda e: self._rang(e.offer, e.cause),
            ev.PhoneChanged: self._phone,
            ev.CustomerLookedUp: self._looked_up,
            PinChecked: self._pin_checked,
            ServiceAnswered: self._answered,
            ev.SignInAsked: self._own,
            ev.SignOutAsked: self._own,
            ev.ReadyAsked: self._ready,
            ev.BreakAsked: self._break,
            ev.ScreenLost: self._screen,
            ev.ScreenBack: self._screen,
        }

    def _commands(self) -> dict[type, Callable[[Any], None]]:
        return {
            cmd.Play: self._prompt,
            cmd.Collect: self._prompt,
            RecordCaller: self._prompt,
            cmd.LookUpCustomer: self._look_up,
            CheckPin: self._check_pin,
            AskService: self._ask,
            cmd.RingAgent: self._ring,
            cmd.AgentChanged: self._changed,
            cmd.LegClosed: self._leg_closed,
            cmd.CallClosed: self._closed,
        }

    def take(self, wall: int, line: Line) -> None:
        """One line of the journal."""
        if self._zero is None:
            self._begin(wall)
        self._now = wall - (self._zero or 0)
        self._epoch = Epoch(wall - line.t)
        event = line.e
        if type(event) in NOT_PLAYED:
            self._left_out[type(event)] += 1
        elif (note := self._on.get(type(event))) is not None:
            note(event)
        self._say(line)
        self._stopped.update(stopped_by_us(line))
        for command in line.c:
            if isinstance(command, cmd.AgentTimed):
                self._timed(command, event)
            elif (note := self._orders.get(type(command))) is not None:
                note(command)

    def _say(self, line: Line) -> None:
        said = tuple(self._ours(c) for c in line.c if isinstance(c, SAID))
        if said:
            self._day.said.append((self._now, said))

    def _ours(self, command: cmd.Command) -> cmd.Command:
        """On the day's axis of time, not on that of the process."""
        if not isinstance(command, cmd.AgentChanged):
            return command
        back = self._epoch.wall(command.since) - (self._zero or 0)
        return msgspec.structs.replace(command, since=max(back, 0))

    def day(self) -> Day:
        """What has been taken down.

        Raises:
            ConfigError: no call.
        """
        day, names = self._day, ", ".join(path.name for path in self._reel.paths)
        if not self._callers:
            raise ConfigError((f"{names}: no call arrived in it; name the journal of a day",))
        whole = [caller for caller in self._callers.values() if caller.outcome]
        if len(whole) < len(self._callers):
            open_ = len(self._callers) - len(whole)
            self._tell(open_, "calls that were still up at the end", "通结束时仍在进行的通话")
        if not whole:
            raise ConfigError((f"{names}: no call ended in it; name the journal of a day",))
        for kind, count in self._left_out.items():
            self._tell(count, *NOT_PLAYED[kind])
        for agent in list(self._away):
            self._came_back(agent)
        day.callers = whole
        day.lasts = self._now
        day.told = self._reel.told + day.told
        return day

    def _tell(self, count: int, en: str, zh: str) -> None:
        self._day.told.append(Note(f"not played: {count} {en}", f"未重演:{count} {zh}"))

    def _begin(self, wall: int) -> None:
        """Agents who are there already have signed in at the beginning."""
        self._zero = self._day.wall_at_zero = wall
        state = self._reel.state
        if state is None:
            return
        for agent in state.agents:
            if agent.state == SIGNED_OUT:
                continue
            self._wish(agent.id, ev.SignInAsked(agent.id))
            if agent.state != NOT_READY:
                self._wish(agent.id, ev.ReadyAsked(agent.id))
            elif agent.reason not in ("", "sign_in"):
                self._break(ev.BreakAsked(agent.id, agent.reason))
            self._states[agent.id] = (agent.state, agent.reason, 0)
        if state.calls:
            self._tell(
                len(state.calls), "calls that were up at the beginning", "通开始时已在进行的通话"
            )

    # -- callers --

    def _arrived(self, event: ev.CallArrived) -> None:
        if event.call not in self._callers:  # else: led back to a menu out of a queue
            self._callers[event.call] = Caller(
                event.call, self._now, event.number, event.name, event.dialled
            )

    def _prompt(self, command: cmd.Play | cmd.Collect | RecordCaller) -> None:
        self._prompts[command.call] = (self._now, command.prompts)

    def _stepped(self, call: str, ended: str, digits: str = "") -> None:
        begun, caller = self._prompts.pop(call, None), self._callers.get(call)
        if begun is not None and caller is not None:
            caller.steps.append(Step(begun[1], self._now - begun[0], ended, digits))

    def _recorded(self, event: CallerRecorded) -> None:
        caller = self._callers.get(event.call)
        if event.ended == "hang_up" or caller is None:
            return  # the end of the call tells
        if (begun := self._prompts.pop(event.call, None)) is not None:
            after = self._now - begun[0]
            caller.steps.append(Step(begun[1], after, RECORDED, "", event.file, event.length))

    def _waits(self, event: ev.CallWaiting) -> None:
        caller = self._callers.get(event.call)
        if caller is not None and caller.joined_at is None:
            caller.joined_at = self._now

    def _pressed(self, event: ev.KeyPressed) -> None:
        caller = self._callers.get(event.call)
        if caller is not None and caller.joined_at is not None:
            caller.keys.append((self._now - caller.joined_at, event.key))

    def _diverted(self, event: ev.CallDiverted) -> None:
        caller = self._callers.get(event.call)
        if caller is not None and event.place == "callback":
            caller.takes_callback = False  # unless they agree in a moment

    def _agreed(self, event: CallbackAgreed) -> None:
        if (caller := self._callers.get(event.call)) is not None:
            caller.takes_callback = True

    def _look_up(self, command: cmd.LookUpCustomer) -> None:
        self._asked[command.call, command.request] = (self._now, command)

    def _looked_up(self, event: ev.CustomerLookedUp) -> None:
        asked, caller = self._asked.pop((event.call, event.request), None), None
        if asked is not None and (caller := self._callers.get(event.call)) is not None:
            at, command = asked
            caller.look_ups.append(
                LookUp(command.code, command.numbers, self._now - at, event.status, event.customers)
            )

    def _check_pin(self, command: CheckPin) -> None:
        self._pins[command.call, command.request] = (self._now, command.code)

    def _pin_checked(self, event: PinChecked) -> None:
        asked = self._pins.pop((event.call, event.request), None)
        if asked is not None and (caller := self._callers.get(event.call)) is not None:
            at, code = asked
            caller.pins.append(PinAnswer(code, self._now - at, event.status))

    def _ask(self, command: AskService) -> None:
        self._questions[command.call, command.request] = (self._now, command)

    def _answered(self, event: ServiceAnswered) -> None:
        asked = self._questions.pop((event.call, event.request), None)
        if asked is not None and (caller := self._callers.get(event.call)) is not None:
            at, question = asked
            caller.services.append(
                ServiceAnswer(
                    question.operation, question.arguments, self._now - at, event.status,
                    event.values,
                )
            )  # fmt: skip

    def _closed(self, command: cmd.CallClosed) -> None:
        record = command.record
        if OUR_TURN.search(record.call):
            if record.outcome != "cancelled":
                self._day.dialled_back.append(record.outcome == "answered")
            return
        if record.outcome in NOT_CALLERS:
            return
        caller = self._callers.get(record.call)
        if caller is None:
            return  # was up at the beginning, or came while no process ran
        self._prompts.pop(record.call, None)
        caller.outcome, caller.queue, caller.agent = record.outcome, record.queue, record.agent
        caller.code, caller.language = record.code, record.language
        caller.talked = record.talked
        if caller.joined_at is None:
            caller.queue = ""
            return
        # A caller who came back has the old place, and its wait in the record. This one's patience
        # began with this call.
        here = (record.answered_at or record.ended_at) - (self._zero or 0) - caller.joined_at
        caller.waited = max(0, min(record.waited, here))

    # -- phones --

    def _ring(self, command: cmd.RingAgent) -> None:
        if not command.aside and command.dial is None:
            self._ringing[command.offer] = (self._now, command)

    def _rings(self, event: ev.AgentRinging) -> None:
        if event.offer in self._ringing:
            self._ringing[event.offer] = (self._now, self._ringing[event.offer][1])

    def _rang(self, offer: str, end: str) -> None:
        begun = self._ringing.pop(offer, None)
        if begun is not None:
            at, command = begun
            if end != "answered" and (end in CUT_OFF or offer in self._stopped):
                end = CUT
            self._stopped.discard(offer)
            rings = self._day.rings.setdefault((command.call, command.agent), [])
            rings.append(Ring(end, self._now - at))

    def _phone(self, event: ev.PhoneChanged) -> None:
        """Whatever a phone does while no call of ours rings or talks is the agent's own doing."""
        agent = self._agents.get(event.phone, "")
        state, _, since = self._states.get(agent, ("", "", 0))
        ours = state in (RESERVED, ON_CALL)
        if agent in self._away and event.state != self._away[agent].state:
            self._came_back(agent)
        if agent and not ours and event.state in ("in_use", "unreachable"):
            after = self._now - since if state == WRAP_UP else None
            self._away[agent] = Absence(self._now, 0, agent, event.state, after)

    def _came_back(self, agent: str) -> None:
        away = self._away.pop(agent)
        lasts = self._now - away.at
        self._day.absences.append(msgspec.structs.replace(away, lasts=lasts))

    # -- agents --

    def _own(self, event: Any) -> None:
        self._wish(event.agent, event)

    def _wish(self, agent: str, event: ev.Event) -> None:
        self._day.wishes.append(Wish(self._now, agent, event))

    def _screen(self, event: ev.ScreenLost | ev.ScreenBack) -> None:
        """A page that is lost during a call changes nothing, and at another time it would."""
        if self._states.get(event.agent, ("", "", 0))[0] not in BUSY_STATES:
            self._own(event)

    def _break(self, event: ev.BreakAsked) -> None:
        self._wanted[event.agent] = (event.reason, len(self._day.wishes))
        self._own(event)

    def _ready(self, event: ev.ReadyAsked) -> None:
        """A wish of their own, the end of their own break, or what agents do who were set not
        ready by the machine."""
        day, agent = self._day, event.agent
        state, reason, since = self._states.get(agent, ("", "", 0))
        wanted, place = self._wanted.get(agent, ("", 0))
        if state == NOT_READY and reason == wanted:
            rest = day.wishes[place]
            day.wishes[place] = msgspec.structs.replace(rest, lasts=self._now - since)
        elif state == NOT_READY and reason not in ("", "sign_in"):
            day.backs.setdefault(agent, []).append(self._now - since)
        else:
            self._own(event)

    def _changed(self, command: cmd.AgentChanged) -> None:
        self._states[command.agent] = (command.state, command.reason, self._now)

    def _leg_closed(self, command: cmd.LegClosed) -> None:
        if command.record.bridged_at:
            self._last_call[command.record.agent] = command.record.call

    def _timed(self, command: cmd.AgentTimed, event: ev.Event | None) -> None:
        time = command.time
        if time.state != WRAP_UP:
            return
        caller = self._callers.get(self._last_call.pop(time.agent, ""))
        if caller is not None:
            caller.wrap_up = WrapUp(time.ended_at - time.began_at, event is not None)
