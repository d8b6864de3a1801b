"""A blocking AMI session through pyst2: not one line of the daemon's own protocol code.

What the two have in common could be wrong in both; so the doctor asks with a client that others
wrote. pyst2 0.5.1 has traps, and this file is where we keep clear of them:

- it waits for ever, so every question runs in a thread that is given up after `limit` seconds;
- an event with ChanVariable ends its reader, so events are off from the login on;
- it knows neither TLS nor IPv6, so the socket is ours and it gets only the stream;
- it keeps the last of repeated headers only, so answers come with their raw lines as well.
"""

from __future__ import annotations

import contextlib
import hashlib
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from asterisk.manager import Manager, ManagerException

from ctid.core.errors import CtidError
from ctid.settings import PbxSection

T = TypeVar("T")
_BROKEN = (ManagerException, OSError, ValueError)
"""How pyst2 says that the connection ended; ValueError is Python's "I/O on a closed file"."""


class Unreachable(CtidError):
    """No AMI answers at that address; the text says which way it failed."""


class LoginRefused(CtidError):
    """AMI answers and does not take the account; the text is Asterisk's own."""


class Silent(CtidError):
    """Asterisk stopped answering in the middle of the examination."""


class Answer(NamedTuple):
    """One response."""

    ok: bool
    headers: Mapping[str, str]
    lines: tuple[str, ...]
    """All lines as they came, without their ends."""
    events: tuple[Mapping[str, str], ...] = ()
    """Of an event list."""

    @property
    def message(self) -> str:
        """Asterisk's own words, or empty."""
        return str(self.headers.get("Message", ""))

    def output(self) -> list[str]:
        """What a CLI command printed."""
        marked = [line for line in self.lines if line.startswith("Output:")]
        return [line.removeprefix("Output:").strip() for line in marked]


class Link:
    """A session that is signed in; close it."""

    def __init__(self, stream: socket.socket, limit: float) -> None:
        self._stream, self._limit = stream, limit
        self._manager: Any = Manager()
        self._dead = False
        self._next = 0
        self._listed: list[Mapping[str, str]] = []
        self._list_id, self._end_name, self._list_end = "", "", threading.Event()
        self.greeting = ""

    @classmethod
    def open(cls, pbx: PbxSection, limit: float = 5.0) -> Link:
        """Connect and hear the greeting; `limit` is seconds for each step.

        Raises:
            Unreachable: no connection, no TLS, or something else than AMI at the other end.
        """
        link = cls(_connect(pbx, limit), limit)
        try:
            link._greet()
        except (Silent, *_BROKEN) as error:
            link.close()
            raise Unreachable(
                f"{pbx.host}:{pbx.port} accepts the connection and does not greet as AMI does"
            ) from error
        return link

    def _greet(self) -> None:
        manager = self._manager
        manager._sock = self._stream.makefile("rwb", buffering=0)
        manager._connected.set()
        manager._running.set()
        manager.register_event("*", self._on_event)
        manager.message_thread.start()
        manager.event_dispatch_thread.start()
        if self._within(manager._response_queue.get) is None:
            raise Silent("closed before the greeting")
        if manager.title != "Asterisk Call Manager":
            raise Silent("another greeting")
        self.greeting = f"{manager.title}/{manager.version}"

    def log_in(self, user: str, secret: str, plain: bool) -> None:
        """Sign in with events off.

        Raises:
            LoginRefused: Asterisk does not take the account.
            Silent: no answer.
        """
        who = {"Username": user, "Events": "off"}
        if plain:
            answer = self.ask("Login", Secret=secret, **who)
        else:
            challenge = self.ask("Challenge", AuthType="MD5").headers.get("Challenge", "")
            # The protocol names MD5; it is no choice of ours.
            key = hashlib.md5(f"{challenge}{secret}".encode(), usedforsecurity=False).hexdigest()
            answer = self.ask("Login", AuthType="MD5", Key=key, **who)
        if not answer.ok:
            raise LoginRefused(answer.message or "no reason given")

    def ask(self, action: str, **headers: str) -> Answer:
        """One action and its response.

        Raises:
            Silent: no answer within the limit, or the connection ended. Close the link.
        """
        self._next += 1
        asked = {"Action": action, "ActionID": f"doctor-{self._next}", **headers}
        try:
            message = self._within(lambda: self._manager.send_action(asked))
        except _BROKEN as error:
            self._dead = True
            raise Silent(f"the connection ended during {action}") from error
        lines = tuple(line.rstrip("\r\n") for line in message.response)
        ok = message.headers.get("Response") == "Success"
        return Answer(ok, dict(message.headers), lines)

    def ask_list(self, action: str, end: str, **headers: str) -> Answer:
        """An action that is answered by events, the last of which is called `end`."""
        self._listed, self._list_id = [], f"doctor-{self._next + 1}"
        self._end_name = end
        self._list_end.clear()
        answer = self.ask(action, **headers)
        if not answer.ok:
            return answer
        if not self._list_end.wait(self._limit):
            self._dead = True
            raise Silent(f"the list of {action} did not end within {self._limit:g} s")
        return answer._replace(events=tuple(self._listed))

    def getvar(self, name: str) -> str | None:
        """A global variable's or function's value; None when the account may not ask."""
        answer = self.ask("Getvar", Variable=name)
        return answer.headers.get("Value", "") if answer.ok else None

    def close(self) -> None:
        """Sign out and end the threads. A pyst2 that hangs is left to the end of the process."""
        if not self._dead and self._manager.connected():
            with contextlib.suppress(Silent):
                self.ask("Logoff")
        with contextlib.suppress(OSError):  # the other side was faster
            self._stream.shutdown(socket.SHUT_RDWR)
        self._stream.close()

    def _on_event(self, event: Any, _manager: Any) -> None:
        headers = event.headers
        if headers.get("ActionID") != self._list_id:
            return
        if event.name == self._end_name:
            self._list_end.set()
        else:
            self._listed.append(dict(headers))

    def _within(self, question: Callable[[], T]) -> T:
        """What `question` gives, if it does so within the limit."""
        results: list[T] = []
        errors: list[BaseException] = []

        def ask() -> None:
            try:
                results.append(question())
            except _BROKEN as error:
                errors.append(error)

        if self._dead:
            raise Silent("Asterisk does not answer any more")
        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(self._limit)
        if errors:
            raise errors[0]
        if not results:
            self._dead = True
            raise Silent(f"no answer within {self._limit:g} s")
        return results[0]


def _connect(pbx: PbxSection, limit: float) -> socket.socket:
    at = f"{pbx.host}:{pbx.port}"
    try:
        stream = socket.create_connection((pbx.host, pbx.port), limit)
    except TimeoutError:
        raise Unreachable(f"{at} does not answer within {limit:g} s") from None
    except socket.gaierror:
        raise Unreachable(f"there is no host {pbx.host}") from None
    except OSError as error:
        raise Unreachable(f"{at}: {error.strerror}") from None
    if not pbx.tls:
        stream.settimeout(None)  # pyst2's reader takes a time-out for the end
        return stream
    try:
        context = ssl.create_default_context(cafile=pbx.tls_ca)
        wrapped = context.wrap_socket(stream, server_hostname=pbx.host)
    except (OSError, ValueError) as error:
        stream.close()
        raise Unreachable(f"{at}: no TLS: {error}") from None
    # With a time-out Python waits outside of OpenSSL, so that reading and writing from two threads
    # do not meet inside; longer than any examination.
    wrapped.settimeout(3_600)
    return wrapped
