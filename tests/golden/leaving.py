"""The stories of steps that lead out of a flow: voicemail, a number, a callback."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from ctid.acd.voicemail import VoicemailRules
from ctid.centre.settings import CentreSettings
from ctid.centre.transfer import TransferRules
from ctid.core import events as ev
from ctid.core.callbacks import CustomerDialled
from ctid.core.records import ChannelFact
from ctid.ivr import flow
from tests.golden.ivr import centre, keys
from tests.golden.site import phones, talk, wait_in
from tests.golden.tasks import office
from tests.golden.transcript import WALL, Scenario

LI = "+8613900139000"
FILE = "/var/spool/asterisk/ctid/c1.wav"
STEPS: Mapping[str, flow.AnyStep] = {
    "ask": flow.Menu(
        "which", {"1": "message", "2": "branch", "3": "back", "4": "phone", "5": "away"}, "service"
    ),
    "message": flow.Voicemail("sales", prompt="speak"),
    "branch": flow.Transfer("branch", "sales", on_fail="ask"),
    "away": flow.Transfer("+49301234", "sales"),
    "back": flow.CallBack("sales", on_fail="phone"),
    "phone": flow.Collect("phone", next="back-there", on_fail="sales", max=15, into="phone"),
    "back-there": flow.CallBack("sales", on_fail="sales", number="{phone}", prompt="we-call"),
}


def made(steps: Mapping[str, flow.AnyStep] = STEPS) -> CentreSettings:
    """One menu with every way out; a message for sales is a task."""
    site, main = office(), centre(steps, "ask")
    rules = VoicemailRules(90_000, 3_000, "mail", "https://pbx.example/{file}")
    queues = tuple(
        msgspec.structs.replace(queue, voicemail=rules) if queue.id == "sales" else queue
        for queue in site.acd.queues
    )
    return msgspec.structs.replace(
        site, acd=msgspec.structs.replace(site.acd, queues=queues), flows=main.flows,
        entries=main.entries, transfer=TransferRules(3_000, {"branch": "+861066668888"}),
    )  # fmt: skip


def asked(key: str, number: str = LI, site: CentreSettings | None = None) -> Scenario:
    """The centre is up, nobody is signed in, and a caller has pressed that key."""
    s = Scenario(site or made())
    s.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    s.say(ev.CallArrived("c1", "PJSIP/trunk-c1", number, "", "4000"))
    if number:
        s.say(ev.CustomerLookedUp("c1", 1, "none", ()), after=10)
    keys(s, key)
    return s


def step_to_voicemail() -> str:
    """With the queue's own limits; the message is a task of its own, and the call counts in no
    queue."""
    s = asked("1")
    s.say(ev.CallDiverted("c1", "voicemail", 1), after=20)
    s.say(ev.RecordingStored("c1", FILE, 6_000), ev.CallEnded("c1", "16"), after=9_000)
    return s.text


def step_to_voicemail_without_a_word() -> str:
    """Who says nothing has left the menu, and abandoned nobody."""
    s = asked("1")
    s.say(ev.CallDiverted("c1", "voicemail", 1), after=20)
    s.say(ev.CallEnded("c1", "16"), after=3_000)
    return s.text


def step_to_voicemail_lost() -> str:
    """The conversation breaks before the word is out: the dialplan falls back, and so does ctid."""
    s = asked("1")
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "service", WALL + s.now), after=40)
    s.wait(10_000)
    s.say(ev.CallEnded("c1", "16"))
    return s.text


def step_to_voicemail_untold() -> str:
    """The PBX never says where the caller is: they count as waiting, from that moment on."""
    s = asked("1")
    s.wait(6_000)
    s.note("they were there all the time")
    s.say(ev.CallDiverted("c1", "voicemail", 1))
    s.say(ev.RecordingStored("c1", FILE, 6_000), ev.CallEnded("c1", "16"), after=2_000)
    return s.text


def step_to_a_number() -> str:
    """Somebody answers there."""
    s = asked("2")
    s.say(ev.CallDiverted("c1", "external", 1), after=20)
    s.say(ev.ExternalAnswered("c1"), after=8_000)
    s.say(ev.CallEnded("c1", "16"), after=60_000)
    return s.text


def step_to_a_number_in_vain() -> str:
    """Nobody answers: the caller is fetched into the flow again, and takes the other number, where
    nobody answers either; that step leads nowhere else, so they wait where it says."""
    s = asked("2")
    s.say(ev.CallDiverted("c1", "external", 1), after=20)
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL + s.now, moves=1), after=30_000)
    s.say(ev.CallDiverted("c1", "menu", 2), after=10)
    s.say(ev.CallArrived("c1", "PJSIP/trunk-c1", LI, "", "4000"), after=5)
    keys(s, "5")
    s.say(ev.CallDiverted("c1", "external", 3), after=20)
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL + s.now, moves=3), after=30_000)
    s.say(ev.SignInAsked("anna"), ev.ReadyAsked("anna"))
    talk(s, "b1-2")
    s.say(ev.CallEnded("c1", "16"), after=9_000)
    return s.text


def step_to_a_number_and_never_fetched() -> str:
    """The order to go on in the flow is lost: the caller waits in the step's queue."""
    s = asked("2")
    s.say(ev.CallDiverted("c1", "external", 1), after=20)
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL + s.now, moves=1), after=30_000)
    s.wait(6_000)
    s.say(ev.CallEnded("c1", "16"))
    return s.text


def step_to_a_number_over_a_restart() -> str:
    """Killed while it rings there: the next process finds the caller waiting, and goes on in the
    flow, whose step is another one by now."""
    s = asked("2")
    s.say(ev.CallDiverted("c1", "external", 1), after=20)
    s.settings = made({**STEPS, "branch": flow.Transfer("+861066668888", on_fail="message")})
    s.restart()
    waits = ChannelFact(
        "PJSIP/trunk-c1", "c1", "caller", "queue", "", "sales", WALL + s.now, LI, "", "4000"
    )
    s.say(ev.Started("b2", WALL), ev.Inventory(False, (waits,), phones()), after=30_000)
    s.say(ev.CallDiverted("c1", "menu", 2), after=10)
    s.say(ev.CallArrived("c1", "PJSIP/trunk-c1", LI, "", "4000"), after=5)
    s.say(ev.CallDiverted("c1", "voicemail", 3), after=20)
    s.say(ev.RecordingStored("c1", FILE, 6_000), ev.CallEnded("c1", "16"), after=9_000)
    return s.text


def step_to_a_number_that_was_taken_away() -> str:
    """A reload knows the name no more: on at `on_fail`, at once."""
    s = asked("2", site=msgspec.structs.replace(made(), transfer=TransferRules(3_000, {})))
    s.say(ev.CallEnded("c1", "16"))
    return s.text


def step_to_a_callback() -> str:
    """Asked for without having waited; the caller hears a promise, hangs up, and is dialled when an
    agent has picked up. A second one to the same number is not to be had."""
    s = asked("3")
    s.say(ev.CallDiverted("c1", "message", 1), after=20)
    s.say(ev.CallEnded("c1", "16"), after=3_000)
    s.note("the same number calls again: on at on_fail")
    s.say(ev.CallArrived("c2", "PJSIP/trunk-c2", LI, "", "4000"))
    s.say(ev.DigitsCollected("c2", "3", "full"))
    s.say(ev.CallEnded("c2", "16"))
    s.say(ev.SignInAsked("anna"), ev.ReadyAsked("anna"))
    offer = "b1-3"
    s.say(ev.AgentRinging(offer), after=30)
    s.say(ev.AgentAnswered(offer), after=2_000)
    s.say(CustomerDialled("c1-cb1", "PJSIP/trunk-x"), after=20)
    s.say(ev.CallBridged(offer), after=5_000)
    s.say(ev.CallEnded("c1-cb1", "16"), after=60_000)
    return s.text


def step_to_a_callback_at_another_number() -> str:
    """Keyed in; whoever calls gets one such promise at a time."""
    s = asked("4")
    keys(s, "13800138000", ended="terminator")
    s.say(ev.CallDiverted("c1", "message", 1), after=20)
    s.say(ev.CallEnded("c1", "16"), after=3_000)
    s.note("one more for somebody else")
    s.say(ev.CallArrived("c2", "PJSIP/trunk-c2", LI, "", "4000"))
    s.say(ev.DigitsCollected("c2", "4", "full"))
    s.say(ev.DigitsCollected("c2", "13700137000", "terminator"))
    wait_in(s, "c2")
    return s.text


def step_to_a_callback_at_no_number() -> str:
    """A hidden caller is asked for a number; one abroad, one that costs, and none is refused."""
    s = asked("3", "")
    keys(s, "004930123456", ended="terminator")
    wait_in(s)
    s.say(ev.CallEnded("c1", "16"))
    for n, number in enumerate(("110", "99999999999999"), start=2):
        s.say(ev.CallArrived(f"c{n}", f"PJSIP/trunk-c{n}", "", "", "4000"))
        s.say(ev.DigitsCollected(f"c{n}", "4", "full"))
        s.say(ev.DigitsCollected(f"c{n}", number, "terminator"))
        s.say(ev.CallEnded(f"c{n}", "16"))
    return s.text


def step_to_a_callback_that_is_not_heard() -> str:
    """The promise is lost with the conversation: the caller waits, and nobody calls back."""
    s = asked("4")
    keys(s, "13800138000", ended="terminator")
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "service", WALL + s.now), after=40)
    s.wait(10_000)
    s.say(ev.CallEnded("c1", "16"))
    return s.text


LEAVING: tuple[Callable[[], str], ...] = (
    step_to_voicemail, step_to_voicemail_without_a_word, step_to_voicemail_lost,
    step_to_voicemail_untold, step_to_a_number, step_to_a_number_in_vain,
    step_to_a_number_and_never_fetched, step_to_a_number_over_a_restart,
    step_to_a_number_that_was_taken_away, step_to_a_callback,
    step_to_a_callback_at_another_number, step_to_a_callback_at_no_number,
    step_to_a_callback_that_is_not_heard,
)  # fmt: skip
