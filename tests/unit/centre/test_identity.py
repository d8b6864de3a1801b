"""PINs in the machine beside the stories of tests/golden/identity.py."""

from __future__ import annotations

import msgspec

from ctid.centre.callbacks import as_it_was
from ctid.centre.centre import Centre
from ctid.centre.state import CentreState
from ctid.core import events as ev
from ctid.core.commands import Collect, HoldInQueue, ShowPop
from ctid.core.identity import CheckPin, PinChecked, PinStatus
from ctid.core.instants import MINUTE
from ctid.ivr import flow
from ctid.ivr.identity_rules import IdentityRules, Limit
from tests.golden import identity, ivr
from tests.golden.site import ZHANG, phones, talk, wait_in
from tests.golden.transcript import WALL, Scenario

ONE = IdentityRules(Limit(1, MINUTE, MINUTE), Limit(9, MINUTE, MINUTE))


def opened(steps: dict[str, flow.AnyStep], rules: IdentityRules) -> Scenario:
    s = Scenario(msgspec.structs.replace(ivr.centre(steps, "code"), identity=rules))
    s.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    return s


def test_locked_from_one_question_to_the_next() -> None:
    """A hundred PINs in a row, of which none is asked for: no stack of calls grows with them."""
    pins: dict[str, flow.AnyStep] = {
        f"pin{n}": msgspec.structs.replace(
            identity.PIN, next="sales", on_fail=f"pin{n + 1}", locked=f"pin{n + 1}", tries=1
        )
        for n in range(400)
    }
    code = msgspec.structs.replace(identity.STEPS["code"], next="pin0", on_fail="sales")
    s = opened({"code": code, **pins, "pin400": flow.Queue("service")}, ONE)
    identity.arrive(s)
    identity.code(s)
    s.say(ev.DigitsCollected("c1", "xxxx", "terminator"))
    commands = s.say(PinChecked("c1", 1, "wrong"))
    [held] = [c for c in commands if isinstance(c, HoldInQueue)]
    assert held.queue == "service"
    path = s.centre.calls["c1"].path
    assert path[:4] == ("code", "pin0!", "pin1!locked", "pin2!locked")
    assert len(path) == 402


def test_a_reload_keeps_the_tries_and_takes_the_new_limits() -> None:
    s = opened(identity.STEPS, identity.RULES)
    identity.arrive(s)
    identity.code(s)
    identity.pin(s, "wrong")
    s.settings = msgspec.structs.replace(s.settings, identity=ONE)
    s.restart()
    s.say(ev.Reloaded())
    [asked] = s.say(ev.DigitsCollected("c1", "xxxx", "terminator"))
    assert not isinstance(asked, CheckPin | Collect), "the one try has been made"


def test_a_state_from_before_there_were_pins() -> None:
    s = opened(identity.STEPS, identity.RULES)
    identity.arrive(s)
    identity.code(s)
    state = msgspec.json.decode(msgspec.json.encode(s.centre.dump()))
    del state["pin_callers"], state["pin_codes"]
    for call in state["calls"]:
        del call["identity"], call["pins"], call["session"]["identity"], call["session"]["proving"]
    loaded = Centre.load(s.settings, msgspec.convert(state, CentreState))
    assert loaded.calls["c1"].identity == "unknown"
    s.centre = loaded
    identity.pin(s, "right")
    assert loaded.calls["c1"].identity == "verified"


def test_the_identity_goes_along_when_an_agent_sends_the_caller_on() -> None:
    s = identity.opened()
    identity.arrive(s)
    identity.code(s)
    identity.pin(s, "right")
    wait_in(s)
    talk(s, "b1-2")
    s.say(ev.TransferAsked("anna", "c1", "agent", "bob", "verified already"))
    moves = s.centre.calls["c1"].moves
    commands = s.say(
        ev.CallWaiting("c1", "PJSIP/trunk-c1", "service", WALL + s.now, moves=moves),
        ev.LegEnded("b1-2", "hangup"),
    )
    pops = [c.pop for c in commands if isinstance(c, ShowPop)]
    assert [(pop.agent, pop.identity) for pop in pops] == [("bob", "verified")]


def test_a_number_that_the_crm_knows_is_claimed_on_the_screen_that_is_open() -> None:
    s = ivr.opened({"go": flow.Queue("sales")}, "go")
    ivr.arrive(s, ZHANG.numbers[0])
    wait_in(s)
    pop = s.centre.screens.pops.open["anna"]
    assert (pop.status, pop.identity) == ("pending", "unknown")
    s.say(ev.CustomerLookedUp("c1", 1, "found", (ZHANG,)))
    pop = s.centre.screens.pops.open["anna"]
    assert (pop.status, pop.identity) == ("found", "claimed")


def test_a_callback_is_claimed_at_most() -> None:
    s = identity.opened()
    identity.arrive(s)
    identity.code(s)
    identity.pin(s, "right")
    call = s.centre.calls["c1"]
    assert (call.identity, as_it_was(call, "sales").identity) == ("verified", "claimed")


def test_who_waits_and_is_verified() -> None:
    s = identity.opened()
    s.say(ev.BreakAsked("anna", "lunch"), ev.BreakAsked("bob", "lunch"))
    stories: tuple[tuple[str, PinStatus, str], ...] = (
        ("c1", "right", "sales"), ("c2", "unset", "service"),
    )  # fmt: skip
    for call, status, queue in stories:
        identity.arrive(s, call)
        identity.code(s, call)
        identity.pin(s, status, call)
        wait_in(s, call, queue)
    waiting = s.centre.snapshot(s.now).waiting
    assert [(one.call, one.identity) for one in waiting] == [("c1", "verified"), ("c2", "claimed")]
