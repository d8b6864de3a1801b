"""How long an agent is left alone after an offer that failed, and how long a break may be."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ctid.core.instants import SECOND, Duration


class AbsenceRules(msgspec.Struct, frozen=True):
    """Of the whole site. For a phone that was busy or failed see `AcdSettings.back_off`."""

    rejected: Duration = 5 * SECOND
    """How long an agent is left alone who declined a call."""
    no_answer: Duration = 5 * SECOND
    """How long an agent is left alone who did not answer, as long as they stay ready."""
    no_answers: int = 1
    """After so many unanswered calls in a row the agent is not ready."""
    break_most: Mapping[str, Duration] = msgspec.field(default_factory=dict)
    """Reason of a break → how long it may be; a reason that is missing has no maximum."""
