"""Channel variables and the few dialplan functions that may stand where a variable stands."""

from __future__ import annotations

import re

from sim.live.channels import Channel, Place

_FUNCTION = re.compile(r"([A-Z_]+)\((\w+)\)")


def assign(channel: Channel, name: str, value: str) -> None:
    """What Set(`name`=`value`) does; TIMEOUT() takes seconds with a fraction."""
    match = _FUNCTION.fullmatch(name)
    match match and match.groups():
        case ("TIMEOUT", "response"):
            channel.response_timeout = _seconds(value)
        case ("TIMEOUT", "digit"):
            channel.digit_timeout = _seconds(value)
        case ("TIMEOUT", "absolute"):
            channel.limit(_seconds(value), Place(channel.place.context, "T"))
        case ("CHANNEL", "language"):
            channel.language = value
        case _:
            channel.set(name.lstrip("_"), value)


def read(channel: Channel, name: str) -> str | None:
    """The value of a variable or function, None when it has none."""
    match = _FUNCTION.fullmatch(name)
    match match and match.groups():
        case ("TIMEOUT", "response"):
            return f"{channel.response_timeout:.3f}"
        case ("TIMEOUT", "digit"):
            return f"{channel.digit_timeout:.3f}"
        case ("CHANNEL", "language"):
            return channel.language
        case ("CHANNEL", "state"):
            return str(channel.facts()[2][1])
        case _:
            return channel.variables.get(name)


def _seconds(text: str) -> float:
    """As Asterisk reads it: what is no number is 0."""
    try:
        return max(float(text), 0.0)
    except ValueError:
        return 0.0
