"""The settings of the whole machine. The journal's header holds them, so that it replays alone."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ctid.acd.settings import AcdSettings
from ctid.centre.supervision import SupervisionRules
from ctid.centre.transfer import TransferRules
from ctid.core.instants import MINUTE, Duration
from ctid.core.records import QueueId
from ctid.ivr.flow import Flow
from ctid.ivr.hours import Hours
from ctid.ivr.identity_rules import IdentityRules
from ctid.ivr.speech_rules import SpeechRules


class CentreSettings(msgspec.Struct, frozen=True):
    """Frozen and checked; made by `ctid.settings` from the config files, or by a scenario."""

    acd: AcdSettings
    flows: Mapping[str, Flow]
    hours: Mapping[str, Hours]
    entries: Mapping[str, str]
    """Dialled number → flow; `*` takes every other number."""
    fallback_queue: QueueId
    """Where callers land whom the PBX holds without a queue that we know."""
    country: str = "CN"
    """Reads numbers that come without a country code."""
    language: str = "en"
    """Language of prompts for callers whose own nobody knows."""
    timezone: str = "Asia/Shanghai"
    """The site's zone: its midnight begins the board's day."""
    look_up_budget: Duration = 2_000
    """After this time the CRM's answer counts as a time-out."""
    check_budget: Duration = 1_500
    """How long a caller waits in the menu for the check of a code."""
    regain: Duration = 3 * MINUTE
    """Within this time a caller who gave up and calls again has the old place; 0 = never."""
    ivr_limit: Duration = 10 * MINUTE
    """A menu step that takes longer has broken down."""
    tombstone_for: Duration = 2 * MINUTE
    """How long facts of an ended call are recognised as late."""
    transfer: TransferRules = TransferRules()
    supervision: SupervisionRules = SupervisionRules()
    identity: IdentityRules = IdentityRules()
    speech: SpeechRules = SpeechRules()
