"""A small centre for the tests of the caller's wait, driven fact by fact."""

from __future__ import annotations

import msgspec

from ctid.acd.announce import WaitSettings
from ctid.acd.settings import AcdSettings, AgentSettings, QueueSettings
from ctid.acd.waits import Waits
from ctid.centre.centre import Centre
from ctid.centre.settings import CentreSettings
from ctid.centre.state import CentreState
from ctid.core import events as ev
from ctid.core.commands import Announce, RingAgent
from ctid.core.instants import Instant
from ctid.core.records import PhoneFact
from ctid.core.views import WaitView
from ctid.ivr import flow

MINUTE = 60_000
WALL = 1_767_571_200_000


class Site:
    """Two queues; Anna and Bob serve `q`, Bob serves `r` too. Nobody's wrap-up lasts."""

    def __init__(self, *ready: str, wait: WaitSettings) -> None:
        queues = tuple(QueueSettings(q, q, wrap_up=0, wait=wait) for q in ("q", "r"))
        staff = (
            AgentSettings("anna", "Anna", "PJSIP/1", ("q",)),
            AgentSettings("bob", "Bob", "PJSIP/2", ("q", "r")),
        )
        straight = flow.Flow("f", "q", "en", {"q": flow.Queue("q")}, {})
        acd = AcdSettings(queues, staff)
        self.settings = CentreSettings(acd, {"f": straight}, {}, {"*": "f"}, fallback_queue="q")
        self.centre = Centre(self.settings)
        self.now: Instant = 0
        self.rung: dict[str, str] = {}
        """Call → the offer that rings or rang last."""
        self.said: list[tuple[Instant, Announce]] = []
        phones = (PhoneFact("PJSIP/1", "idle"), PhoneFact("PJSIP/2", "idle"))
        self.say(ev.Started("b", WALL), ev.Inventory(False, (), phones))
        for agent in ready:
            self.say(ev.SignInAsked(agent), ev.ReadyAsked(agent))

    @property
    def waits(self) -> Waits:
        return self.centre.router.waits

    def say(self, *facts: ev.Event, after: int = 0) -> None:
        """Facts of one instant."""
        self.pass_time(after)
        for fact in facts:
            self._take(self.centre.handle(fact, self.now))

    def pass_time(self, duration: int) -> None:
        """Deadlines on the way fire at their own instants."""
        until = self.now + duration
        while (due := self.centre.next_deadline()) is not None and due <= until:
            self.now = max(self.now, due)
            self._take(self.centre.advance(self.now))
        self.now = until

    def _take(self, commands: list) -> None:
        for command in commands:
            if isinstance(command, RingAgent):
                self.rung[command.call] = command.offer
            elif isinstance(command, Announce):
                self.said.append((self.now, command))

    def heard(self, call: str) -> list[tuple[int, str]]:
        """What that caller was told: seconds since the beginning, and the prompts."""
        mine = [(at, said) for at, said in self.said if said.call == call]
        return [(at // 1000, " ".join(said.prompts)) for at, said in mine]

    def join(self, *calls: str, queue: str = "q") -> None:
        for call in calls:
            self.say(ev.CallWaiting(call, f"PJSIP/{call}", queue, 0))

    def answer(self, call: str, after: int = 0) -> None:
        self.pass_time(after)
        offer = self.rung[call]
        self.say(ev.AgentAnswered(offer), ev.CallBridged(offer))

    def end(self, call: str, after: int = 0) -> None:
        self.pass_time(after)
        self.say(ev.CallEnded(call, "16"), ev.LegEnded(self.rung[call], "hangup"))

    def view(self, queue: str = "q") -> WaitView:
        views = self.centre.snapshot(self.now).queues
        return next(v.wait for v in views if v.queue == queue)

    def reload(self, wait: WaitSettings) -> None:
        """The machine goes on with another wait in all queues."""
        replace = msgspec.structs.replace
        acd = self.settings.acd
        acd = replace(acd, queues=tuple(replace(queue, wait=wait) for queue in acd.queues))
        self.settings = replace(self.settings, acd=acd)
        self.centre = Centre.load(self.settings, self.centre.dump())
        self.say(ev.Reloaded())

    def restart(self) -> None:
        """Another process loads the state, which is the same to the byte."""
        saved = msgspec.json.encode(self.centre.dump())
        state = msgspec.json.decode(saved, type=CentreState)
        self.centre = Centre.load(self.settings, state)
        assert msgspec.json.encode(self.centre.dump()) == saved
