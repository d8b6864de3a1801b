"""The stories whose transcripts are kept. Each is a function that returns its transcript."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ctid.core import events as ev
from ctid.core.records import ChannelFact
from tests.golden import after_call
from tests.golden.announcements import ANNOUNCEMENTS
from tests.golden.callback import CALLBACKS
from tests.golden.consult import CONSULTS
from tests.golden.containment import CONTAINMENT
from tests.golden.escalation import ESCALATION
from tests.golden.explanations import EXPLANATIONS
from tests.golden.hours import HOURS
from tests.golden.identity import IDENTITY
from tests.golden.ivr import IVR
from tests.golden.leaving import LEAVING
from tests.golden.look_up import LOOK_UP
from tests.golden.overflow import OVERFLOW
from tests.golden.recording import RECORDING
from tests.golden.routing import ROUTING
from tests.golden.services import SERVICES
from tests.golden.site import LI, ZHANG, arrive, opened, phones, talk, to_sales, wait_in
from tests.golden.speech import SPEECH
from tests.golden.supervision import SUPERVISION
from tests.golden.survey import SURVEYS
from tests.golden.tasks import TASKS
from tests.golden.transcript import WALL
from tests.golden.transfer import TRANSFERS
from tests.golden.voicemail import VOICEMAILS

TRANSCRIPTS = Path(__file__).parent / "transcripts"


def whole_story() -> str:
    """Menu, code, queue, pop, talk, wrap-up, ready again."""
    s = opened("anna", "bob")
    arrive(s)
    s.say(ev.CustomerLookedUp("c1", 1, "found", (ZHANG,)), after=40)
    s.say(ev.DigitsCollected("c1", "1", "full"), after=3000)
    s.say(ev.DigitsCollected("c1", "100001", "full"), after=5000)
    s.say(ev.CustomerLookedUp("c1", 2, "found", (ZHANG,)), after=30)
    wait_in(s)
    s.say(ev.PopAcknowledged("anna", "b1-2"), after=45)
    talk(s, "b1-2")
    s.say(ev.PhoneChanged("PJSIP/1001", "in_use"), after=1)
    s.say(ev.CallEnded("c1", "16"), after=60_000)
    s.say(ev.LegEnded("b1-2", "hangup"), ev.PhoneChanged("PJSIP/1001", "idle"), after=2)
    s.wait(15_000)
    return s.text


def wrong_code_three_times() -> str:
    """The caller is not lost for it; the number still finds the customer."""
    s = opened("anna")
    arrive(s)
    s.say(ev.CustomerLookedUp("c1", 1, "found", (ZHANG,)), after=40)
    s.say(ev.DigitsCollected("c1", "1", "full"))
    s.say(ev.DigitsCollected("c1", "999999", "full"))
    s.say(ev.CustomerLookedUp("c1", 2, "found", (ZHANG,)), after=30)
    s.note("too short: not worth a question to the CRM")
    s.say(ev.DigitsCollected("c1", "12", "timeout"))
    s.say(ev.DigitsCollected("c1", "999998", "full"))
    s.say(ev.CustomerLookedUp("c1", 3, "found", (ZHANG,)), after=30)
    wait_in(s)
    return s.text


def no_digits() -> str:
    """Silence in the menu three times: on to the queue named for it."""
    s = opened("anna")
    arrive(s)
    for _ in range(3):
        s.say(ev.DigitsCollected("c1", "", "timeout"), after=6000)
    wait_in(s)
    return s.text


def hang_up_in_menu() -> str:
    s = opened("anna")
    arrive(s)
    s.say(ev.DigitsCollected("c1", "1", "full"))
    s.say(ev.CallEnded("c1", "16"))
    s.note("facts that come late change nothing")
    s.say(ev.CustomerLookedUp("c1", 1, "found", (ZHANG,)))
    s.say(ev.DigitsCollected("c1", "100001", "full"), ev.CallEnded("c1", "16"))
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL))
    return s.text


def hang_up_in_queue() -> str:
    s = opened()
    to_sales(s)
    s.say(ev.CallEnded("c1", "16"), after=30_000)
    s.say(ev.SignInAsked("anna"), ev.ReadyAsked("anna"))
    return s.text


def hang_up_while_ringing() -> str:
    """The agent keeps the place in the order of idleness: the next caller comes at once."""
    s = opened("anna", "bob")
    to_sales(s)
    s.say(ev.AgentRinging("b1-2"), ev.PhoneChanged("PJSIP/1001", "ringing"), after=30)
    s.say(ev.CallEnded("c1", "16"), after=3000)
    s.say(ev.LegEnded("b1-2", "caller_gone"), ev.PhoneChanged("PJSIP/1001", "idle"), after=20)
    to_sales(s, "c2")
    return s.text


def hang_up_before_answer() -> str:
    """Same instant, the hang-up first: abandoned, no wrap-up, one record."""
    s = opened("anna")
    to_sales(s)
    s.say(ev.AgentRinging("b1-2"), after=30)
    s.say(ev.CallEnded("c1", "16"), ev.AgentAnswered("b1-2"), ev.CallBridged("b1-2"), after=2000)
    s.say(ev.LegEnded("b1-2", "caller_gone"), after=3)
    s.wait(10_000)
    return s.text


def hang_up_after_answer() -> str:
    """Same instant, the bridge first: answered, and wrap-up as after any call."""
    s = opened("anna")
    to_sales(s)
    s.say(ev.AgentRinging("b1-2"), after=30)
    s.say(ev.AgentAnswered("b1-2"), ev.CallBridged("b1-2"), ev.CallEnded("c1", "16"), after=2000)
    s.say(ev.LegEnded("b1-2", "hangup"), after=3)
    s.wait(10_000)
    return s.text


def answered_but_not_bridged() -> str:
    """Picked up as the caller left: the dialplan finds nobody."""
    s = opened("anna")
    to_sales(s)
    s.say(ev.AgentRinging("b1-2"), after=30)
    s.say(ev.AgentAnswered("b1-2"), ev.CallEnded("c1", "16"), after=2000)
    s.say(ev.LegEnded("b1-2", "caller_gone"), after=3)
    return s.text


def no_answer() -> str:
    """The next agent, and the caller keeps the place before one who came later."""
    s = opened("anna", "bob")
    to_sales(s)
    s.say(ev.BreakAsked("bob", "lunch"))
    to_sales(s, "c2")
    s.say(ev.ReadyAsked("bob"))
    s.say(ev.LegEnded("b1-2", "no_answer"), after=17_900)
    s.note("c1 has waited longest; the offer of c2 to Bob comes to nothing, he gets c1")
    s.say(ev.LegEnded("b1-4", "busy"), after=100)
    s.wait(6000)
    s.say(ev.ReadyAsked("anna"))
    return s.text


def busy_and_rejected() -> str:
    """The phone is left alone for 5 s; the agent stays ready and keeps the idle time."""
    s = opened("anna")
    to_sales(s)
    s.say(ev.LegEnded("b1-2", "busy"), after=20)
    s.wait(6000)
    s.say(ev.AgentRinging("b1-3"), after=20)
    s.say(ev.LegEnded("b1-3", "rejected"), after=900)
    s.wait(6000)
    return s.text


def declined_on_the_page() -> str:
    s = opened("anna", "bob")
    to_sales(s)
    s.say(ev.HangUpAsked("anna"))
    s.say(ev.LegEnded("b1-2", "rejected"), after=15)
    return s.text


def phone_unreachable() -> str:
    """No offer while the phone is unplugged; at once when it is back."""
    s = opened("anna")
    s.say(ev.PhoneChanged("PJSIP/1001", "unreachable"))
    to_sales(s)
    s.say(ev.PhoneChanged("PJSIP/1001", "idle"), after=8000)
    return s.text


def private_call() -> str:
    """No offer during a private call, although the agent is ready."""
    s = opened("anna", "bob")
    s.say(ev.PhoneChanged("PJSIP/1001", "in_use"))
    to_sales(s)
    s.note("Anna had waited longer, but Bob got it; the second caller waits for her phone")
    talk(s, "b1-2")
    to_sales(s, "c2")
    s.say(ev.PhoneChanged("PJSIP/1001", "idle"), after=30_000)
    return s.text


def wrap_up_ended_early() -> str:
    s = opened("anna")
    to_sales(s)
    talk(s, "b1-2")
    s.say(ev.HangUpAsked("anna"), after=20_000)
    s.say(ev.LegEnded("b1-2", "hangup"), after=20)
    s.say(ev.CallEnded("c1", "16"), after=2)
    s.say(ev.WrapUpDone("anna"), after=4000)
    s.wait(10_000)
    return s.text


def break_during_call() -> str:
    """The wish is kept, and carried out after wrap-up."""
    s = opened("anna")
    to_sales(s)
    talk(s, "b1-2")
    s.say(ev.BreakAsked("anna", "lunch"), after=5000)
    s.say(ev.CallEnded("c1", "16"), after=5000)
    s.say(ev.LegEnded("b1-2", "hangup"), after=2)
    s.wait(12_000)
    to_sales(s, "c2")
    return s.text


def sign_out_while_ringing() -> str:
    s = opened("anna", "bob")
    to_sales(s)
    s.say(ev.SignOutAsked("anna"))
    s.say(ev.LegEnded("b1-2", "no_answer"), after=19_000)
    return s.text


def screen_lost_and_back() -> str:
    """Never a call to an empty chair; back means ready again, and a chosen break stays a break."""
    s = opened("anna")
    s.say(ev.ScreenLost("anna"))
    to_sales(s)
    s.say(ev.ScreenBack("anna"), after=9000)
    talk(s, "b1-2")
    s.note("lost and back during the call: nothing is left of it")
    s.say(ev.ScreenLost("anna"))
    s.say(ev.ScreenBack("anna"))
    s.note("a break was chosen before the page was lost")
    s.say(ev.BreakAsked("anna", "lunch"))
    s.say(ev.ScreenLost("anna"))
    s.say(ev.ScreenBack("anna"))
    s.say(ev.CallEnded("c1", "16"))
    s.say(ev.LegEnded("b1-2", "hangup"), after=2)
    s.wait(10_000)
    return s.text


def link_lost() -> str:
    """Every kind of repair, each reported; a second inventory finds nothing to mend."""
    s = opened("anna", "bob")
    to_sales(s, "gone")
    to_sales(s, "answered")
    arrive(s, "menu")
    s.say(ev.DigitsCollected("menu", "1", "full"))
    s.say(ev.LinkLost("connection reset"))
    s.note(
        "unseen: gone hung up; Bob answered; the menu's caller was moved to the queue; a new one"
    )
    inventory = ev.Inventory(
        False,
        (
            ChannelFact("PJSIP/trunk-answered", "answered", "caller", "talking", queue="sales"),
            ChannelFact(
                "PJSIP/1002-1", "b1-4", "agent", "talking", call="answered", phone="PJSIP/1002"
            ),
            ChannelFact(
                "PJSIP/trunk-menu", "menu", "caller", "queue", queue="service",
                since=WALL + s.now + 2000,
            ),
            ChannelFact(
                "PJSIP/trunk-new", "new", "caller", "queue", queue="sales",
                since=WALL + s.now + 1000, number="13900139000", dialled="4000", language="en",
            ),
            ChannelFact(
                "PJSIP/1009-1", "x-1", "agent", "ringing", call="gone", phone="PJSIP/1009"
            ),
        ),
        phones(bob="in_use"),
    )  # fmt: skip
    s.say(inventory, after=10_000)
    s.say(inventory)
    s.say(ev.CustomerLookedUp("new", 1, "found", (LI,)), after=10)
    return s.text


def talk_adopted() -> str:
    """The state knows neither the call nor the offer, but the two talk: the truth wins."""
    s = opened("anna")
    s.say(ev.LinkLost("connection reset"))
    channels = (
        ChannelFact("PJSIP/t", "c9", "caller", "talking", queue="sales", since=WALL + s.now),
        ChannelFact("PJSIP/1001-1", "b0-9", "agent", "talking", call="c9", phone="PJSIP/1001"),
    )
    s.say(ev.Inventory(False, channels, phones(anna="in_use")), after=5000)
    s.say(ev.LegEnded("b0-9", "hangup"), after=5000)
    s.say(ev.CallEnded("c9", "16"), ev.PhoneChanged("PJSIP/1001", "idle"), after=2)
    return s.text


def pbx_restarted() -> str:
    """Every older call is over."""
    s = opened("anna")
    to_sales(s, "c1")
    talk(s, "b1-2")
    to_sales(s, "c2")
    s.say(ev.LinkLost("connection reset"))
    s.say(ev.Inventory(True, (), phones(anna="unreachable")), after=20_000)
    s.say(ev.PhoneChanged("PJSIP/1001", "idle"), after=3000)
    s.wait(10_000)
    return s.text


def killed_and_loaded() -> str:
    """Waiting callers keep order and waiting time; the menu's caller falls back by the dialplan."""
    s = opened("anna")
    to_sales(s, "talks")
    talk(s, "b1-2")
    to_sales(s, "first")
    to_sales(s, "second")
    arrive(s, "menu")
    s.restart()
    s.wait(1500)
    s.say(ev.Started("b2", WALL), after=0)
    since = WALL + s.now - 500
    channels = (
        ChannelFact("PJSIP/trunk-second", "second", "caller", "queue", queue="sales"),
        ChannelFact("PJSIP/trunk-first", "first", "caller", "queue", queue="sales"),
        ChannelFact("PJSIP/trunk-talks", "talks", "caller", "talking", queue="sales"),
        ChannelFact("PJSIP/1001-1", "b1-2", "agent", "talking", call="talks", phone="PJSIP/1001"),
        ChannelFact("PJSIP/trunk-menu", "menu", "caller", "queue", queue="", since=since),
    )
    s.say(ev.Inventory(False, channels, phones(anna="in_use")), after=200)
    s.say(ev.SignInAsked("bob"), ev.ReadyAsked("bob"))
    s.say(ev.CallEnded("talks", "16"), after=5000)
    s.say(ev.LegEnded("b1-2", "hangup"), ev.PhoneChanged("PJSIP/1001", "idle"), after=2)
    s.wait(10_000)
    return s.text


def crm_silent() -> str:
    """The check gives up in time and takes the code as claimed; the answer comes to the pop."""
    s = opened("anna")
    arrive(s, number="")
    s.say(ev.DigitsCollected("c1", "1", "full"))
    s.say(ev.DigitsCollected("c1", "100001", "full"))
    s.wait(1500)
    wait_in(s)
    s.say(ev.CustomerLookedUp("c1", 1, "timeout", ()), after=450)
    return s.text


def crm_late() -> str:
    """The customer is found while the phone rings: the pop that is on the screen is renewed."""
    s = opened("anna")
    arrive(s)
    s.say(ev.DigitsCollected("c1", "2", "full"), after=100)
    wait_in(s, queue="sales")
    s.say(ev.CustomerLookedUp("c1", 1, "many", (LI, ZHANG)), after=700)
    s.say(ev.CustomerLookedUp("c1", 1, "found", (LI,)), after=10)
    return s.text


def closed_hours() -> str:
    s = opened("anna")
    s.wait(6 * 3600 * 1000)
    arrive(s)
    s.say(ev.PromptsPlayed("c1"), after=4000)
    s.say(ev.CallEnded("c1", "16"), after=100)
    return s.text


def unknown_queue() -> str:
    """A queue that only the dialplan knows: the fallback queue, and a notice."""
    s = opened("bob")
    s.say(ev.CallWaiting("c1", "PJSIP/t", "<b>vip</b>\n", WALL + s.now, "13800138000"))
    return s.text


def unknown_number() -> str:
    """Nobody has said where calls to this number go."""
    s = opened("anna")
    s.say(ev.CallArrived("c1", "PJSIP/t", "13800138000", "", "4999"))
    s.say(ev.CallEnded("c1", "16"), after=20)
    return s.text


def hostile_caller_id() -> str:
    """Ten thousand characters, control characters, markup: kept short and clean, never obeyed."""
    s = opened("anna")
    name = "\x00\x1b[31m<script>alert(1)</script>\r\nAction: Originate\u202e" + "A" * 60
    number = "\r\n<script>" + "9" * 100
    s.say(ev.CallWaiting("c1", "PJSIP/t", "sales", WALL + s.now, number, name, "40\x0700", "1\n2"))
    return s.text


def menu_never_answers() -> str:
    """The PBX says nothing for ten minutes: the caller goes on to the fallback queue."""
    s = opened()
    arrive(s, number="")
    s.wait(600_000)
    wait_in(s, queue="service")
    return s.text


def conversation_broke() -> str:
    """FastAGI fails in the menu: the dialplan falls back, and the caller waits."""
    s = opened("anna", "bob")
    arrive(s, number="")
    s.say(ev.IvrLost("c1", "connection reset"))
    s.say(ev.DigitsCollected("c1", "1", "full"), after=1)
    wait_in(s, queue="")
    return s.text


def leg_never_ends() -> str:
    """The PBX does not confirm: asked once more, then on without it, and said so."""
    s = opened("anna", "bob")
    to_sales(s)
    s.wait(26_000)
    s.wait(10_000)
    return s.text


SCENARIOS: dict[str, Callable[[], str]] = {
    play.__name__: play
    for play in (
        whole_story, wrong_code_three_times, no_digits, hang_up_in_menu, hang_up_in_queue,
        hang_up_while_ringing, hang_up_before_answer, hang_up_after_answer,
        answered_but_not_bridged, no_answer, busy_and_rejected, declined_on_the_page,
        phone_unreachable, private_call, wrap_up_ended_early, break_during_call,
        sign_out_while_ringing, screen_lost_and_back, link_lost, talk_adopted, pbx_restarted,
        killed_and_loaded, crm_silent, crm_late, closed_hours, unknown_queue, unknown_number,
        hostile_caller_id, menu_never_answers, conversation_broke, leg_never_ends,
        *OVERFLOW,
        *CALLBACKS,
        *EXPLANATIONS,
        *ROUTING,
        *ANNOUNCEMENTS,
        *after_call.PLAYS,
        *TRANSFERS,
        *CONSULTS,
        *TASKS,
        *SURVEYS,
        *VOICEMAILS,
        *ESCALATION,
        *SUPERVISION,
        *IVR,
        *LEAVING, *RECORDING, *LOOK_UP,
        *HOURS, *IDENTITY,
        *SERVICES,
        *SPEECH,
        *CONTAINMENT,
    )
}  # fmt: skip
