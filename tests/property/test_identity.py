"""Whatever callers key and the CRM says, in whatever order: nobody is verified but by the right PIN
of that very code, and nobody has more tries than the limits allow."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, get_args

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from ctid.centre.centre import Centre
from ctid.centre.invariants import Checker
from ctid.centre.state import CentreState
from ctid.core import events as ev
from ctid.core.commands import CallClosed, Command
from ctid.core.identity import CheckPin, PinChecked, PinStatus
from ctid.core.records import CustomerCard
from ctid.ivr import flow
from ctid.ivr.identity_rules import IdentityRules, Limit
from tests.golden import ivr
from tests.golden.site import LI, ZHANG, phones
from tests.golden.transcript import WALL

CALLS = ("c1", "c2", "c3")
NUMBERS = {"c1": "+8613800138000", "c2": "+8613800138000", "c3": ""}
CODES = {ZHANG.code: ZHANG, LI.code: LI}
RULES = IdentityRules(Limit(3, 60_000, 30_000), Limit(4, 120_000, 200_000), 2_000)
STEPS: dict[str, flow.AnyStep] = {
    "code": flow.Collect("code", next="pin", on_fail="pin", min=6, max=6, check="customer"),
    "pin": flow.Collect(
        "pin", next="more", on_fail="more", min=4, max=6, class_="pin", check="pin", tries=2,
        locked="sorry",
    ),
    "sorry": flow.Play("sorry", next="more"),
    "more": flow.Menu("more", {"1": "code", "2": "pin"}, on_fail="service", tries=1),
}  # fmt: skip
SETTINGS = msgspec.structs.replace(ivr.centre(STEPS, "code"), identity=RULES)

calls = st.sampled_from(CALLS)
status = st.sampled_from((*get_args(PinStatus), "right", "wrong", "wrong", "wrong"))
wanted = st.tuples(st.sampled_from(list(CODES)), status, st.sampled_from("12"))
goes_on = st.tuples(st.just("goes on"), calls, wanted)
"""What that caller's menu waits for: this code, a PIN of which the CRM says this, or this key."""
disturbance = st.one_of(
    st.tuples(st.just("keys"), calls, st.sampled_from(("", "1", *CODES, "xxxx", "xx"))),
    st.tuples(st.just("crm"), calls, st.sampled_from((0, 1, 2))),
    st.tuples(st.just("pin"), calls, st.tuples(status, st.sampled_from((0, 1, -1)))),
    st.tuples(st.just("gone"), calls, st.none()),
    st.tuples(st.just("wait"), calls, st.sampled_from((100, 3_000, 40_000, 130_000))),
    st.tuples(st.just("killed"), calls, st.none()),
)
happening = st.integers(0, 9).flatmap(lambda share: disturbance if share == 0 else goes_on)
stories = st.lists(happening, min_size=5, max_size=120)


class World:
    """Three callers, two of them with the same number, and what really is so of each."""

    def __init__(self) -> None:
        self.now = 0
        self.centre = Centre(SETTINGS)
        self.checker = Checker(self.centre)
        self.ended = 0
        self.asked: dict[tuple[str, int], str] = {}
        self.tries: dict[str, list[int]] = defaultdict(list)
        """By number, call or code: when a PIN was held against the CRM, and was not right."""
        self.proved: dict[str, str] = {}
        """By call: the code whose PIN was right last."""
        self.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()))

    def say(self, *facts: ev.Event) -> None:
        for fact in facts:
            self.pass_time(1)
            self.note(self.centre.handle(fact, self.now), fact)

    def pass_time(self, ms: int) -> None:
        until = self.now + ms
        while (due := self.centre.next_deadline()) is not None and due <= until:
            self.now = due
            proving = self.proving()
            self.note(self.centre.advance(due), None)
            for call in sorted(proving - self.proving()):  # the CRM was silent for too long
                self.undone(call, proving_code=self.centre.calls[call].code)
        self.now = until

    def note(self, commands: list[Command], fact: ev.Event | None) -> None:
        self.checker.follow(commands, self.now, fact)
        for command in commands:
            if isinstance(command, CheckPin):
                self.asked[command.call, command.request] = command.code
                for key in (command.code, NUMBERS[self.line(command.call)] or command.call):
                    self.tries[key].append(self.now)
            self.ended += isinstance(command, CallClosed)

    def proving(self) -> set[str]:
        calls = self.centre.calls.values()
        return {call.id for call in calls if call.session and call.session.proving}

    def undone(self, call: str, proving_code: str) -> None:
        for key in (proving_code, NUMBERS[self.line(call)] or call):
            self.tries[key].pop()

    def line(self, call: str) -> str:
        return call.partition("/")[0]

    def call(self, line: str) -> str:
        """The call that this line has now; a new one where it has none."""
        for known in self.centre.calls:
            if self.line(known) == line:
                return known
        call = f"{line}/{self.now}"
        self.say(ev.CallArrived(call, f"PJSIP/{call}", NUMBERS[line], "", "4000"))
        return call

    def happen(self, what: str, line: str, more: Any) -> None:
        call = self.call(line)
        known = self.centre.calls[call]
        match what, more:
            case "goes on", (str(code), said, str(key)):
                self.go_on(call, code, said, key)
            case "keys", str(digits):
                self.say(ev.DigitsCollected(call, digits, "full" if digits else "timeout"))
            case "crm", int(back):
                pending = known.session.pending if known.session else ""
                card: CustomerCard = CODES.get(pending, ZHANG)
                self.say(ev.CustomerLookedUp(call, known.request - back, "found", (card,)))
            case "pin", (said, int(off)):
                self.answered(call, known.pins + off, said)
            case "gone", _:
                self.say(ev.CallEnded(call, "16"))
            case "wait", int(ms):
                self.pass_time(ms)
            case _:
                self.killed()

    def go_on(self, call: str, code: str, said: PinStatus, key: str) -> None:
        session = self.centre.calls[call].session
        if session is None:
            self.say(ev.CallEnded(call, "16"))
        elif session.proving:
            pins = self.centre.calls[call].pins
            if key == "2":  # a late word about the PIN before this one comes in between
                self.say(PinChecked(call, pins - 1, "right"))
            self.answered(call, pins, said)
        elif session.pending:
            card = CODES[session.pending]
            request = self.centre.calls[call].request
            self.say(ev.CustomerLookedUp(call, request, "found", (card,)))
        elif session.step == "sorry":
            self.say(ev.PromptsPlayed(call))
        else:
            keyed = {"code": code, "pin": "xxxx"}.get(session.step, key)
            self.say(ev.DigitsCollected(call, keyed, "full"))

    def answered(self, call: str, request: int, said: PinStatus) -> None:
        code = self.asked.pop((call, request), "")
        counts = call in self.proving() and request == self.centre.calls[call].pins
        if counts and said != "wrong":
            self.undone(call, code)
        if counts and said in ("right", "wrong"):
            self.proved[call] = code if said == "right" else ""
        self.say(PinChecked(call, request, said))

    def killed(self) -> None:
        saved = msgspec.json.encode(self.centre.dump())
        self.centre = Centre.load(SETTINGS, msgspec.json.decode(saved, type=CentreState))
        self.checker = Checker(self.centre)
        self.say(ev.Started(f"b{self.now}", WALL))


@settings(max_examples=300)
@given(stories)
def test_verified_by_the_right_pin_alone_and_within_the_limits(
    story: list[tuple[str, str, Any]],
) -> None:
    world = World()
    for what, line, more in story:
        world.happen(what, line, more)
        for call in world.centre.calls.values():
            proved = bool(call.code) and world.proved.get(call.id) == call.code
            assert proved or call.identity != "verified"
    for key, made in world.tries.items():
        limit = RULES.code if key in CODES else RULES.caller
        for began in made:
            within = [at for at in made if began <= at < began + limit.window]
            assert len(within) <= limit.tries, key
