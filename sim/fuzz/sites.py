"""Small sites by a seed: queues, agents, abilities, and all that queues can be told."""

from __future__ import annotations

from random import Random

from msgspec import convert
from msgspec.structs import replace

from ctid.acd.absence import AbsenceRules
from ctid.acd.callback import CallbackRules
from ctid.acd.channels import CALL
from ctid.acd.overflow import (
    Overflow,
    Rule,
    Target,
    ToCallback,
    ToExternal,
    ToHangUp,
    ToMenu,
    ToMessage,
    ToQueue,
    ToVoicemail,
)
from ctid.acd.settings import AcdSettings, QueueSettings
from ctid.acd.wrapup import WrapUpRule
from ctid.centre.settings import CentreSettings
from ctid.centre.transfer import TransferRules
from ctid.core.instants import SECOND
from ctid.ivr.identity_rules import IdentityRules, Limit
from ctid.ivr.service_steps import SELF_SERVICE, Request
from ctid.ivr.steps import AnyStep, Collect
from sim import site
from sim.fuzz import supervised, tasked
from sim.fuzz.busy import BRANCH, Busy
from sim.fuzz.schooling import schooled
from sim.fuzz.ways_out import with_ways_out

WRAP_UPS = (
    WrapUpRule(),
    WrapUpRule("none"),
    WrapUpRule("optional"),
    WrapUpRule("timed", extend=4000, most=15_000, codes=("sold",)),
    WrapUpRule("timed_full", extend=4000, most=15_000),
    WrapUpRule("disposition", most=7000, codes=("sold", "no")),
)
ABSENCES = (
    AbsenceRules(),
    AbsenceRules(1000, 2000, 3, {"break": 30_000, "connection_lost": 2000}),
)
CONDITIONS: tuple[dict[str, object], ...] = (
    {"at": "wait", "waited": 4_000}, {"at": "wait", "waited": 15_000},
    {"at": "join", "length": 2}, {"at": "both", "no_agent": "ready"},
    {"at": "both", "no_agent": "signed_in"}, {"at": "join", "ratio": 1_500},
    {"at": "join", "closed": "office"}, {"at": "both", "no_agent": "free", "length": 1},
    {"at": "wait", "waited": 3_000, "no_agent": "ready"}, {"at": "both", "expected": 20_000},
    {"at": "key", "key": "1"}, {"at": "key", "key": "2", "waited": 2_000},
    {"at": "wait", "rounds": 2},
)  # fmt: skip
ENDS: tuple[Target, ...] = (
    ToVoicemail(), ToMessage(("sorry",)), ToHangUp(), ToExternal(BRANCH), ToMenu("main"),
    ToCallback(),
)  # fmt: skip
CALLBACKS = CallbackRules(2, retry_after=4_000, ring_for=10_000, keep=90_000)


def made(busy: Busy, seed: int) -> CentreSettings:
    """The site of one seed, for that kind of world."""
    random = Random(f"site {seed}")
    small = site.settings(busy.agents)
    sales, service = small.acd.queues
    names = ("sales", "service", "night")[: random.choice((2, 2, 3))]
    queues = tuple(
        _queue(
            replace(sales if name == "sales" else service, id=name), names[n + 1 :], busy, random
        )
        for n, name in enumerate(names)
    )
    staff = tuple(
        replace(agent, queues=(*agent.queues, names[-1]))
        if n % 2 == 0 and len(names) > 2
        else agent
        for n, agent in enumerate(small.acd.agents)
    )
    acd = replace(small.acd, queues=queues, agents=staff, absence=random.choice(ABSENCES))
    grown = replace(
        small,
        acd=_with_more(acd, busy, seed, random),
        transfer=TransferRules(3_000, {"branch": BRANCH}),
        supervision=supervised.RULES,
        regain=random.choice((0, 20 * SECOND, 180 * SECOND)),
        # Longer than any outage: a call that is found alive after it counts as another one.
        tombstone_for=random.choice((60 * SECOND, 120 * SECOND)),
    )
    grown = _with_services(_with_pins(grown, Random(f"pins {seed}")), Random(f"services {seed}"))
    return with_ways_out(grown, Random(f"ways out {seed}"))


def _with_pins(small: CentreSettings, random: Random) -> CentreSettings:
    """Every other site asks for a PIN behind the code, and has little patience with wrong ones."""
    if random.random() < 0.5:
        return small
    main = small.flows["main"]
    code = main.steps["code"]
    assert isinstance(code, Collect), "a step of the small site"
    pin = Collect(
        "pin", next="sales", on_fail="service", min=4, max=6, tries=random.randint(1, 3),
        class_="pin", check="pin", locked=random.choice(("", "sales")),
    )  # fmt: skip
    steps = {**main.steps, "code": replace(code, next="pin"), "pin": pin}
    limit = Limit(random.randint(1, 4), random.choice((5, 60)) * SECOND, 20 * SECOND)
    return replace(
        small,
        flows={**small.flows, "main": replace(main, steps=steps)},
        identity=IdentityRules(limit, limit, random.choice((300, 3_000))),
    )


def _with_services(small: CentreSettings, random: Random) -> CentreSettings:
    """Every other site lets callers serve themselves behind the code, and behind the PIN where one
    is asked for; who has been served hangs up, or goes on to an agent all the same."""
    if random.random() < 0.5:
        return small
    main = small.flows["main"]
    before = "pin" if "pin" in main.steps else "code"
    asks = main.steps[before]
    assert isinstance(asks, Collect), "code and PIN are keyed in"
    needs = random.choice(("verified", "claimed"))
    prompt, time_out = random.choice(("", "code")), random.choice((200, 3_000))
    own: dict[str, AnyStep] = {
        before: replace(asks, next="own"),
        "own": convert(
            {
                "kind": random.choice(SELF_SERVICE).__struct_config__.tag, "needs": needs,
                "number": "13900139000", "prompt": prompt, "time_out": time_out,
                "next": random.choice(("end", "stock")), "none": "stock", "on_fail": "sales",
            },
            AnyStep,
        ),
        "stock": Request(
            service="shop", ask="GET /stock/{code}", into={"left": "left"}, prompt=prompt,
            time_out=time_out, next="sales", none="end", on_fail="service",
        ),
    }  # fmt: skip
    steps = {**main.steps, **own}
    return replace(small, flows={**small.flows, "main": replace(main, steps=steps)})


def _queue(
    queue: QueueSettings, later: tuple[str, ...], busy: Busy, random: Random
) -> QueueSettings:
    """Rules lead to later queues only, so nobody goes round in circles."""
    rules: list[Rule] = []
    if random.random() < 0.5:
        rules = [_rule(later, random) for _ in range(random.randint(1, 3))]
    if busy.callbacks:
        rules += [Rule(ToCallback(), "key", key="1"), Rule(ToCallback(), "wait", waited=20_000)]
    return replace(
        queue,
        overflow=Overflow(tuple(rules), hops=2, look_every=2_000),
        callback=CALLBACKS,
        wrap_up_rule=random.choice(WRAP_UPS),
        wrap_up=random.choice((0, 3 * SECOND, 10 * SECOND)),
        ring_for=random.choice((4 * SECOND, 12 * SECOND)),
    )


def _rule(later: tuple[str, ...], random: Random) -> Rule:
    to = ToQueue(random.choice(later)) if later and random.random() < 0.5 else random.choice(ENDS)
    return replace(Rule(to), **random.choice(CONDITIONS))


def _with_more(acd: AcdSettings, busy: Busy, seed: int, random: Random) -> AcdSettings:
    if busy.tasks:
        acd = tasked.with_tasks(acd, seed)
    if random.random() < 0.7:
        acd = tasked.one_phone(schooled(acd, random.randint(1, 10**6)))
    if busy.supervisors:
        acd = supervised.with_supervisors(acd)
    plain = (q if q.channel == CALL else replace(q, overflow=Overflow()) for q in acd.queues)
    return replace(acd, queues=tuple(plain))
