"""Who may do what: one table, and what is not in it is refused.

Every REST route and every message of the stream names its action; tests are generated from this
table, role by role and action by action.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

from ctid.ports import Role

Action = Literal[
    "session.close",  # sign out
    "me.read",  # who am I
    "snapshot.read",  # the view that fits the role
    "board.read",  # the supervisors' view of everybody
    "calls.read",  # list call records
    "call.read",  # one call record with its decisions
    "hours.read",  # who switched which opening hours
    "fairness.read",  # how evenly agents had work in hours that are over
    "surveys.read",  # what callers answered after the talk
    "ivr.read",  # how visits of flows ended, step by step
    "stream.open",  # the live stream of one's own view
    "stream.ping",
    "agent.ready",  # these concern the agent of the session and no other
    "agent.break",
    "agent.wrapup_end",
    "agent.wrapup_extend",
    "agent.disposition",
    "agent.transfer",
    "agent.consult",
    "agent.talk",  # hold, resume, toggle, conference, complete, cancel
    "agent.transfer_targets",  # whom callers may be sent to
    "agent.hangup",
    "agent.pop_ack",
    "agent.pull",
    "agent.pullable",  # which waiting callers the agent may take out of turn
    "wish.say",  # say over REST what the stream's messages say, each under its own action
    "supervise.talk",  # be in an agent's talk, or take it over
    "supervise.stop",
    "supervise.assign",
    "supervise.callback_cancel",
    "supervise.hours",  # open or close at once, whatever the schedule says
    "supervision.read",  # who was in which agent's talk
    "agent.task",  # accept, reject and end tasks
    "task.submit",  # for other systems: contacts that are not calls
    "task.read",
    "task.cancel",
]

ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
ROLES: Final[tuple[Role, ...]] = get_args(Role)

_EVERYBODY: Final[frozenset[Action]] = frozenset(
    {"session.close", "me.read", "snapshot.read", "stream.open", "stream.ping", "wish.say"}
)
_OWN_WORK: Final[frozenset[Action]] = frozenset(
    {
        "agent.ready",
        "agent.break",
        "agent.wrapup_end",
        "agent.wrapup_extend",
        "agent.disposition",
        "agent.transfer",
        "agent.consult",
        "agent.talk",
        "agent.transfer_targets",
        "agent.hangup",
        "agent.pop_ack",
        "agent.task",
        "agent.pull",
        "agent.pullable",
    }
)
_OVERSIGHT: Final[frozenset[Action]] = frozenset(
    {
        "board.read",
        "calls.read",
        "call.read",
        "surveys.read",
        "hours.read",
        "fairness.read",
        "ivr.read",
    }
)

_SESSION: Final[frozenset[Action]] = frozenset({"session.close", "me.read"})
_TASKS: Final[frozenset[Action]] = frozenset({"task.submit", "task.read", "task.cancel"})

_SUPERVISION: Final[frozenset[Action]] = frozenset(
    {
        "supervise.talk",
        "supervise.stop",
        "supervise.assign",
        "supervise.callback_cancel",
        "supervise.hours",
    }
)

POLICY: Final[Mapping[str, frozenset[Action]]] = {
    "agent": _EVERYBODY | _OWN_WORK,
    "supervisor": _EVERYBODY | _OVERSIGHT | _SUPERVISION | _TASKS,
    "admin": _EVERYBODY | _OVERSIGHT | _SUPERVISION | _TASKS | {"supervision.read"},
    "service": _TASKS | _SESSION,
}


def allows(role: str, action: Action) -> bool:
    """Whether the table lets `role` do `action`; an unknown role may do nothing."""
    return action in POLICY.get(role, frozenset())
