"""A supervisor in an agent's talk: what travels in facts, commands and views."""

from __future__ import annotations

from typing import Literal

import msgspec

from ctid.core.instants import WallMs
from ctid.core.records import AgentId, CallId, OfferId

SpyMode = Literal["listen", "whisper", "barge"]
"""Hear both; speak to the agent alone too; speak to both."""

SpyWish = Literal["listen", "whisper", "barge", "take"]
"""`take`: talk to the caller in the agent's place."""

SpyStep = Literal["began", "changed", "took_over", "ended"]


class Supervisor(msgspec.Struct, frozen=True):
    """Somebody who looks after agents, as signed in on the page."""

    login: str
    name: str
    """As pages show it."""
    agent: AgentId = ""
    """The agent that this person is too, or empty."""


class SpyRecord(msgspec.Struct, frozen=True):
    """One step of a supervisor in an agent's talk: who was there, when, and how."""

    spy: OfferId
    """Id of the supervisor's leg at the PBX."""
    step: SpyStep
    login: str
    """The supervisor's."""
    agent: AgentId
    call: CallId
    mode: SpyMode
    at: WallMs


class SpyView(msgspec.Struct, frozen=True):
    """A supervisor in an agent's talk, as boards show it."""

    login: str
    name: str
    agent: AgentId
    call: CallId
    mode: SpyMode
    state: str
    """`ringing` until the supervisor's phone is picked up, then `on`, `taking` or `ending`."""


class Listener(msgspec.Struct, frozen=True):
    """Who is in the agent's talk, as the agent's own page shows it."""

    name: str
    mode: SpyMode
