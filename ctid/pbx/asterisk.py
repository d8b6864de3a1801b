"""The Switch port on a real Asterisk: AMI for events and agents, FastAGI for the menu."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Sequence

import msgspec

from ctid.core.commands import (
    Announce,
    Bring,
    ChangeSpy,
    Collect,
    Command,
    Divert,
    HangUpAgent,
    HangUpCall,
    HoldInQueue,
    Play,
    Requeue,
    RingAgent,
    Spy,
    StopRinging,
)
from ctid.core.errors import LocalProtocolError, ProtocolError
from ctid.core.events import (
    CallArrived,
    CallEnded,
    Event,
    Inventory,
    IvrLost,
    LegEnded,
    LinkLost,
    PhoneChanged,
)
from ctid.core.recording import RecordCaller
from ctid.core.records import CallId, OfferId, PhoneFact
from ctid.core.survey import AskAfter
from ctid.core.text import clean
from ctid.pbx import bring, dial, divert, spy
from ctid.pbx.agi.errors import AgiHangup, AgiReplyTimeout
from ctid.pbx.agi.server import AgiCall, AgiServer
from ctid.pbx.agi.settings import AgiSettings
from ctid.pbx.ami.client import AmiClient
from ctid.pbx.ami.codec import AmiMessage
from ctid.pbx.ami.errors import AmiActionFailed, AmiNotConnected, AmiUnknownOutcome
from ctid.pbx.ami.session import AmiUp
from ctid.pbx.ami.settings import AmiSettings
from ctid.pbx.conversation import Conversation
from ctid.pbx.redirects import Redirects
from ctid.pbx.speech.asking import Asking, Door
from ctid.pbx.translate import (
    AGENT_CONTEXT,
    INVENTORY_VARIABLES,
    Translator,
)

LAST_WORDS = 1.0
"""Seconds that the end of a call may wait for FastAGI to tell what was recorded: it says so before,
on a socket of its own, which may be read after AMI's."""
HANGUP_GRACE = 0.5
"""Seconds from a HangupRequest to its Hangup; after that the channel is hung up once more."""


class PbxSettings(msgspec.Struct, frozen=True):
    """One Asterisk and our FastAGI socket for it."""

    ami: AmiSettings
    agi: AgiSettings
    sounds: str = "ctid"
    """Folder below Asterisk's sounds that holds `<language>/<prompt>`."""


class Asterisk:
    """Carries out PBX commands and submits PBX facts."""

    def __init__(
        self,
        settings: PbxSettings,
        phones: tuple[str, ...],
        submit: Callable[[Event], None],
        report: Callable[[str, str], None],
        rng: random.Random,
        clock: Callable[[], int],
    ) -> None:
        """`report(code, text)` gets what a person should see: refused logins, broken peers."""
        self._settings = settings
        self._submit = submit
        self._report = report
        self.translator = Translator(phones, self._on_hangup_request)
        self.ami = AmiClient(
            settings.ami, self._on_event, self._on_up, self._on_down, rng, clock,
            on_unknown=self._on_unknown,
        )  # fmt: skip
        self.agi = AgiServer(self._on_call, settings.agi, on_error=self._on_agi_error)
        self._conversations: dict[CallId, Conversation] = {}
        self._speech = Door(report)
        self._ended: dict[CallId, CallEnded] = {}
        self._posted: dict[str, OfferId] = {}
        self._redirects = Redirects(self.ami.post, self._later)
        self._started_at = ""
        self._last_down = ""
        self.up = asyncio.Event()
        """Set while the link is up and the inventory is in."""

    async def run(self) -> None:
        """Serve until cancelled. Raises OSError, in a group, when FastAGI's port is taken."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.agi.serve())
            tasks.create_task(self.ami.run())

    # -- commands --

    def carry_out(self, command: Command) -> None:
        """Start one command; what is not the PBX's is passed over."""
        match command:
            case Requeue():
                self._post_all(divert.requeued(command, self._channel(command.call)))
            case Divert() if command.call not in self._conversations:
                channel = self._channel(command.call)
                self._post_all(divert.diverted(command, channel, self._settings.sounds))
            case Play() | Collect() | RecordCaller() | HoldInQueue() | Divert():
                if (conversation := self._conversations.get(command.call)) is not None:
                    conversation.put(command)
            case AskAfter():
                self._post_all(divert.asked_after(command, self._channel(command.call)))
            case Announce():
                channel = self._channel(command.call)
                self._post_all(divert.announced(command, channel, self._settings.sounds))
            case HangUpCall():
                if (conversation := self._conversations.get(command.call)) is not None:
                    conversation.put(command)
                else:
                    self._hang_up(self._channel(command.call))
            case RingAgent():
                self._ring(command)
            case Bring():
                legs, caller = self.translator.legs, self._channel(command.call)
                first, second = legs.get(command.first), legs.get(command.second)
                self._post_all(bring.brought(command, caller, first, second), again=True)
            case Spy():
                self._spy(command)
            case ChangeSpy():
                if (leg := self.translator.legs.get(command.spy)) is not None and leg.channel:
                    self._post_all([("Redirect", spy.changed(command, leg.channel))])
            case StopRinging() | HangUpAgent():
                if (leg := self.translator.legs.get(command.offer)) is not None:
                    leg.stopped = True
                    # Before its Newchannel is in, a leg is known by the id that we chose for it.
                    self._hang_up(leg.channel or command.offer)
            case _:
                pass

    def take_pin(self, call: CallId) -> str:
        """The PIN that this caller has keyed just now, once; empty where there is none."""
        conversation = self._conversations.get(call)
        return conversation.take_pin() if conversation is not None else ""

    def _ring(self, command: RingAgent) -> None:
        asks = self.translator.legs.get(command.aside)
        self.translator.expect(command.offer, command.aside)
        headers = [
            ("Channel", command.phone),
            ("ChannelId", command.offer),
            ("Context", self._context(command)),
            ("Exten", "s"),
            ("Priority", "1"),
            ("Timeout", str(command.ring_for)),
            ("CallerID", _caller_id(command.name, command.number)),
            ("Async", "true"),
            ("Variable", f"CTID_OFFER={command.offer}"),
            ("Variable", f"{'_' if command.dial else ''}CTID_CALL={command.call}"),
            # The name and not the unique id: Bridge() takes the first channel that begins with
            # its argument, and the unique id 1795314453.1 is the beginning of 1795314453.14.
            ("Variable", f"CTID_CALLER={asks.channel if asks else command.channel}"),
            ("Variable", f"CTID_ASIDE={command.aside}"),
            ("Variable", f"CTID_SHARED={'1' if command.shared else ''}"),
            *dial.variables(command),
        ]
        self._originate(command.offer, headers)

    def _context(self, command: RingAgent) -> str:
        if command.aside:
            return bring.CONSULT_CONTEXT
        return dial.CONTEXT if command.dial else AGENT_CONTEXT

    def _spy(self, command: Spy) -> None:
        self.translator.expect(command.spy)
        leg = self.translator.legs.get(command.offer)
        if leg is None or not leg.channel:
            self._leg_failed(command.spy, f"{command.offer} is no leg to listen to")
            return
        headers = spy.rung(command, leg.channel, self._channel(command.call))
        headers.append(("CallerID", _caller_id(command.name, "")))
        self._originate(command.spy, headers)

    def _originate(self, leg: OfferId, headers: divert.Headers) -> None:
        try:
            self._posted[self.ami.post("Originate", headers)] = leg
        except AmiNotConnected as error:
            # Where the link went down in this very moment, the inventory will tell.
            if self.ami.connected:  # it is up, but congested: no inventory will come
                self._leg_failed(leg, str(error))
        except LocalProtocolError as error:
            self._leg_failed(leg, str(error))

    def _channel(self, call: CallId) -> str:
        return self.translator.callers.get(call, "")

    def _post_all(
        self, actions: Sequence[tuple[str, list[tuple[str, str]]]], *, again: bool = False
    ) -> None:
        """Asterisk carries out one session's actions in the order in which they come. `again`: ask
        for Redirects once more that come too early."""
        try:
            for name, headers in actions:
                if again and name == "Redirect":
                    self._redirects.ask(headers)
                else:
                    self.ami.post(name, headers)
        except AmiNotConnected:
            return  # the inventory, or what the PBX does not confirm in time, will tell
        except LocalProtocolError as error:
            self._report("move_refused", str(error))

    def _later(self, seconds: float, again: Callable[[], None]) -> None:
        def ask() -> None:
            with contextlib.suppress(AmiNotConnected):  # the inventory will tell
                again()

        asyncio.get_running_loop().call_later(seconds, ask)

    def _hang_up(self, channel: str) -> None:
        if channel:
            try:
                self.ami.post("Hangup", [("Channel", channel)])
            except AmiNotConnected:
                return  # as above

    def _press(self, channel: str, key: str) -> None:
        """A key as if the caller had pressed it. Without a link the step's own time-outs decide."""
        with contextlib.suppress(AmiNotConnected):
            self.ami.post("PlayDTMF", [("Channel", channel), ("Digit", key), ("Receive", "true")])

    def _leg_failed(self, offer: OfferId, text: str) -> None:
        if self.translator.drop_leg(offer) is not None:
            self._report("originate_refused", text)
            self._submit(LegEnded(offer, "failed"))

    # -- AMI --

    def _on_event(self, message: AmiMessage) -> None:
        if message.kind == "response":
            action, ok = message.get("ActionID"), message.name != "Error"
            self._redirects.answered(action, ok=ok, message=message.get("Message"))
            offer = self._posted.pop(action, None)
            if offer is not None and message.name == "Error":
                self._leg_failed(offer, message.get("Message"))
            return
        for fact in self.translator.feed(message):
            if isinstance(fact, CallEnded) and fact.call in self._conversations:
                self._conversations[fact.call].left()
                if self._conversations[fact.call].records:
                    self._ended[fact.call] = fact
                    asyncio.get_running_loop().call_later(LAST_WORDS, self._end, fact.call)
                    continue
            self._submit(fact)

    def _end(self, call: CallId) -> None:
        """The end of a call whose caller was being recorded: told behind what they have said."""
        if (fact := self._ended.pop(call, None)) is not None:
            self._submit(fact)

    def _on_unknown(self, action_id: str) -> None:
        """No refusal came: the leg's events, its overdue deadline or the inventory will tell."""
        self._posted.pop(action_id, None)
        self._redirects.forget(action_id)

    def _on_hangup_request(self, unique: str) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(HANGUP_GRACE, lambda: self._hang_up(self.translator.overdue(unique)))

    async def _on_up(self, up: AmiUp) -> None:
        """Take the inventory. What happens while it is on the way is known from events already,
        and the translator lets the older list undo none of it."""
        variables = ",".join(INVENTORY_VARIABLES)
        self.translator.begin_inventory()
        channels = await self.ami.action_list("Status", [("Variables", variables)])
        phones = await self._phones()
        restarted = bool(self._started_at) and up.started_at != self._started_at
        self._started_at = up.started_at
        self._last_down = ""
        self._posted.clear()
        self._redirects.forget()
        self._report("pbx_up", f"Asterisk {up.version}, {len(channels)} channels")
        self._submit(Inventory(restarted, self.translator.inventory(channels), phones))
        self.up.set()

    async def watch_phones(self, phones: tuple[str, ...]) -> None:
        """From now on these are the agents' phones: their states are asked for and told."""
        self.translator.watch(phones)
        try:
            facts = await self._phones()
        except (AmiActionFailed, AmiUnknownOutcome):
            return  # the link is down: the inventory brings them
        for fact in facts:
            self._submit(PhoneChanged(fact.phone, fact.state))

    async def _phones(self) -> tuple[PhoneFact, ...]:
        """The agents' phones as they are now. Raises what an AMI action raises."""
        states = await self.ami.action_list("DeviceStateList")
        return tuple(fact for m in states if (fact := self.translator.phone(m)) is not None)

    def _on_down(self, text: str) -> None:
        if self.up.is_set() or not self._last_down:
            self._submit(LinkLost(text))
        self.up.clear()
        if text != self._last_down:
            self._report("pbx_down", text)
        self._last_down = text

    # -- FastAGI --

    async def _on_call(self, agi: AgiCall) -> None:
        environment = agi.environment
        call = self.translator.call_of(environment.get("agi_uniqueid"))
        channel = environment.get("agi_channel")
        if not call or call in self._conversations or not self.translator.admit(call, channel):
            return  # the dialplan's fallback takes over what is not gone
        conversation = Conversation(
            call, agi, self._settings.sounds, lambda: self._press(channel, "#"),
            Asking(agi, self._speech),
        )  # fmt: skip
        self._conversations[call] = conversation
        try:
            self._submit(
                CallArrived(
                    call, channel, _given(environment.get("agi_callerid")),
                    _given(environment.get("agi_calleridname")),
                    clean(environment.get("agi_arg_1") or environment.get("agi_extension")),
                    "survey" if environment.get("agi_arg_2") == "survey" else "",
                )
            )  # fmt: skip
            await conversation.run(self._submit)
        except AgiHangup:
            return  # the Hangup event ends the call, with its cause
        except (AgiReplyTimeout, ProtocolError) as error:
            self._submit(IvrLost(call, str(error)))
        finally:
            del self._conversations[call]
            self._end(call)

    def _on_agi_error(self, where: str, error: BaseException) -> None:
        self._report("agi", f"{where}: {error}")


def _given(text: str) -> str:
    return "" if text == "unknown" else clean(text)


def _caller_id(name: str, number: str) -> str:
    # Quotes and angle brackets would end the name or the number early.
    safe = "".join(c for c in name if c not in '"<>\\')
    return f'"{safe}" <{"".join(c for c in number if c in "+0123456789*#")}>'
