"""The errors that ctid raises on purpose; each says whose fault it is and what to do next."""

from __future__ import annotations


class CtidError(Exception):
    """Something that ctid foresaw went wrong; the text says what, where and what to do."""


class ProtocolError(CtidError):
    """A rule of AMI or FastAGI was broken by one of the two sides."""


class RemoteProtocolError(ProtocolError):
    """The other side sent something that the protocol does not allow; close that connection."""


class LocalProtocolError(ProtocolError):
    """We were about to send something that the protocol does not allow; nothing was sent."""


class ConfigError(CtidError):
    """The configuration has problems; all of them are listed, each with its path in the file.

    `problems` holds one line each: ``file: path: what is wrong; what to do``.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Refused(CtidError):
    """The rules forbid what was asked; `code` is stable and meant for programs."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class IllegalTransition(CtidError):
    """A state machine was handed an event that its table does not list: a defect in ctid."""

    def __init__(self, machine: str, state: str, event: str) -> None:
        super().__init__(f"{machine}: no transition from {state} on {event}")
        self.machine, self.state, self.event = machine, state, event
