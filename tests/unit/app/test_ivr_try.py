"""`ctid ivr try`: the machine's own Walker, with keys from a list or from whoever sits there."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from ctid.app.cli import main
from ctid.app.ivr_try import Pretence, Story, Trial, entered, keys_problem
from ctid.ivr import flow
from ctid.ivr.actions import Ask
from ctid.ivr.variables import Known

TEXTS = {"en": "Hello", "zh-CN": "你好"}
BYE = flow.HangUp()


def walk(
    steps: dict[str, flow.AnyStep], *keys: str, language: str = "en", **pretence: Any
) -> Story:
    made = flow.Flow("f", next(iter(steps)), "en", steps, {"p": TEXTS})
    left = list(keys)
    trial = Trial({"f": made}, Pretence(**pretence), lambda turn: None)
    return trial.walk("f", language, lambda ask: left.pop(0) if left else "")


def ask(most: int, terminator: str = "", *, secret: bool = False) -> Ask:
    return Ask(("p",), most, terminator, 5000, 3000, secret=secret)


@pytest.mark.parametrize(
    ("typed", "asked", "told"),
    [
        ("1", ask(1), ("1", "full", "")),
        ("", ask(1), ("", "timeout", "")),
        ("#", ask(1), ("", "terminator", "")),
        ("12", ask(1), ("1", "full", "2")),
        ("123", ask(6, "#"), ("123", "timeout", "")),
        ("123#", ask(6, "#"), ("123", "terminator", "")),
        ("123#", ask(6, "*"), ("123", "terminator", "")),
        ("123*", ask(6, "*"), ("123", "terminator", "")),
        ("123*4", ask(6, "#"), ("123*4", "timeout", "")),
        ("123456#", ask(6, "#"), ("123456", "full", "#")),
        ("1234#56", ask(6, "#"), ("1234", "terminator", "56")),
        ("1234", ask(6, "#", secret=True), ("xxxx", "timeout", "")),
    ],
)
def test_keys_as_the_pbx_tells_them(typed: str, asked: Ask, told: tuple[str, str, str]) -> None:
    assert entered(typed, asked) == told


def test_what_is_on_no_telephone() -> None:
    assert keys_problem("0123456789*#") == ""
    assert keys_problem("1a b") == "' ab' is on no telephone; press 0 to 9, * and #"
    assert "١" in keys_problem("١")


def test_opening_hours_are_pretended() -> None:
    steps: dict[str, flow.AnyStep] = {
        "a": flow.Hours("any", open="sales", closed="bye"),
        "sales": flow.Queue("sales"),
        "bye": BYE,
    }
    assert (walk(steps).outcome, walk(steps).queue) == ("queue", "sales")
    assert walk(steps, open=False).outcome == "end"


def test_when_they_open_is_pretended() -> None:
    steps: dict[str, flow.AnyStep] = {
        "a": flow.Hours("any", open="bye", closed="b"),
        "b": flow.Say("time", "{opens_time}", next="bye", on_fail="q"),
        "q": flow.Queue("sales"),
        "bye": BYE,
    }
    assert walk(steps, open=False).path == ("a", "b!", "q")
    opens = ("2026-10-09", "09:00", "later")
    story = walk(steps, open=False, opens=opens)
    assert story.path == ("a", "b", "bye")
    assert tuple(story.variables.values()) == opens


@pytest.mark.parametrize(
    ("status", "path", "told"),
    [("found", "a q", "found"), ("timeout", "a q", "claimed"), ("none", "a! bye", "unknown")],
)
def test_the_crm_is_pretended(status: str, path: str, told: str) -> None:
    steps: dict[str, flow.AnyStep] = {
        "a": flow.Collect("p", next="q", on_fail="bye", check="customer", tries=1),
        "q": flow.Queue("sales"),
        "bye": BYE,
    }
    story = walk(steps, "123456#", status=status)
    assert (" ".join(story.path), story.code_status) == (path, told)
    assert (story.turns[-1].does, story.turns[-1].code) == ("checks", "123456")


def test_who_answers_elsewhere_is_pretended() -> None:
    steps: dict[str, flow.AnyStep] = {
        "a": flow.CallBack("sales", on_fail="b", number="{caller}"),
        "b": flow.Transfer("Lab", on_fail="c"),
        "c": flow.Voicemail("mail", prompt="p"),
    }
    story = walk(steps, known=Known(number="+8613900000001"))
    assert (story.path, story.outcome, story.queue) == (("a",), "callback", "sales")
    assert [spoken.prompt for spoken in story.turns[0].spoken] == ["callback-thanks"]
    story = walk(steps, callback=False)
    assert (story.path, story.outcome) == (("a!", "b"), "transfer")
    story = walk(steps, callback=False, outside=False)
    assert (story.path, story.outcome) == (("a!", "b!", "c"), "voicemail")
    assert (story.queue, story.turns[-1].spoken[0].text) == ("mail", "Hello")
    waits = walk({"a": flow.Transfer("Lab", "sales")}, outside=False)
    assert (waits.outcome, waits.queue) == ("queue", "sales")


@pytest.mark.parametrize(
    ("speaks", "keys", "path"),
    [
        (5_000, ["1"], "a bye"),
        (5_000, ["2", "1"], "a~2 bye"),
        (0, [], "a! q"),
        (5_000, [], "a~3 bye"),
    ],
)
def test_what_the_caller_says_is_pretended(speaks: int, keys: list[str], path: str) -> None:
    steps: dict[str, flow.AnyStep] = {
        "a": flow.Record("p", next="bye", on_fail="q", confirm="p"),
        "q": flow.Queue("sales"),
        "bye": BYE,
    }
    story = walk(steps, *keys, speaks=speaks)
    assert " ".join(story.path) == path
    assert (story.turns[0].does, story.turns[0].status) == ("records", f"{speaks // 1000} s")
    if speaks:
        assert [spoken.text for spoken in story.turns[1].spoken] == ["[the recording]", "Hello"]


@pytest.mark.parametrize(
    ("status", "path", "language"),
    [
        ("found", "a=found yes", "zh-CN"), ("many", "a=many no", "en"), ("none", "a=none no", "en"),
        ("timeout", "a! bye", "en"),
    ],
)  # fmt: skip
def test_who_calls_is_pretended(status: str, path: str, language: str) -> None:
    steps: dict[str, flow.AnyStep] = {
        "a": flow.LookUp("yes", "no", "bye", language=True),
        "yes": flow.Queue("sales"),
        "no": flow.Queue("sales"),
        "bye": BYE,
    }
    story = walk(steps, status=status, known=Known(language="zh-CN"))
    assert (" ".join(story.path), story.language) == (path, language)
    assert (story.turns[0].does, story.turns[0].code) == ("checks", "the number")


def test_what_others_know_of_the_caller_is_pretended() -> None:
    steps: dict[str, flow.AnyStep] = {
        "a": flow.Branch("grade", {"gold": "q"}, otherwise="bye"),
        "q": flow.Queue("vip"),
        "bye": BYE,
    }
    assert walk(steps, known=Known(grade="gold")).queue == "vip"
    assert walk(steps).outcome == "end"


def test_values_are_spoken_in_words() -> None:
    steps: dict[str, flow.AnyStep] = {
        "a": flow.Set("count", "21", next="b"),
        "b": flow.Say("number", "{count}", next="bye", before="p"),
        "bye": BYE,
    }
    story = walk(steps)
    assert [spoken.text for spoken in story.turns[0].spoken] == ["Hello", "twenty-one"]
    assert story.variables == {"count": "21"}


def test_a_pin_stays_unseen() -> None:
    steps: dict[str, flow.AnyStep] = {
        "a": flow.Collect("p", next="bye", on_fail="bye", min=4, max=4, class_="pin"),
        "bye": BYE,
    }
    story = walk(steps, "4711")
    assert story.turns[0].keys == "xxxx"
    assert "4711" not in repr(story)


PIN_STEPS: dict[str, flow.AnyStep] = {
    "code": flow.Collect("p", next="pin", on_fail="bye", min=4, max=4),
    "pin": flow.Collect(
        "p", next="bye", on_fail="bye", min=4, max=4, class_="pin", check="pin", tries=2,
        locked="agent",
    ),
    "bye": BYE,
    "agent": flow.Queue("sales"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("pin", "path", "identity"),
    [
        ("right", "code pin bye", "verified"),
        ("wrong", "code pin! bye", "claimed"),
        ("unset", "code pin!unset bye", "claimed"),
        ("timeout", "code pin!unanswered bye", "claimed"),
        ("locked", "code pin!locked agent", "claimed"),
    ],
)
def test_what_the_crm_says_of_pins(pin: str, path: str, identity: str) -> None:
    story = walk(PIN_STEPS, "1234", "4711", "4712", pin=pin)
    assert (" ".join(story.path), story.identity) == (path, identity)
    told = [turn for turn in story.turns if turn.does == "proves"]
    assert {(turn.code, turn.status) for turn in told} == {("1234", pin)}
    assert len(told) == (2 if pin == "wrong" else 1)
    assert "4711" not in repr(story)


def test_a_pin_in_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    file = Path("tests/real_pbx/flows/identity.toml")
    words = ["ivr", "try", str(file), "--keys", "100001,4711#,4712#"]
    for option, told in (
        ("--pin-wrong", "PIN of 100001: is wrong"),
        ("--pin-unset", "PIN of 100001: the customer has none"),
        ("--pin-unanswered", "PIN of 100001: the CRM is silent"),
        ("--pin-locked", "PIN of 100001: none is taken of this caller"),
    ):
        assert main([*words, option]) == 0
        out = " ".join(capsys.readouterr().out.split())
        assert told in out
        assert out.endswith("identity claimed")
        assert "4711" not in out
    assert main(words) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "PIN of 100001: is right" in out
    assert "outcome the queue sales" in out
    assert out.endswith("identity verified")


def test_answers_of_a_survey() -> None:
    steps: dict[str, flow.AnyStep] = {
        "rate": flow.Survey("p", next="bye", on_fail="bye"),
        "bye": BYE,
    }
    story = walk(steps, "7", "4")
    assert [(answer.question, answer.value) for answer in story.answers] == [("rate", 4)]


def test_what_served_the_caller() -> None:
    tell = flow.Play("p", next="bye", serves=True)
    steps: dict[str, flow.AnyStep] = {
        "a": flow.Menu("p", {"1": "tell"}, on_fail="bye"), "tell": tell, "bye": BYE,
    }  # fmt: skip
    assert walk(steps, "1").served == ("f/tell",)
    assert walk(steps, "2", "2", "2").served == ()


def test_silence_ends_too() -> None:
    story = walk({"a": flow.Menu("p", {"1": "bye"}, on_fail="bye"), "bye": BYE})
    assert [turn.ended for turn in story.turns] == ["timeout"] * 3


MAIN = ["ivr", "try", "main", "--language", "en"]


def test_with_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*MAIN, "--keys", "2,1,12345678"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "welcome says Hello, and welcome. choose-language asks For Chinese, press 1." in told
    assert "keys 123456; 78 came too late and is lost code 123456: the CRM knows it" in told
    assert "path hours welcome choose-language=2 english menu=1 sales-code sales" in told
    assert told.endswith("outcome the queue sales language en code 123456 (found) identity claimed")


def test_keys_of_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*MAIN, "--keys", ""]) == 0
    out = capsys.readouterr().out
    assert "the queue fallback" in out
    assert out.count("silence") == 5


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*MAIN, "--closed", "--keys", "", "--json"]) == 0
    story = json.loads(capsys.readouterr().out)
    assert (story["outcome"], story["path"]) == ("end", ["hours", "closed", "goodbye"])
    (turn,) = story["turns"]
    assert turn["spoken"][0]["prompt"] == "closed"
    assert turn["spoken"][0]["text"].startswith("We are closed at the moment.")


@pytest.mark.parametrize("when", ["today 14:00", "tomorrow 9:00", "2026-10-09 9:00"])
def test_closed_until_then(when: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*MAIN, "--opens", when, "--keys", "", "--json"]) == 0
    story = json.loads(capsys.readouterr().out)
    assert story["path"][:2] == ["hours", "closed"]
    date, clock, word = story["variables"].values()
    assert clock.zfill(5) == when.split()[1].zfill(5)
    assert word == (when.split()[0] if not when.startswith("2") else "later")
    assert date == "2026-10-09" or word != "later"


def test_by_hand(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("2\nx\n\n1\n123\nh\n"))
    assert main(MAIN) == 0
    out = capsys.readouterr().out
    assert "press one key (empty: silence, h: hang up): " in out
    assert "'x' is on no telephone; press 0 to 9, * and #" in out
    assert "silence" in out
    assert "press up to 6 keys" in out
    assert "We could not find that customer code." in out
    assert "the caller hangs up" in out


def test_the_end_of_the_input_hangs_up(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(MAIN) == 0
    assert "the caller hangs up" in capsys.readouterr().out


def test_a_flow_that_calls_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "one.toml").write_text(
        'id = "one"\nstart = "a"\nlanguage = "en"\nprompts = {}\n'
        '[steps.a]\nkind = "call"\nflow = "two"\nnext = "b"\n[steps.b]\nkind = "hangup"\n'
    )
    two = (
        'id = "two"\nstart = "t"\nlanguage = "en"\n[prompts.p]\nen = "Two"\nzh-CN = "二"\n'
        '[steps.t]\nkind = "play"\nprompt = "p"\nnext = "r"\n[steps.r]\nkind = "return"\n'
    )
    (tmp_path / "two.toml").write_text(two)
    (tmp_path / "broken.toml").write_text('id = "broken"\n')
    words = ["ivr", "try", "one", "--flows", str(tmp_path), "--keys", ""]
    assert main(words) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "two/t says Two" in told
    assert "path a two/t two/r b" in told
    (tmp_path / "two.toml").write_text(two.replace('"r"', '"x"'))
    assert main(words) == 1
    assert (
        f"{tmp_path.name}/two.toml: steps.t.next: there is no step 'x'" in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--keys", "1,2a"), "argument --keys: input 2: 'a' is on no telephone"),
        (("--language", "de"), "invalid choice: 'de'"),
        (("--code-found", "--code-unknown"), "not allowed with"),
        (("--closed", "--opens", "today 9:00"), "not allowed with"),
        (("--pin-right", "--pin-wrong"), "not allowed with"),
        (("--opens", "soon"), "'soon' is no time; write \"today 14:00\""),
        (("--opens", "2026-02-30 9:00"), "is no time"),
        (("--speed", "1"), "unrecognized arguments"),
    ],
)
def test_a_wrong_call(
    words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["ivr", "try", "main", *words])
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_json_asks_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*MAIN, "--json"]) == 2
    assert "needs --keys" in capsys.readouterr().err


@pytest.mark.parametrize("what", ["draw", "try"])
def test_each_has_examples(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["ivr", what, "--help"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert f"examples:\n  ctid ivr {what} main" in out
