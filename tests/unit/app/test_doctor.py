"""The doctor's judgements, from answers as Asterisk 22 gives them."""

import socket

import pytest

from ctid.app.doctor import admin_checks, checks
from ctid.app.doctor.findings import Finding
from ctid.app.doctor.link import Answer
from ctid.settings import AgiSection

OWN = {
    "Response": "Success",
    "Ping": "Keepalive command.  (Priv: <none>)",
    "CoreStatus": "Show PBX core status variables.  (Priv: system,reporting,all)",
    "Bridge": "Bridge two channels already in the PBX.  (Priv: call,all)",
    "Originate": "Originate a call.  (Priv: originate,all)",
    "UserEvent": "Send an arbitrary event.  (Priv: user,all)",
    "Hangup": "Hangup channel.  (Priv: system,call,all)",
}
TOO_MANY = {
    "Command": "Execute Asterisk CLI Command.  (Priv: command,all)",
    "ModuleLoad": "Module management.  (Priv: system,all)",
    "UpdateConfig": "Update basic configuration.  (Priv: config,all)",
    "AGI": "Add an AGI command to execute by Async AGI.  (Priv: agi,all)",
}


def answer(ok: bool = True, /, *output: str, **headers: str) -> Answer:
    return Answer(ok, headers, tuple(f"Output: {line}" for line in output))


def verdicts(*findings: Finding) -> list[str]:
    return [finding.verdict for finding in findings]


def test_the_account_of_our_snippet_is_right() -> None:
    assert verdicts(*checks.privileges(answer(**OWN))) == ["ok", "ok"]


@pytest.mark.parametrize(
    ("gone", "missing"),
    [("Originate", "originate"), ("UserEvent", "user"), ("CoreStatus", "reporting")],
)
def test_privileges_too_few(gone: str, missing: str) -> None:
    commands = {name: text for name, text in OWN.items() if name != gone}
    few, many = checks.privileges(answer(**commands))
    assert (few.verdict, many.verdict) == ("fail", "ok")
    assert few.seen == f"write has not {missing}"
    assert "write = call,originate,reporting,user" in few.todo


@pytest.mark.parametrize(
    ("name", "surplus"),
    [("Command", "command"), ("ModuleLoad", "system"), ("UpdateConfig", "config"), ("AGI", "agi")],
)
def test_privileges_too_many(name: str, surplus: str) -> None:
    _, many = checks.privileges(answer(**OWN, **{name: TOO_MANY[name]}))
    assert many.verdict == "fail"
    assert surplus in many.seen


def test_reporting_is_seen_beside_system() -> None:
    """CoreStatus alone does not tell the two apart; ShowDialPlan does."""
    commands = OWN | {
        "ModuleLoad": TOO_MANY["ModuleLoad"],
        "ShowDialPlan": "Show dialplan contexts and extensions  (Priv: config,reporting,all)",
    }
    assert checks.privileges(answer(**commands))[0].verdict == "ok"
    del commands["ShowDialPlan"]
    assert checks.privileges(answer(**commands))[0].seen == "write has not reporting"


def test_a_pbx_that_tells_no_privileges_is_not_judged() -> None:
    assert verdicts(*checks.privileges(answer(Ping="(no description)"))) == ["skipped"]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("22.10.1+dfsg", "ok"), ("20.9.3", "warn"), ("certified-18.9-cert8", "warn"),
        ("1.8.32", "fail"), ("GIT-master", "fail"),
    ],
)  # fmt: skip
def test_version(text: str, verdict: str) -> None:
    assert checks.version(answer(AsteriskVersion=text)).verdict == verdict


def test_a_version_that_the_account_may_not_ask() -> None:
    assert checks.version(answer(False, Message="Permission denied")).verdict == "skipped"


def test_missing_actions_are_named() -> None:
    finding = checks.actions(answer(**dict.fromkeys(checks.ACTIONS[2:], "")))
    assert finding.seen == "not available: CoreStatus, DeviceStateList"
    assert "res_manager_devicestate" in finding.todo


@pytest.mark.parametrize(
    ("url", "verdict", "seen", "address"),
    [
        ("agi://10.0.0.5:4573/the-token", "ok", "with our token", ("10.0.0.5", 4573)),
        ("agi://10.0.0.5/the-token", "ok", "with our token", ("10.0.0.5", 4573)),
        ("agi://10.0.0.5:4574/the-token", "fail", "has port 4574", ("10.0.0.5", 4574)),
        ("agi://10.0.0.5:4573/other-one", "fail", "another token", ("10.0.0.5", 4573)),
        ("agi://10.0.0.5:99999/the-token", "fail", "is no agi://", None),
        ("hagi://x/the-token", "fail", "is no agi://", None),
        ("", "fail", "is not set", None),
        (None, "skipped", "not told", None),
    ],
)
def test_where_the_dialplan_calls(
    url: str | None, verdict: str, seen: str, address: tuple[str, int] | None
) -> None:
    finding, found = checks.agi_address(url, AgiSection(token="the-token"))
    assert (finding.verdict, found) == (verdict, address)
    assert seen in finding.seen
    assert "the-token" not in finding.seen + finding.todo
    assert "other-one" not in finding.seen


def test_fastagi_listens_or_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        assert checks.agi_listens(address, 2.0).verdict == "ok"
    assert checks.agi_listens(address, 2.0).verdict == "warn"
    assert checks.agi_listens(None, 2.0).verdict == "skipped"


@pytest.mark.parametrize(
    ("theirs", "verdict", "seen"),
    [
        ("1000500", "ok", "within a second"),
        ("1000900", "ok", "within a second"),
        ("1003000", "warn", "2.0 s ahead of ours"),
        ("998000", "warn", "2.0 s behind ours"),
        ("1061000", "fail", "60.0 s ahead"),
        ("", "skipped", "not told"),
        (None, "skipped", "not told"),
    ],
)
def test_clock(theirs: str | None, verdict: str, seen: str) -> None:
    finding = checks.clock(theirs, 1_000_000, 1_001_000)
    assert finding.verdict == verdict
    assert seen in finding.seen


def test_phones_and_fallback() -> None:
    states: dict[str, str | None] = {"PJSIP/1": "NOT_INUSE", "PJSIP/2": "UNAVAILABLE"}
    assert checks.phones(states.get, ["PJSIP/1"]).verdict == "ok"
    assert checks.phones(states.get, ["PJSIP/1", "PJSIP/2"]).verdict == "warn"
    states["PJSIP/3"] = "INVALID"
    finding = checks.phones(states.get, states)
    assert (finding.verdict, finding.seen) == ("fail", "unknown to the PBX: PJSIP/3")
    assert checks.phones(states.get, ["PJSIP/4"]).verdict == "skipped"
    assert checks.fallback("", "fallback").verdict == "ok"
    assert checks.fallback("other", "fallback").verdict == "fail"
    assert checks.fallback(None, "fallback").verdict == "skipped"


def test_what_an_admin_account_sees() -> None:
    denied = answer(False, Message="Permission denied")
    loaded = {"res_agi": answer(), "app_exec": answer(False, Message="Module not loaded")}
    assert admin_checks.modules(loaded).seen == "not loaded: app_exec"
    assert admin_checks.modules({"res_agi": answer()}).verdict == "ok"
    assert admin_checks.modules({"res_agi": denied}).verdict == "skipped"
    assert verdicts(admin_checks.amd(answer()), admin_checks.amd(denied)) == ["ok", "skipped"]
    assert admin_checks.amd(answer(False, Message="Module not loaded")).verdict == "warn"
    music = answer(True, "Class: default", "\tFile: /moh/a", "Class: ctid")
    assert admin_checks.music_classes(music, ["default"]).verdict == "ok"
    for name in ("ctid", "other"):
        assert name in admin_checks.music_classes(music, ["default", name]).seen
    whole = answer(True, "", "  read perm: " + ",".join(admin_checks.WANTED_READ))
    assert admin_checks.read_classes(whole, "ctid").verdict == "ok"
    few = answer(True, "", "  read perm: system,call")
    assert "agent" in admin_checks.read_classes(few, "ctid").seen
    assert admin_checks.read_classes(answer(True, "no such user"), "ctid").verdict == "fail"
    assert admin_checks.channel_variables(answer(True, "Channel vars: ")).verdict == "ok"
    assert admin_checks.channel_variables(answer(True, "Channel vars: A")).verdict == "warn"
    set_to = Answer(True, {}, ("Line-000000-000003: writetimeout=5000",))
    assert admin_checks.write_timeout(set_to).verdict == "ok"
    assert admin_checks.write_timeout(answer()).seen == "100 ms"
    assert admin_checks.write_timeout(denied).verdict == "skipped"
