"""Tasks over a reload and at the edges of what their sender may say."""

from __future__ import annotations

import msgspec

from ctid.acd.settings import QueueSettings
from ctid.centre.centre import Centre
from ctid.centre.settings import CentreSettings
from ctid.centre.state import CentreState
from ctid.core import events as ev
from ctid.core.instants import HOUR, MINUTE
from ctid.core.tasks import TaskAccepted, TaskDone, TaskRejected, TaskSubmitted
from tests.golden.tasks import mail, office, opened
from tests.golden.transcript import WALL, Scenario

replace = msgspec.structs.replace
LETTERS = QueueSettings("letters", "Letters", channel="email")


def reload(s: Scenario, settings: CentreSettings) -> None:
    """As the daemon does it: another machine with the old state."""
    saved = msgspec.json.decode(msgspec.json.encode(s.centre.dump()), type=CentreState)
    s.settings, s.centre = settings, Centre.load(settings, saved)
    s.say(ev.Reloaded())


def without(
    settings: CentreSettings, *gone: str, more: tuple[QueueSettings, ...] = ()
) -> CentreSettings:
    acd = settings.acd
    queues = (*(q for q in acd.queues if q.id not in gone), *more)
    left = [q.id for q in queues]
    agents = tuple(
        replace(a, queues=(*(q for q in a.queues if q in left), *(q.id for q in more)))
        for a in acd.agents
    )
    return replace(settings, acd=replace(acd, queues=queues, agents=agents))


def three(s: Scenario) -> None:
    """One in Anna's hand, one on her page, one that waits."""
    for name in ("m1", "m2", "m3"):
        mail(s, name)
        if name == "m1":
            s.say(TaskAccepted("anna", "task:m1"))


def states(s: Scenario) -> dict[str, tuple[str, str, str]]:
    tasks = s.centre.tasks
    views = [tasks.view(task) for task in tasks.open.values()]
    return {v.task: (v.state, v.agent, v.queue) for v in views}


def test_a_queue_that_goes_leaves_its_tasks_to_another_of_the_channel() -> None:
    s = opened("anna")
    three(s)
    reload(s, without(s.settings, "mail", more=(LETTERS,)))
    assert states(s) == {
        "task:m1": ("accepted", "anna", "mail"),
        "task:m2": ("offered", "anna", "letters"),
        "task:m3": ("waiting", "", "letters"),
    }
    s.say(TaskAccepted("anna", "task:m2"), TaskRejected("anna", "task:m1"))
    assert states(s)["task:m1"][2] == "letters"
    s.say(TaskDone("anna", "task:m2"))
    assert "task:m2" not in states(s)


def test_a_channel_that_goes_ends_what_waits_and_nothing_in_hand() -> None:
    s = opened("anna")
    three(s)
    reload(s, without(s.settings, "mail"))
    assert states(s) == {"task:m1": ("accepted", "anna", "mail")}
    assert sum("outcome=no_queue" in line for line in s.lines) == 2
    assert s.centre.router.staff.agents["anna"].state == "working"
    s.say(TaskRejected("anna", "task:m1"))
    assert states(s) == {}
    assert s.centre.router.staff.agents["anna"].state == "ready"


def test_what_an_agent_had_who_is_gone_waits_again() -> None:
    s = opened("anna", "bob")
    three(s)
    acd = s.settings.acd
    bob = tuple(a for a in acd.agents if a.id == "bob")
    reload(s, replace(s.settings, acd=replace(acd, agents=bob)))
    assert {state for state, _, _ in states(s).values()} == {"offered", "waiting"}
    assert not s.centre.router.staff.agents["bob"].work
    assert s.centre.tasks.open["task:m1"].returns == 1


def test_a_restart_with_other_settings_mends_as_well() -> None:
    s = opened("anna")
    three(s)
    saved = msgspec.json.decode(msgspec.json.encode(s.centre.dump()), type=CentreState)
    s.settings = without(s.settings, "mail")
    s.centre = Centre.load(s.settings, saved)
    s.say(ev.Started("b2", WALL))
    assert states(s) == {"task:m1": ("accepted", "anna", "mail")}


def test_a_queue_of_calls_that_becomes_one_of_tasks_keeps_no_caller() -> None:
    s = opened()
    s.say(ev.CallArrived("c1", "PJSIP/trunk-c1", "", "", "4001"))
    s.say(ev.CallWaiting("c1", "PJSIP/trunk-c1", "sales", WALL + s.now))
    acd = s.settings.acd
    sales = replace(acd.queues[0], channel="email")
    reload(s, replace(s.settings, acd=replace(acd, queues=(sales, *acd.queues[1:]))))
    assert s.centre.router.contacts["c1"].queue == "service"


def test_an_id_is_known_for_an_hour_after_its_end() -> None:
    s = opened("anna")
    for name in ("x", "y"):
        mail(s, name)
        s.say(TaskAccepted("anna", f"task:{name}"))
        s.say(TaskDone("anna", f"task:{name}"))
        s.wait(HOUR - MINUTE)
        assert s.say(TaskSubmitted(f"task:{name}", "mail", "email")) == []
        s.wait(2 * MINUTE)
    mail(s, "x")
    assert "task:x" in states(s), "forgotten by the time when y ended"


def test_a_deadline_in_the_past_is_over_at_once() -> None:
    s = Scenario(office(reserve=1))
    s.say(ev.Started("b1", WALL), after=0)
    s.say(TaskSubmitted("task:x", "mail", "email", deadline=WALL - HOUR))
    assert s.centre.router.contacts["task:x"].overdue
