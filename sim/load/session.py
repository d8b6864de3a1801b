"""A whole load run: the pretend Asterisk, a ctid, the agents' pages, and the stretches of callers.

With `--start` the ctid is a throwaway of the scenario's production config; else it runs already and
its config says where it looks for its PBX: there the pretend Asterisk listens.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import aiohttp
import msgspec

from ctid.acd.channels import CALL
from ctid.centre.settings import CentreSettings
from ctid.core.errors import CtidError
from ctid.core.instants import SECOND
from ctid.core.records import AgentId
from ctid.settings import Settings
from sim.live.ami import CTID_READS
from sim.live.phones import PhoneBehaviour
from sim.live.pretend import PretendAsterisk, PretendSettings
from sim.load import config
from sim.load.callers import Casting, Coming, rehearse
from sim.load.customers import demo_customers
from sim.load.measure import Limits, Step, judge
from sim.load.pages import Pages
from sim.load.player import Player, Say, poisson
from sim.load.process import Throwaway, free_port
from sim.load.ramp import Ramp, Search
from sim.load.witness import Witness
from sim.scenario.model import Scenario
from sim.world.entities import Phone
from sim.world.world import World

HANDLING = 1.5
"""Seconds that a call takes of an agent in a ramp where no speed is given: the telephones and pages
of as many agents as would be needed at real length are not what is to be measured."""
OCCUPANCY = 0.7
"""Of the agents of a ramp at its highest rate: callers should not have to wait for agents."""
MOST_AGENTS = 1_000
LINK_SECONDS = 60.0
"""How long a running ctid may take to find the pretend Asterisk; its attempts become rare."""
SAMPLES = 500
"""Draws by which a mean is found."""


class NotLinked(CtidError):
    """The running ctid did not come."""


class Running(msgspec.Struct, frozen=True):
    """A ctid that runs already."""

    settings: Settings
    """Its config: where it looks for its PBX, and where its FastAGI listens."""
    url: str
    sign_ins: Mapping[AgentId, tuple[str, str]]


class Order(msgspec.Struct, frozen=True):
    """What is to be run."""

    scenario: Scenario
    seed: int = 1
    speed: float | None = None
    """None: 1, in a ramp as HANDLING says."""
    ramp: Ramp | None = None
    seconds: float = 10.0
    """Length of a ramp's steps; of the whole, without a ramp, at most."""
    limits: Limits = Limits()
    running: Running | None = None
    """None: a throwaway ctid is started."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    scenario: str
    seed: int
    speed: float
    agents: int
    ramp: Ramp | None
    limits: Limits
    steps: tuple[Step, ...]
    good: float = 0.0
    """The highest rate of a ramp that held, calls a second."""
    bad: float | None = None
    """The lowest that did not; None: all held."""
    ended_by: str = ""
    """`bad`, `generator`, or empty where all held."""
    troubles: tuple[str, ...] = ()
    """Warnings and errors in the log of a throwaway ctid, the first of them."""

    @property
    def held(self) -> bool:
        """Without a ramp, whether all limits held; in one, whether a rate held at all."""
        return self.good > 0 if self.ramp else all(step.verdict == "good" for step in self.steps)


Stepped = Callable[[Step], None]


async def load(order: Order, say: Say, stepped: Stepped) -> Report:
    """Run it to its end. What was started is stopped whatever happens.

    Raises:
        CtidError: ctid did not start or did not come, or an agent could not sign in.
        OSError: a port is taken.
        ValueError: the scenario cannot be played so; the text says what to do.
    """
    speed, staff = _plan(order)
    async with _floor(order, staff, speed, say) as (player, troubles):
        casting = _casting(order, staff, speed)
        search = None
        if order.ramp is None:
            steps = [await _whole(order, player, casting, speed, say)]
            stepped(steps[0])
        else:
            search = Search(order.ramp)
            agents = len(staff.acd.agents)
            steps = await _climb(order, search, player, casting, agents, say, stepped)
        return Report(
            scenario=order.scenario.name, seed=order.seed, speed=speed,
            agents=len(staff.acd.agents), ramp=order.ramp, limits=order.limits,
            steps=tuple(steps), good=search.good if search else 0.0,
            bad=search.bad if search else None,
            ended_by="" if search is None or search.bad is None else search.ended_by,
            troubles=tuple(troubles[:10]),
        )  # fmt: skip


def _plan(order: Order) -> tuple[float, CentreSettings]:
    """The speed, and the settings with as many agents as are needed."""
    centre, ramp = working(order.scenario), order.ramp
    if ramp is None:
        return order.speed or 1.0, centre
    handling = handling_seconds(order.scenario)
    speed = order.speed or max(handling / HANDLING, 1.0)
    if order.running is not None:
        return speed, centre
    count = max(math.ceil(ramp.last * handling / speed / OCCUPANCY), len(centre.acd.agents))
    if count > MOST_AGENTS:
        raise ValueError(
            f"{ramp.last:g} calls/s of {handling / speed:.1f} s need {count} agents, more than"
            f" {MOST_AGENTS}; use a higher --speed, or a lower ramp"
        )
    return speed, config.staffed(centre, count)


def working(scenario: Scenario) -> CentreSettings:
    """Its settings with the agents who work at some time in it: here they do so all the time."""
    centre, staff = scenario.centre, scenario.world.staff
    agents = tuple(
        agent for agent in centre.acd.agents
        if not staff or (agent.id in staff and staff[agent.id].shifts)
    )  # fmt: skip
    replace = msgspec.structs.replace
    return replace(centre, acd=replace(centre.acd, agents=agents))


def handling_seconds(scenario: Scenario) -> float:
    """Mean seconds of an agent's time for one call: ringing, talk, and the longest wrap-up."""
    draw = Random("load/handling")
    talks = [c.draw_talk(c.queue, 1.0) for _, c in itertools.islice(rehearse(scenario, 0), SAMPLES)]
    if not talks:
        raise ValueError("the scenario has no callers; nothing can be played")
    answers = [scenario.world.agents.answer.draw(draw) for _ in range(SAMPLES)]
    wrap_up = max(q.wrap_up for q in scenario.centre.acd.queues if q.channel == CALL)
    return (math.fsum(talks) / len(talks) + math.fsum(answers) / SAMPLES + wrap_up) / SECOND


def _casting(order: Order, staff: CentreSettings, speed: float) -> Casting:
    doors = config.doors(staff) if order.running is None else {}
    return Casting(staff.flows, doors, demo_customers(), speed)


async def _whole(order: Order, player: Player, casting: Casting, speed: float, say: Say) -> Step:
    """The scenario as it is, from its beginning."""
    seconds = min(order.scenario.lasts / SECOND / speed, order.seconds)
    callers = (
        casting.cast(round(at / speed), caller)
        for at, caller in rehearse(order.scenario, order.seed)
    )
    step = await player.stretch(callers, 0.0, seconds, say)
    rate = round(step.calls / max(step.seconds, 1e-9), 3)
    return judge(msgspec.structs.replace(step, rate=rate), order.limits, everybody_can=False)


async def _climb(
    order: Order, search: Search, player: Player, casting: Casting, agents: int, say: Say,
    stepped: Stepped,
) -> list[Step]:  # fmt: skip
    steps: list[Step] = []
    endless = _endless(order, casting)
    while (rate := search.next) is not None:
        draw = Random(f"{order.seed}/load/{len(steps)}")
        say(f"{rate:g} calls/s")

        def told(text: str, rate: float = rate) -> None:
            say(f"{rate:g} calls/s: {text}")

        await player.ready(agents)
        step = await player.stretch(poisson(endless, rate, draw), rate, order.seconds, told)
        steps.append(judge(step, order.limits, everybody_can=order.running is None))
        stepped(steps[-1])
        search.told(steps[-1].verdict)
    return steps


def _endless(order: Order, casting: Casting) -> Iterator[Coming]:
    for day in itertools.count():
        for at, caller in rehearse(order.scenario, f"{order.seed}/{day}"):
            yield casting.cast(at, caller)


@asynccontextmanager
async def _floor(
    order: Order, staff: CentreSettings, speed: float, say: Say
) -> AsyncIterator[tuple[Player, list[str]]]:
    """The pretend PBX, ctid and the pages, all up; with what ctid logs as troubles."""
    agents = staff.acd.agents
    strange = [agent.phone for agent in agents if not agent.phone.startswith("PJSIP/")]
    if strange:
        raise ValueError(f"the pretend Asterisk has PJSIP phones only, not {strange[0]}")
    witness = Witness(
        {agent.phone: agent.id for agent in agents},
        {agent.id: frozenset(agent.queues) for agent in agents},
    )
    async with PretendAsterisk(_pretend(order, staff, speed), witness) as pbx:
        pbx.exchange.listeners.append(witness.heard)
        _teach(order, staff, speed, pbx)
        async with _ctid(order, staff, speed, pbx, witness, say) as (url, sign_ins, troubles):
            say(f"{len(sign_ins)} agents sign in")
            async with (
                aiohttp.ClientSession() as http,
                Pages(url, sign_ins, witness) as pages,
            ):
                yield Player(pbx, witness, pages, http, url), troubles


def _pretend(order: Order, staff: CentreSettings, speed: float) -> PretendSettings:
    running = order.running
    made = PretendSettings(
        seed=order.seed, agi_host="127.0.0.1", agi_port=free_port(),
        agi_token=secrets.token_urlsafe(16), ami_secret=secrets.token_urlsafe(16),
        phones=tuple(agent.phone.partition("/")[2] for agent in staff.acd.agents),
        fallback_queue=staff.fallback_queue, prompt_seconds=1.5 / speed, ami_only=CTID_READS,
        epoch=time.time(),
    )  # fmt: skip
    if running is None:
        return made
    pbx, agi = running.settings.pbx, running.settings.agi
    if pbx.tls or pbx.host not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError(
            f"this ctid looks for its PBX at {pbx.host} {'with TLS' if pbx.tls else ''}; the"
            " pretend Asterisk listens on 127.0.0.1 without TLS: load a ctid of a test config"
        )
    return msgspec.structs.replace(
        made, agi_host=agi.host, agi_port=agi.port, agi_token=agi.token, ami_port=pbx.port,
        ami_user=pbx.user, ami_secret=pbx.secret,
    )  # fmt: skip


def _teach(order: Order, staff: CentreSettings, speed: float, pbx: PretendAsterisk) -> None:
    """Each phone is picked up as that agent of the simulator would, at the same ring."""
    world = World(order.scenario.world, order.scenario.centre.acd, order.seed)
    for agent in staff.acd.agents:
        person = world.phones.get(agent.id) or Phone(
            agent.id, agent.phone, world.dice(agent.id), habits=world.settings.agents
        )
        phone = pbx.phone(agent.phone.partition("/")[2])
        answer = _answering(person, speed, rings_out=order.ramp is None)
        phone.behaviour = PhoneBehaviour(ring_delay=0.05 / speed, draw_answer=answer)


def _answering(person: Phone, speed: float, *, rings_out: bool) -> Callable[[], float]:
    def seconds() -> float:
        stream = person.dice.of("answers")
        lost = stream.random() < person.habits.no_answer
        after = person.habits.answer.draw(stream) / SECOND / speed
        return NEVER if lost and rings_out else after

    return seconds


NEVER = 1e6
"""Seconds, longer than any phone rings."""


@asynccontextmanager
async def _ctid(
    order: Order, staff: CentreSettings, speed: float, pbx: PretendAsterisk, witness: Witness,
    say: Say,
) -> AsyncIterator[tuple[str, Mapping[AgentId, tuple[str, str]], list[str]]]:  # fmt: skip
    """Where its pages are, who may sign in there, and its troubles."""
    running, agents = order.running, staff.acd.agents
    if running is not None:
        missing = [agent.id for agent in agents if agent.id not in running.sign_ins]
        if missing:
            raise ValueError(f"the sign-ins lack agent {missing[0]} and {len(missing) - 1} more")
        say("waiting for ctid to find the pretend Asterisk")
        try:
            await asyncio.wait_for(witness.linked.wait(), LINK_SECONDS)
        except TimeoutError:
            told = f"ctid did not come to the pretend Asterisk at port {pbx.ami_port}"
            raise NotLinked(f"{told} within {LINK_SECONDS:g} s; does it run?") from None
        yield running.url, {agent.id: running.sign_ins[agent.id] for agent in agents}, []
        return
    with tempfile.TemporaryDirectory(prefix="ctid-load-") as folder:
        place = config.Place(
            Path(folder), pbx.ami_port, pbx.settings.ami_secret, pbx.settings.agi_port,
            pbx.settings.agi_token,
        )  # fmt: skip
        files = order.scenario.files
        main, flows = config.throwaway(files.main, files.flows, staff, place, speed)
        ctid = Throwaway(config.write(Path(folder), main, flows))
        password = secrets.token_urlsafe(16)
        sign_ins = {agent.id: (agent.id, password) for agent in agents}
        say("starting ctid")
        await ctid.put_accounts(sign_ins)
        async with ctid:
            yield ctid.url, sign_ins, ctid.troubles
