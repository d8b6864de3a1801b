"""The stories of tasks: e-mails and chats in one order with calls, on pages instead of phones."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ctid.acd.channels import Channel
from ctid.acd.need import Need
from ctid.acd.settings import AcdSettings, QueueSettings
from ctid.acd.wrapup import WrapUpRule
from ctid.centre.settings import CentreSettings
from ctid.core import events as ev
from ctid.core.instants import MINUTE
from ctid.core.records import ChannelFact
from ctid.core.tasks import TaskAccepted, TaskCancelled, TaskDone, TaskRejected, TaskSubmitted
from tests.golden.site import phones, settings, talk, to_sales
from tests.golden.transcript import WALL, Scenario

EMAIL = Channel("email", capacity=2, beside=("call", "chat"), answer_within=60 * MINUTE)
CHAT = Channel("chat", capacity=2, offer_for=20_000, answer_within=2 * MINUTE)


def office(**changes: object) -> CentreSettings:
    """Anna and Bob in sales; both take e-mails, Anna chats too."""
    made = settings()
    codes = WrapUpRule(codes=("answered", "spam"))
    mail = QueueSettings("mail", "Mail", channel="email", wrap_up_rule=codes)
    chat = QueueSettings("chat", "Chat", channel="chat")
    anna, bob = made.acd.agents
    replace = msgspec.structs.replace
    acd: AcdSettings = replace(
        made.acd, queues=(*made.acd.queues, replace(mail, **changes), chat),
        agents=(
            replace(anna, queues=(*anna.queues, "mail", "chat")),
            replace(bob, queues=(*bob.queues, "mail")),
        ),
        channels=(EMAIL, CHAT),
    )  # fmt: skip
    return replace(made, acd=acd)


def opened(*ready: str, **changes: object) -> Scenario:
    """The centre is up, and these agents wait for work, in this order."""
    scenario = Scenario(office(**changes))
    scenario.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    for agent in ready:
        scenario.say(ev.SignInAsked(agent), ev.ReadyAsked(agent), after=100)
    return scenario


def mail(scenario: Scenario, name: str, **more: object) -> None:
    """An e-mail comes in."""
    said = {"subject": f"about {name}", "link": f"https://mail.example/{name}", **more}
    scenario.say(TaskSubmitted(f"task:{name}", "mail", "email", **said))


def an_email() -> str:
    """Offered to who is idle longest, accepted, done; submitted twice, it is one task."""
    s = opened("anna", "bob")
    mail(s, "m1", customer="c-77")
    s.note("the sender did not see our answer, and says it again")
    mail(s, "m1", customer="c-77")
    s.say(TaskAccepted("anna", "task:m1"), after=3_000)
    s.note("pressed twice; and Bob has nothing to accept")
    s.say(TaskAccepted("anna", "task:m1"), TaskAccepted("bob", "task:m1"))
    s.say(TaskDone("anna", "task:m1", "answered"), after=90_000)
    s.note("and once more, after its end")
    mail(s, "m1")
    return s.text


def an_email_keeps_no_call_away() -> str:
    """Bob is idle and goes before Anna, who has one in hand; then the phone rings for her too, and
    after the call she goes on with the e-mail."""
    s = opened("anna", "bob")
    mail(s, "m1")
    s.say(TaskAccepted("anna", "task:m1"))
    to_sales(s, "c1")
    talk(s, "b1-4")
    to_sales(s, "c2")
    talk(s, "b1-6")
    s.note("nothing is offered to those who talk")
    mail(s, "m2")
    s.say(ev.CallEnded("c2", "16"), ev.LegEnded("b1-6", "hangup"), after=30_000)
    s.wait(10_000)
    s.say(TaskAccepted("anna", "task:m2"))
    s.note("two is what she may have")
    mail(s, "m3")
    s.say(TaskDone("anna", "task:m1"))
    s.say(TaskAccepted("anna", "task:m3"))
    s.say(TaskDone("anna", "task:m3"), TaskDone("anna", "task:m2"))
    return s.text


def a_chat_keeps_calls_away() -> str:
    """Another chat may come, a call not, until the last chat is over."""
    s = opened("anna")
    s.say(TaskSubmitted("task:t1", "chat", "chat"))
    s.say(TaskAccepted("anna", "task:t1"))
    to_sales(s, "c1")
    mail(s, "m1")
    s.say(TaskSubmitted("task:t2", "chat", "chat"))
    s.say(TaskAccepted("anna", "task:t2"))
    s.say(TaskDone("anna", "task:t1"), after=20_000)
    s.note("the caller first, and the e-mail after the call")
    s.say(TaskDone("anna", "task:t2"), after=5_000)
    talk(s, "b1-7")
    s.say(ev.CallEnded("c1", "16"), ev.LegEnded("b1-7", "hangup"), after=30_000)
    s.wait(10_000)
    return s.text


def nobody_looks_at_the_page() -> str:
    """The offer lapses: Anna is not ready, and Bob gets the task; he refuses it, and it comes again
    after a moment, in which callers may come."""
    s = opened("anna", "bob")
    mail(s, "m1")
    s.wait(30_000)
    s.say(TaskRejected("bob", "task:m1"))
    to_sales(s, "c1")
    talk(s, "b1-5")
    s.say(ev.CallEnded("c1", "16"), ev.LegEnded("b1-5", "hangup"), after=1_000)
    s.wait(10_000)
    s.note("declined by the button of calls: the same")
    s.say(ev.HangUpAsked("bob"))
    return s.text


def tasks_come_back() -> str:
    """An agent gives one back, another signs out, a third loses the page: it waits at its old
    place, and is taken by whoever is there."""
    s = opened("anna", "bob")
    mail(s, "m1")
    s.say(TaskAccepted("anna", "task:m1"))
    s.say(TaskRejected("anna", "task:m1"), after=60_000)
    s.say(TaskAccepted("bob", "task:m1"))
    s.say(ev.SignOutAsked("bob"), after=60_000)
    s.wait(5_000)
    s.say(TaskAccepted("anna", "task:m1"))
    s.note("the page is lost, and for too long; nobody is left")
    s.say(ev.ScreenLost("anna"), after=60_000)
    s.wait(120_000)
    s.say(TaskDone("anna", "task:m1"))
    s.note("the page is back, and so is the task")
    s.say(ev.ScreenBack("anna"))
    s.say(TaskAccepted("anna", "task:m1"))
    s.note("lost for a moment only: it stays in her hand")
    s.say(ev.ScreenLost("anna"))
    s.say(ev.ScreenBack("anna"), after=60_000)
    s.wait(120_000)
    s.say(TaskDone("anna", "task:m1", "spam"))
    s.note("lost with a card on it; a break, and the end of the shift, instead of an answer")
    mail(s, "m2")
    s.say(ev.ScreenLost("anna"))
    s.say(ev.ScreenBack("anna"))
    s.say(ev.BreakAsked("anna", "lunch"))
    s.say(ev.ReadyAsked("anna"))
    s.say(ev.SignOutAsked("anna"))
    return s.text


def the_sender_takes_it_back() -> str:
    """Waiting, offered, in hand."""
    s = opened()
    mail(s, "m1")
    s.say(TaskCancelled("task:m1"))
    s.say(ev.SignInAsked("anna"), ev.ReadyAsked("anna"))
    mail(s, "m2")
    s.say(TaskCancelled("task:m2"))
    mail(s, "m3")
    s.say(TaskAccepted("anna", "task:m3"))
    s.say(TaskCancelled("task:m3"), TaskCancelled("task:m3"))
    return s.text


def inbound_first() -> str:
    """A caller who came later goes before an e-mail, until its deadline is near; of two e-mails the
    one whose deadline is nearer; an urgent one before both."""
    s = opened()
    mail(s, "later", deadline=WALL + 50 * MINUTE)
    mail(s, "sooner", deadline=WALL + 40 * MINUTE)
    mail(s, "urgent", priority=5)
    to_sales(s, "c1")
    s.say(ev.SignInAsked("anna"), ev.ReadyAsked("anna"))
    s.say(TaskAccepted("anna", "task:urgent"))
    talk(s, "b1-6")
    s.say(ev.CallEnded("c1", "16"), ev.LegEnded("b1-6", "hangup"))
    s.wait(10_000)
    s.say(TaskRejected("anna", "task:sooner"))
    s.say(ev.BreakAsked("anna", "lunch"))
    s.note("the deadline is over: the e-mail goes before who has just called")
    s.wait(41 * MINUTE)
    to_sales(s, "c2")
    s.say(ev.ReadyAsked("anna"))
    return s.text


def a_reserve_for_callers() -> str:
    """The last free agent is left free for callers, until the task's deadline."""
    s = opened("anna", "bob", reserve=1)
    mail(s, "m1", deadline=WALL + 5 * MINUTE)
    mail(s, "m2", deadline=WALL + 6 * MINUTE)
    s.wait(6 * MINUTE)
    return s.text


def a_caller_goes_before_a_card() -> str:
    """Nobody has accepted it yet, so the caller gets Anna; the card comes again after the call. An
    e-mail whose deadline is over does not make way."""
    s = opened("anna")
    mail(s, "m1", deadline=WALL + 20 * MINUTE)
    to_sales(s)
    talk(s, "b1-4")
    s.note("too late: the card is gone")
    s.say(TaskAccepted("anna", "task:m1"))
    s.say(ev.CallEnded("c1", "16"), ev.LegEnded("b1-4", "hangup"), after=20 * MINUTE)
    s.wait(10_000)
    to_sales(s, "c2")
    return s.text


def outbound_stops() -> str:
    """Anna speaks no German, so a caller who asks for it waits beside her. From 20 s on she is
    given no follow-up; e-mails she may have. When the caller is gone she gets it at once."""
    made = office()
    replace = msgspec.structs.replace
    sales, service, letters, chat = made.acd.queues
    sales = replace(sales, needs=(Need("german", 1),))
    calls = QueueSettings("calls", "Calls", channel="follow_up")
    anna, bob = made.acd.agents
    acd = replace(
        made.acd, queues=(sales, service, letters, chat, calls),
        agents=(replace(anna, queues=(*anna.queues, "calls")), bob),
        channels=(*made.acd.channels, Channel("follow_up", 2, outbound=True)),
    )  # fmt: skip
    s = Scenario(replace(made, acd=acd))
    s.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    s.say(ev.SignInAsked("anna"), ev.ReadyAsked("anna"))
    to_sales(s)
    s.say(TaskSubmitted("task:f1", "calls", "follow_up"))
    s.say(TaskAccepted("anna", "task:f1"))
    s.say(TaskDone("anna", "task:f1"), after=20_000)
    s.say(TaskSubmitted("task:f2", "calls", "follow_up"))
    mail(s, "m1")
    s.say(TaskAccepted("anna", "task:m1"))
    s.say(TaskDone("anna", "task:m1"))
    s.restart()
    s.say(ev.CallEnded("c1", "16"))
    return s.text


def tasks_and_a_restart() -> str:
    """Killed with one offered, one in hand and one waiting; then Anna is found in a talk."""
    s = opened("anna")
    mail(s, "m1")
    s.say(TaskAccepted("anna", "task:m1"))
    mail(s, "m2")
    mail(s, "m3")
    s.restart()
    s.say(ev.Started("b2", WALL), after=2_000)
    caller = ChannelFact(
        "PJSIP/trunk-c9", "c9", "caller", "talking", queue="sales", since=WALL + s.now,
    )  # fmt: skip
    leg = ChannelFact("PJSIP/1001-1", "b0-9", "agent", "talking", call="c9", phone="PJSIP/1001")
    s.say(ev.Inventory(False, (caller, leg), phones(anna="in_use")), after=200)
    s.say(ev.CallEnded("c9", "16"), ev.LegEnded("b0-9", "hangup"), after=10_000)
    s.say(ev.PhoneChanged("PJSIP/1001", "idle"))
    s.wait(10_000)
    return s.text


def tasks_refused() -> str:
    """To a queue of calls, to none, of another channel, with an id that a call might have."""
    s = opened("anna")
    s.say(TaskSubmitted("task:a", "sales", "call"))
    s.say(TaskSubmitted("task:b", "nowhere", "email"))
    s.say(TaskSubmitted("task:c", "mail", "chat"))
    s.say(TaskSubmitted("1767.12", "mail", "email"))
    s.say(TaskSubmitted("task:d", "mail", "email", weight=0))
    s.say(ev.CallArrived("c1", "PJSIP/trunk-c1", "", "", "4001"))
    s.note("a caller in a queue of tasks: the dialplan is out of date")
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "mail", WALL + s.now))
    return s.text


TASKS: tuple[Callable[[], str], ...] = (
    a_caller_goes_before_a_card,
    an_email, an_email_keeps_no_call_away, a_chat_keeps_calls_away, nobody_looks_at_the_page,
    tasks_come_back, the_sender_takes_it_back, inbound_first, a_reserve_for_callers, outbound_stops,
    tasks_and_a_restart, tasks_refused,
)  # fmt: skip
