"""Whoever measures ctid looks on here: what passed the pretend PBX's sockets, and when."""

from __future__ import annotations

from typing import Protocol

from sim.live.channels import Channel
from sim.live.wire import Action


class Watch(Protocol):
    """All calls are synchronous and must not block: they are part of what they measure."""

    def answered(self, channel: Channel) -> None:
        """FastAGI: the environment or the answer to a command has gone out."""

    def commanded(self, channel: Channel, line: bytes) -> None:
        """FastAGI: the next command has come; empty: the server has closed."""

    def unheard(self, channel: Channel) -> None:
        """FastAGI: nobody took the connection."""

    def acted(self, action: Action) -> None:
        """AMI: an action has come and will now be carried out."""

    def refused(self, action: Action, why: str) -> None:
        """AMI: it was answered with Error."""


class Nobody:
    """Looks at nothing."""

    def answered(self, channel: Channel) -> None:
        """Not looked at."""

    def commanded(self, channel: Channel, line: bytes) -> None:
        """Not looked at."""

    def unheard(self, channel: Channel) -> None:
        """Not looked at."""

    def acted(self, action: Action) -> None:
        """Not looked at."""

    def refused(self, action: Action, why: str) -> None:
        """Not looked at."""
