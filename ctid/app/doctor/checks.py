"""What ctid's own account can see of a PBX. Each check asks, judges, and says what to do."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlsplit

from ctid.app.doctor.findings import Finding
from ctid.app.doctor.link import Answer, Link
from ctid.core.instants import SECOND, WallMs
from ctid.pbx.snippet import CONTEXTS, VERSION, VERSION_CONTEXT
from ctid.settings import AgiSection, Settings

SNIPPETS = "config/asterisk"
_INCLUDE = f"include {SNIPPETS}/extensions_ctid.conf at the end of extensions.conf and reload"
TRIED = (22,)
LIKELY = (18, 20, 21, 23)
WANTED_WRITE = ("call", "originate", "reporting", "user")
FORBIDDEN_WRITE = ("command", "config", "system", "agi")
"""Each is a shell at the PBX in the end, and ctid uses none of them."""
ACTIONS = (
    "CoreStatus", "DeviceStateList", "Getvar", "Hangup", "Originate", "Ping", "Redirect",
    "Setvar", "Status", "UserEvent",
)  # fmt: skip
"""What the daemon asks for."""
_WITH_OWN_ACTIONS = {"call", "command", "config", "originate", "system", "user"}
"""Classes that Asterisk's core has actions of one class for."""
_PRIVILEGES = re.compile(r"\(Priv: ([a-z,<> ]+)\)\s*$")


def version(settings: Answer) -> Finding:
    """Asterisk's version, from CoreSettings."""
    text = settings.headers.get("AsteriskVersion", "")
    if not settings.ok or not text:
        return Finding(
            "version",
            "skipped",
            f"not told: {settings.message}",
            "give the account write=reporting",
        )
    major = re.match(r"(?:certified[-/])?(\d+)", text)
    number = int(major[1]) if major else 0
    if number in TRIED:
        return Finding("version", "ok", f"Asterisk {text}")
    if number in LIKELY:
        return Finding(
            "version", "warn", f"Asterisk {text}, on which ctid was not tried",
            "make a test call, or use Asterisk 22",
        )  # fmt: skip
    return Finding(
        "version", "fail", f"Asterisk {text}, which ctid does not know", "use Asterisk 22"
    )


def write_classes(commands: Mapping[str, str]) -> set[str]:
    """The account's write classes, as far as ListCommands shows them.

    Asterisk lists an action to an account that has one of the action's classes. So an action of one
    class proves it; and one of several classes proves the last of them when the others have actions
    of their own in every Asterisk and none of those is listed.
    """
    listed = []
    for text in commands.values():
        if match := _PRIVILEGES.search(text):
            classes = {one.strip() for one in match[1].split(",")} - {"all", "<none>"}
            listed.append(classes)
    proven = {name for classes in listed if len(classes) == 1 for name in classes}
    absent = _WITH_OWN_ACTIONS - proven
    for classes in listed:
        if len(rest := classes - absent) == 1:
            proven |= rest
    return proven


def privileges(commands: Answer) -> list[Finding]:
    """Write classes too few and too many, from ListCommands."""
    if not any(_PRIVILEGES.search(text) for text in commands.headers.values()):
        return [Finding("privileges", "skipped", "this PBX does not tell the account's classes")]
    have = write_classes(commands.headers)
    missing = [name for name in WANTED_WRITE if name not in have]
    surplus = [name for name in FORBIDDEN_WRITE if name in have]
    few = Finding("privileges needed", "ok", f"write has {', '.join(WANTED_WRITE)}")
    if missing:
        few = Finding(
            "privileges needed", "fail", f"write has not {', '.join(missing)}",
            f"in manager.conf set write = {','.join(WANTED_WRITE)} and reload",
        )  # fmt: skip
    many = Finding(
        "privileges too many", "ok",
        "none of command, config, system, agi; originate is needed and as good as a shell, so keep"
        " the secret and the permit line close",
    )  # fmt: skip
    if surplus:
        many = Finding(
            "privileges too many", "fail", f"write has {', '.join(surplus)}: a shell at the PBX",
            f"in manager.conf take {', '.join(surplus)} out of write and reload",
        )  # fmt: skip
    return [few, many]


def actions(commands: Answer) -> Finding:
    """Every action that the daemon asks for is there and allowed."""
    listed = {name.lower() for name in commands.headers}
    missing = [name for name in ACTIONS if name.lower() not in listed]
    if not missing:
        return Finding("actions", "ok", f"all {len(ACTIONS)} that ctid uses")
    todo = "give the account the classes in manager_ctid.conf"
    if "DeviceStateList" in missing:
        todo += "; load res_manager_devicestate.so"
    return Finding("actions", "fail", f"not available: {', '.join(missing)}", todo)


def dialplan(link: Link) -> tuple[Finding, frozenset[str]]:
    """Our contexts, the applications that they run, and whether they are this ctid's."""
    applications: set[str] = set()
    missing: list[str] = []
    version = ""
    for context in (*CONTEXTS, VERSION_CONTEXT):
        answer = link.ask_list("ShowDialPlan", "ShowDialPlanComplete", Context=context)
        if not answer.ok and "context" not in answer.message.lower():
            seen = f"not shown: {answer.message}"
            todo = "give the account write=reporting"
            return Finding("dialplan", "skipped", seen, todo), frozenset()
        steps = [step for step in answer.events if step.get("Context") == context]
        if context == VERSION_CONTEXT:
            version = next((step["Extension"] for step in steps if "Extension" in step), "")
        elif not steps:
            missing.append(context)
        applications |= {step["Application"] for step in steps if "Application" in step}
    if missing:
        seen = f"there is no context {', '.join(missing)}"
        return Finding("dialplan", "fail", seen, _INCLUDE), frozenset(applications)
    if version != f"v{VERSION}":
        told = f"version {version[1:]}" if version else "a version without a number"
        seen = f"the file is of another ctid: {told}, and this one needs {VERSION}"
        return Finding("dialplan", "fail", seen, _INCLUDE), frozenset(applications)
    seen = f"version {VERSION}: {', '.join(CONTEXTS)}"
    return Finding("dialplan", "ok", seen), frozenset(applications)


def agi_address(url: str | None, agi: AgiSection) -> tuple[Finding, tuple[str, int] | None]:
    """The dialplan's CTID_AGI against our settings, and where it leads. Shows no token."""
    name = "CTID_AGI"
    want = f"CTID_AGI=agi://{_shown_host(agi.host)}:{agi.port}/TOKEN"
    if url is None:
        return Finding(name, "skipped", "not told", "give the account write=reporting"), None
    if not url:
        todo = f"in [globals] of extensions.conf set {want} with the token of agi.token"
        return Finding(name, "fail", "is not set in the dialplan", todo), None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 4573
    except ValueError:
        parts, host, port = urlsplit(""), "", 0
    if parts.scheme != "agi" or not host or not port:
        return Finding(name, "fail", "is no agi://HOST:PORT/TOKEN", f"set {want}"), None
    wrong = []
    if agi.port and port != agi.port:
        wrong.append(f"has port {port}, and ctid listens on {agi.port}")
    if parts.path.strip("/") != agi.token:
        wrong.append("has another token than agi.token")
    if wrong:
        todo = f"in [globals] of extensions.conf set {want} and reload"
        return Finding(name, "fail", "; ".join(wrong), todo), (host, port)
    return Finding(name, "ok", f"agi://{host}:{port} with our token"), (host, port)


def agi_listens(address: tuple[str, int] | None, limit: float) -> Finding:
    """Something accepts connections where the dialplan will call, as seen from here."""
    name = "FastAGI"
    if address is None:
        return Finding(name, "skipped", "where the dialplan calls is not known")
    at = f"{address[0]}:{address[1]}"
    try:
        socket.create_connection(address, limit).close()
    except OSError as error:
        why = error.strerror or "no answer"
        todo = "start ctid; callers go to the fallback queue until it listens there"
        return Finding(name, "warn", f"nothing listens on {at}: {why}", todo)
    return Finding(name, "ok", f"something listens on {at}")


def fallback(value: str | None, wanted: str) -> Finding:
    """The queue that the dialplan itself sends callers to."""
    name = "fallback queue"
    if value is None:
        return Finding(name, "skipped", "not told", "give the account write=reporting")
    # The snippet's own default.
    if (queue := value or "fallback") == wanted:
        return Finding(name, "ok", queue)
    todo = f"set CTID_FALLBACK_QUEUE={wanted} in [globals], or routing.fallback_queue"
    return Finding(name, "fail", f"the dialplan has {queue!r}, the settings {wanted!r}", todo)


def clock(theirs: str | None, before: WallMs, after: WallMs) -> Finding:
    """Asterisk's time against ours; `before` and `after` are our wall time around asking."""
    if theirs is None or not theirs.isdigit():
        return Finding("clock", "skipped", "not told", "load func_strings.so for STRFTIME")
    told = int(theirs)
    ahead = told - after if told > after else min(told - before, 0)
    if abs(ahead) < SECOND:
        return Finding("clock", "ok", "within a second of ours")
    seen = f"{abs(ahead) / SECOND:.1f} s {'ahead of' if ahead > 0 else 'behind'} ours"
    todo = "run NTP on both machines: waiting times that survive a restart are told in wall time"
    return Finding("clock", "warn" if abs(ahead) < 10 * SECOND else "fail", seen, todo)


def phones(state: Callable[[str], str | None], names: Iterable[str]) -> Finding:
    """Every agent's phone is known to the PBX."""
    states = {name: state(name) for name in names}
    if not states or any(value is None for value in states.values()):
        return Finding("phones", "skipped", "not told" if states else "there are no agents")
    unknown = [name for name, value in states.items() if value in ("INVALID", "UNKNOWN", "")]
    away = [name for name, value in states.items() if value == "UNAVAILABLE"]
    if unknown:
        todo = f"add them to pjsip.conf ({SNIPPETS}/pjsip_ctid_example.conf), or correct the agents"
        return Finding("phones", "fail", f"unknown to the PBX: {', '.join(unknown)}", todo)
    if away:
        todo = "switch them on; ctid offers nothing to an agent whose phone is away"
        return Finding("phones", "warn", f"not registered: {', '.join(away)}", todo)
    return Finding("phones", "ok", f"all {len(states)} are known and registered")


def music_of(settings: Settings) -> list[str]:
    """The music classes that the queues name."""
    return sorted({queue.music for queue in settings.centre.acd.queues})


def _shown_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host
