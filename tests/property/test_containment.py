"""Whatever a caller does: the trail is the way that was walked, and each step of it was left in the
one way that leads to the next."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ctid.centre.invariants.visits import LEADS_ON
from ctid.ivr import flow
from ctid.ivr.containment import FAILED, NEXT, Stop
from ctid.ivr.service_steps import Asking, SelfService
from ctid.ivr.walker import Walker
from tests.property.test_ivr import answer, in_silence, is_over, worlds


@given(worlds(), st.data())
def test_the_trail_is_the_way(flows: Mapping[str, flow.Flow], data: st.DataObject) -> None:
    walker = Walker(flows, {})
    session, action = walker.begin("main", 0)
    trail = session.trail
    trail.begin(1_000)
    now, times = 1_000, data.draw(st.lists(st.integers(0, 9_000), max_size=25))
    for passed in times:
        if is_over(action):
            break
        now += passed
        action = answer(walker, session, action, data)
        trail.passes(now)
    while not is_over(action):
        action = in_silence(walker, session, action)
        trail.passes(now)
    walked = [step.partition("=")[0].partition("!")[0].partition("~")[0] for step in session.path]
    assert [stop.step for stop in trail.stops] == [name.rpartition("/")[2] for name in walked]
    assert not trail.stops[-1].way
    trail.ends("over", now)
    assert sum(stop.spent for stop in trail.stops) == now - trail.began
    assert trail.has_served == any(stop.served for stop in trail.stops)
    for here, there in pairwise(trail.stops):
        assert here.way in LEADS_ON or len(here.way) == 1
        assert leads(flows, here, there), (here, there)
    assert trail.why() in ("asked", "failed", "led")


def leads(flows: Mapping[str, flow.Flow], here: Stop, there: Stop) -> bool:
    """Whether `here` leads `there` by the way that it says."""
    step = flows[here.flow].steps[here.step]
    if isinstance(step, flow.Call):
        return (there.flow, there.step) == (step.flow, flows[step.flow].start)
    if isinstance(step, flow.Return):
        return there.flow != here.flow  # a flow may be called from several places
    return there.flow == here.flow and there.step in _targets(step, here.way)


def _targets(step: flow.AnyStep, way: str) -> tuple[str, ...]:
    named = dict(flow.targets(step))
    if isinstance(step, flow.Menu) and len(way) == 1:
        return (step.keys[way],)
    if isinstance(step, flow.LookUp) and way in ("found", "many", "none"):
        return (step.many or step.none,) if way == "many" else (named[way],)
    if isinstance(step, Asking) and way == "none":
        return (step.none,)
    if isinstance(step, SelfService) and way == "refused":
        return (step.refused or step.on_fail,)
    if way == FAILED:
        failed = (named.get(field, "") for field in ("on_fail", "locked"))
        return tuple(failed) if any(named.get(f) for f in ("on_fail", "locked")) else (step.next,)
    assert way == NEXT, way
    if isinstance(step, flow.Branch):
        return tuple(named.values())
    return (named["next"],)
