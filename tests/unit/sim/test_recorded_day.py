"""What is read from a journal, and what is said of one that is damaged, foreign or has gaps."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import pytest

from ctid import __version__
from ctid.acd.ringing import Ringing
from ctid.core.errors import ConfigError
from ctid.core.identity import PinChecked
from ctid.core.instants import SECOND
from ctid.core.journal import FORMAT, Header, Line, encode
from ctid.ivr.identity_rules import IdentityRules, Limit
from sim import site
from sim.calibrate.sources import gather
from sim.fuzz.busy import Busy
from sim.fuzz.sites import made
from sim.run.outcome import Outcome
from sim.whatif.facts import Day
from sim.whatif.files import Reel
from sim.whatif.play import play, recorded
from sim.whatif.reading import read_day
from tests.unit.sim.recorded_days import record, split, world, write

SETTINGS = site.settings(8)


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    return record(1, SETTINGS)[0]


def day(*paths: Path) -> Day:
    return read_day(Reel(list(paths)))


def sums(outcome: Outcome) -> tuple[object, ...]:
    """Over the whole day, whatever its intervals."""
    return (
        outcome.calls, outcome.endings,
        {q: [sum(s.answered for s in one), sum(s.in_target for s in one),
             sum(s.waited for s in one), sum(s.talked for s in one)]
         for q, one in outcome.queues.items()},
        {a: [sum(s.talking for s in one), sum(s.wrap_up for s in one), sum(s.contacts for s in one)]
         for a, one in outcome.agents.items()},
    )  # fmt: skip


def test_the_recorded_days_figures_are_those_of_the_run(tmp_path: Path) -> None:
    lines, outcome = record(2, SETTINGS)
    assert sums(recorded(day(write(tmp_path / "d.ctid", SETTINGS, lines)))) == sums(outcome)


def test_every_caller_agent_and_answer_is_found(tmp_path: Path, lines: list[Line]) -> None:
    found = day(write(tmp_path / "d.ctid", SETTINGS, lines))
    assert len(found.callers) == 120
    assert found.told == []
    answered = [one for one in found.callers if one.outcome == "answered"]
    assert all(one.talked > 0 and one.agent for one in answered)
    assert all(
        ("answered" in [r.end for r in found.rings[one.call, one.agent]]) for one in answered
    )
    assert sum(one.wrap_up is not None for one in answered) > 0.9 * len(answered)
    assert any(one.wrap_up.by_agent for one in answered if one.wrap_up)
    assert any(not one.wrap_up.by_agent for one in answered if one.wrap_up)
    pressed = [step for one in found.callers for step in one.steps if step.digits]
    assert {"1", "2"} <= {step.digits for step in pressed}
    assert any(one.look_ups for one in found.callers)
    assert any(wish.lasts for wish in found.wishes)
    assert found.backs
    assert found.absences


def test_what_the_crm_said_of_pins_is_found_and_said_again(tmp_path: Path) -> None:
    """Whoever was wrong that day is wrong again, however the queues are changed."""
    seed = next(n for n in range(99) if "pin" in made(Busy(8), n).flows["main"].steps)
    free = Limit(100, SECOND, SECOND)  # else a lock would depend on who calls when
    settings = msgspec.structs.replace(
        SETTINGS, flows=made(Busy(8), seed).flows, identity=IdentityRules(free, free)
    )
    lines, _ = record(1, settings)
    found = day(write(tmp_path / "d.ctid", settings, lines))
    told = Counter(line.e.status for line in lines if isinstance(line.e, PinChecked))
    assert {"right", "wrong"} <= told.keys()
    assert Counter(pin.status for one in found.callers for pin in one.pins) == told
    again: list[Line] = []
    play(found, settings, 1, 1, write=again.append)
    assert Counter(line.e.status for line in again if isinstance(line.e, PinChecked)) == told


def test_two_files_are_one_day(tmp_path: Path, lines: list[Line]) -> None:
    whole = day(write(tmp_path / "d.ctid", SETTINGS, lines))
    first, second = split(tmp_path, SETTINGS, lines, len(lines) // 2)
    both = day(second, first)
    assert both.callers == whole.callers
    assert both.told == []
    assert sums(recorded(both)) == sums(recorded(whole))


def test_the_second_file_alone_knows_who_was_there(tmp_path: Path, lines: list[Line]) -> None:
    _, second = split(tmp_path, SETTINGS, lines, len(lines) // 2)
    found = day(second)
    assert 30 < len(found.callers) < 90
    assert found.callers[0].at < 60_000
    assert {wish.agent for wish in found.wishes if wish.at == 0} == {f"agent{n}" for n in range(8)}
    assert any("calls that were up at the beginning" in note.en for note in found.told)
    assert all(note.zh for note in found.told)


def test_missing_lines_are_told(tmp_path: Path, lines: list[Line]) -> None:
    half = len(lines) // 2
    first, second = split(tmp_path, SETTINGS, lines, half)
    write(first, SETTINGS, lines[: half - 100])
    told = [note.en for note in day(first, second).told]
    assert any(f"lines {half - 99} to {half} are missing" in text for text in told)


def test_a_damaged_line_ends_the_file_and_is_told(tmp_path: Path, lines: list[Line]) -> None:
    file = write(tmp_path / "d.ctid", SETTINGS, lines)
    raw = file.read_bytes().splitlines(keepends=True)
    raw[500] = raw[500].replace(b'"t":', b'"T":')
    file.write_bytes(b"".join(raw))
    found = day(file)
    assert 0 < len(found.callers) < 120
    assert any("line 501: the checksum does not match" in note.en for note in found.told)


def test_other_settings_on_the_way_are_told(tmp_path: Path, lines: list[Line]) -> None:
    first, second = split(tmp_path, SETTINGS, lines, len(lines) // 2)
    other = msgspec.structs.replace(SETTINGS, timezone="UTC")
    write(second, other, lines[len(lines) // 2 :])
    assert any("settings are not those of the first" in note.en for note in day(first, second).told)


def test_files_of_two_runs_do_not_mix(tmp_path: Path, lines: list[Line]) -> None:
    one = write(tmp_path / "a.ctid", SETTINGS, lines)
    two = write(tmp_path / "b.ctid", SETTINGS, lines)
    with pytest.raises(ConfigError, match=r"begins with line 1, as a\.ctid does"):
        day(one, two)
    write(two, SETTINGS, lines[10:])
    with pytest.raises(ConfigError, match=r"line 11 is in a\.ctid too"):
        day(one, two)


def header(**other: object) -> bytes:
    made: dict[str, object] = {
        "format": FORMAT, "ctid": __version__,
        "settings": msgspec.Raw(msgspec.json.encode(SETTINGS)), "state": msgspec.Raw(b"null"),
    }  # fmt: skip
    return encode(Header(**{**made, **other}))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty; is this a ctid journal?"),
        (b"call,queue\n1,2\n", "line 1: the checksum|line 1: the line is torn"),
        (header(format=FORMAT + 1), f"format {FORMAT + 1}, but this ctid reads format {FORMAT}"),
        (
            header(ctid="0.0.7", settings=msgspec.Raw(b"{}")),
            "written by ctid 0.0.7, whose settings",
        ),
        (header(), "no call arrived in it"),
    ],
)
def test_what_is_no_days_journal(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "d.ctid"
    file.write_bytes(content)
    with pytest.raises(ConfigError, match=said):
        day(file)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        day(tmp_path / "none.ctid")


def test_of_another_version_that_can_be_read(tmp_path: Path) -> None:
    lines = record(3, SETTINGS, world(calls=10))[0]
    file = tmp_path / "d.ctid"
    file.write_bytes(header(ctid="0.0.7") + b"".join(map(encode, lines)))
    assert "written by ctid 0.0.7" in day(file).told[0].en


def test_a_phone_that_rang_beside_another_one_was_not_refused(tmp_path: Path) -> None:
    """Nobody rejects a call here: what ends unanswered was taken back, or the caller left."""
    acd = SETTINGS.acd
    queues = tuple(msgspec.structs.replace(q, ringing=Ringing("all")) for q in acd.queues)
    settings = msgspec.structs.replace(SETTINGS, acd=msgspec.structs.replace(acd, queues=queues))
    of = world(calls=40)
    calm = msgspec.structs.replace(of.agents, reject=0, decline=0, no_answer=0)
    lines = record(1, settings, msgspec.structs.replace(of, agents=calm))[0]
    file = write(tmp_path / "d.ctid", settings, lines)
    ends = Counter(ring.end for rings in day(file).rings.values() for ring in rings)
    assert ends["caller_gone"] > ends["answered"] > 20
    assert ends["rejected"] == 0
    past = gather([file], "UTC", skip_bad=False)
    assert Counter(ring.end for ring in past.rings)["rejected"] == 0
