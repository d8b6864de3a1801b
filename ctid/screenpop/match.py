"""Which of the CRM's answers is the caller: by customer code first, then by number."""

from __future__ import annotations

from typing import Literal, NamedTuple

from ctid.core.records import CustomerCard, LookUpStatus

MatchedBy = Literal["code", "number", ""]


class Match(NamedTuple):
    """0, 1 or n customers, and what they were found by."""

    status: LookUpStatus
    matched_by: MatchedBy
    customers: tuple[CustomerCard, ...]


def match(
    status: LookUpStatus, customers: tuple[CustomerCard, ...], code: str, numbers: tuple[str, ...]
) -> Match:
    """Rank what the CRM found.

    A code that fits wins over any number, since the caller typed it. Several customers by number
    stand with the most recent contact first, ties by id.
    """
    if status not in ("found", "many"):
        return Match(status, "", ())
    if code and (exact := tuple(c for c in customers if c.code == code)):
        return Match(_count(exact), "code", exact)
    wanted = set(numbers)
    by_number = [c for c in customers if wanted.intersection(c.numbers)]
    by_number.sort(key=lambda c: (-(c.last_contacts[0].at if c.last_contacts else 0), c.id))
    ranked = tuple(by_number)
    return Match(_count(ranked), "number" if ranked else "", ranked)


def _count(customers: tuple[CustomerCard, ...]) -> LookUpStatus:
    return "none" if not customers else "found" if len(customers) == 1 else "many"
