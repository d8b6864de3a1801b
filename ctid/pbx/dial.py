"""Customers who are called back at a real Asterisk: what a leg dials, and whose line it is.

The customer's line has an id of Asterisk's own; everywhere else it goes by the id of its call. That
id is on the channel (CTID_CALL), so that a ctid that starts again knows it too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ctid.core.commands import RingAgent
from ctid.core.instants import SECOND
from ctid.core.records import CallId
from ctid.pbx.ami.codec import AmiMessage
from ctid.pbx.divert import Headers

CONTEXT = "ctid-dial"
CUSTOMER = "ctid-called"
"""Where the customer's own line is between its answer and the agent's Bridge()."""
_LIST_MARK = re.compile(r"[^\w.+@*#-]")
"""AMI reads a comma in a variable's value as the beginning of the next one."""


def variables(command: RingAgent) -> Headers:
    """What the dialplan needs for a callback, beside what each leg has; the customer's line
    inherits what begins with `_`, as CTID_CALL does there."""
    if (dial := command.dial) is None:
        return []
    pairs = {
        "CTID_NUMBER": dial.number,
        "CTID_FROM": dial.shown,
        "CTID_RING": str(-(-dial.ring_for // SECOND)),
        "_CTID_STATE": "called",
        "_CTID_QUEUE": command.queue,
        "_CTID_MOH": dial.music,
        "_CTID_CODE": dial.code,
        "_CTID_LANG": dial.language,
        "_CTID_DIALLED": dial.shown,
    }
    return [("Variable", f"{name}={_LIST_MARK.sub('', value)}") for name, value in pairs.items()]


def customer_of(variables: Mapping[str, str]) -> CallId:
    """The call whose customer is on this channel, by the channel's variables; empty: none."""
    leg = variables.get("CTID_OFFER") or variables.get("CTID_SPY")
    return "" if leg else variables.get("CTID_CALL", "")


class Customers:
    """The lines of customers who are dialled, or were."""

    def __init__(self) -> None:
        self._calls: dict[str, CallId] = {}

    def add(self, unique: str, call: CallId) -> None:
        """That channel is this call's from now on."""
        self._calls[unique] = call

    def call_of(self, unique: str) -> CallId:
        """The call of that channel; the channel's own id where it is nobody's line here."""
        return self._calls.get(unique, unique)

    def restore(self, lines: Mapping[str, CallId]) -> None:
        """These are all that live."""
        self._calls = dict(lines)

    def by_call(self, message: AmiMessage) -> AmiMessage:
        """The message with the call's id in place of the channel's; most are not about these."""
        if not self._calls or (call := self._calls.get(message.get("Uniqueid"))) is None:
            return message
        unique = message.get("Uniqueid")
        if message.name == "Hangup":
            del self._calls[unique]
        line = rb"(?m)^Uniqueid: %s(?=\r?$)" % re.escape(unique.encode())
        return AmiMessage(re.sub(line, lambda _: b"Uniqueid: %s" % call.encode(), message.raw))
