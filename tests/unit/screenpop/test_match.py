"""Who the caller is: by code first, then by number, ranked."""

import pytest

from ctid.core.records import CustomerCard, LookUpStatus, PastContact
from ctid.screenpop.match import match

N = "+8613800138000"


def card(id: str, code: str = "", *numbers: str, last: int = 0) -> CustomerCard:
    contacts = (PastContact(last, "phone", ""),) if last else ()
    return CustomerCard(id, code, id, numbers=numbers, last_contacts=contacts)


def test_a_code_that_fits_wins_over_the_number() -> None:
    found = match("many", (card("a", "1", N), card("b", "2")), "2", (N,))
    assert (found.status, found.matched_by, [c.id for c in found.customers]) == (
        "found", "code", ["b"],
    )  # fmt: skip


def test_a_code_that_fits_nobody_leaves_the_number() -> None:
    found = match("found", (card("a", "1", N),), "9", (N,))
    assert (found.status, found.matched_by) == ("found", "number")


def test_several_by_number_most_recent_contact_first_then_by_id() -> None:
    cards = (card("c", "", N), card("b", "", N), card("a", "", N, last=5), card("d", "", N, last=9))
    found = match("many", cards, "", (N,))
    assert [c.id for c in found.customers] == ["d", "a", "b", "c"]
    assert (found.status, found.matched_by) == ("many", "number")


def test_what_the_crm_found_for_no_reason_of_ours_is_not_shown() -> None:
    found = match("found", (card("a", "1", "+1"),), "", (N,))
    assert (found.status, found.matched_by, found.customers) == ("none", "", ())


@pytest.mark.parametrize("status", ["none", "unavailable", "timeout", "pending"])
def test_no_answer_shows_nobody(status: LookUpStatus) -> None:
    assert match(status, (card("a", "1", N),), "1", (N,)) == (status, "", ())
