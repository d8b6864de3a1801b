"""The policy table against the running server: every role, every route, every message."""

import msgspec
import pytest

from ctid.core.fairness import Fairness
from ctid.core.instants import HOUR
from ctid.core.records import CallRecord, Decision, Disposition
from ctid.core.survey import SurveyAnswer
from ctid.core.tasks import TaskView
from ctid.core.visits import Stay, Visit
from ctid.web import frames
from ctid.web.hearing import action_of
from ctid.web.policy import ACTIONS, POLICY, ROLES, Action, allows
from ctid.web.server import WebSettings
from tests.fakes.engine import HandClock, a_pop, a_queue
from tests.fakes.webroom import Room, open_room

LOGINS = {"agent": "ann", "supervisor": "sue", "admin": "adam", "service": "bot"}
PEOPLE = tuple(role for role in ROLES if role != "service")
"""Roles of those who have a page; what a service may do is in test_web_tasks.py."""

ROUTES: dict[Action, tuple[str, str]] = {
    "me.read": ("GET", "/api/me"),
    "snapshot.read": ("GET", "/api/snapshot"),
    "agent.transfer_targets": ("GET", "/api/transfer"),
    "agent.pullable": ("GET", "/api/pull"),
    "supervision.read": ("GET", "/api/supervision"),
    "calls.read": ("GET", "/api/calls"),
    "call.read": ("GET", "/api/calls/c-1"),
    "fairness.read": ("GET", "/api/fairness"),
    "hours.read": ("GET", "/api/hours"),
    "surveys.read": ("GET", "/api/surveys"),
    "ivr.read": ("GET", "/api/ivr"),
    "session.close": ("DELETE", "/api/session"),
}
MESSAGES: dict[Action, dict[str, str]] = {
    "stream.ping": {"type_": "ping"},
    "agent.ready": {"type_": "ready"},
    "agent.break": {"type_": "break", "reason": "lunch"},
    "agent.wrapup_end": {"type_": "wrapup.end"},
    "agent.wrapup_extend": {"type_": "wrapup.extend"},
    "agent.disposition": {"type_": "disposition", "call": "c-1", "code": "sold"},
    "agent.transfer": {
        "type_": "transfer", "call": "c-1", "kind": "number", "target": "+49301234", "note": "",
    },
    "agent.consult": {
        "type_": "consult", "call": "c-1", "kind": "queue", "target": "sales", "note": "",
    },
    "agent.talk": {"type_": "talk", "call": "c-1", "wish": "hold"},
    "agent.hangup": {"type_": "hangup"},
    "agent.pop_ack": {"type_": "pop.ack", "pop": "b1-1"},
    "agent.task": {"type_": "task", "task": "task:1", "do": "accept"},
    "agent.pull": {"type_": "pull", "call": "c-1"},
    "supervise.talk": {"type_": "spy", "agent": "1001", "wish": "whisper"},
    "supervise.stop": {"type_": "spy.stop"},
    "supervise.assign": {"type_": "assign", "call": "c-1", "agent": "1001"},
    "supervise.callback_cancel": {"type_": "callback.cancel", "callback": "c-1"},
    "supervise.hours": {"type_": "hours", "hours": "office", "to": "closed"},
}  # fmt: skip
SUPERVISION: set[Action] = {
    "supervise.talk", "supervise.stop", "supervise.assign", "supervise.callback_cancel",
    "supervise.hours",
}  # fmt: skip
"""The fact names who asks: the session, whatever the message says."""
ELSEWHERE: set[Action] = {
    "stream.open", "board.read", "wish.say", "task.submit", "task.read", "task.cancel",
}  # fmt: skip
"""Tested by tests of their own."""

RECORD = CallRecord(
    "c-1", "+8613800138000", "400", "zh-CN", "", "sales", "1001", "", ("main",), 10, 20, 30, 40,
    10, 10, 1, "answered", "16",
)  # fmt: skip
DECISION = Decision(
    "c-1", "b1-1", "sales", "1001", "longest_idle", "longest idle 3 min", 10, 3, 1, 25
)

BRANCH = (("Branch", "+49301234"),)
CARD = TaskView("task:1", "mail", "email", "offered", "1001", "", "", "", 10, 20, 30, 0, ())
HOUR_BEGAN = HandClock().wall() - 2 * HOUR
ANSWER = SurveyAnswer("c-1", "sales", "1001", "survey", "service", "score", 4, 10)
STAYS = (
    Stay("main", "menu", "1", wrong=1, spent=4_000),
    Stay("main", "code", "hung_up", spent=7_000),
)
VISIT = Visit(
    "c-1", 1, "main", "hung_up", "", "main/code", HandClock().wall() - HOUR, 11_000, STAYS
)
FAIR = Fairness("sales", HOUR_BEGAN, 2, 2 * HOUR, 8_000, 100, 50, 3_000, 9_900, 9_950)
DISPOSITION = Disposition("b1-1", "c-1", "sales", "1001", "sold", 45)


@pytest.fixture
async def room():
    async with open_room(WebSettings(port=0, board_every_ms=20)) as room:
        room.engine.set_view(numbers=BRANCH, queues=(a_queue(),))
        room.engine.set_agent("1001", tasks=(CARD,))
        room.store._calls["c-1"] = RECORD
        room.store._decisions[("b1", 1, 0)] = DECISION
        room.store._fairness[("b1", 3, 0)] = FAIR
        room.store._answers[("b1", 4, 0)] = ANSWER
        room.store._visits[("c-1", 1)] = VISIT
        room.store._dispositions[("b1", 2, 0)] = DISPOSITION
        yield room


def test_every_action_is_tested():
    assert set(ROUTES) | set(MESSAGES) | ELSEWHERE == set(ACTIONS)


def test_every_role_is_in_the_table_and_an_unknown_one_may_do_nothing():
    assert set(POLICY) == set(ROLES)
    assert not any(allows("guest", action) for action in ACTIONS)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ROUTES)
async def test_routes(room: Room, role: str, action: Action):
    method, path = ROUTES[action]
    async with room.signed_in(LOGINS[role]) as browser:
        status, body = await browser.ask(method, path)
    if allows(role, action):
        assert status == 200, body
    else:
        assert (status, body["code"]) == (403, "forbidden")


@pytest.mark.parametrize("action", ROUTES)
async def test_routes_without_a_session(room: Room, action: Action):
    method, path = ROUTES[action]
    async with room.browser() as browser:
        status, body = await browser.ask(method, path)
        assert (status, body["code"]) == (401, "sign_in")
        status, _ = await browser.ask(method, path, Cookie="ctid_session=" + "A" * 43)
        assert status == 401


@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize("action", MESSAGES)
async def test_messages(room: Room, role: str, action: Action):
    async with room.signed_in(LOGINS[role]) as browser, browser.page() as page:
        before = len(room.engine.events)
        await page.frame("hello")
        await page.say(**MESSAGES[action])
        if not allows(role, action):
            assert (await page.frame("error"))["code"] == "forbidden"
            assert room.engine.events[before:] == []
        elif action == "stream.ping":
            await page.frame("pong")
        else:
            event = await room.engine.event(lambda e: type(e).__name__ not in ("SignInAsked",))
            mine = event.by.login == LOGINS[role] if action in SUPERVISION else True
            assert mine
            of_nobody = action in (
                "supervise.stop", "supervise.callback_cancel", "supervise.hours",
            )  # fmt: skip
            assert of_nobody or event.agent == "1001"


def test_every_message_of_the_stream_has_an_action():
    said = [
        frames.decode(msgspec.json.encode({k.rstrip("_"): v for k, v in message.items()}))
        for message in MESSAGES.values()
    ]
    assert [action_of(one) for one in said] == list(MESSAGES)


@pytest.mark.parametrize("role", PEOPLE)
async def test_only_oversight_gets_the_board(room: Room, role: str):
    async with room.signed_in(LOGINS[role]) as browser, browser.page() as page:
        kinds = {(await page.frame())["type"] for _ in range(2)}
        assert ("board" in kinds) == allows(role, "board.read")
        _, body = await browser.ask("GET", "/api/snapshot")
        assert body["type"] == ("board" if allows(role, "board.read") else "agent")


async def test_the_board_shows_no_customer(room: Room):
    room.engine.set_agent("1001", state="reserved", pop=a_pop(caller_name="Secret Person"))
    async with room.signed_in("sue") as browser:
        _, body = await browser.ask("GET", "/api/snapshot")
        assert "Secret" not in str(body)
        assert "13800138000" not in str(body)


async def test_an_agent_sees_only_their_own_view(room: Room):
    room.engine.set_agent("1002", state="reserved", pop=a_pop(agent="1002"))
    async with room.signed_in("ann") as browser:
        _, body = await browser.ask("GET", "/api/snapshot")
        assert body["agent"]["agent"] == "1001"
        assert "1002" not in str(body)


async def test_one_call_with_its_decisions(room: Room):
    async with room.signed_in("sue") as browser:
        _, found = await browser.ask("GET", "/api/calls/c-1")
        assert found["call"]["call"] == "c-1"
        assert found["decisions"][0]["reason"] == "longest idle 3 min"
        assert found["dispositions"][0]["code"] == "sold"
        assert found["survey"][0]["value"] == 4
        assert (await browser.ask("GET", "/api/calls/none"))[0] == 404


@pytest.mark.parametrize(
    ("query", "count"), [("", 1), ("?since=10&until=11", 1), ("?since=11", 0), ("?until=10", 0)]
)
async def test_calls_by_time(room: Room, query: str, count: int):
    async with room.signed_in("sue") as browser:
        _, found = await browser.ask("GET", f"/api/calls{query}")
        assert len(found["calls"]) == count


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 1), ("?until=10", 0), (f"?since={HOUR_BEGAN}&until={HOUR_BEGAN + 1}", 1)],
)  # fmt: skip
async def test_fairness_of_hours_that_are_over(room: Room, query: str, count: int):
    """By default of the last day."""
    async with room.signed_in("sue") as browser:
        _, found = await browser.ask("GET", f"/api/fairness{query}")
        assert [one["queue"] for one in found["fairness"]] == ["sales"] * count
        status, problem = await browser.ask("GET", "/api/fairness?since=0")
        assert (status, problem["code"]) == (400, "bad_query")


@pytest.mark.parametrize(("query", "count"), [("?since=10&until=11", 1), ("?until=10", 0)])
async def test_what_callers_answered(room: Room, query: str, count: int):
    async with room.signed_in("sue") as browser:
        _, found = await browser.ask("GET", f"/api/surveys{query}")
        assert [(one["agent"], one["mean"], one["values"]) for one in found["surveys"]] == [
            ("1001", 4.0, {"4": 1})
        ] * count
        status, problem = await browser.ask("GET", f"/api/surveys?until={400 * 86_400_000}&since=0")
        assert (status, problem["code"]) == (400, "bad_query")


@pytest.mark.parametrize("query", ["since=x", "until=-1", "limit=0", "limit=1001", "since=１"])
async def test_bad_queries(room: Room, query: str):
    async with room.signed_in("sue") as browser:
        status, problem = await browser.ask("GET", f"/api/calls?{query}")
        assert (status, problem["code"]) == (400, "bad_query")
        assert query.split("=")[0] in problem["text"]


async def test_what_became_of_callers_in_the_flows(room: Room):
    """For each flow and step; the call's own record says how its visits ended."""
    async with room.signed_in("sue") as browser:
        _, found = await browser.ask("GET", "/api/ivr")
        [flow] = found["flows"]
        assert (flow["flow"], flow["visits"], flow["contained"], flow["early"]) == ("main", 1, 0, 0)
        assert flow["outcomes"] == {"hung_up": 1}
        code, menu = found["steps"]
        assert (code["step"], code["ways"], code["half_within"]) == ("code", {"hung_up": 1}, 10_000)
        assert (menu["step"], menu["ways"], menu["wrong"]) == ("menu", {"1": 1}, 1)
        _, record = await browser.ask("GET", "/api/calls/c-1")
        assert [(one["visit"], one["last"]) for one in record["visits"]] == [(1, "main/code")]
        _, short = await browser.ask("GET", f"/api/ivr?last={HOUR // 2}")
        assert short["flows"] == []
        _, empty = await browser.ask("GET", "/api/ivr?since=0&until=10")
        assert empty == {"flows": [], "steps": []}
        status, problem = await browser.ask("GET", f"/api/ivr?until={400 * 86_400_000}&since=0")
        assert (status, problem["code"]) == (400, "bad_query")
