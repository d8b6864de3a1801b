"""A small AMI client of the lab's own: independent of ctid's, so that it can find that wrong.

One asyncio protocol and no task: it keeps everything heard, and callers wait for what they want.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

Pairs = Iterable[tuple[str, str]]


class NotHeard(AssertionError):
    """Asterisk did not say in time what was waited for; the last messages are in the text."""


class Message(dict[str, str]):
    """One AMI message. Headers that repeat are joined by line feeds."""

    @classmethod
    def read(cls, block: bytes) -> Message:
        message = cls()
        for line in block.decode("utf-8", "replace").split("\r\n"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            message[name] = f"{message[name]}\n{value}" if name in message else value
        return message

    @property
    def event(self) -> str:
        return self.get("Event", "")


Match = Callable[[Message], bool]


def event(name: str, **headers: str) -> Match:
    """Matches events of that name with those headers."""
    return lambda m: m.event == name and all(m.get(k) == v for k, v in headers.items())


class AmiLink(asyncio.Protocol):
    """A signed-in AMI connection; `heard` holds every event and answer in order."""

    def __init__(self) -> None:
        self.heard: list[Message] = []
        self._rest = b""
        self._ids = count(1)
        self._wire: asyncio.Transport | None = None
        self._waiting: set[asyncio.Future[None]] = set()
        self._banner = True

    @classmethod
    async def connect(cls, port: int, user: str, secret: str, *, events: str = "on") -> AmiLink:
        """Sign in at 127.0.0.1. Raises OSError when nobody listens, NotHeard when refused."""
        loop = asyncio.get_running_loop()
        _, link = await loop.create_connection(cls, "127.0.0.1", port)
        try:
            answer = await link.ask("Login", Username=user, Secret=secret, Events=events)
            if answer.get("Response") != "Success":
                raise NotHeard(f"AMI on port {port} refuses {user}: {answer.get('Message')}")
        except BaseException:
            link.close()
            raise
        return link

    def connection_made(self, transport: Any) -> None:
        self._wire = transport

    def data_received(self, data: bytes) -> None:
        self._rest += data
        if self._banner and b"\r\n" in self._rest:
            self._rest = self._rest.partition(b"\r\n")[2]
            self._banner = False
        *blocks, self._rest = self._rest.split(b"\r\n\r\n")
        self.heard.extend(Message.read(block) for block in blocks if block)
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wire = None
        self._wake()

    def _wake(self) -> None:
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    def close(self) -> None:
        if self._wire is not None:
            self._wire.close()

    def mark(self) -> int:
        """The place in `heard` from which what comes later can be told."""
        return len(self.heard)

    async def until(self, match: Match, seconds: float = 5.0, *, since: int = 0) -> Message:
        """The first message at or after `since` that matches. Raises NotHeard after `seconds`."""
        at = since
        try:
            async with asyncio.timeout(seconds):
                while True:
                    for message in self.heard[at:]:
                        if match(message):
                            return message
                    at = len(self.heard)
                    if self._wire is None:
                        raise NotHeard("the AMI link is down")
                    await self._next()
        except TimeoutError:
            raise NotHeard(f"nothing matched in {seconds} s; heard:\n{self.tail(since)}") from None

    async def _next(self) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await future
        finally:
            self._waiting.discard(future)

    async def ask(self, action: str, more: Pairs = (), **headers: str) -> Message:
        """Send an action and return its answer, whatever it is."""
        since, action_id = self.mark(), self.send(action, more, **headers)
        return await self.until(
            lambda m: "Response" in m and m.get("ActionID") == action_id, since=since
        )

    async def ask_list(self, action: str, more: Pairs = (), **headers: str) -> list[Message]:
        """Send an action that answers with a list, and return the list's events."""
        since, action_id = self.mark(), self.send(action, more, **headers)

        def ends(message: Message) -> bool:
            mine = message.get("ActionID") == action_id
            return mine and (
                message.get("EventList") == "Complete" or message.get("Response") == "Error"
            )

        await self.until(ends, since=since)
        mine = [m for m in self.heard[since:] if m.get("ActionID") == action_id]
        return [m for m in mine if m.event and m.get("EventList") != "Complete"]

    def send(self, action: str, more: Pairs = (), **headers: str) -> str:
        """Send an action without waiting; returns its ActionID."""
        if self._wire is None:
            raise NotHeard("the AMI link is down")
        action_id = f"lab-{next(self._ids)}"
        lines = [("Action", action), ("ActionID", action_id), *headers.items(), *more]
        text = "".join(f"{name}: {value}\r\n" for name, value in lines)
        self._wire.write(f"{text}\r\n".encode())
        return action_id

    def tail(self, since: int = 0, lines: int = 40) -> str:
        """The last messages, one line each, for a failure's text."""
        keys = ("Channel", "Uniqueid", "ChannelStateDesc", "Cause", "UserEvent", "Exten", "State")
        told = [
            f"  {m.event or m.get('Response')} " + " ".join(f"{k}={m[k]}" for k in keys if m.get(k))
            for m in self.heard[since:]
        ]
        return "\n".join(told[-lines:])
