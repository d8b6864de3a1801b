"""Read the demo customers and put them into a directory."""

from __future__ import annotations

import csv
from datetime import datetime
from importlib.resources import files
from typing import Final

import msgspec

from crm_link.pins import PinBook, light
from crm_link.port import Complaint, Customer, Loadable

_FILE: Final = "customers.csv"


class _Moment(msgspec.Struct, frozen=True):
    """A complaint as the file has it; the directory gives it its id."""

    opened_at: datetime
    text: str


class _Past(msgspec.Struct, frozen=True):
    """A contact as the file has it."""

    at: datetime
    channel: str
    summary: str
    agent: str


def demo_customers() -> tuple[Customer, ...]:
    """The 500 demo customers in order of code; their id is their code until a directory has them.

    Raises msgspec.ValidationError when the file was edited into something that is no customer.
    """
    text = files("crm_link.demo").joinpath(_FILE).read_text(encoding="utf-8")
    return tuple(_customer(row) for row in csv.DictReader(text.splitlines()))


async def load_demo(directory: Loadable) -> int:
    """Add the demo customers that are not there yet, in one transaction; return how many.

    A second run adds none and changes none. Raises what the directory's `load` raises.
    """
    return await directory.load(demo_customers())


def demo_pin(code: str) -> str:
    """The PIN of a demo customer: the last four figures of the code, backwards."""
    return code[:-5:-1]


async def load_demo_pins(book: PinBook) -> None:
    """Give the demo customers their PINs, where they have none. Raises what the book raises."""
    hasher = light()
    await book.load_pins({one.code: hasher.hash(demo_pin(one.code)) for one in demo_customers()})


def _customer(row: dict[str, str]) -> Customer:
    complaints = msgspec.json.decode(row["open_complaints"], type=list[_Moment])
    contacts = msgspec.json.decode(row["last_contacts"], type=list[_Past])
    record = {
        **row,
        "id": row["code"],
        "vip": row["vip"] == "yes",
        "order_value": int(row["order_value"]),
        "numbers": row["numbers"].split(),
        "open_complaints": [
            Complaint(id=str(at), opened_at=_ms(complaint.opened_at), text=complaint.text)
            for at, complaint in enumerate(complaints)
        ],
        "last_contacts": [
            {**msgspec.structs.asdict(contact), "at": _ms(contact.at)} for contact in contacts
        ],
    }
    return msgspec.convert(record, Customer)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
