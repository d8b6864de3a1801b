"""The stories of surveys: who is asked after the talk, what is answered, and what is not."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ctid.acd.callback import CallbackRules
from ctid.acd.overflow import Overflow, Rule, ToCallback
from ctid.acd.survey import SurveyRules
from ctid.centre.settings import CentreSettings
from ctid.core import events as ev
from ctid.core.callbacks import CallbackAgreed, CustomerDialled
from ctid.core.records import ChannelFact
from ctid.ivr import flow
from ctid.ivr.survey_step import Survey
from tests.golden.site import phones, talk, to_sales
from tests.golden.tasks import office
from tests.golden.transcript import WALL, Scenario

STEPS: dict[str, flow.AnyStep] = {
    "service": Survey(
        "rate", next="solved", on_fail="solved", invalid="wrong", silence="nothing",
    ),
    "solved": Survey("solved", next="thanks", on_fail="bye", answers="yes_no"),
    "thanks": flow.Play("thanks", next="bye"),
    "bye": flow.HangUp(),
}  # fmt: skip
ALL = SurveyRules("survey", low=2, task_queue="mail", task_link="https://crm.example/{call}")


def site(rules: SurveyRules | None = ALL, **of_sales: object) -> CentreSettings:
    """Anna and Bob in sales, whose callers are asked; bad answers go to the queue of e-mails."""
    made = office()
    sales, *others = made.acd.queues
    sales = msgspec.structs.replace(sales, survey=rules, **of_sales)
    acd = msgspec.structs.replace(made.acd, queues=(sales, *others))
    flows = {**made.flows, "survey": flow.Flow("survey", "service", "en", STEPS, {})}
    return msgspec.structs.replace(made, acd=acd, flows=flows)


def opened(settings: CentreSettings, *ready: str) -> Scenario:
    scenario = Scenario(settings)
    scenario.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    for agent in ready:
        scenario.say(ev.SignInAsked(agent), ev.ReadyAsked(agent), after=100)
    return scenario


def comes(call: str = "c1") -> ev.CallArrived:
    """The dialplan brings the caller whose agent has hung up."""
    return ev.CallArrived(call, f"PJSIP/trunk-{call}", "", "", "4001", "survey")


def served(settings: CentreSettings | None = None) -> Scenario:
    """Anna has talked to a caller for a minute, and hangs up."""
    s = opened(settings or site(), "anna")
    to_sales(s)
    talk(s, "b1-2")
    s.say(ev.LegEnded("b1-2", "hangup"), after=60_000)
    return s


def keys(digits: str, call: str = "c1") -> ev.DigitsCollected:
    return ev.DigitsCollected(call, digits, "full" if digits else "timeout")


def survey_answered() -> str:
    """Both questions; the agent is in wrap-up meanwhile, and gets the next caller."""
    s = served()
    s.say(comes(), after=10)
    s.say(keys("4"), after=4_000)
    to_sales(s, "c2")
    s.wait(10_000)
    s.say(keys("1"))
    s.say(ev.PromptsPlayed("c1"), after=2_000)
    s.say(ev.CallEnded("c1", "16"), after=20)
    return s.text


def survey_begins_before_the_leg_has_ended() -> str:
    """FastAGI is faster than the word of the agent's end; and both say everything twice."""
    s = opened(site(), "anna")
    to_sales(s)
    talk(s, "b1-2")
    s.say(comes(), comes(), after=60_000)
    s.say(ev.LegEnded("b1-2", "hangup"), ev.LegEnded("b1-2", "hangup"), after=3)
    s.note("from before the talk, and much too late")
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL + s.now))
    s.say(keys("5"))
    s.say(ev.CallEnded("c1", "16"))
    return s.text


def survey_of_a_bad_score() -> str:
    """A task for the queue of e-mails, one for the call; it goes to Anna after her wrap-up."""
    settings = site()
    steps = {**STEPS, "service": Survey("rate", next="again", on_fail="bye"),
             "again": Survey("rate", next="bye", on_fail="bye")}  # fmt: skip
    flows = {**settings.flows, "survey": flow.Flow("survey", "service", "en", steps, {})}
    s = opened(msgspec.structs.replace(settings, flows=flows), "anna")
    s.say(ev.CallArrived("c1", "PJSIP/trunk-c1", "+8613800138000", "", "4001"))
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL + s.now), after=50)
    talk(s, "b1-2")
    s.say(ev.LegEnded("b1-2", "hangup"), after=60_000)
    s.say(comes(), after=10)
    s.say(keys("2"))
    s.say(keys("1"))
    s.say(ev.CallEnded("c1", "16"))
    s.wait(10_000)
    return s.text


def survey_of_wrong_keys_and_silence() -> str:
    """Twice no answer to the first question; the second is asked all the same, and not answered."""
    s = served()
    s.say(comes(), after=10)
    s.say(keys("9"))
    s.say(keys(""))
    s.say(keys("4"))
    s.say(keys("*"))
    s.say(ev.CallEnded("c1", "16"))
    return s.text


def survey_that_the_caller_leaves() -> str:
    """What was answered before that stands on record."""
    s = served()
    s.say(comes(), after=10)
    s.say(keys("3"))
    s.say(ev.CallEnded("c1", "16"), after=500)
    return s.text


def survey_not_for_who_hangs_up_first() -> str:
    s = opened(site(), "anna")
    to_sales(s)
    talk(s, "b1-2")
    s.say(ev.CallEnded("c1", "16"), ev.LegEnded("b1-2", "hangup"), after=60_000)
    s.note("a word that comes too late")
    s.say(comes())
    return s.text


def survey_by_share() -> str:
    """A share of none, and of all whose rule says so."""
    s = served(site(msgspec.structs.replace(ALL, share=0)))
    s.say(ev.CallEnded("c1", "16"), after=20)
    return s.text


def survey_of_the_last_talk() -> str:
    """Anna sends the caller on to service, which asks nobody; Bob sends the caller back."""
    s = opened(site(), "anna", "bob")
    to_sales(s)
    talk(s, "b1-2")
    s.say(ev.TransferAsked("anna", "c1", "queue", "service"), after=20_000)
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "service", WALL + s.now, moves=1), after=50)
    s.say(ev.LegEnded("b1-2", "hangup"), after=5)
    talk(s, "b1-4")
    s.say(ev.TransferAsked("bob", "c1", "queue", "sales"), after=30_000)
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL + s.now, moves=2), after=50)
    s.say(ev.LegEnded("b1-4", "hangup"), after=5)
    talk(s, "b1-6")
    s.say(ev.LegEnded("b1-6", "hangup"), after=40_000)
    s.say(comes(), after=10)
    s.say(keys("5"), keys("1"))
    s.say(ev.PromptsPlayed("c1"))
    s.say(ev.CallEnded("c1", "16"))
    return s.text


def survey_of_a_callback(*, callbacks: bool = False) -> str:
    """Whom we have dialled is not asked."""
    rules = msgspec.structs.replace(ALL, callbacks=callbacks)
    back = Overflow((Rule(ToCallback(), at="key", key="1"),))
    s = opened(site(rules, overflow=back, callback=CallbackRules()))
    s.say(ev.CallArrived("c1", "PJSIP/trunk-c1", "+8613900008001", "", "4001"))
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL + s.now), after=50)
    s.say(ev.KeyPressed("c1", "1"))
    s.say(ev.CallDiverted("c1", "callback", 1), CallbackAgreed("c1", 1))
    s.say(ev.CallDiverted("c1", "message", 2))
    s.say(ev.CallEnded("c1", "16"))
    (turn,) = s.centre.calls
    s.say(ev.SignInAsked("anna"), ev.ReadyAsked("anna"))
    offer = next(iter(s.centre.router.offers))
    s.say(ev.AgentAnswered(offer))
    s.say(CustomerDialled(turn, "PJSIP/trunk-77"))
    s.say(ev.CallBridged(offer), after=4_000)
    s.say(ev.LegEnded(offer, "hangup"), after=60_000)
    if callbacks:
        s.say(comes(turn), after=10)
        s.say(keys("5", turn))
    s.say(ev.CallEnded(turn, "16"))
    return s.text


def survey_of_a_callback_that_asks() -> str:
    """Where the queue says so, they are."""
    return survey_of_a_callback(callbacks=True)


def survey_that_nobody_ordered() -> str:
    """The order not to ask was lost; a call that nobody knows; a flow that a reload took away."""
    s = served(site(None))
    s.say(comes(), after=10)
    s.say(comes("c9"))
    s.say(ev.CallEnded("c1", "16"))
    s.note("with a survey, whose flow is gone")
    made = site()
    s = opened(msgspec.structs.replace(made, flows=office().flows), "anna")
    to_sales(s)
    talk(s, "b1-2")
    s.say(ev.LegEnded("b1-2", "hangup"), after=60_000)
    s.say(comes(), after=10)
    s.say(ev.CallEnded("c1", "16"))
    return s.text


def survey_breaks() -> str:
    """FastAGI fails: the dialplan hangs up, and nobody waits in a queue for it."""
    s = served()
    s.say(comes(), after=10)
    s.say(ev.IvrLost("c1", "connection reset"))
    s.say(keys("4"), ev.CallEnded("c1", "16"), after=1)
    return s.text


def survey_never_ends() -> str:
    """The PBX says nothing for ten minutes."""
    s = served()
    s.say(comes(), after=10)
    s.wait(600_000)
    s.say(ev.CallEnded("c1", "16"))
    return s.text


def survey_and_a_restart() -> str:
    """Killed in a talk: the order to ask is on the channel, and the caller is asked. Killed in the
    survey: the dialplan hangs up, and the answers are on record."""
    s = opened(site(), "anna")
    to_sales(s)
    talk(s, "b1-2")
    s.restart()
    s.say(ev.Started("b2", WALL), after=2_000)
    channels = (
        ChannelFact("PJSIP/trunk-c1", "c1", "caller", "talking", queue="sales"),
        ChannelFact("PJSIP/1001-1", "b1-2", "agent", "talking", call="c1", phone="PJSIP/1001"),
    )
    s.say(ev.Inventory(False, channels, phones(anna="in_use")), after=200)
    s.say(ev.LegEnded("b1-2", "hangup"), comes(), after=5_000)
    s.say(keys("4"))
    s.restart()
    s.say(ev.Started("b3", WALL), after=2_000)
    s.say(ev.Inventory(False, (), phones()), after=200)
    return s.text


def survey_that_leads_to_a_queue() -> str:
    """Who says no waits for somebody else, with a wait of their own; and is not asked again."""
    settings = site()
    steps: dict[str, flow.AnyStep] = {
        "more": flow.Menu("more", {"1": "service"}, on_fail="bye"),
        "service": flow.Queue("service"),
        "bye": flow.HangUp(),
    }
    flows = {**settings.flows, "survey": flow.Flow("survey", "more", "en", steps, {})}
    s = opened(msgspec.structs.replace(settings, flows=flows), "anna")
    to_sales(s)
    talk(s, "b1-2")
    s.say(ev.LegEnded("b1-2", "hangup"), after=60_000)
    s.say(comes(), after=10)
    s.say(keys("1"))
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "service", WALL + s.now), after=50)
    s.say(ev.SignInAsked("bob"), ev.ReadyAsked("bob"), after=7_000)
    talk(s, "b1-4")
    s.say(ev.LegEnded("b1-4", "hangup"), after=30_000)
    s.say(ev.CallEnded("c1", "16"), after=5)
    return s.text


SURVEYS: tuple[Callable[[], str], ...] = (
    survey_answered, survey_begins_before_the_leg_has_ended, survey_of_a_bad_score,
    survey_of_wrong_keys_and_silence, survey_that_the_caller_leaves,
    survey_not_for_who_hangs_up_first, survey_by_share, survey_of_the_last_talk,
    survey_of_a_callback, survey_of_a_callback_that_asks, survey_that_nobody_ordered,
    survey_breaks, survey_never_ends, survey_and_a_restart, survey_that_leads_to_a_queue,
)  # fmt: skip
"""The stories whose transcripts are kept. Each is a function that returns its transcript."""
