"""The page that compares two settings."""

from __future__ import annotations

from functools import cache

import msgspec
import pytest

from sim.report.comparison import Asked, Side, html
from sim.run.comparing import COMPARED, Difference, compare
from sim.run.figures import find
from sim.run.replication import replicate
from tests.unit.sim.report.small import HOSTILE, SEED, outcomes, scenario

ASKED = Asked(SEED, 0.95, False, f"ctid-sim compare '{HOSTILE}'")


@cache
def sides() -> tuple[Side, Side]:
    first = scenario()
    queues = tuple(
        msgspec.structs.replace(queue, strategy="linear") for queue in first.centre.acd.queues
    )
    acd = msgspec.structs.replace(first.centre.acd, queues=queues)
    second = msgspec.structs.replace(
        first, centre=msgspec.structs.replace(first.centre, acd=acd)
    )  # fmt: skip
    played = tuple(replicate(second, SEED, n, decisions=n == 0) for n in range(3))
    return Side(first, outcomes()), Side(second, played, f"strategy={HOSTILE}")


@cache
def differences() -> list[Difference]:
    one, two = sides()
    names = [find(name, one.scenario) for name in COMPARED]
    return compare((one.scenario, two.scenario), (one.outcomes, two.outcomes), names, 0.95)


def judged(**changes: object) -> Difference:
    """The first of them, made up."""
    made = {"value": 0.02, "low": 0.01, "high": 0.03, "p_holm": 0.00001, **changes}
    return msgspec.structs.replace(differences()[0], **made)


def test_the_page_holds_both_sides_and_no_markup_of_theirs() -> None:
    page = html(*sides(), differences(), ASKED)
    assert "<script>alert" not in page
    assert page.count("<svg") == 6
    assert "3 runs of each side, with the same callers on both" in page


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (judged(verdict="better"), "B is better: Service level, by +2.0 pp (95 %: +1.0 pp to"),
        (judged(verdict="worse"), "B 更差：服务水平，相差 +2.0 pp"),
        (judged(verdict="same"), "No difference that matters: Service level."),
        (judged(verdict="unclear", would_take=1234), "about 1,234 would do"),
        (judged(verdict="unclear", would_take=0), "Too few runs to tell: Service level."),
        (judged(verdict="better"), "&lt; 0.0001"),
    ],
)
def test_verdicts_become_sentences(made: Difference, said: str) -> None:
    assert said in html(*sides(), [made], ASKED)


def test_other_agents_are_not_set_side_by_side() -> None:
    one, two = sides()
    acd = two.scenario.centre.acd
    acd = msgspec.structs.replace(acd, agents=acd.agents[:-1])
    centre = msgspec.structs.replace(two.scenario.centre, acd=acd)
    fewer = Side(msgspec.structs.replace(two.scenario, centre=centre), two.outcomes)
    assert 'id="agents"' in html(one, two, differences(), ASKED)
    assert 'id="agents"' not in html(one, fewer, differences(), ASKED)
