"""A small contact centre to simulate when no configuration is at hand: two queues, one menu."""

from __future__ import annotations

from random import Random

from ctid.acd.announce import WaitSettings
from ctid.acd.settings import AcdSettings, AgentSettings, QueueSettings
from ctid.centre.settings import CentreSettings
from ctid.core.instants import SECOND
from ctid.core.records import CustomerCard, PastContact
from ctid.ivr.flow import Collect, Flow, HangUp, Hours, Language, Menu, Play, Queue
from ctid.ivr.hours import Hours as OpeningHours

_WAIT = WaitSettings(
    position_up_to=5, expected_wait=True, first_after=5 * SECOND, every=15 * SECOND,
    periodic=("website", "hours"), periodic_every=20 * SECOND, periodic_order="random",
    comfort_every=25 * SECOND,
)  # fmt: skip
_ALL_DAY = ((540, 1080),)
"""9:00 to 18:00."""


def flow() -> Flow:
    """Hours, a menu with a language, a customer code that is checked, two queues."""
    texts = {"en": "…", "zh-CN": "…"}
    prompts = ("closed", "welcome", "which", "wrong", "nothing", "code")
    return Flow(
        id="main",
        start="hours",
        language="zh-CN",
        steps={
            "hours": Hours("office", open="welcome", closed="closed"),
            "closed": Play("closed", next="end"),
            "end": HangUp(),
            "welcome": Play("welcome", next="menu"),
            "menu": Menu(
                "which",
                {"1": "code", "2": "english"},
                on_fail="service",
                invalid="wrong",
                silence="nothing",
            ),
            "english": Language("en", next="service"),
            "code": Collect(
                "code", next="sales", on_fail="service", min=6, max=8, invalid="wrong",
                silence="nothing", check="customer",
            ),
            "sales": Queue("sales"),
            "service": Queue("service"),
        },
        prompts=dict.fromkeys(prompts, texts),
    )  # fmt: skip


def settings(agents: int = 8) -> CentreSettings:
    """Every third agent knows both queues, the others one of the two in turn."""
    skills = (("sales", "service"), ("sales",), ("service",))
    staff = tuple(
        AgentSettings(f"agent{n}", f"Agent {n}", f"PJSIP/{1000 + n}", skills[n % 3])
        for n in range(agents)
    )
    queues = (
        QueueSettings("sales", "Sales", ring_for=12 * SECOND, wait=_WAIT),
        QueueSettings("service", "Service", ring_for=12 * SECOND, wrap_up=6 * SECOND),
    )
    week = (_ALL_DAY,) * 5 + ((), ())
    return CentreSettings(
        acd=AcdSettings(queues, staff),
        flows={"main": flow()},
        hours={"office": OpeningHours("office", "Asia/Shanghai", week)},
        entries={"*": "main"},
        fallback_queue="service",
    )


def customers(count: int = 40, seed: int = 1) -> tuple[CustomerCard, ...]:
    """Customers for the CRM; every tenth shares the number of the one before."""
    stream = Random(seed)
    cards: list[CustomerCard] = []
    for n in range(count):
        shared = n % 10 == 9
        number = cards[-1].numbers[0] if shared else f"+86138{stream.randrange(10**8):08d}"
        last = (PastContact(1_700_000_000_000 + n * 1000, "phone", f"contact {n}"),)
        cards.append(
            CustomerCard(f"c{n}", f"{100_000 + n}", f"客户{n}", f"Customer {n}", numbers=(number,),
                         last_contacts=last)
        )  # fmt: skip
    return tuple(cards)
