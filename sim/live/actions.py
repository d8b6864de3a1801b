"""What the manager's actions do: a table of name, privilege and function."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable

from sim.live import variables
from sim.live.ami import AmiConnection, action_id
from sim.live.channels import Channel, Place
from sim.live.originate import Office, originate
from sim.live.wire import Action, escape_c

Perform = Callable[[Office, AmiConnection, Action], None]

VERSION = "22.10.1-pretend"
_DENIED = "Permission denied"
_REFUSAL_AFTER = 1.0
"""Seconds that a wrong login waits for its answer; Asterisk sleeps so long too."""


def perform(office: Office, connection: AmiConnection, action: Action) -> None:
    """Carry out one action and answer it."""
    name = action.get("Action").lower()
    if action.fault:
        connection.error(action, action.fault)
    elif not name:
        connection.error(action, "Missing action in request")
    elif not connection.user and name not in ("login", "challenge", "logoff"):
        connection.error(action, _DENIED)
    elif name not in ACTIONS:
        text = f"Invalid/unknown command: {action.get('Action')}."
        connection.error(action, f"{text} Use Action: ListCommands to show available commands.")
    else:
        needs, act = ACTIONS[name]
        if needs and not needs & office.ami.write:
            connection.error(action, _DENIED)
        else:
            act(office, connection, action)


def _login(office: Office, connection: AmiConnection, action: Action) -> None:
    ami = office.ami
    if action.get("AuthType").lower() == "md5":
        answer = hashlib.md5((connection.challenge + ami.secret).encode()).hexdigest()
        proven = bool(connection.challenge) and action.get("Key").lower() == answer
    else:
        proven = action.get("Secret") == ami.secret
    if action.get("Username") != ami.user or not proven:
        office.exchange.loop.call_later(_REFUSAL_AFTER, _refuse_login, connection, action)
        return
    connection.user = ami.user
    connection.events = action.get("Events", "on").lower() not in ("off", "no", "0")
    connection.ack(action, "Authentication accepted")
    if connection.events:
        uptime = int(office.exchange.wall() - office.started_at)
        connection.send([
            ("Event", "FullyBooted"), ("Privilege", "system,all"), ("Uptime", uptime),
            ("LastReload", uptime), ("Status", "Fully Booted"),
        ])  # fmt: skip


def _refuse_login(connection: AmiConnection, action: Action) -> None:
    connection.error(action, "Authentication failed")
    connection.close()


def _challenge(office: Office, connection: AmiConnection, action: Action) -> None:
    if action.get("AuthType").lower() != "md5":
        connection.error(action, "Must specify AuthType")
        return
    connection.challenge = connection.challenge or str(office.draw.randrange(1 << 31))
    connection.respond(action, "Success", ("Challenge", connection.challenge))


def _logoff(office: Office, connection: AmiConnection, action: Action) -> None:
    connection.respond(action, "Goodbye", ("Message", "Thanks for all the fish."))
    connection.close()


def _ping(office: Office, connection: AmiConnection, action: Action) -> None:
    stamp = f"{office.exchange.wall():.6f}"
    connection.respond(action, "Success", ("Ping", "Pong"), ("Timestamp", stamp))


def _events(office: Office, connection: AmiConnection, action: Action) -> None:
    connection.events = action.get("EventMask").lower() not in ("off", "no", "0", "")
    connection.respond(action, "Success", ("Events", "On" if connection.events else "Off"))


def _filter(office: Office, connection: AmiConnection, action: Action) -> None:
    pattern = action.get("Filter")
    if action.get("Operation").lower() != "add" or not pattern:
        connection.error(action, "Filter Operation must be Add, with a Filter")
        return
    kept = connection.never if pattern.startswith("!") else connection.only
    try:
        kept.append(re.compile(pattern.removeprefix("!")))
    except re.error:
        connection.error(action, "Filter did not compile")
        return
    connection.ack(action, "Success")


def _core_status(office: Office, connection: AmiConnection, action: Action) -> None:
    started = time.gmtime(office.started_at)
    day, clock = time.strftime("%Y-%m-%d", started), time.strftime("%H:%M:%S", started)
    connection.respond(
        action, "Success", ("CoreStartupDate", day), ("CoreStartupTime", clock),
        ("CoreReloadDate", day), ("CoreReloadTime", clock),
        ("CoreCurrentCalls", len(office.exchange.channels)),
        ("CoreProcessedCalls", office.exchange.born),
    )  # fmt: skip


def _core_settings(office: Office, connection: AmiConnection, action: Action) -> None:
    connection.respond(
        action, "Success", ("AMIversion", "11.0.0"), ("AsteriskVersion", VERSION),
        ("SystemName", ""), ("CoreMaxCalls", 0), ("CoreMaxLoadAvg", "0.000000"),
        ("CoreRunUser", ""), ("CoreRunGroup", ""), ("CoreMaxFilehandles", 0),
        ("CoreRealTimeEnabled", "No"), ("CoreCDRenabled", "Yes"), ("CoreHTTPenabled", "No"),
    )  # fmt: skip


def _status(office: Office, connection: AmiConnection, action: Action) -> None:
    wanted = action.get("Channel")
    found = office.exchange.find(wanted) if wanted else None
    if wanted and found is None:
        connection.error(action, "No such channel")
        return
    channels = [found] if found else list(office.exchange.channels.values())
    names = [name for name in action.get("Variables").split(",") if name]
    connection.respond(
        action, "Success", ("EventList", "start"), ("Message", "Channel status will follow")
    )
    for channel in channels:
        connection.send([*_status_of(office, channel, names), *action_id(action)])
    _list_end(connection, action, "StatusComplete", len(channels), ("Items", len(channels)))


def _status_of(office: Office, channel: Channel, names: list[str]) -> list[tuple[str, object]]:
    bridge = channel.bridge
    return [
        ("Event", "Status"),
        ("Privilege", "Call"),
        *channel.facts(),
        ("Type", "PJSIP"),
        ("DNID", channel.dialled),
        ("EffectiveConnectedLineNum", channel.connected_number or "<unknown>"),
        ("EffectiveConnectedLineName", escape_c(channel.connected_name) or "<unknown>"),
        ("TimeToHangup", 0),
        ("BridgeID", "" if bridge is None else bridge.unique_id),
        ("Application", channel.application),
        ("Data", channel.data),
        ("Nativeformats", "(alaw)"),
        ("Readformat", "alaw"),
        ("Readtrans", ""),
        ("Writeformat", "alaw"),
        ("Writetrans", ""),
        ("Callgroup", 0),
        ("Pickupgroup", 0),
        ("Seconds", int(office.exchange.loop.time() - channel.since)),
        *(("Variable", f"{name}={_printed(variables.read(channel, name))}") for name in names),
    ]


def _printed(value: str | None) -> str:
    """A variable that is not set prints as C prints a null pointer (seen on Asterisk 22)."""
    return "(null)" if value is None else value


def _list_end(
    connection: AmiConnection, action: Action, event: str, count: int, *more: tuple[str, object]
) -> None:
    head = [("Event", event), *action_id(action), ("EventList", "Complete")]
    connection.send([*head, ("ListItems", count), *more])


def _device_states(office: Office, connection: AmiConnection, action: Action) -> None:
    connection.respond(
        action, "Success", ("EventList", "start"), ("Message", "Device State Changes will follow")
    )
    phones = list(office.phones)
    for phone in phones:
        connection.send([
            ("Event", "DeviceStateChange"), *action_id(action),
            ("Device", phone.endpoint), ("State", phone.device_state),
        ])  # fmt: skip
    _list_end(connection, action, "DeviceStateListComplete", len(phones))


def _hangup(office: Office, connection: AmiConnection, action: Action) -> None:
    channel = _channel(office, connection, action, "No channel specified", "No such channel")
    if channel is None:
        return
    cause = action.get("Cause")
    # Without a cause the Hangup event says 0, Unknown.
    number = int(cause) if cause.isascii() and cause.isdigit() and int(cause) < 128 else 0
    connection.ack(action, "Channel Hungup")
    office.exchange.hang_up(channel, number, asked=True)


def _play_dtmf(office: Office, connection: AmiConnection, action: Action) -> None:
    """Only what was made for `Receive: true`: the key counts as pressed by the channel's party."""
    channel = _channel(office, connection, action, "Channel not specified", "Channel not found")
    if channel is None:
        return
    key = action.get("Digit")
    if len(key) != 1 or key not in "0123456789*#ABCD":
        connection.error(action, "No digit specified")
        return
    connection.ack(action, "DTMF successfully queued")
    if action.get("Receive").lower() in ("true", "yes", "1", "on"):
        channel.press(key)


def _setvar(office: Office, connection: AmiConnection, action: Action) -> None:
    name = action.get("Variable")
    if not name:
        connection.error(action, "No variable specified")
        return
    if not action.get("Channel"):
        office.globals[name] = action.get("Value")
        connection.ack(action, "Variable Set")
        return
    channel = _channel(office, connection, action, "", "No such channel")
    if channel is not None:
        variables.assign(channel, name, action.get("Value"))
        connection.ack(action, "Variable Set")


def _getvar(office: Office, connection: AmiConnection, action: Action) -> None:
    name = action.get("Variable")
    if not name:
        connection.error(action, "No variable specified")
        return
    value: str | None
    if action.get("Channel"):
        channel = _channel(office, connection, action, "", "No such channel")
        if channel is None:
            return
        value = variables.read(channel, name)
    else:
        value = office.globals.get(name)
    connection.respond(action, "Success", ("Variable", name), ("Value", value or ""))


def _redirect(office: Office, connection: AmiConnection, action: Action) -> None:
    moves: list[tuple[Channel, Place]] = []
    for extra in ("", "Extra") if action.get("ExtraChannel") else ("",):
        for header in ("Channel", "Context", "Exten", "Priority"):
            if not action.get(extra + header):
                connection.error(action, f"{extra}{header} not specified")
                return
        name = action.get(f"{extra}Channel")
        channel = office.exchange.find(name)
        place = Place(action.get(f"{extra}Context"), action.get(f"{extra}Exten"))
        if channel is None:
            connection.error(action, f"{extra}Channel does not exist: {name}")
            return
        if channel.gone is not None:
            connection.error(action, f"Redirect failed, {extra.lower()} channel not up.")
            return
        if action.get(f"{extra}Priority") != "1":
            connection.error(action, f"{extra}Priority is invalid")
            return
        moves.append((channel, place))
    for channel, place in moves:
        channel.redirect(place)
    connection.ack(action, "Redirect successful")


def _user_event(office: Office, connection: AmiConnection, action: Action) -> None:
    own = ("action", "actionid", "userevent")
    headers = [pair for pair in action.headers if pair[0].lower() not in own]
    connection.ack(action, "Event Sent")
    office.exchange.emit(
        "user",
        "UserEvent",
        [*action_id(action), ("UserEvent", action.get("UserEvent")), *headers],
    )


def _list_commands(office: Office, connection: AmiConnection, action: Action) -> None:
    rows = [(name, "(no description)") for name in sorted(ACTIONS)]
    connection.respond(action, "Success", *rows)


def _channel(
    office: Office, connection: AmiConnection, action: Action, missing: str, unknown: str
) -> Channel | None:
    """The channel that the action names, by name or unique id; answers when there is none."""
    name = action.get("Channel")
    channel = office.exchange.find(name) if name else None
    if channel is None:
        connection.error(action, unknown if name else missing)
    return channel


def _allow(*kinds: str) -> frozenset[str]:
    return frozenset(kinds)


ACTIONS: dict[str, tuple[frozenset[str], Perform]] = {
    "login": (_allow(), _login),
    "challenge": (_allow(), _challenge),
    "logoff": (_allow(), _logoff),
    "ping": (_allow(), _ping),
    "events": (_allow(), _events),
    "listcommands": (_allow(), _list_commands),
    "filter": (_allow("system"), _filter),
    "corestatus": (_allow("system", "reporting"), _core_status),
    "coresettings": (_allow("system", "reporting"), _core_settings),
    "status": (_allow("system", "call", "reporting"), _status),
    "devicestatelist": (_allow("call", "reporting"), _device_states),
    "hangup": (_allow("system", "call"), _hangup),
    "playdtmf": (_allow("call"), _play_dtmf),
    "setvar": (_allow("call"), _setvar),
    "getvar": (_allow("call", "reporting"), _getvar),
    "redirect": (_allow("call"), _redirect),
    "originate": (_allow("originate"), originate),
    "userevent": (_allow("user"), _user_event),
}
"""Action, the classes of which the user's `write` needs one (none: everybody), what it does."""
