"""The small centre of the scenarios: Anna and Bob in sales, Bob in service too, one menu."""

from __future__ import annotations

from ctid.acd.settings import AcdSettings, AgentSettings, QueueSettings
from ctid.centre.settings import CentreSettings
from ctid.core import events as ev
from ctid.core.records import CustomerCard, PhoneFact, PhoneState
from ctid.ivr import flow
from ctid.ivr.hours import Hours
from tests.golden.transcript import WALL, Scenario

_WORK = ((540, 1080),)
ZHANG = CustomerCard("7", "100001", "张伟", "Zhang Wei", numbers=("+8613800138000",))
LI = CustomerCard("8", "100002", "李娜", "Li Na", numbers=("+8613900139000",))


def main_flow() -> flow.Flow:
    """Hours, menu, code with a check, queue."""
    steps: dict[str, flow.AnyStep] = {
        "hours": flow.Hours("office", open="menu", closed="sorry"),
        "sorry": flow.Play("closed", next="bye"),
        "bye": flow.HangUp(),
        "menu": flow.Menu(
            "which", {"1": "code", "2": "service"}, on_fail="sales", invalid="wrong",
            silence="nothing",
        ),
        "code": flow.Collect(
            "code", next="sales", on_fail="sales", min=6, max=6, invalid="wrong",
            silence="nothing", check="customer",
        ),
        "sales": flow.Queue("sales"),
        "service": flow.Queue("service"),
    }  # fmt: skip
    return flow.Flow("main", "hours", "en", steps, {})


def settings() -> CentreSettings:
    """Everything with its defaults."""
    queues = (QueueSettings("sales", "Sales"), QueueSettings("service", "Service"))
    agents = (
        AgentSettings("anna", "Anna", "PJSIP/1001", ("sales",)),
        AgentSettings("bob", "Bob", "PJSIP/1002", ("sales", "service")),
    )
    straight = {"q": flow.Queue("sales")}
    return CentreSettings(
        acd=AcdSettings(queues, agents),
        flows={"main": main_flow(), "direct": flow.Flow("direct", "q", "en", straight, {})},
        hours={"office": Hours("office", "UTC", (_WORK,) * 5 + ((), ()))},
        entries={"4000": "main", "4001": "direct"},
        fallback_queue="service",
        timezone="UTC",
    )


def phones(anna: PhoneState = "idle", bob: PhoneState = "idle") -> tuple[PhoneFact, ...]:
    """Both phones, for an inventory."""
    return (PhoneFact("PJSIP/1001", anna), PhoneFact("PJSIP/1002", bob))


def opened(*ready: str) -> Scenario:
    """The centre is up, the link too, and these agents wait for calls, in this order."""
    scenario = Scenario(settings())
    scenario.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones()), after=0)
    for agent in ready:
        scenario.say(ev.SignInAsked(agent), ev.ReadyAsked(agent), after=100)
    return scenario


def arrive(scenario: Scenario, call: str = "c1", number: str = "+8613800138000") -> None:
    """A caller stands in the menu."""
    scenario.say(ev.CallArrived(call, f"PJSIP/trunk-{call}", number, "Zhang Wei", "4000"))


def wait_in(scenario: Scenario, call: str = "c1", queue: str = "sales") -> None:
    """The PBX holds the caller now."""
    since = WALL + scenario.now + 50
    scenario.say(ev.CallWaiting(call, f"PJSIP/trunk-{call}", queue, since), after=50)


def to_sales(scenario: Scenario, call: str = "c1") -> None:
    """A caller without a number goes straight to sales and waits there."""
    scenario.say(ev.CallArrived(call, f"PJSIP/trunk-{call}", "", "", "4001"))
    wait_in(scenario, call)


def talk(scenario: Scenario, offer: str) -> None:
    """The agent picks up after 2 s."""
    scenario.say(ev.AgentRinging(offer), after=30)
    scenario.say(ev.AgentAnswered(offer), after=2000)
    scenario.say(ev.CallBridged(offer), after=5)
