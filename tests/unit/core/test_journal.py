"""The journal's lines: exact there and back, and damage is found where it is."""

import zlib
from itertools import islice

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctid.core import events as ev
from ctid.core.commands import Noticed
from ctid.core.journal import FORMAT, Header, JournalDamaged, Line, decode, encode, read

HEAD = Header(FORMAT, "0.1.0", msgspec.Raw(b'{"a":1}'))
LINES = [
    Line(1, 0, ev.Started("b1", 5)),
    Line(2, 7, ev.CallEnded("c\n1\t\x00", "16"), (Noticed("x", "张伟"),)),
    Line(3, 9, None, (Noticed("y", ""), Noticed("z", "é"))),
]


def journal() -> list[bytes]:
    return [encode(HEAD), *(encode(line) for line in LINES)]


def test_there_and_back() -> None:
    entries = list(read(journal()))
    assert entries[1:] == LINES
    head = entries[0]
    assert isinstance(head, Header)
    assert bytes(head.settings) == b'{"a":1}'
    assert [encode(entry) for entry in entries] == journal()


def test_one_line_is_one_line() -> None:
    assert all(raw.count(b"\n") == 1 and raw.count(b"\t") == 1 for raw in journal())


@given(st.integers(1, 3), st.data())
def test_any_changed_byte_is_found(index: int, data: st.DataObject) -> None:
    lines = journal()
    raw = bytearray(lines[index])
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    lines[index] = bytes(raw)
    with pytest.raises(JournalDamaged) as caught:
        list(read(lines))
    assert caught.value.line == index + 1


@given(st.integers(1, 3), st.data())
def test_a_torn_line_is_found(index: int, data: st.DataObject) -> None:
    lines = journal()
    length = data.draw(st.integers(0, len(lines[index]) - 1))
    entries = read([*lines[:index], lines[index][:length]])
    good = list(islice(entries, index))
    with pytest.raises(JournalDamaged) as caught:
        next(entries)
    assert caught.value.line == index + 1
    assert good[1:] == LINES[: index - 1], "what came before is good"


def problem(lines: list[bytes]) -> str:
    with pytest.raises(JournalDamaged) as caught:
        list(read(lines))
    return str(caught.value)


def test_no_header() -> None:
    assert "no header" in problem(journal()[1:])


def test_another_format() -> None:
    other = encode(msgspec.structs.replace(HEAD, format=FORMAT + 1))
    assert f"format {FORMAT + 1}" in problem([other])


def test_a_second_header() -> None:
    assert problem([*journal(), encode(HEAD)]) == "line 5: a second header"


def test_a_gap() -> None:
    lines = journal()
    del lines[2]
    assert problem(lines) == "line 3: line 3 where 2 was due"


def test_a_journal_that_begins_later_has_no_gap() -> None:
    lines = journal()
    del lines[1]
    assert [e.n for e in read(lines) if isinstance(e, Line)] == [2, 3]


def test_not_ours() -> None:
    body = b'{"type":"line","n":1,"t":0,"e":{"type":"Surprise"}}'
    with pytest.raises(JournalDamaged, match="not a journal line of this version"):
        decode(b"%b\t%08x\n" % (body, zlib.crc32(body)), 1)
