"""A world in which callers are asked after the talk: whoever is asked has been served, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random

import msgspec
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from ctid.acd.channels import CALL
from ctid.acd.survey import WHOLE, SurveyRules
from ctid.centre.follow_up import linked
from ctid.centre.settings import CentreSettings
from ctid.centre.survey import drawn
from ctid.core.commands import CallClosed, Command
from ctid.core.instants import Duration
from ctid.core.records import CallRecord
from ctid.core.survey import SurveyAnswer, SurveyAnswered
from ctid.ivr import flow
from ctid.ivr.survey_step import Survey
from sim.world.world import World
from tests.property.centre_machine import Mischief, Run, site_of
from tests.property.test_invariants import goes_on_as_loaded, mischiefs

STEPS: dict[str, flow.AnyStep] = {
    "service": Survey("rate", next="solved", on_fail="solved", invalid="wrong"),
    "solved": Survey("solved", next="thanks", on_fail="bye", answers="yes_no"),
    "thanks": flow.Play("thanks", next="bye"),
    "bye": flow.HangUp(),
}


def settings(mischief: Mischief, share: int = WHOLE) -> CentreSettings:
    """Every caller of every queue may be asked; where there are tasks, bad scores open some."""
    made = site_of(mischief)
    letters = next((queue.id for queue in made.acd.queues if queue.channel != CALL), "")
    rules = SurveyRules("survey", share, low=2 if letters else 0, task_queue=letters)
    queues = tuple(
        msgspec.structs.replace(queue, survey=rules) if queue.channel == CALL else queue
        for queue in made.acd.queues
    )
    return msgspec.structs.replace(
        made, acd=msgspec.structs.replace(made.acd, queues=queues),
        flows={**made.flows, "survey": flow.Flow("survey", "service", "en", STEPS, {})},
    )  # fmt: skip


class Asked(Run):
    """Follows the answers."""

    def __init__(self, mischief: Mischief, share: int = WHOLE) -> None:
        super().__init__(mischief, settings(mischief, share))
        habits = self.world.settings
        callers = msgspec.structs.replace(habits.callers, ends_call=0.2)
        self.world = World(
            msgspec.structs.replace(habits, callers=callers), self.settings.acd, mischief.seed
        )
        self.records: dict[str, CallRecord] = {}
        self.answers: list[SurveyAnswer] = []

    def play(self, linger: Duration = 600_000) -> None:
        super().play(linger)

    def _note(self, commands: Sequence[Command]) -> None:
        super()._note(commands)
        for command in commands:
            match command:
                case CallClosed(record=record):
                    self.records[record.call] = record
                case SurveyAnswered(answer=answer):
                    assert answer.call not in self.records, "nobody answers after the end"
                    self.answers.append(answer)
                case _:
                    pass


@given(mischiefs)
@budget(max_examples=25)
def test_the_promises_hold_whatever_comes(mischief: Mischief) -> None:
    """Facts late, doubled, in the wrong order, links cut, restarts: the checker follows it all."""
    run = Asked(mischief)
    run.play()
    assert not run.centre.calls


@given(st.integers(0, 10**6), st.integers(1, 5), st.sampled_from([0, 3_000, WHOLE]))
@budget(max_examples=20)
def test_who_is_asked_was_drawn_and_served(seed: int, agents: int, share: int) -> None:
    run = Asked(Mischief(seed, agents=agents), share)
    run.play()
    for answer in run.answers:
        record = run.records[answer.call]
        assert drawn(answer.call, share)
        assert (record.outcome, record.agent, record.queue) == (
            "answered", answer.agent, answer.queue,
        )  # fmt: skip
    given = Counter(answer.call for answer in run.answers)
    assert all(len(record.survey) == given[call] <= 2 for call, record in run.records.items())


@given(mischiefs, st.floats(0, 1))
@budget(max_examples=10)
def test_a_machine_that_is_loaded_goes_on_as_if_nothing_had_happened(
    mischief: Mischief, share: float
) -> None:
    run = Asked(mischief)
    run.play()
    goes_on_as_loaded(run, share)


def test_some_are_asked_and_some_of_them_answer() -> None:
    """Else the properties above would hold of nothing."""
    asked = [Asked(Mischief(seed, agents=3)) for seed in range(3)]
    for run in asked:
        run.play()
    assert sum(len(run.answers) for run in asked) >= 10


def test_the_draw_is_the_share() -> None:
    """Of 20,000 ids: six standard deviations of the binomial are 390."""
    random = Random(7)
    calls = [f"{1_790_000_000 + n}.{random.randrange(10**6)}" for n in range(20_000)]
    assert abs(sum(drawn(call, 3_000) for call in calls) - 6_000) < 390
    assert all(drawn(call, WHOLE) and not drawn(call, 0) for call in calls[:100])


@given(st.text())
def test_what_a_stranger_sends_stays_within_the_address(number: str) -> None:
    link = linked("https://crm.example/?n={number}", number=number)
    rest = link.removeprefix("https://crm.example/?n=")
    assert not set(rest) & set("&?#:<>\"' \r\n{}")
