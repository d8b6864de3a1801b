"""One contract for every book of PINs: memory, SQLite, PostgreSQL; and what the SQL one keeps."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from crm_link.demo.load import demo_customers, demo_pin, load_demo, load_demo_pins
from crm_link.embedded.directory import EmbeddedDirectory
from crm_link.embedded.pins import EmbeddedPins
from crm_link.errors import CrmNotFound, CrmUnavailable
from crm_link.memory import MemoryDirectory
from crm_link.memory_pins import MemoryPins
from crm_link.pins import PinBook, PinHashes, light
from crm_link.port import CrmDirectory, Draft, Loadable
from tests.integration.test_crm_directory import Directory, opened, sqlite_url

CODE, OTHER, PIN = "200001", "200002", "735190"


class Kept(NamedTuple):
    """A directory with two customers, and its PINs."""

    directory: Directory
    pins: PinBook


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def kept(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Kept]:
    if request.param == "memory":
        memory = MemoryDirectory()
        await two_customers(memory)
        yield Kept(memory, MemoryPins(memory))
        return
    url = sqlite_url(tmp_path)
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    async with opened(url) as engine:
        directory = EmbeddedDirectory(engine)
        await directory.create_schema()
        await two_customers(directory)
        yield Kept(directory, EmbeddedPins(engine, PinHashes(light())))


async def two_customers(directory: CrmDirectory) -> None:
    await directory.create(Draft(name="Li Na", code=CODE))
    await directory.create(Draft(name="Li Wei", code=OTHER))


async def test_right_wrong_unset_and_unknown(kept: Kept) -> None:
    assert await kept.pins.verify(CODE, PIN) == "unset"
    await kept.pins.set_pin(CODE, PIN)
    assert await kept.pins.verify(CODE, PIN) == "right"
    for wrong in (PIN[:-1], PIN + "1", "", "000000", "x" * 200, "7351\x00"):
        assert await kept.pins.verify(CODE, wrong) == "wrong"
    assert await kept.pins.verify(OTHER, PIN) == "unset", "a PIN is of one customer"
    for nobody in ("200003", "", "a" * 100, "\x00"):
        assert await kept.pins.verify(nobody, PIN) == "wrong"


async def test_a_pin_is_changed_and_taken_away(kept: Kept) -> None:
    await kept.pins.set_pin(CODE, PIN)
    await kept.pins.set_pin(CODE, "1234")
    assert [await kept.pins.verify(CODE, one) for one in (PIN, "1234")] == ["wrong", "right"]
    await kept.pins.set_pin(CODE, "")
    assert await kept.pins.verify(CODE, "1234") == "unset"


@pytest.mark.parametrize("bad", ["123", "1" * 65, "12a4", "１２３４", "1234\n"])
async def test_what_is_no_pin(kept: Kept, bad: str) -> None:
    with pytest.raises(ValueError, match="a PIN has 4 to 64 figures") as caught:
        await kept.pins.set_pin(CODE, bad)
    assert bad not in str(caught.value)
    assert await kept.pins.verify(CODE, bad) == "unset"


async def test_nobody_gets_a_pin(kept: Kept) -> None:
    for pin in (PIN, ""):
        with pytest.raises(CrmNotFound, match="no customer with the code '9'"):
            await kept.pins.set_pin("9", pin)


async def test_pins_in_bulk_leave_those_that_are_there(kept: Kept) -> None:
    await kept.pins.set_pin(CODE, PIN)
    hashed = light().hash("4711")
    for _ in range(2):
        await kept.pins.load_pins({CODE: hashed, OTHER: hashed, "9": hashed})
    assert await kept.pins.verify(CODE, PIN) == "right"
    assert await kept.pins.verify(OTHER, "4711") == "right"
    await kept.pins.load_pins({})


async def test_the_demo_customers_have_pins(kept: Kept) -> None:
    directory: Loadable = kept.directory
    await load_demo(directory)
    for _ in range(2):
        await load_demo_pins(kept.pins)
    codes = [one.code for one in demo_customers()][::71]
    assert demo_pin("100123") == "3210"
    for code in codes:
        assert await kept.pins.verify(code, demo_pin(code)) == "right"
        assert await kept.pins.verify(code, "9999") == "wrong"


async def test_many_at_once(kept: Kept) -> None:
    await kept.pins.set_pin(CODE, PIN)
    asked = (kept.pins.verify(CODE, PIN if n % 2 else "0000") for n in range(20))
    assert await asyncio.gather(*asked) == ["wrong", "right"] * 10


async def test_the_database_has_the_hash_and_no_look_up_has_it(tmp_path: Path) -> None:
    async with opened(sqlite_url(tmp_path)) as engine:
        directory = EmbeddedDirectory(engine)
        await directory.create_schema()
        await two_customers(directory)
        pins = EmbeddedPins(engine)
        await pins.set_pin(CODE, PIN)
        assert await pins.verify(CODE, PIN) == "right"
    with closing(sqlite3.connect(tmp_path / "crm.db")) as database:
        [(kept,)] = database.execute("SELECT hash FROM crm_pin").fetchall()
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert all(PIN.encode() not in file.read_bytes() for file in tmp_path.iterdir())


async def test_a_directory_without_the_table_is_unavailable(tmp_path: Path) -> None:
    async with opened(sqlite_url(tmp_path)) as engine:
        pins = EmbeddedPins(engine)
        with pytest.raises(CrmUnavailable) as caught:
            await pins.verify(CODE, PIN)
        assert PIN not in str(caught.value)
        with pytest.raises(CrmUnavailable):
            await pins.set_pin(CODE, PIN)
