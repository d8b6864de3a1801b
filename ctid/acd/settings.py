"""What the routing needs to know beforehand: queues, agents, and the limits of an offer."""

from __future__ import annotations

import msgspec

from ctid.acd.absence import AbsenceRules
from ctid.acd.wrapup import WrapUpRule
from ctid.core.instants import SECOND, Duration
from ctid.core.records import AgentId, QueueId


class QueueSettings(msgspec.Struct, frozen=True):
    """One queue."""

    id: QueueId
    name: str
    music: str = "default"
    """Music-on-hold class at the PBX."""
    strategy: str = "longest_idle"
    """Name of a strategy in `ctid.acd.strategies`."""
    target: Duration = 20 * SECOND
    """The service level's threshold."""
    ring_for: Duration = 20 * SECOND
    """How long an agent's phone rings before the next agent is tried."""
    wrap_up: Duration = 10 * SECOND
    """Time after the call before the agent gets the next; 0 = none."""
    wrap_up_rule: WrapUpRule = WrapUpRule()
    """What ends that time, whether it can be prolonged, and what agents say of the call."""


class AgentSettings(msgspec.Struct, frozen=True):
    """One agent."""

    id: AgentId
    name: str
    phone: str
    """Dial string at the PBX, `PJSIP/1001`."""
    queues: tuple[QueueId, ...]


class AcdSettings(msgspec.Struct, frozen=True):
    """Everything that the router is built from."""

    queues: tuple[QueueSettings, ...]
    agents: tuple[AgentSettings, ...]
    back_off: Duration = 5 * SECOND
    """How long an agent is left alone whose phone was busy or failed."""
    absence: AbsenceRules = AbsenceRules()
    """How long an agent is left alone otherwise, and how long breaks may be."""
    leg_grace: Duration = 5 * SECOND
    """How long the PBX may take to confirm the end of an agent's leg before it is asked again."""
