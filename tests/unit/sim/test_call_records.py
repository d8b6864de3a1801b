"""The CSV of call records: what is read, and what is said of what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctid.core.errors import ConfigError
from sim.calibrate.records import SHOWN, BadRows, CallSeen, read_calls

DAY = 1_767_578_400_000
"""2026-01-05, 10:00 in Shanghai."""


def written(folder: Path, text: str) -> Path:
    file = folder / "calls.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_an_export_of_ctids_own_table_is_read(tmp_path: Path) -> None:
    columns = (
        "call,number,dialled,language,code,queue,agent,customer,path,arrived_at,queued_at,"
        "answered_at,ended_at,waited,talked,offers,outcome,cause"
    )
    row = (
        f'sim.2,+8613,4000,en,123456,sales,agent1,c1,"[""menu""]",{DAY},{DAY + 5_000},'
        f"{DAY + 9_000},{DAY + 20_000},4000,11000,1,answered,16"
    )
    left = f"sim.1,,4000,en,,sales,,,[],{DAY - 1},{DAY},0,{DAY + 700},700,0,0,abandoned,16"
    menu = f"sim.3,,4000,en,,sales,,,[],{DAY + 1},0,0,{DAY + 700},0,0,0,ivr_hangup,16"
    calls, problems = read_calls(written(tmp_path, "\n".join((columns, row, left, menu))))
    assert problems == []
    assert calls == [
        CallSeen(
            DAY - 1, "sim.1", "", "4000", "en", "", "sales", "", "abandoned", DAY, 0, DAY + 700, 700
        ),
        CallSeen(
            DAY, "sim.2", "+8613", "4000", "en", "123456", "sales", "agent1", "answered",
            DAY + 5_000, DAY + 9_000, DAY + 20_000, 4_000, 11_000,
        ),
        CallSeen(
            DAY + 1, "sim.3", "", "4000", "en", "", "sales", "", "ivr_hangup", ended_at=DAY + 700
        ),
    ]  # fmt: skip


def test_another_systems_export_needs_arrivals_and_may_speak_of_seconds(tmp_path: Path) -> None:
    text = (
        "queue,arrived_at,waited_s,talked_s,wrap_up_s,answer_s\n"
        "sales,2026-01-05 10:00:00,4.5,61,7,2.25\n"
        "sales,2026-01-05T02:00:01Z,12,,,\n"
        "sales,2026-01-05T03:00:02+01:00,,,,\n"
    )
    first, second, third = read_calls(written(tmp_path, text), "Asia/Shanghai")[0]
    assert first == CallSeen(
        DAY, queue="sales", outcome="answered", waited=4_500, talked=61_000, wrap_up=7_000,
        answer=2_250,
    )  # fmt: skip
    assert (second.arrived_at, second.outcome, second.waited) == (DAY + 1_000, "abandoned", 12_000)
    assert (third.arrived_at, third.outcome, third.waited) == (DAY + 2_000, "ivr_hangup", None)


def test_a_regained_place_is_no_patience_of_this_call(tmp_path: Path) -> None:
    """Who calls again soon waits since the first call, says ctid's record."""
    text = (
        "arrived_at,queued_at,answered_at,ended_at,waited,outcome\n"
        f"{DAY},{DAY - 60_000},0,{DAY + 9_000},69000,abandoned\n"
        f"{DAY},{DAY - 60_000},{DAY + 5_000},{DAY + 9_000},,\n"
        f"{DAY},,{DAY - 5_000},{DAY + 9_000},1,\n"
    )
    calls, problems = read_calls(written(tmp_path, text), skip_bad=True)
    assert [call.waited for call in calls] == [9_000, 5_000]
    assert problems == [
        "calls.csv: line 4: answered_at: is before arrived_at; correct one of the two"
    ]


def test_calls_that_we_made_are_no_arrivals(tmp_path: Path) -> None:
    made = f"x.1-cb7,{DAY},answered\nx.2,{DAY},cancelled\n"
    text = f"call,arrived_at,outcome\n{made}x.1,{DAY},callback\n"
    assert [call.call for call in read_calls(written(tmp_path, text))[0]] == ["x.1"]


def test_every_bad_row_is_told_with_its_line(tmp_path: Path) -> None:
    text = (
        "arrived_at,queued_at,outcome,waited\n"
        f"{DAY},,,1\n"
        "yesterday,,,1\n"
        "1767578400,,,1\n"
        f"{DAY},,lost,1\n"
        f"{DAY},,,-1\n"
        f"{DAY},,,soon\n"
        f"{DAY},never,,\n"
        ",,,1\n"
    )
    file = written(tmp_path, text)
    with pytest.raises(BadRows) as raised:
        read_calls(file)
    told = [line.split(": ")[1:3] for line in raised.value.problems]
    assert told == [
        ["line 3", "arrived_at"],
        ["line 4", "arrived_at"],
        ["line 5", "outcome"],
        ["line 6", "waited"],
        ["line 7", "waited"],
        ["line 8", "queued_at"],
        ["line 9", "arrived_at"],
    ]
    calls, problems = read_calls(file, skip_bad=True)
    assert (len(calls), len(problems)) == (1, 7)


def test_of_very_many_bad_rows_the_first_are_told(tmp_path: Path) -> None:
    file = written(tmp_path, "arrived_at\n" + "x\n" * (SHOWN + 7))
    with pytest.raises(BadRows, match="and 7 more rows like these"):
        read_calls(file)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "there is no column 'arrived_at'"),
        (b"when,queue\n1,2\n", "there is no column 'arrived_at'"),
        (b"arrived_at,queue\n1767578400000,\xff\n", "is not UTF-8"),
    ],
)
def test_a_file_that_is_no_such_file(tmp_path: Path, data: bytes, said: str) -> None:
    file = tmp_path / "calls.csv"
    file.write_bytes(data)
    with pytest.raises(ConfigError, match=said):
        read_calls(file)


def test_no_file_and_no_zone(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_calls(tmp_path / "none.csv")
    with pytest.raises(ConfigError, match="there is no time zone 'Mars/Phobos'"):
        read_calls(tmp_path / "none.csv", "Mars/Phobos")
