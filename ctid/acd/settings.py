"""What the routing needs to know beforehand: queues, agents, and the limits of an offer."""

from __future__ import annotations

import msgspec

from ctid.acd.absence import AbsenceRules
from ctid.acd.announce import WaitSettings
from ctid.acd.callback import CallbackRules
from ctid.acd.channels import CALL, Channel
from ctid.acd.escalation import Step
from ctid.acd.need import Need
from ctid.acd.overflow import Overflow
from ctid.acd.ringing import Ringing
from ctid.acd.rules import Rule
from ctid.acd.survey import SurveyRules
from ctid.acd.voicemail import VoicemailRules
from ctid.acd.wrapup import WrapUpRule
from ctid.core.instants import SECOND, Duration
from ctid.core.records import AgentId, QueueId


class RelaxStep(msgspec.Struct, frozen=True):
    """What a queue asks for once a contact has waited so long; what is None stays as it was."""

    after: Duration
    needs: tuple[Need, ...] | None = None
    max_penalty: int | None = None
    groups: tuple[str, ...] = ()
    """Agent groups that may help from then on."""


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
    ringing: Ringing = Ringing()
    """How many phones ring for one contact."""
    wrap_up: Duration = 10 * SECOND
    """Time after the call before the agent gets the next; 0 = none."""
    wrap_up_rule: WrapUpRule = WrapUpRule()
    """What ends that time, whether it can be prolonged, and what agents say of the call."""
    weight: int = 1
    """How fast the urgency of a contact grows, against other queues' contacts."""
    priority: int = 0
    """The level that contacts begin with, 0 to 9."""
    needs: tuple[Need, ...] = ()
    """Skills that an agent must have."""
    prefers: tuple[Need, ...] = ()
    """Skills of the agents who are taken first."""
    max_penalty: int = 10
    """Members with a higher penalty in this queue get no contact before a step allows it."""
    relax: tuple[RelaxStep, ...] = ()
    """What is asked for as the wait grows, in order of time."""
    sticky: Duration = 0
    """How long a contact is kept for its preferred agent; 0 = no such agent."""
    wait: WaitSettings = WaitSettings()
    """What callers are told while they wait, and what it is reckoned from."""
    overflow: Overflow = Overflow()
    """When a contact goes elsewhere, and where."""
    callback: CallbackRules = CallbackRules()
    """How customers are called back who asked for it."""
    channel: str = CALL
    """What its contacts are: calls, or tasks of that channel."""
    reserve: int = 0
    """So many of the free agents whom a task of this queue reaches are left free for callers; not
    when the task's deadline is over."""
    pull: bool = False
    """Its agents may take callers out of turn (ctid.acd.by_hand)."""
    escalate: tuple[Step, ...] = ()
    """How a contact moves up that is not served in time."""
    survey: SurveyRules | None = None
    """What callers are asked after the talk."""
    voicemail: VoicemailRules = VoicemailRules()
    """How long messages may be that callers leave, and what becomes of them."""


class AgentSettings(msgspec.Struct, frozen=True):
    """One agent."""

    id: AgentId
    name: str
    phone: str
    """Dial string at the PBX, `PJSIP/1001`."""
    queues: tuple[QueueId, ...]
    skills: dict[str, int] = {}
    """Level of each skill, 1 to 5."""
    groups: tuple[str, ...] = ()
    """Agent groups, which the steps of queues name."""
    penalties: dict[QueueId, int] = {}
    """By queue, 0 to 10: members with a lower one get the contact first. 0 where none is named."""
    weight: int = 1
    """Share of contacts where the strategy is `weighted_random`."""
    capacity: dict[str, int] = {}
    """By channel, how many tasks this agent may have in hand, where it is not the channel's."""


class AcdSettings(msgspec.Struct, frozen=True):
    """Everything that the router is built from."""

    queues: tuple[QueueSettings, ...]
    agents: tuple[AgentSettings, ...]
    back_off: Duration = 5 * SECOND
    """How long an agent is left alone whose phone was busy or failed."""
    channels: tuple[Channel, ...] = ()
    """What there is beside calls."""
    tasks_kept: Duration = 120 * SECOND
    """How long tasks stay in the hand of an agent whose page is lost."""
    outbound_stops_after: Duration = 20 * SECOND
    """Outbound takes no agent while a caller of one of the agent's queues has waited longer."""
    absence: AbsenceRules = AbsenceRules()
    """How long an agent is left alone otherwise, and how long breaks may be."""
    rules: tuple[Rule, ...] = ()
    """Routing rules; the first that matches a contact counts."""
    rank_budget: Duration = 300
    """How long a caller is kept before the queue for the look-up that rules and preferred agents
    need; after that the call goes on without."""
    age_every: Duration = 60 * SECOND
    """After each such time of waiting a contact rises by one priority level, up to the highest."""
    urgency_cap: Duration = 600 * SECOND
    """weight × wait counts up to this; beyond it the longest wait goes first."""
    leg_grace: Duration = 5 * SECOND
    """How long the PBX may take to confirm the end of an agent's leg before it is asked again."""
