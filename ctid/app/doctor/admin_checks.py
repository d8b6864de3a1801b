"""What only an account with `command` and `system` can see. ctid's own must not have these."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ctid.app.doctor.findings import Finding
from ctid.app.doctor.link import Answer, Link

NEEDED = (
    "pbx_config", "res_agi", "res_musiconhold", "res_manager_devicestate", "app_userevent",
    "app_exec", "app_read", "func_channel", "func_env", "func_groupcount", "func_lock",
    "func_logic", "func_strings", "func_timeout", "bridge_softmix",
)  # fmt: skip
BY_APPLICATION = {
    "BridgeAdd": "app_bridgeaddchan", "BridgeWait": "app_bridgewait", "ChanSpy": "app_chanspy",
    "Dial": "app_dial",
    "Playback": "app_playback", "Read": "app_read", "Record": "app_record", "Return": "app_stack",
    "SpeechBackground": "app_speech_utils", "SpeechCreate": "res_speech_aeap",
}  # fmt: skip
"""Modules that the dialplan, and a menu that listens, need for what they run."""
WANTED_READ = ("agent", "call", "cdr", "dtmf", "reporting", "security", "system", "user")
MIN_WRITE_TIMEOUT = 1_000
"""Milliseconds; Asterisk's default of 100 cuts off a reader who was busy for that long."""
NAMES = ("modules", "AMD", "music classes", "read classes", "channel variables", "writetimeout")


def not_seen(why: str, todo: str) -> list[Finding]:
    """All of these checks, left out."""
    return [Finding(name, "skipped", why, todo) for name in NAMES]


def examine(
    link: Link, user: str, music: Iterable[str], applications: Iterable[str], phones: Iterable[str]
) -> list[Finding]:
    """All checks of this file; `user` is ctid's account."""
    wanted = set(NEEDED)
    wanted |= {BY_APPLICATION[name] for name in applications if name in BY_APPLICATION}
    if any(phone.startswith("PJSIP/") for phone in phones):
        wanted.add("chan_pjsip")
    loaded = {name: link.ask("ModuleCheck", Module=name) for name in sorted(wanted)}
    return [
        modules(loaded),
        amd(link.ask("ModuleCheck", Module="app_amd")),
        music_classes(link.ask("Command", Command="moh show files"), music),
        read_classes(link.ask("Command", Command=f"manager show user {user}"), user),
        channel_variables(link.ask("Command", Command="manager show settings")),
        write_timeout(link.ask("GetConfig", Filename="manager.conf", Category=user)),
    ]


def modules(answers: dict[str, Answer]) -> Finding:
    """Modules that the call path needs, from ModuleCheck."""
    if refused := _refused(*answers.values()):
        return Finding("modules", "skipped", refused, "give the admin account write=system")
    missing = [name for name, answer in answers.items() if not answer.ok]
    if missing:
        todo = "load them in modules.conf; a package may be missing"
        return Finding("modules", "fail", f"not loaded: {', '.join(missing)}", todo)
    return Finding("modules", "ok", f"{len(answers)} needed ones are loaded")


def amd(answer: Answer) -> Finding:
    """Answering machine detection, which the dialer uses."""
    if refused := _refused(answer):
        return Finding("AMD", "skipped", refused, "give the admin account write=system")
    if not answer.ok:
        todo = "for the dialer write an amd.conf and load app_amd.so; inbound calls do not need it"
        return Finding("AMD", "warn", "app_amd is not loaded", todo)
    return Finding("AMD", "ok", "app_amd is loaded")


def music_classes(answer: Answer, wanted: Iterable[str]) -> Finding:
    """The queues' music, from `moh show files`: classes that exist and have a file."""
    if not answer.ok:
        return Finding("music classes", "skipped", answer.message, _NEED_COMMAND)
    files: dict[str, int] = {}
    name = ""
    for line in answer.output():
        if line.startswith("Class:"):
            name = line.removeprefix("Class:").strip()
            files[name] = 0
        elif line.startswith("File:"):
            files[name] += 1
    if missing := [name for name in wanted if not files.get(name)]:
        # A class without a file ends at once, and the waiting caller would be hung up.
        todo = "add them to musiconhold.conf, each with a file at least, and reload"
        return Finding("music classes", "fail", f"nothing to play for {', '.join(missing)}", todo)
    return Finding("music classes", "ok", ", ".join(sorted(wanted)))


def read_classes(answer: Answer, user: str) -> Finding:
    """ctid's read classes, from `manager show user`."""
    if not answer.ok:
        return Finding("read classes", "skipped", answer.message, _NEED_COMMAND)
    found = [line for line in answer.output() if line.startswith("read perm:")]
    if not found:
        seen = f"Asterisk shows no account {user!r}"
        return Finding("read classes", "fail", seen, "include manager_ctid.conf in manager.conf")
    have = {name.strip() for name in found[0].partition(":")[2].split(",")}
    missing = [] if "all" in have else [name for name in WANTED_READ if name not in have]
    if missing:
        todo = f"in manager.conf set read = {','.join(WANTED_READ)} and reload"
        return Finding("read classes", "fail", f"read has not {', '.join(missing)}", todo)
    return Finding("read classes", "ok", ", ".join(WANTED_READ))


def channel_variables(answer: Answer) -> Finding:
    """Events with channel variables cost much, and break clients; ctid needs none."""
    if not answer.ok:
        return Finding("channel variables", "skipped", answer.message, _NEED_COMMAND)
    found = [line for line in answer.output() if line.startswith("Channel vars:")]
    names = found[0].partition(":")[2].strip() if found else ""
    if names:
        todo = "take channelvars out of manager.conf unless another program needs it"
        return Finding("channel variables", "warn", f"every event carries {names}", todo)
    return Finding("channel variables", "ok", "events carry none")


def write_timeout(answer: Answer) -> Finding:
    """The account's writetimeout, from GetConfig."""
    if not answer.ok:
        todo = "look into manager.conf: writetimeout = 5000 for the account"
        return Finding("writetimeout", "skipped", answer.message, todo)
    values = [match[1] for line in answer.lines if (match := _WRITE_TIMEOUT.search(line))]
    shown = int(values[-1]) if values else 100
    if shown < MIN_WRITE_TIMEOUT:
        todo = "in manager.conf set writetimeout = 5000 for the account and reload"
        return Finding("writetimeout", "fail", f"{shown} ms", todo)
    return Finding("writetimeout", "ok", f"{shown} ms")


_NEED_COMMAND = "give the admin account write=command"
_WRITE_TIMEOUT = re.compile(r"^Line-\d+-\d+:\s*writetimeout\s*=>?\s*(\d+)")


def _refused(*answers: Answer) -> str:
    refusals = [answer.message for answer in answers if "ermission" in answer.message]
    return refusals[0] if refusals else ""
