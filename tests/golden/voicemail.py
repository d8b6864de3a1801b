"""The stories of messages that become tasks."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ctid.acd.overflow import Overflow, Rule, ToVoicemail
from ctid.acd.voicemail import VoicemailRules
from ctid.core import events as ev
from ctid.core.records import ChannelFact, CustomerCard
from ctid.core.tasks import TaskAccepted, TaskDone
from tests.golden.site import ZHANG, phones
from tests.golden.tasks import office
from tests.golden.transcript import WALL, Scenario

LEADS_THERE = Overflow((Rule(ToVoicemail(("voicemail",)), "wait", waited=10_000),))
RULES = VoicemailRules(90_000, 3_000, "mail", "https://pbx.example/{file}?from={number}&of={call}")
FILE = "/var/spool/asterisk/ctid/c1.wav"


def opened(rules: VoicemailRules, *ready: str) -> Scenario:
    """Sales sends callers to voicemail after 10 s; e-mails and messages go to whoever is ready."""
    made = office()
    sales, *others = made.acd.queues
    sales = msgspec.structs.replace(sales, overflow=LEADS_THERE, voicemail=rules)
    anna, bob = made.acd.agents
    agents = (msgspec.structs.replace(anna, queues=("mail",)), bob)
    acd = msgspec.structs.replace(made.acd, queues=(sales, *others), agents=agents)
    s = Scenario(msgspec.structs.replace(made, acd=acd))
    s.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    for agent in ready:
        s.say(ev.SignInAsked(agent), ev.ReadyAsked(agent), after=100)
    return s


def sent_there(
    s: Scenario, number: str = "+8613800138000", customers: tuple[CustomerCard, ...] = (ZHANG,)
) -> None:
    """A caller has waited too long and hears what to do."""
    s.say(ev.CallArrived("c1", "PJSIP/trunk-c1", number, "", "4001"))
    if customers:
        s.say(ev.CustomerLookedUp("c1", 1, "found", customers), after=20)
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL + s.now), after=50)
    s.wait(10_000)
    s.say(ev.CallDiverted("c1", "voicemail", 1), after=20)


def voicemail_becomes_a_task() -> str:
    """With its limits on the way there, and all that is known of the caller in the task; told
    twice, it is one."""
    s = opened(RULES, "anna")
    sent_there(s)
    s.say(ev.RecordingStored("c1", FILE, 71_400), after=80_000)
    s.say(ev.RecordingStored("c1", FILE, 71_400), ev.CallEnded("c1", "16"), after=5)
    s.say(TaskAccepted("anna", "task:voicemail:c1"))
    s.say(TaskDone("anna", "task:voicemail:c1"), after=60_000)
    return s.text


def voicemail_without_a_word_is_no_task() -> str:
    s = opened(RULES, "anna")
    sent_there(s)
    s.say(ev.CallEnded("c1", "16"), after=3_000)
    return s.text


def voicemail_of_a_hidden_number() -> str:
    """Who left it nobody knows; nor where it would be shown, for the queue names no address."""
    s = opened(VoicemailRules(task_queue="mail"), "anna")
    sent_there(s, "", ())
    s.say(ev.RecordingStored("c1", FILE, 4_000), ev.CallEnded("c1", "16"), after=5_000)
    return s.text


def voicemail_whose_queue_of_tasks_is_gone() -> str:
    """The message stands on the call's record, and it is said that nobody gets it."""
    s = opened(VoicemailRules(task_queue="letters"))
    sent_there(s)
    s.say(ev.RecordingStored("c1", FILE, 4_000), ev.CallEnded("c1", "16"), after=5_000)
    return s.text


def voicemail_and_a_restart() -> str:
    """Killed while the caller speaks."""
    s = opened(RULES, "anna")
    sent_there(s)
    s.restart()
    s.say(ev.Started("b2", WALL), after=2_000)
    channel = ChannelFact("PJSIP/trunk-c1", "c1", "caller", "other", queue="sales")
    s.say(ev.Inventory(False, (channel,), phones()), after=200)
    s.say(ev.RecordingStored("c1", FILE, 9_000), ev.CallEnded("c1", "16"), after=5_000)
    return s.text


VOICEMAILS: tuple[Callable[[], str], ...] = (
    voicemail_becomes_a_task, voicemail_without_a_word_is_no_task, voicemail_of_a_hidden_number,
    voicemail_whose_queue_of_tasks_is_gone, voicemail_and_a_restart,
)  # fmt: skip
"""The stories whose transcripts are kept. Each is a function that returns its transcript."""
