"""A whole load run: the pretend Asterisk, a ctid, the agents' pages, and the stretches of callers.

With `--start` the ctid is a throwaway of the scenario's production config; else it runs already and
its config says where it looks for its PBX: there the pretend Asterisk listens.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from random import Random

import msgspec

from ctid.acd.channels import CALL
from ctid.centre.settings import CentreSettings
from ctid.core.instants import SECOND
from sim.live.customers import demo_customers
from sim.load import config
from sim.load.callers import Casting, Coming, rehearse
from sim.load.floor import floor
from sim.load.measure import Step, judge, judge_alone
from sim.load.order import Order, Report, Say, Stepped
from sim.load.player import Player, poisson
from sim.load.ramp import Search
from sim.scenario.model import Scenario

HANDLING = 1.5
"""Seconds that a call takes of an agent in a ramp where no speed is given: the telephones and pages
of as many agents as would be needed at real length are not what is to be measured."""
OCCUPANCY = 0.7
"""Of the agents of a ramp at its highest rate: callers should not have to wait for agents."""
MOST_AGENTS = 1_000
SAMPLES = 500
"""Draws by which a mean is found."""


async def load(order: Order, say: Say, stepped: Stepped) -> Report:
    """Run it to its end. What was started is stopped whatever happens.

    Raises:
        CtidError: ctid did not start or did not come, or an agent could not sign in.
        OSError: a port is taken.
        ValueError: the scenario cannot be played so; the text says what to do.
    """
    speed, staff = _plan(order)
    async with floor(order, staff, speed, say) as (player, troubles):
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
            alone=order.alone, troubles=tuple(troubles[:10]),
        )  # fmt: skip


def _plan(order: Order) -> tuple[float, CentreSettings]:
    """The speed, and the settings with as many agents as are needed."""
    centre, ramp = working(order.scenario), order.ramp
    if ramp is None:
        return order.speed or 1.0, centre
    if order.running is not None:  # its times are as they are, and so are its agents
        return order.speed or 1.0, centre
    handling = handling_seconds(order.scenario)
    speed = order.speed or max(handling / HANDLING, 1.0)
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
    talks = [
        c.draw_talk(c.queue, 1.0) for _, c in itertools.islice(rehearse(scenario, 0, 0), SAMPLES)
    ]
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
        for at, caller in rehearse(order.scenario, order.seed, 0)
    )
    step = await player.stretch(callers, 0.0, seconds, say)
    rate = round(step.calls / max(step.seconds, 1e-9), 3)
    return _judged(order, msgspec.structs.replace(step, rate=rate))


def _judged(order: Order, step: Step) -> Step:
    if order.alone:
        return judge_alone(step, order.limits)
    everybody_can = order.ramp is not None and order.running is None
    return judge(step, order.limits, everybody_can=everybody_can)


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
        steps.append(_judged(order, step))
        stepped(steps[-1])
        search.told(steps[-1].verdict)
    return steps


def _endless(order: Order, casting: Casting) -> Iterator[Coming]:
    for day in itertools.count():
        for at, caller in rehearse(order.scenario, order.seed, day):
            yield casting.cast(at, caller)
