"""Whatever services answer, when and how often, while callers key, hang up and the process dies:
every question ends, nobody hears of another customer, and nobody stays in the menu."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ctid.centre.centre import Centre
from ctid.centre.invariants import Checker
from ctid.centre.state import CentreState
from ctid.core import events as ev
from ctid.core.commands import Collect, Command, Play
from ctid.core.identity import CheckPin, PinChecked
from ctid.core.services import AskService, ServiceAnswered, ServiceStatus
from ctid.ivr import flow
from ctid.ivr.service_steps import Balance, CallbackNumber, OrderStatus, Request
from ctid.ivr.variables import LONGEST
from tests.golden import ivr
from tests.golden.site import LI, ZHANG, phones
from tests.golden.transcript import WALL

CALLS = ("c1", "c2")
CARDS = {card.code: card for card in (ZHANG, LI)}
MENU = {"1": "order", "2": "balance", "3": "number", "4": "stock", "5": "code"}
BACK = {"next": "again", "none": "again", "on_fail": "again", "refused": "again"}
STEPS: dict[str, flow.AnyStep] = {
    "code": flow.Collect("code", next="pin", on_fail="menu", min=6, max=6, check="customer"),
    "pin": flow.Collect(
        "pin", next="menu", on_fail="menu", min=4, max=4, class_="pin", check="pin", tries=1
    ),
    "menu": flow.Menu("what", MENU, on_fail="service", tries=1),
    "order": OrderStatus(needs="claimed", prompt="one-moment", **BACK),
    "balance": Balance(**BACK),
    "number": CallbackNumber(number="013900139000{a}", prompt="one-moment", **BACK),
    "stock": Request(
        service="shop", ask="GET /stock/{code}", into={"a": "b.c"}, prompt="one-moment",
        next="again", none="balance", on_fail="again",
    ),
    "again": flow.Menu("again", {"1": "menu"}, on_fail="service", tries=1),
}  # fmt: skip
SETTINGS = ivr.centre(STEPS, "code")

status = st.sampled_from(get_args(ServiceStatus))
told = st.lists(st.tuples(st.sampled_from(("a", "order_number", "code")), st.text(max_size=200)))
wanted = st.tuples(st.sampled_from((*CARDS, "999999")), st.sampled_from(("1", *MENU)))
goes_on = st.tuples(st.just("goes on"), st.sampled_from(CALLS), wanted)
"""The caller does what is asked for: this code, a PIN, or this key."""
disturbance = st.one_of(
    st.tuples(st.just("answer"), st.sampled_from(CALLS), st.tuples(status, told)),
    st.tuples(st.just("stale"), st.sampled_from(CALLS), st.tuples(status, told)),
    st.tuples(st.just("played"), st.sampled_from(CALLS), st.none()),
    st.tuples(st.just("wait"), st.sampled_from(CALLS), st.sampled_from((10, 1_000, 4_000))),
    st.tuples(st.just("gone"), st.sampled_from(CALLS), st.none()),
    st.tuples(st.just("loaded"), st.sampled_from(CALLS), st.none()),
    st.tuples(st.just("killed"), st.sampled_from(CALLS), st.none()),
)
happening = st.integers(0, 2).flatmap(lambda share: goes_on if share else disturbance)
stories = st.lists(happening, min_size=10, max_size=80)


class World:
    """Two callers, and what each of them waits for."""

    def __init__(self) -> None:
        self.now = 0
        self.centre = Centre(SETTINGS)
        self.checker = Checker(self.centre)
        self.last: dict[str, Command] = {}
        """What the PBX was told of each call last."""
        self.asked: dict[str, AskService] = {}
        self.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()))

    def say(self, *facts: ev.Event) -> None:
        for fact in facts:
            self.wait(1)
            self.note(self.centre.handle(fact, self.now), fact)

    def wait(self, ms: int) -> None:
        until = self.now + ms
        while (due := self.centre.next_deadline()) is not None and due <= until:
            self.now = due
            self.note(self.centre.advance(due), None)
        self.now = until

    def note(self, commands: list[Command], fact: ev.Event | None) -> None:
        self.checker.follow(commands, self.now, fact)
        for command in commands:
            match command:
                case Play() | Collect():
                    self.last[command.call] = command
                case AskService():
                    self.asked[command.call] = command
                case CheckPin():
                    self.say(PinChecked(command.call, command.request, "right"))
                case _:
                    pass
        for call in self.centre.calls.values():
            values = call.session.variables.values() if call.session else ()
            assert all(len(value) <= LONGEST and value.isprintable() for value in values)

    def happen(self, what: str, line: str, more: Any) -> None:
        call = next((one for one in self.centre.calls if one.startswith(line)), "")
        if not call:
            call = f"{line}-{self.now}"
            self.say(ev.CallArrived(call, f"PJSIP/{call}", "", "", "4000"))
        question = self.asked.get(call)
        match what:
            case "goes on":
                self.key(call, *more)
            case "answer" | "stale" if question is not None:
                request = question.request - (what == "stale")
                self.say(ServiceAnswered(call, request, more[0], tuple(more[1])))
            case "played":
                self.say(ev.PromptsPlayed(call))
            case "wait":
                self.wait(more)
            case "gone":
                self.say(ev.CallEnded(call, "16"))
            case "loaded" | "killed":
                saved = msgspec.json.encode(self.centre.dump())
                state = msgspec.json.decode(saved, type=CentreState)
                self.centre = Centre.load(SETTINGS, state)
                self.checker = Checker(self.centre)
                if what == "killed":
                    self.say(ev.Started("b2", WALL), ev.Inventory(False, (), phones()))

    def key(self, call: str, code: str, key: str) -> None:
        asks = self.last.get(call)
        if not isinstance(asks, Collect):
            self.say(ev.PromptsPlayed(call))
            return
        digits = code if asks.prompts[-1] == "code" else "xxxx" if asks.secret else key
        self.say(ev.DigitsCollected(call, digits, "full"))
        known = self.centre.calls.get(call)
        if known is not None and known.session is not None and known.session.pending:
            card = CARDS.get(known.session.pending)
            found = ("found", (card,)) if card else ("none", ())
            self.say(ev.CustomerLookedUp(call, known.request, *found))


@given(stories)
def test_every_question_ends_and_nobody_stays(story: list[tuple[str, str, Any]]) -> None:
    world = World()
    for what, line, more in story:
        world.happen(what, line, more)
    for call in list(world.centre.calls):
        world.say(ev.PromptsPlayed(call))
    world.wait(5_000)
    for known in world.centre.calls.values():
        assert known.session is None or known.session.outside is None or known.session.outside.plays
    world.wait(SETTINGS.ivr_limit + 1)
    assert all(known.session is None for known in world.centre.calls.values())
