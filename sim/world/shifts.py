"""Shifts: who signs in when, comes late or not at all, rests at set times, and goes home.

An agent whose shift is over finishes what is in hand: the machine takes the wish for then.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ctid.core import events as ev
from ctid.core.instants import Duration, Instant

if TYPE_CHECKING:
    from sim.world.habits import AgentPlan, Rest
    from sim.world.world import World


class Shifts:
    """See the module. Without plans everybody comes at instant 0 and stays."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._away: dict[str, None] = {}
        """Agents who are not at work."""
        self._resting: dict[str, tuple[str, Duration]] = {}
        """By agent: the reason and the length of the rest that they have asked for."""

    def begin(self, now: Instant) -> None:
        """The first day."""
        world = self._world
        bosses = {one.agent for one in world.settings.supervisors.people}
        plans = world.settings.staff
        for agent in (agent for agent in world.phones if agent not in bosses):
            if not plans:
                self._sign_in(agent)
                continue
            self._away[agent] = None
            if (plan := plans.get(agent)) is not None:
                self._draw(agent, plan, now)

    def at_work(self, agent: str) -> bool:
        """Whether the agent still wants calls, or has gone home."""
        return agent not in self._away

    def rest_of(self, agent: str, reason: str) -> Duration | None:
        """How long the rest that begins now lasts, where it is a planned one."""
        planned = self._resting.pop(agent, None)
        return planned[1] if planned is not None and planned[0] == reason else None

    def _draw(self, agent: str, plan: AgentPlan, now: Instant) -> None:
        """All that chance does to the agent's shifts, at once: nothing that comes in between can
        change it."""
        world = self._world
        stream = world.phones[agent].dice.of("shifts")
        for shift in plan.shifts:
            stays_away, is_late = stream.random() < plan.no_show, stream.random() < plan.late
            late_by = plan.late_by.draw(stream)
            begins = shift.begins + late_by if is_late and shift.begins >= 0 else shift.begins
            if stays_away:
                world.tally.no_shows += 1
                continue
            if begins >= shift.ends:
                continue
            world.at(max(now, begins), lambda _: self._sign_in(agent))
            world.at(shift.ends, lambda _: self._sign_out(agent))
            for rest in shift.rests:
                at = shift.begins + rest.after
                if at >= max(now, begins):
                    world.at(at, partial(self._rest, agent, rest))

    def _sign_in(self, agent: str) -> None:
        self._away.pop(agent, None)
        self._world.tell(ev.SignInAsked(agent))
        self._world.tell(ev.ReadyAsked(agent))

    def _sign_out(self, agent: str) -> None:
        self._away[agent] = None
        self._resting.pop(agent, None)
        self._world.tell(ev.SignOutAsked(agent))

    def _rest(self, agent: str, rest: Rest, _: Instant) -> None:
        if self.at_work(agent):
            self._resting[agent] = (rest.reason, rest.lasts)
            self._world.tell(ev.BreakAsked(agent, rest.reason))
