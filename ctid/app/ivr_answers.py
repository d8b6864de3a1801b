"""What services are pretended to say while a flow is tried without a telephone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ctid.core.services import CRM, ServiceStatus
from ctid.ivr.actions import AskOutside
from ctid.ivr.services import SETS

_EXAMPLES: Final = {
    "order_number": "20261001",
    "order_status": "shipped",
    "order_date": "2026-10-01",
    "order_due": "2026-10-12",
    "order_total": "128.50",
    "currency": "CNY",
    "balance": "86.00",
    "balance_due": "2026-10-31",
    "appointment_date": "2026-10-09",
    "appointment_time": "14:00",
    "complaint_status": "in_progress",
    "complaint_date": "2026-09-28",
    "complaint_count": "1",
}
"""For whoever names no values."""

_BY_WORD: Final = {
    "currency": "CNY", "date": "2026-10-01", "day": "2026-10-01", "due": "2026-10-12",
    "time": "14:00", "amount": "128.50", "total": "128.50", "price": "128.50", "sum": "128.50",
    "balance": "86.00",
}  # fmt: skip
"""Last word of a variable's name → what an HTTP service is pretended to say of it; else it says 1,
which may be spoken as most kinds of value."""


@dataclass(frozen=True, slots=True)
class Answers:
    """One answer for every question."""

    status: ServiceStatus = "done"
    values: Mapping[str, str] = field(default_factory=dict)
    """In place of the examples."""

    def to(self, question: AskOutside) -> tuple[tuple[str, str], ...]:
        """Variable and value of what is said to it; nothing where there is no answer."""
        if self.status != "done":
            return ()
        if question.service == CRM:
            usual = {name: _EXAMPLES[name] for name in SETS[question.operation]}
            asked = dict(question.arguments).get("number", "")
            if asked and "order_number" in usual:
                usual["order_number"] = asked
        else:
            usual = {name: _usual(name) for name, _ in question.wanted}
        return tuple((name, self.values.get(name, value)) for name, value in usual.items())


def _usual(name: str) -> str:
    return _EXAMPLES.get(name) or _BY_WORD.get(name.rpartition("_")[2], "1")


EXAMPLES: Final = Answers()
"""There is an answer to everything."""
