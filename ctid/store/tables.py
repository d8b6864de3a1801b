"""The daemon's tables: projections of the journal, accounts and sessions.

Times are wall milliseconds in UTC. Column names are the field names of the records in
`ctid.core.records`, so that a row and a record are the same thing twice. A change here needs a
migration beside it; a test compares the two.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

METADATA: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _text(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=False)


def _ms(name: str, *, key: bool = False) -> Column[int]:
    return Column(name, BigInteger, primary_key=key, nullable=False)


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _cause(*, key: bool = False) -> tuple[Column[str], Column[int], Column[int]]:
    """The place in the journal that a row comes from, which is also its dedupe key."""
    return (
        _text("boot", key=key),
        Column("line", BigInteger, primary_key=key, nullable=False),
        Column("position", Integer, primary_key=key, nullable=False),
    )


def _once() -> UniqueConstraint:
    return UniqueConstraint("boot", "line", "position")


PROJECTION: Final = Table(
    # How far the journal of each boot has been projected: where to go on after a crash.
    "projection",
    METADATA,
    _text("boot", key=True),
    Column("line", BigInteger, nullable=False),
)

CALL_RECORD: Final = Table(
    "call_record",
    METADATA,
    # A call has one terminal outcome: a second record of the same call, from another boot's
    # journal, is passed over.
    _text("call", key=True),
    _text("number"),
    _text("dialled"),
    _text("language"),
    _text("code"),
    _text("queue"),
    _text("agent"),
    _text("customer"),
    _text("path"),  # a JSON list of strings
    _ms("arrived_at"),
    _ms("queued_at"),
    _ms("answered_at"),
    _ms("ended_at"),
    _ms("waited"),
    _ms("talked"),
    _count("offers"),
    _text("outcome"),
    _text("cause"),
    Column("recording", Text, nullable=False, server_default=""),
    Column("recorded", BigInteger, nullable=False, server_default="0"),
    Column("held", BigInteger, nullable=False, server_default="0"),
    Column("survey", Text, nullable=False, server_default="[]"),  # a JSON list of strings
    Column("identity", Text, nullable=False, server_default=""),
    Column("recordings", Text, nullable=False, server_default="[]"),  # a JSON list of objects
    *_cause(),
    _once(),
    Index(None, "arrived_at", "call"),
)

LEG_RECORD: Final = Table(
    "leg_record",
    METADATA,
    _text("offer", key=True),
    _text("call"),  # no foreign key: a leg ends, and is written, before its call
    _text("queue"),
    _text("agent"),
    _ms("started_at"),
    _ms("answered_at"),
    _ms("bridged_at"),
    _ms("ended_at"),
    _text("cause"),
    Column("held", BigInteger, nullable=False, server_default="0"),
    *_cause(),
    _once(),
    Index(None, "call"),
)

AGENT_TIME: Final = Table(
    "agent_time",
    METADATA,
    *_cause(key=True),
    _text("agent"),
    _text("state"),
    _text("reason"),
    _ms("began_at"),
    _ms("ended_at"),
    Index(None, "agent", "began_at"),
)

DECISION: Final = Table(
    "decision",
    METADATA,
    *_cause(key=True),
    _text("call"),
    _text("offer"),
    _text("queue"),
    _text("agent"),
    _text("strategy"),
    _text("reason"),
    _ms("waited"),
    _count("available"),
    _count("waiting"),
    _ms("at"),
    Index(None, "call", "at"),
)

DISPOSITION: Final = Table(
    "disposition",
    METADATA,
    *_cause(key=True),
    _text("offer"),
    _text("call"),
    _text("queue"),
    _text("agent"),
    _text("code"),
    _ms("at"),
    Index(None, "call", "at"),
)

SURVEY_ANSWER: Final = Table(
    "survey_answer",
    METADATA,
    *_cause(key=True),
    _text("call"),
    _text("queue"),
    _text("agent"),
    _text("flow"),
    _text("question"),
    _text("kind"),
    _count("value"),
    _ms("at"),
    Index(None, "call", "at"),
    Index(None, "at"),
)

IVR_VISIT: Final = Table(
    "ivr_visit",
    METADATA,
    # As of calls: a second end of the same visit, from another boot's journal, is passed over.
    _text("call", key=True),
    Column("visit", Integer, primary_key=True, nullable=False),
    _text("flow"),
    _text("outcome"),
    _text("way"),
    _text("last"),
    _ms("began_at"),
    _ms("lasted"),
    _text("stays"),  # a JSON list, one list for each `ctid.core.visits.Stay`
    *_cause(),
    _once(),
)

IVR_FLOW_INTERVAL: Final = Table(
    # Meaning of each count: `ctid.store.ivr_figures.FlowInterval`.
    "ivr_flow_interval",
    METADATA,
    _ms("began_at", key=True),
    _text("flow", key=True),
    _text("outcome", key=True),
    _text("way", key=True),
    _count("visits"),
    _count("early"),
    _ms("lasted"),
)

IVR_STEP_INTERVAL: Final = Table(
    # Meaning of each count: `ctid.store.ivr_figures.StepInterval`.
    "ivr_step_interval",
    METADATA,
    _ms("began_at", key=True),
    _text("flow", key=True),
    _text("step", key=True),
    _text("way", key=True),
    _count("stays"),
    _count("wrong"),
    _count("silent"),
    _ms("spent"),
    *(_count(name) for name in ("upto_1s", "upto_2s", "upto_5s", "upto_10s")),
    *(_count(name) for name in ("upto_20s", "upto_30s", "upto_60s", "upto_120s", "longer")),
)

TASK_RECORD: Final = Table(
    "task_record",
    METADATA,
    _text("task", key=True),
    _text("queue"),
    _text("channel"),
    _count("priority"),
    _count("weight"),
    _text("customer"),
    _text("link"),
    _text("agent"),
    _ms("submitted_at"),
    _ms("deadline"),
    _ms("accepted_at"),
    _ms("ended_at"),
    _ms("waited"),
    _ms("worked"),
    _count("offers"),
    _count("returns"),
    _count("raised"),
    _text("outcome"),
    _text("code"),
    *_cause(),
    _once(),
    Index(None, "submitted_at", "task"),
)

MOVE: Final = Table(
    # What overflow rules did.
    "move",
    METADATA,
    *_cause(key=True),
    _text("call"),
    _text("queue"),
    _text("to"),
    _count("rule"),
    _text("kind"),
    _text("reason"),
    _ms("waited"),
    _ms("at"),
    Index(None, "call", "at"),
    Index(None, "queue", "at"),
)

FAIRNESS: Final = Table(
    # Meaning of each figure: `ctid.core.fairness.Fairness`. A row for each hour of a queue; two
    # where the wall clock was set back, or where the zone moves its clock by half an hour.
    "fairness",
    METADATA,
    *_cause(key=True),
    _text("queue"),
    _ms("began_at"),
    _count("agents"),
    _ms("staffed"),
    _count("occupancy"),
    _count("occupancy_spread"),
    _count("occupancy_deviation"),
    _ms("idle_gap"),
    _count("jain_time"),
    _count("jain_contacts"),
    Index(None, "queue", "began_at"),
)

SUPERVISION: Final = Table(
    # Who was in which agent's talk, step by step.
    "supervision",
    METADATA,
    *_cause(key=True),
    _text("spy"),
    _text("step"),
    _text("login"),
    _text("agent"),
    _text("call"),
    _text("mode"),
    _ms("at"),
    Index(None, "at"),
)

HOURS_TURN: Final = Table(
    # Who switched which opening hours, step by step.
    "hours_turn",
    METADATA,
    *_cause(key=True),
    _text("hours"),
    _text("to"),
    _text("login"),
    _ms("at"),
    _ms("until"),
    Index(None, "at"),
)

REPAIR: Final = Table(
    "repair",
    METADATA,
    *_cause(key=True),
    _text("subject"),
    _text("kind"),
    _text("text"),
)

QUEUE_INTERVAL: Final = Table(
    # Meaning of each count: `ctid.store.intervals.QueueInterval`.
    "queue_interval",
    METADATA,
    _text("queue", key=True),
    _ms("began_at", key=True),
    _count("offered"),
    _count("answered"),
    _count("answered_within"),
    _count("abandoned"),
    _count("abandoned_within"),
    Column("overflowed", Integer, nullable=False, server_default="0"),
    _count("lost"),
    _ms("waited"),
    _ms("talked"),
    _ms("longest"),
    Index(None, "began_at"),
)

ACCOUNT: Final = Table(
    "account",
    METADATA,
    _text("login", key=True),
    _text("name"),
    _text("role"),
    _text("agent"),
    _text("password_hash"),
)

SESSION: Final = Table(
    "session",
    METADATA,
    _text("token_hash", key=True),
    Column("login", Text, ForeignKey(ACCOUNT.c.login, ondelete="CASCADE"), nullable=False),
    _text("role"),
    _text("agent"),
    _text("name"),
    _text("language"),
    _ms("created_at"),
    _ms("seen_at"),
    _text("csrf"),
    Index(None, "login"),
)
