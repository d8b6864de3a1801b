"""A supervisor's phone in an agent's talk: the actions for it at a real Asterisk."""

from __future__ import annotations

from ctid.core.commands import ChangeSpy, Spy
from ctid.pbx.divert import Headers

SPY_CONTEXT = "ctid-spy"
"""In config/asterisk/extensions_ctid.conf, with an extension for each way to be in the talk."""


def rung(command: Spy, agent_channel: str, caller_channel: str) -> Headers:
    """Originate: the supervisor's phone, which runs our dialplan once it is answered."""
    return [
        ("Channel", command.phone),
        ("ChannelId", command.spy),
        ("Context", SPY_CONTEXT),
        ("Exten", command.mode),
        ("Priority", "1"),
        ("Timeout", str(command.ring_for)),
        ("Async", "true"),
        ("Variable", f"CTID_SPY={command.spy}"),
        ("Variable", f"CTID_CALL={command.call}"),
        ("Variable", f"CTID_SPIED={agent_channel}"),
        ("Variable", f"CTID_CALLER={caller_channel}"),
    ]


def changed(command: ChangeSpy, channel: str) -> Headers:
    """Redirect: the same phone, in another way."""
    place = [("Context", SPY_CONTEXT), ("Exten", command.wish), ("Priority", "1")]
    return [("Channel", channel), *place]
