"""What the pretend world is like: callers, agents, phones, CRM and link. All times in ms."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ctid.core.instants import MINUTE, SECOND, Duration, Instant, WallMs
from ctid.core.records import CustomerCard
from ctid.core.supervision import Supervisor
from sim.spreads import Exponential, Fixed, Spread, Uniform
from sim.world.plan import PlannedCaller
from sim.world.tasks import TaskHabits


class MenuHabits(msgspec.Struct, frozen=True):
    """What callers press at one menu."""

    keys: tuple[tuple[str, float], ...]
    """(key, share)."""
    wrong: str = ""
    """A key that leads nowhere there; empty where each one leads somewhere."""
    confirms: bool = False
    """Not a menu: the caller says whether a code that was read back is right. A plan knows nothing
    of it, and answers as `keys` say."""


class StepHabits(msgspec.Struct, frozen=True):
    """What callers do at one step, where it is not what they do at all others."""

    wrong: float | None = None
    """In place of `wrong_key`, `wrong_code` or `wrong_pin`, by what is asked for."""
    silent: float | None = None
    """In place of `no_digits`."""
    hang_up: float | None = None
    """In place of `menu_hang_up`."""
    type_ahead: float | None = None
    think: Spread | None = None
    keyed: tuple[str, ...] = ()
    """What is keyed in, one of these, each as likely; empty: the customer code."""


class RedialHabits(msgspec.Struct, frozen=True):
    """Who calls again."""

    abandoned: float = 0.0
    """Share of those who gave up waiting."""
    busy: float = 0.0
    """Share of those who found all lines busy."""
    after: Spread = Uniform(30_000, 300_000)
    """From the one call's end to the next call."""
    tries: int = 3
    """How often one person calls again at most."""


class CallerHabits(msgspec.Struct, frozen=True):
    """How callers behave."""

    calls: int = 100
    """How many callers there will be."""
    arrivals: Spread = Exponential(10 * SECOND)
    """From one caller to the next."""
    patience: Spread = Exponential(2 * MINUTE)
    """From joining the queue to hanging up there."""
    prompt: Spread = Uniform(800, 3_000)
    """Length of the prompts of one step."""
    think: Spread = Uniform(500, 4_000)
    """From the prompt's end to the last key."""
    talk: Spread = Exponential(90 * SECOND)
    """From the bridge to the end of the conversation."""
    dialled: tuple[str, ...] = ("4000",)
    """Numbers that callers dial, each as likely as the other."""
    choices: tuple[str, ...] = ("1", "1", "1", "2")
    """Keys pressed in a menu; a repeated one is likelier."""
    menus: Mapping[str, MenuHabits] = {}
    """What is pressed at a menu, by its prompt; `choices` where its prompt is not here."""
    wrong_key: float = 0.05
    """Share of menu answers with a key that leads nowhere."""
    wrong_code: float = 0.15
    """Share of code entries that no customer has."""
    wrong_pin: float = 0.1
    """Share of PINs that are not the customer's; of somebody else's code all are wrong."""
    no_digits: float = 0.1
    """Share of questions that are not answered."""
    menu_hang_up: float = 0.02
    """Share of steps in which the caller hangs up."""
    type_ahead: float = 0.0
    """Share of answers that are keyed while the prompt is still heard."""
    zero_out: float = 0.0
    """Share of callers who ask for an agent, by `zero_out_key` in whatever menu they are, …"""
    zero_out_after: int = 2
    """… once so many of their answers were wrong or missing."""
    zero_out_key: str = "0"
    steps: Mapping[str, StepHabits] = {}
    """What is different at a step, by its prompt."""
    hidden: float = 0.2
    """Share of callers without a number."""
    strangers: float = 0.0
    """Share of callers who are no customers, where the CRM knows any."""
    takes_callback: float = 0.8
    """Share of callers who take a callback that is offered."""
    loses_agent: float = 0.0
    """Share of customers who are called back and answer as the agent is lost."""
    keys_waiting: float = 0.0
    """Share of callers who press a key while they wait, within `think` of each other."""
    queue_keys: tuple[tuple[str, float], ...] = ()
    """(key, share) of those keys; empty: as in `choices`."""
    leaves_message: float = 0.7
    """Share of callers in voicemail who leave a message."""
    message: Spread = Uniform(3_000, 30_000)
    """Length of the message."""
    outside_answers: float = 0.6
    """Share of calls to a number outside that are answered."""
    outside_rings: Spread = Uniform(2_000, 30_000)
    """How long a number outside rings before the answer, or in vain."""
    hold_limit: Duration = MINUTE
    """The dialplan's CTID_HOLD_LIMIT."""
    ends_call: float = 0.7
    """Share of conversations that the caller ends; the others the agent ends."""
    patience_in: Mapping[str, Spread] = {}
    """By queue, in place of `patience`."""
    talk_in: Mapping[str, Spread] = {}
    """By queue, in place of `talk`."""
    redial: RedialHabits = RedialHabits()


class Burst(msgspec.Struct, frozen=True):
    """Callers who come at once, on top of all others."""

    at: Instant
    callers: int
    within: Duration = 0
    """Each comes at some time from `at` on, within this."""


class Inflow(msgspec.Struct, frozen=True):
    """One inflow of callers."""

    id: str
    habits: CallerHabits = CallerHabits()
    rates: tuple[tuple[Instant, float], ...] = ()
    """(from when on, callers an hour), in order of time. Callers come as a Poisson stream; nobody
    comes before the first of these instants."""
    between: Spread | None = None
    """In place of `rates`: from one caller to the next, from instant 0 on."""
    bursts: tuple[Burst, ...] = ()
    queue: str = ""
    """Straight to this queue, past the menus, not to one of the numbers in `habits.dialled`."""
    languages: tuple[tuple[str, float], ...] = ()
    """With `queue`: (language, share) of the callers. Empty: the site's language."""
    with_code: float = 0.0
    """With `queue`: share of those who bring a customer code."""
    grades: tuple[tuple[str, float], ...] = ()
    """(grade, share) of the customers who call. Empty: any customer is as likely as the other."""


class AgentHabits(msgspec.Struct, frozen=True):
    """How agents behave."""

    answer: Spread = Uniform(1_000, 6_000)
    """From ringing to picking up."""
    no_answer: float = 0.05
    """Share of offers that ring out."""
    reject: float = 0.02
    """Share of offers that the phone declines."""
    decline: float = 0.01
    """Share of offers that the agent declines on the page."""
    back: Spread = Uniform(5_000, 30_000)
    """From being set not ready to asking for calls again."""
    early_wrap_up: float = 0.3
    """Share of wrap-ups that the agent ends."""
    wrap_up: Spread = Uniform(500, 8_000)
    """After which time they end it, say how the call ended, or ask for more time."""
    wrap_up_in: Mapping[str, Spread] = {}
    """By queue, in place of `wrap_up`."""
    needs_longer: float = 0.2
    """Share of wrap-ups that the agent prolongs where the queue allows it."""
    breaks: float = 0.05
    """Share of calls in which the agent asks for a break."""
    break_for: Spread = Uniform(20_000, 120_000)
    private_call: float = 0.03
    """Share of calls after which the agent makes a call of their own."""
    private_for: Spread = Uniform(5_000, 60_000)
    unplugged: float = 0.01
    """Share of calls after which the phone is unreachable for `back`."""
    screen_lost: float = 0.02
    """Share of calls during which the page loses its connection for `back`."""
    transfers: float = 0.0
    """Share of calls that the agent sends on, to whatever there is."""
    until_transfer: Spread = Uniform(500, 6_000)
    """From the bridge to that."""
    transfer_numbers: tuple[str, ...] = ()
    """Numbers outside that they send callers to; the machine's settings must allow them."""
    asides: float = 0.0
    """Share of calls in which the agent presses hold, asks colleagues, and all the rest."""
    between_wishes: Spread = Uniform(100, 5_000)
    """From one such wish to the next."""
    sees_pop: Spread = Uniform(5, 60)
    """From the pop to the browser's acknowledgement."""


class Rest(msgspec.Struct, frozen=True):
    """A break at a set time."""

    after: Duration
    """From the shift's beginning on."""
    lasts: Duration
    """From the instant in which the agent is free for it."""
    reason: str


class Shift(msgspec.Struct, frozen=True):
    """One shift of one agent."""

    begins: Instant
    """Before instant 0 for one who is there already."""
    ends: Instant
    rests: tuple[Rest, ...] = ()


class AgentPlan(msgspec.Struct, frozen=True):
    """When one agent works, and how."""

    habits: AgentHabits
    shifts: tuple[Shift, ...] = ()
    """In order, without overlap."""
    speed: float = 1.0
    """An agent of speed 2 needs half the time for a conversation."""
    no_show: float = 0.0
    """Share of shifts to which the agent does not come."""
    late: float = 0.0
    """Share of shifts to which they come late; one that has begun before instant 0 is none."""
    late_by: Spread = Uniform(60_000, 1_800_000)


class SupervisorHabits(msgspec.Struct, frozen=True):
    """What supervisors do, and agents who take callers out of turn."""

    people: tuple[Supervisor, ...] = ()
    """Nobody: nothing of this happens."""
    listens: float = 0.3
    """Share of talks in which somebody listens in."""
    by_hand: float = 0.3
    """Share of callers whom somebody wants to go to an agent by hand, some time after they begin
    to wait."""
    between: Spread = Uniform(100, 6_000)
    """From one such wish to the next."""


class PbxHabits(msgspec.Struct, frozen=True):
    """How the PBX, its link and the CRM behave."""

    setup: Spread = Uniform(1, 20)
    """From any command to its effect."""
    bridge: Spread = Uniform(0, 5)
    """From picking up to both hearing each other."""
    look_up: Spread = Uniform(5, 400)
    """The CRM's answer."""
    crm_silent: float = 0.02
    """Share of look-ups that end in a time-out."""
    cut_every: Spread = Fixed(0)
    """From one link cut to the next; 0 = never."""
    cut_for: Spread = Uniform(500, 20_000)


class ServiceHabits(msgspec.Struct, frozen=True):
    """How those behave whom menus ask besides the CRM's look-up: self-service and HTTP services."""

    answer: Spread = Uniform(20, 600)
    """From the question to its answer."""
    silent: float = 0.02
    """Share of questions that nobody answers."""
    broken: float = 0.02
    """Share of questions that fail at once."""
    none: float = 0.1
    """Share of questions to which there is nothing."""


class WorldSettings(msgspec.Struct, frozen=True):
    """The whole world."""

    callers: CallerHabits = CallerHabits()
    agents: AgentHabits = AgentHabits()
    supervisors: SupervisorHabits = SupervisorHabits()
    pbx: PbxHabits = PbxHabits()
    services: ServiceHabits = ServiceHabits()
    tasks: TaskHabits = TaskHabits()
    customers: tuple[CustomerCard, ...] = ()
    """What the CRM knows."""
    inflows: tuple[Inflow, ...] = ()
    """Callers besides those of `callers`, who come from instant 0 to `lasts`."""
    plan: tuple[PlannedCaller, ...] = ()
    """Callers besides, of whom something is known beforehand."""
    staff: Mapping[str, AgentPlan] = {}
    """By agent; whoever is not named does not work. Empty: all work from instant 0 to the end."""
    lasts: Duration = 0
    """Until when inflows flow and people call again."""
    trunks: int = 0
    """How many lines there are, for callers and for customers who are called back; 0 = enough.
    Whoever finds them all taken hears that it is busy."""
    wall_at_zero: WallMs = 1_767_578_400_000
    """Where instant zero lies: 2026-01-05, a Monday, 10:00 in Shanghai."""
    boot: str = "sim"
    first_call: Duration = SECOND
    """When the first caller may come; agents have signed in by then."""
