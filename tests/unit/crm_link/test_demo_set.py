"""The demo customers: what the file promises."""

from __future__ import annotations

from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from crm_link.demo.load import demo_customers
from crm_link.demo.make import TODAY, write
from crm_link.port import Customer
from ctid.screenpop.numbers import normalise


@pytest.fixture(scope="module")
def customers() -> tuple[Customer, ...]:
    return demo_customers()


def test_file_in_the_repository_is_what_the_script_makes(tmp_path: Path) -> None:
    write(tmp_path / "customers.csv")
    kept = files("crm_link.demo").joinpath("customers.csv").read_bytes()
    assert (tmp_path / "customers.csv").read_bytes() == kept


def test_codes_run_from_100001(customers: tuple[Customer, ...]) -> None:
    assert [customer.code for customer in customers] == [str(100001 + at) for at in range(500)]


def test_numbers_are_read_back_as_they_are(customers: tuple[Customer, ...]) -> None:
    for customer in customers:
        assert customer.numbers
        for written in customer.numbers:
            number = normalise(written, "CN")
            assert number is not None
            assert number.e164 == written


def test_first_number_is_nobody_elses_and_some_lines_are_shared(
    customers: tuple[Customer, ...],
) -> None:
    users = Counter(number for customer in customers for number in customer.numbers)
    assert all(users[customer.numbers[0]] == 1 for customer in customers)
    assert 2 <= max(users.values()) <= 10


def test_every_shape_of_customer_is_there(customers: tuple[Customer, ...]) -> None:
    assert {customer.grade for customer in customers} == set("ABCDE")
    assert {customer.language for customer in customers} == {"zh-CN", "en"}
    assert {len(customer.open_complaints) for customer in customers} == {0, 1, 2}
    assert {len(customer.last_contacts) for customer in customers} == {0, 1, 2, 3, 4, 5}
    assert {customer.vip for customer in customers} == {True, False}
    assert customers[0].name == "张伟"


def test_histories_are_in_order_and_past(customers: tuple[Customer, ...]) -> None:
    end = TODAY.timestamp() * 1000
    for customer in customers:
        contacts = [contact.at for contact in customer.last_contacts]
        complaints = [complaint.opened_at for complaint in customer.open_complaints]
        assert contacts == sorted(contacts, reverse=True)
        assert complaints == sorted(complaints)
        assert all(at < end for at in contacts + complaints)
