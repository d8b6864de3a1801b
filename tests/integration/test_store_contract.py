"""One contract for every store: memory, SQLite in a file, and a real PostgreSQL."""

from __future__ import annotations

import asyncio
from random import Random

import msgspec
import pytest

from ctid.core.commands import (
    AgentTimed,
    CallClosed,
    Decided,
    Disposed,
    FairnessMeasured,
    HangUpCall,
    LegClosed,
    Overflowed,
    Repaired,
    Spied,
)
from ctid.core.errors import Refused
from ctid.core.fairness import Fairness
from ctid.core.instants import HOUR, MINUTE, SECOND
from ctid.core.opening import HoursTurn, HoursTurned
from ctid.core.records import (
    AgentTime,
    CallRecord,
    Decision,
    Disposition,
    LegRecord,
    Move,
    Outcome,
    Recorded,
)
from ctid.core.supervision import SpyRecord, SpyStep
from ctid.core.survey import AnswerKind, SurveyAnswer, SurveyAnswered, SurveyFigures
from ctid.core.tasks import Escalated, TaskClosed, TaskRecord
from ctid.ports import Account, Accounts, Session, Store
from ctid.store.batch import Repair
from ctid.store.intervals import INTERVAL, QueueInterval
from ctid.store.memory import MemoryStore
from ctid.store.sql import SqlStore
from tests.integration.stores import T0, TARGETS, AnyStore, lines


def call(name: str, at: int = T0, outcome: Outcome = "answered", **changes: object) -> CallRecord:
    record = CallRecord(
        call=name,
        number="+8613800138000",
        dialled="4008",
        language="zh-CN",
        code="1001",
        queue="sales",
        agent="ann",
        customer="7",
        path=("welcome", "主菜单"),
        arrived_at=at,
        queued_at=at,
        answered_at=at + 5 * SECOND,
        ended_at=at + 65 * SECOND,
        waited=5 * SECOND,
        talked=MINUTE,
        offers=1,
        outcome=outcome,
        cause="16",
    )
    return msgspec.structs.replace(record, **changes)


def leg(offer: str, name: str, at: int = T0) -> LegRecord:
    return LegRecord(offer, name, "sales", "ann", at, at + 1, at + 2, at + 3, "hangup")


def decision(name: str, offer: str, at: int) -> Decision:
    return Decision(name, offer, "sales", "ann", "longest_idle", "longest idle", 100, 3, 1, at)


def some_day(seed: int, count: int) -> list[CallRecord]:
    """Calls over two hours in two queues and the menu, with every outcome."""
    random = Random(seed)
    outcomes: list[Outcome] = [
        "answered", "abandoned", "ivr_hangup", "ivr_ended", "pbx_restart", "voicemail",
        "turned_away",
    ]  # fmt: skip
    found = []
    for n in range(count):
        outcome = random.choice(outcomes)
        at = T0 + random.randrange(2 * HOUR)
        in_menu = outcome in ("ivr_hangup", "ivr_ended")
        found.append(
            call(
                f"{seed}.{n}",
                at,
                outcome,
                queue="" if in_menu else random.choice(["sales", "support"]),
                queued_at=0 if in_menu else at + random.randrange(MINUTE),
                waited=random.randrange(MINUTE),
            )
        )
    return found


async def test_ports(store: AnyStore) -> None:
    records: Store = store
    people: Accounts = store
    assert await records.health()
    assert await people.account("nobody") is None


async def test_what_is_written_is_read_back(store: AnyStore) -> None:
    time = AgentTime("ann", "ready", "", T0, T0 + 1)
    batch = lines(
        CallClosed(call("c1")),
        LegClosed(leg("o2", "c1", T0 + 9)),
        LegClosed(leg("o1", "c1", T0)),
        Decided(decision("c1", "o2", T0 + 9)),
        Decided(decision("c1", "o1", T0)),
        AgentTimed(time),
        Disposed(Disposition("o2", "c1", "sales", "ann", "sold", T0 + 20)),
        Disposed(Disposition("o1", "c1", "sales", "ann", "call_back", T0 + 10)),
        Repaired("c1", "call_adopted", "说明"),
        HangUpCall("c1", "not for the record"),
    )
    await store.write(batch)
    assert await store.call("c1") == call("c1")
    assert await store.call("c2") is None
    assert [one.offer for one in await store.legs("c1")] == ["o1", "o2"]
    assert (await store.legs("c1"))[0] == leg("o1", "c1", T0)
    assert [one.offer for one in await store.decisions("c1")] == ["o1", "o2"]
    assert (await store.decisions("c1"))[0] == decision("c1", "o1", T0)
    assert [one.code for one in await store.dispositions("c1")] == ["call_back", "sold"]
    assert (await store.dispositions("c1"))[1].offer == "o2"
    assert await store.agent_times("ann", T0, T0 + 1) == [time]
    assert await store.agent_times("ann", T0 + 1, T0 + 2) == []
    assert await store.repairs("b1") == [Repair("c1", "call_adopted", "说明")]
    assert await store.position("b1") == len(batch)
    assert await store.position("other") == 0


async def test_the_same_batch_twice_changes_nothing(store: AnyStore) -> None:
    batch = lines(
        CallClosed(call("c1")),
        LegClosed(leg("o1", "c1")),
        Decided(decision("c1", "o1", T0)),
        Disposed(Disposition("o1", "c1", "sales", "ann", "sold", T0)),
        AgentTimed(AgentTime("ann", "ready", "", T0, T0 + 1)),
        Repaired("c1", "call_adopted", "text"),
    )

    async def all_of_it() -> object:
        return (
            await store.calls(0, T0 + HOUR),
            await store.legs("c1"),
            await store.decisions("c1"),
            await store.dispositions("c1"),
            await store.agent_times("ann", 0, T0 + HOUR),
            await store.repairs("b1"),
            await store.intervals(0, T0 + HOUR),
            await store.position("b1"),
        )

    await store.write(batch)
    once = await all_of_it()
    await store.write(batch)
    await store.write(batch[2:] + batch + batch[:2])
    assert await all_of_it() == once
    assert len(await store.calls(0, T0 + HOUR)) == 1
    assert (await store.intervals(0, T0 + HOUR))[0].offered == 1


async def test_moves_are_kept_by_call_and_a_call_names_its_recording(store: AnyStore) -> None:
    def move(call_id: str, to: str, at: int) -> Move:
        return Move(call_id, "sales", to, 2, "timed_out", "waited 30 s", 30_000, at)

    first, second = move("c1", "queue:support", T0), move("c1", "voicemail", T0 + HOUR)
    other = move("c2", "hang_up", T0)
    [record] = some_day(1, 1)
    record = msgspec.structs.replace(record, recording="/var/spool/c1.wav", recorded=7_480)
    batch = lines(Overflowed(second), Overflowed(first), Overflowed(other), CallClosed(record))
    await store.write(batch)
    await store.write(batch)
    assert await store.moves("c1") == [first, second]
    assert await store.moves("c3") == []
    assert await store.call(record.call) == record


async def test_a_task_has_one_record_and_its_moves(store: AnyStore) -> None:
    record = TaskRecord(
        "task:m1", "mail", "email", 3, 2, "c-77", "https://mail.example/m1", "anna", T0,
        T0 + HOUR, T0 + MINUTE, T0 + 2 * MINUTE, MINUTE, MINUTE, 2, 1, 1, "done", "answered",
    )  # fmt: skip
    move = Move("task:m1", "mail", "supervisor", 1, "escalated", "its deadline", HOUR, T0 + HOUR)
    again = msgspec.structs.replace(record, outcome="cancelled")
    await store.write(lines(TaskClosed(record), Escalated(move), TaskClosed(again)))
    await store.write(lines(TaskClosed(record), Escalated(move), TaskClosed(again)))
    assert await store.task("task:m1") == record
    assert await store.task("m1") is None
    assert await store.moves("task:m1") == [move]


async def test_who_was_in_which_talk_is_kept_by_time(store: AnyStore) -> None:
    def step(at: int, what: SpyStep) -> SpyRecord:
        return SpyRecord("b1-3", what, "sue", "anna", "c-1", "whisper", at)

    began, changed, ended = step(T0, "began"), step(T0 + 5, "changed"), step(T0 + HOUR, "ended")
    batch = lines(*(Spied(one) for one in (ended, began, changed)))
    await store.write(batch)
    await store.write(batch)
    assert await store.supervision(T0, T0 + HOUR) == [began, changed]
    assert await store.supervision(T0 + 1, 2**53) == [changed, ended]


async def test_answers_are_kept_by_call_and_summed_up_by_agent(store: AnyStore) -> None:
    def said(
        name: str, value: int, at: int, agent: str = "anna", kind: AnswerKind = "score"
    ) -> SurveyAnswer:
        question = "service" if kind == "score" else "solved"
        return SurveyAnswer(name, "sales", agent, "survey", question, kind, value, at)

    good, bad, yes = said("c1", 5, T0), said("c2", 2, T0 + 1), said("c1", 1, T0 + 2, kind="yes_no")
    other = said("c3", 4, T0 + 3, "bob")
    batch = lines(*(SurveyAnswered(one) for one in (good, bad, yes, other)))
    await store.write(batch)
    await store.write(batch)
    assert await store.survey_answers("c1") == [good, yes]
    assert await store.survey_answers("c9") == []
    assert await store.survey_figures(T0, T0 + HOUR) == [
        SurveyFigures("sales", "anna", "service", "score", 2, 3.5, {2: 1, 5: 1}),
        SurveyFigures("sales", "anna", "solved", "yes_no", 1, 1.0, {1: 1}),
        SurveyFigures("sales", "bob", "service", "score", 1, 4.0, {4: 1}),
    ]
    assert await store.survey_figures(T0 + 4, T0 + HOUR) == []


async def test_a_calls_answers_stand_on_its_record(store: AnyStore) -> None:
    asked = call("c1", survey=("service=4", "solved=yes"))
    await store.write(lines(CallClosed(asked), CallClosed(call("c2"))))
    assert await store.call("c1") == asked
    found = await store.call("c2")
    assert found is not None
    assert found.survey == ()


async def test_what_callers_said_in_the_menu_stands_on_their_record(store: AnyStore) -> None:
    name = Recorded("name", "/spool/ctid/c1-1.wav", 2_400, "https://pbx.example/c1-1.wav")
    said = call("c1", recordings=(name, Recorded("why", "/spool/ctid/c1-2.wav", 9_000, "")))
    await store.write(lines(CallClosed(said), CallClosed(call("c2"))))
    assert await store.call("c1") == said
    found = await store.call("c2")
    assert found is not None
    assert found.recordings == ()


async def test_who_was_verified_stands_on_the_record(store: AnyStore) -> None:
    calls = [call(f"c{n}", identity=one) for n, one in enumerate(("verified", "claimed", ""))]
    await store.write(lines(*map(CallClosed, calls)))
    assert [await store.call(one.call) for one in calls] == calls


async def test_who_switched_which_hours_is_kept_by_time(store: AnyStore) -> None:
    closed = HoursTurn("office", "closed", "sue", T0, T0 + HOUR)
    over = HoursTurn("office", "schedule", "", T0 + HOUR)
    batch = lines(HoursTurned(over), HoursTurned(closed))
    await store.write(batch)
    await store.write(batch)
    assert await store.hours_turned(T0, T0 + HOUR) == [closed]
    assert await store.hours_turned(T0, 2**53) == [closed, over]


async def test_fairness_is_kept_by_hour_and_queue(store: AnyStore) -> None:
    def hour(queue: str, at: int) -> Fairness:
        return Fairness(queue, at, 3, 2**40, 7_500, 1_200, 480, 2**33, 9_990, 9_871)

    figures = [hour("support", T0), hour("sales", T0), hour("sales", T0 + HOUR)]
    batch = lines(*(FairnessMeasured(one) for one in reversed(figures)))
    await store.write(batch)
    await store.write(batch)
    assert await store.fairness(T0, T0 + HOUR) == [figures[1], figures[0]]
    assert await store.fairness(T0 + 1, T0 + 2 * HOUR) == [figures[2]]
    assert await store.fairness(0, T0) == []


async def test_a_call_has_one_record_whichever_journal_tells_of_it(store: AnyStore) -> None:
    await store.write(lines(CallClosed(call("c1", outcome="answered")), boot="b1"))
    await store.write(lines(CallClosed(call("c1", outcome="pbx_restart")), boot="b2"))
    found = await store.call("c1")
    assert found is not None
    assert found.outcome == "answered"
    assert [part.offered for part in await store.intervals(0, T0 + HOUR)] == [1]


async def test_one_place_of_the_journal_gives_one_record(store: AnyStore) -> None:
    await store.write(lines(CallClosed(call("c1"))))
    await store.write(lines(CallClosed(call("c2"))))
    assert await store.call("c2") is None
    assert [part.offered for part in await store.intervals(0, T0 + HOUR)] == [1]


async def test_position_never_goes_back(store: AnyStore) -> None:
    await store.write(lines(CallClosed(call("c9")), first=9))
    await store.write(lines(CallClosed(call("c3")), first=3))
    assert await store.position("b1") == 9
    await store.write([])
    await store.write(lines(HangUpCall("c1", ""), first=12))
    assert await store.position("b1") == 12


async def test_two_writers_of_the_same_rows(url: str) -> None:
    one = MemoryStore(TARGETS) if url == "memory:" else await SqlStore.open(url, TARGETS)
    other = one if isinstance(one, MemoryStore) else await SqlStore.open(url, TARGETS)
    batch = lines(*(CallClosed(record) for record in some_day(1, 300)))
    orders = [batch, batch[::-1], batch[150:] + batch[:150]]
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        for writer in (one, other):
            for order in orders:
                for at in range(0, 300, 60):
                    group.create_task(writer.write(order[at : at + 60]))
    assert len(await one.calls(0, T0 + 3 * HOUR)) == 300
    queued = sum(1 for entry in some_day(1, 300) if entry.queued_at)
    assert sum(part.offered for part in await other.intervals(0, T0 + 3 * HOUR)) == queued
    await one.close()
    await other.close()


async def test_calls_come_newest_first_from_a_half_open_span(store: AnyStore) -> None:
    await store.write(lines(*(CallClosed(call(f"c{n}", T0 + n)) for n in range(10))))
    found = await store.calls(T0 + 2, T0 + 8)
    assert [record.call for record in found] == ["c7", "c6", "c5", "c4", "c3", "c2"]
    assert [record.call for record in await store.calls(T0, T0 + 99, limit=2)] == ["c9", "c8"]
    assert await store.calls(T0 + 5, T0 + 5) == []


async def test_sums_of_intervals_equal_the_calls(store: AnyStore) -> None:
    day = some_day(2, 400)
    entries = lines(*(CallClosed(record) for record in day))
    for at in range(0, 400, 70):
        await store.write(entries[max(0, at - 20) : at + 70])  # overlapping, as after a retry
    queued = [record for record in day if record.queued_at]
    parts = await store.intervals(0, T0 + 4 * HOUR)
    for queue in ("sales", "support"):
        mine = [record for record in queued if record.queue == queue]
        told = [part for part in parts if part.queue == queue]
        answered = [record for record in mine if record.outcome == "answered"]
        abandoned = [record for record in mine if record.outcome == "abandoned"]
        within = TARGETS[queue]
        assert sum(part.offered for part in told) == len(mine)
        assert sum(part.answered for part in told) == len(answered)
        assert sum(part.abandoned for part in told) == len(abandoned)
        moved = [record for record in mine if record.outcome in ("voicemail", "turned_away")]
        lost = [record for record in mine if record.outcome == "pbx_restart"]
        assert moved
        assert sum(part.overflowed for part in told) == len(moved)
        assert sum(part.lost for part in told) == len(lost)
        assert sum(part.answered_within for part in told) == sum(
            record.waited <= within for record in answered
        )
        assert sum(part.abandoned_within for part in told) == sum(
            record.waited <= within for record in abandoned
        )
        assert sum(part.waited for part in told) == sum(record.waited for record in mine)
        assert sum(part.talked for part in told) == sum(record.talked for record in mine)
        assert max(part.longest for part in told) == max(record.waited for record in mine)
    for part in parts:
        assert part.offered == part.answered + part.abandoned + part.overflowed + part.lost


async def test_intervals_are_half_open(store: AnyStore) -> None:
    end = T0 + INTERVAL
    for n, at in enumerate((T0, end - 1, end)):
        await store.write(lines(CallClosed(call(f"c{n}", at, waited=20 * SECOND + n)), first=n + 1))
    first = QueueInterval(
        queue="sales",
        began_at=T0,
        offered=2,
        answered=2,
        answered_within=1,  # at most the target: exactly 20 s is within, 1 ms more is not
        waited=40 * SECOND + 1,
        talked=2 * MINUTE,
        longest=20 * SECOND + 1,
    )
    assert await store.intervals(T0, end) == [first]
    assert [part.began_at for part in await store.intervals(T0, end + 1)] == [T0, end]
    assert await store.intervals(T0 + 1, end) == []


async def test_a_caller_cannot_stop_the_records_by_the_caller_id(store: AnyStore) -> None:
    nasty = "<b>\0\x01\r\n\ud800" + "x" * 10_000
    await store.write(lines(CallClosed(call("c1", number=nasty, path=("a\0", "b")))))
    found = await store.call("c1")
    assert found is not None
    assert found.number.startswith("<b>\ufffd\x01\r\n\ufffd")
    assert found.number.endswith("x" * 10_000)
    assert found.path == ("a\ufffd", "b")


# -- accounts and sessions --------------------------------------------------------------------

ANN = Account("ann", "安", "agent", "ann", "$argon2id$1")


def session(at: int = T0) -> Session:
    return Session("ann", "agent", "ann", "安", "zh-CN", at, at, "csrf")


async def test_accounts(store: AnyStore) -> None:
    await store.put_account(ANN)
    assert await store.account("ann") == ANN
    renamed = msgspec.structs.replace(ANN, name="Ann")
    await store.put_account(renamed)
    assert await store.account("ann") == renamed


async def test_a_session_lives_and_is_renewed_once_a_minute(store: AnyStore) -> None:
    await store.put_account(ANN)
    await store.open_session("hash", session())
    idle, absolute = 30 * MINUTE, 8 * HOUR

    async def seen(now: int) -> int | None:
        found = await store.session("hash", idle, absolute, now)
        return None if found is None else found.seen_at

    assert await store.session("hash", idle, absolute, T0) == session()
    assert await store.session("other", idle, absolute, T0) is None
    assert await seen(T0 + MINUTE - 1) == T0
    assert await seen(T0 + MINUTE) == T0 + MINUTE
    assert await seen(T0 + 2 * MINUTE - 1) == T0 + MINUTE
    assert await seen(T0 + 31 * MINUTE) == T0 + 31 * MINUTE
    await store.close_session("hash")
    await store.close_session("hash")
    assert await seen(T0 + 31 * MINUTE) is None


async def test_a_session_ends_when_idle(store: AnyStore) -> None:
    await store.put_account(ANN)
    await store.open_session("hash", session())
    assert await store.session("hash", 50_000, HOUR, T0 + 50_000) is not None
    assert await store.session("hash", 50_000, HOUR, T0 + 50_001) is None
    assert await store.session("hash", HOUR, HOUR, T0) is None  # gone for good


async def test_a_session_ends_when_old(store: AnyStore) -> None:
    await store.put_account(ANN)
    await store.open_session("hash", session())
    for now in range(T0, T0 + HOUR + 1, 10 * MINUTE):
        assert await store.session("hash", 15 * MINUTE, HOUR, now) is not None
    assert await store.session("hash", 15 * MINUTE, HOUR, T0 + HOUR + 1) is None


@pytest.mark.parametrize(
    ("change", "lives"),
    [
        ({"role": "supervisor"}, False),
        ({"password_hash": "$argon2id$2"}, False),
        ({"agent": "bob"}, False),
        ({"name": "Ann"}, True),
        ({}, True),
    ],
)
async def test_replacing_an_account_ends_its_sessions_where_their_rights_changed(
    store: AnyStore, change: dict[str, str], lives: bool
) -> None:
    await store.put_account(ANN)
    bob = msgspec.structs.replace(ANN, login="bob")
    await store.put_account(bob)
    await store.open_session("one", session())
    await store.open_session("two", session())
    await store.open_session("bobs", msgspec.structs.replace(session(), login="bob"))
    await store.put_account(msgspec.structs.replace(ANN, **change))
    for token in ("one", "two"):
        assert (await store.session(token, HOUR, HOUR, T0) is not None) == lives
    assert await store.session("bobs", HOUR, HOUR, T0) is not None


async def test_no_session_without_an_account(store: AnyStore) -> None:
    with pytest.raises(Refused) as refused:
        await store.open_session("hash", session())
    assert refused.value.code == "unknown_login"
    assert await store.session("hash", HOUR, HOUR, T0) is None


async def test_an_account_does_not_print_its_password() -> None:
    assert "argon2id" not in repr(ANN)
