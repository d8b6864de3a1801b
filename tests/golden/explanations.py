"""Stories of which `ctid explain` is asked afterwards; kept is what it answers."""

from __future__ import annotations

import io
from zoneinfo import ZoneInfo

import msgspec
from rich.console import Console

from ctid.acd.overflow import Overflow, Rule, ToExternal, ToQueue
from ctid.acd.settings import AcdSettings, AgentSettings, Need, QueueSettings, RelaxStep
from ctid.app.explaining_text import show_agent, show_call
from ctid.centre.centre import Centre
from ctid.centre.settings import CentreSettings
from ctid.centre.witness import AgentWitness, CallWitness
from ctid.core import events as ev
from ctid.core.commands import Command
from ctid.core.instants import SECOND
from ctid.core.journal import Line
from ctid.core.records import PhoneFact, PhoneState
from tests.golden import site
from tests.golden.transcript import WALL, Scenario

WIDTH = 110
GERMAN = Need("german", 3)


def settings(*names: str) -> CentreSettings:
    """Sales asks for German, of one penalty after the other, and for less after half a minute.
    Only these agents, or all."""
    sales = QueueSettings(
        "sales", "Sales", needs=(GERMAN,), max_penalty=1,
        relax=(RelaxStep(30 * SECOND, needs=(Need("german", 1),)),),
    )  # fmt: skip

    def agent(
        name: str, german: int = 5, queues: tuple[str, ...] = ("sales",), penalty: int = 0
    ) -> AgentSettings:
        skills = {"german": german} if german else {}
        return AgentSettings(
            name, name.title(), f"PJSIP/{name}", queues, skills, (), {"sales": penalty}
        )

    agents = (
        agent("anna"), agent("bob"), agent("carl"), agent("dora"),
        agent("emil", queues=("service",)),
        agent("fred"), agent("gina", 2), agent("hans", penalty=1), agent("ida", penalty=2),
        agent("jan", 0), agent("kim"), agent("lea"), agent("max"),
    )  # fmt: skip
    if names:
        agents = tuple(agent for agent in agents if agent.id in names)
    queues = (sales, QueueSettings("service", "Service"))
    return msgspec.structs.replace(site.settings(), acd=AcdSettings(queues, agents))


class Story(Scenario):
    """A scenario that can be explained: it keeps the journal's lines."""

    def __init__(self, *ready: str, settings: CentreSettings) -> None:
        super().__init__(settings)
        self.journal: list[Line] = []
        idle: PhoneState = "idle"
        phones = tuple(PhoneFact(agent.phone, idle) for agent in settings.acd.agents)
        self.say(ev.Started("b1", WALL), ev.Inventory(False, (), phones), after=0)
        for agent in ready:
            self.say(ev.SignInAsked(agent), ev.ReadyAsked(agent), after=SECOND)

    def _write(self, event: ev.Event | None, commands: list[Command]) -> None:
        self.journal.append(Line(len(self.journal) + 1, self.now, event, tuple(commands)))
        super()._write(event, commands)

    def call(self, call: str) -> str:
        """What is told of that call."""
        witness = CallWitness(call)
        witness.attend(Centre(self.settings))
        for line in self.journal:
            witness.line(line)
        console, out = _console()
        show_call(witness.close(self.now), ZoneInfo("UTC"), console)
        return out.getvalue()

    def agent(self, agent: str) -> str:
        """What is told of that agent."""
        witness = AgentWitness(Centre(self.settings), agent)
        for line in self.journal:
            witness.line(line)
        console, out = _console()
        show_agent(witness.story(self.now), ZoneInfo("UTC"), console)
        return out.getvalue()


def _console() -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, width=WIDTH, force_terminal=False, legacy_windows=False), out


def why_this_agent() -> str:
    """One of each: chosen, behind, and left out for every reason that there is."""
    s = Story(
        "anna", "bob", "carl", "emil", "fred", "gina", "hans", "ida", "jan", "kim", "lea", "max",
        settings=settings(),
    )  # fmt: skip
    site.to_sales(s, "c1")  # rings at anna, who stays reserved
    site.to_sales(s, "c2")  # rings at bob
    site.talk(s, "b1-4")
    s.say(ev.BreakAsked("carl", "lunch"))
    s.say(ev.PhoneChanged("PJSIP/fred", "unreachable"))
    s.say(ev.PhoneChanged("PJSIP/kim", "in_use"))
    site.to_sales(s, "c3")
    s.say(ev.AgentRinging("b1-6"), after=40)
    s.say(ev.LegEnded("b1-6", "busy"), after=200)
    site.talk(s, "b1-7")
    s.say(ev.CallEnded("c3", "16"), ev.LegEnded("b1-7", "hangup"), after=60_000)
    return s.call("c3")


def nobody_could_take_it() -> str:
    """The caller gives up; who would have been asked later is told too."""
    s = Story("gina", "emil", settings=settings("dora", "emil", "gina"))
    site.to_sales(s)
    s.say(ev.CallEnded("c1", "16"), after=20_000)
    return s.call("c1")


def asked_for_less_after_a_while() -> str:
    s = Story("gina", settings=settings("gina", "ida"))
    site.to_sales(s)
    s.wait(31_000)
    return s.call("c1")


def overflowing(rule: Rule) -> CentreSettings:
    """Emil of service, nobody of sales, and this rule."""
    known = settings("dora", "emil")
    sales, service = known.acd.queues
    sales = msgspec.structs.replace(sales, overflow=Overflow((rule,)))
    acd = msgspec.structs.replace(known.acd, queues=(sales, service))
    return msgspec.structs.replace(known, acd=acd)


def sent_outside_and_back() -> str:
    """The number outside does not answer: the caller waits in sales again, and says so here."""
    s = Story(settings=overflowing(Rule(ToExternal("+4930123"), "wait", waited=20_000)))
    site.to_sales(s)
    s.wait(20_000)
    s.say(ev.CallDiverted("c1", "external", 1), after=200)
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL + 1050, moves=1), after=25_000)
    return s.call("c1")


def moved_and_served() -> str:
    """Nobody in sales; after a while the caller goes to service."""
    s = Story("emil", settings=overflowing(Rule(ToQueue("service"), "wait", waited=20_000)))
    site.to_sales(s)
    s.wait(25_000)
    return s.call("c1")


def link_down_while_waiting() -> str:
    s = Story("anna", settings=settings("anna", "bob"))
    s.say(ev.LinkLost("cable"))
    site.wait_in(s, "c1")
    s.wait(5000)
    return s.call("c1")


def never_in_a_queue() -> str:
    s = Story("anna", settings=settings("anna"))
    site.arrive(s)
    s.say(ev.CallEnded("c1", "16"), after=3000)
    return s.call("c1")


def why_no_call() -> str:
    """Gina is free, and others are preferred; then she is on a break."""
    s = Story("gina", "anna", "hans", settings=settings("anna", "dora", "gina", "hans"))
    for call in ("c1", "c2", "c3"):
        site.to_sales(s, call)
    parts = [s.agent("gina"), s.agent("hans"), s.agent("dora")]
    s.say(ev.BreakAsked("gina", "lunch"))
    return "\n".join([*parts, s.agent("gina")])


EXPLANATIONS = (
    why_this_agent, nobody_could_take_it, asked_for_less_after_a_while, moved_and_served,
    sent_outside_and_back,
    link_down_while_waiting, never_in_a_queue, why_no_call,
)  # fmt: skip
