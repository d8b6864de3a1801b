"""One AMI link as a state machine: login, who waits for which response, lists, pings.

Theory of operation
    `greet` starts the login once the banner came. Every action gets an ActionID and a deadline,
    and is *in flight* until its response, its list's end, its deadline or the end of the link.
    The first two answer it; the last two leave it *unknown*: nobody can tell whether Asterisk
    carried it out. Time is an argument (int milliseconds, any origin, never backwards); the
    owner of the socket sends `take_output()`, asks `next_deadline()` and calls `advance` then.
    An instance serves one connection and is thrown away with it.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Sequence
from enum import Enum, StrEnum
from hashlib import md5
from typing import Final, assert_never

from msgspec import Struct

from ctid.core.errors import IllegalTransition
from ctid.pbx.ami.codec import AmiMessage, encode_action
from ctid.pbx.ami.settings import AmiSettings


class Phase(StrEnum):
    """How far the link is."""

    GREETING = "greeting"
    """Connected; the banner has not come."""
    CHALLENGING = "challenging"
    LOGGING_IN = "logging in"
    BOOTING = "booting"
    """Logged in; Asterisk has not said FullyBooted."""
    ASKING = "asking"
    """Filters and questions about version and start are in flight."""
    UP = "up"
    CLOSED = "closed"


_NEXT_PHASES: Final[dict[Phase, frozenset[Phase]]] = {
    Phase.GREETING: frozenset({Phase.CHALLENGING, Phase.LOGGING_IN, Phase.CLOSED}),
    Phase.CHALLENGING: frozenset({Phase.LOGGING_IN, Phase.CLOSED}),
    Phase.LOGGING_IN: frozenset({Phase.BOOTING, Phase.CLOSED}),
    Phase.BOOTING: frozenset({Phase.ASKING, Phase.CLOSED}),
    Phase.ASKING: frozenset({Phase.UP, Phase.CLOSED}),
    Phase.UP: frozenset({Phase.CLOSED}),
    Phase.CLOSED: frozenset({Phase.CLOSED}),
}


class Purpose(Enum):
    """For whom an action is in flight."""

    RESPONSE = "a caller who waits for the response"
    LIST = "a caller who waits for the whole event list"
    POSTED = "a caller who does not wait"
    CHALLENGE = "login, first step"
    LOGIN = "login"
    FILTER = "an event filter"
    QUESTION = "version and start of Asterisk"
    PING = "is the link alive"


class AmiUp(Struct, frozen=True):
    """The link is ready for use; compare with the last one to tell a lost link from a restart."""

    version: str
    """Asterisk's version, ``22.10.1``; empty where our user may not ask (needs reporting)."""
    uptime_s: int | None
    """Seconds since Asterisk started, from FullyBooted; None where it did not say."""
    started_at: str
    """Start date and time on Asterisk's own clock and zone, or empty: equal means same start."""
    refused_filters: tuple[str, ...] = ()
    """Filters that Asterisk did not take: put them into manager.conf as ``eventfilter``."""


class Answered(Struct, frozen=True):
    """Asterisk did what was asked."""

    response: AmiMessage
    items: tuple[AmiMessage, ...] = ()
    """The events of the list, without its last one (Complete)."""


class Failed(Struct, frozen=True):
    """Asterisk did not do it."""

    text: str
    response: AmiMessage


class Unknown(Struct, frozen=True):
    """Asterisk may have done it or not."""

    text: str


Outcome = Answered | Failed | Unknown


class ActionEnded(Struct, frozen=True):
    """An action of a caller is no longer in flight."""

    action_id: str
    purpose: Purpose
    outcome: Outcome


class LinkUp(Struct, frozen=True):
    """Logged in, booted, asked: actions may be sent."""

    up: AmiUp


class LinkBroken(Struct, frozen=True):
    """Close the connection and call `lose(text)`."""

    text: str
    refused: bool = False
    """Login was refused: connecting again soon is of no use."""


Fact = AmiMessage | ActionEnded | LinkUp | LinkBroken
"""An AmiMessage here is an event for the application."""


class _InFlight:
    __slots__ = ("action", "action_id", "due", "items", "purpose", "response")

    def __init__(self, action_id: str, action: str, purpose: Purpose, due: int) -> None:
        self.action_id = action_id
        self.action = action
        self.purpose = purpose
        self.due = due
        self.response: AmiMessage | None = None
        self.items: list[AmiMessage] | None = None


_SECONDS: Final = re.compile(r"[0-9]{1,12}")
_MISSES_ALLOWED: Final = 2
_REMEMBERED: Final = 1_024
"""Actions that timed out and are still recognised when their response comes late."""


class AmiSession:
    """The protocol of one AMI link. `id_prefix` makes our ActionIDs differ from other links'."""

    def __init__(self, settings: AmiSettings, id_prefix: str, now: int) -> None:
        self._settings = settings
        self._prefix = id_prefix
        self._sent = 0
        self._output: list[bytes] = []
        self._in_flight: dict[str, _InFlight] = {}
        self._due: list[tuple[int, int, str]] = []
        self._lists: dict[str, _InFlight] = {}
        self._given_up: dict[str, bool] = {}
        self._phase_due: int | None = now + settings.login_timeout_ms
        self._ping_due: int | None = None
        self._misses = 0
        self._banner = ""
        self._booted: AmiMessage | None = None
        self._unanswered: set[str] = set()
        self._answers: dict[str, str] = {}
        self._filters: dict[str, str] = {}
        self._refused_filters: list[str] = []
        self.phase = Phase.GREETING
        self.late_responses = 0
        """Responses that came after their action's deadline."""
        self.unknown_responses = 0
        """Responses to nothing we sent, and torn messages."""

    def greet(self, banner: str, now: int) -> None:
        """The banner came: log in."""
        self._banner = banner
        if self._settings.plain_login:
            self._enter(Phase.LOGGING_IN)
            self._log_in(("Secret", self._settings.secret), now)
        else:
            self._enter(Phase.CHALLENGING)
            self._own("Challenge", [("AuthType", "MD5")], Purpose.CHALLENGE, now)

    def send(
        self,
        name: str,
        headers: Iterable[tuple[str, str]],
        now: int,
        *,
        purpose: Purpose = Purpose.RESPONSE,
        timeout_ms: int | None = None,
    ) -> str:
        """Queue an action for `take_output`; return its ActionID.

        Raises LocalProtocolError where the action must not be sent (see `encode_action`).
        """
        if timeout_ms is None:
            is_list = purpose is Purpose.LIST
            timeout_ms = (
                self._settings.list_timeout_ms if is_list else self._settings.response_timeout_ms
            )
        self._sent += 1
        action_id = f"{self._prefix}-{self._sent}"
        self._output.append(encode_action(name, [("ActionID", action_id), *headers]))
        entry = _InFlight(action_id, name, purpose, now + timeout_ms)
        self._in_flight[action_id] = entry
        heapq.heappush(self._due, (entry.due, self._sent, action_id))
        return action_id

    def take_output(self) -> bytes:
        """What must be written to the socket now."""
        if not self._output:
            return b""
        output = b"".join(self._output)
        self._output.clear()
        return output

    def handle(self, message: AmiMessage, now: int) -> Sequence[Fact]:
        """Take one message; say what follows from it."""
        match message.kind:
            case "event":
                if self.phase is not Phase.UP and message.name == "FullyBooted":
                    return self._on_booted(message, now)
                if (self._lists or self._given_up) and (action_id := message.get("ActionID")):
                    return self._on_tagged_event(message, action_id, now)
                return (message,)
            case "response":
                return self._on_response(message, now)
            case "other":
                self.unknown_responses += 1
                return ()
            case other:
                assert_never(other)

    def advance(self, now: int) -> Sequence[Fact]:
        """Let every deadline due at `now` pass."""
        facts: list[Fact] = []
        while self._due and self._due[0][0] <= now:
            action_id = heapq.heappop(self._due)[2]
            entry = self._in_flight.pop(action_id, None)
            if entry is not None:
                facts += self._give_up(entry, now)
        if self._phase_due is not None and self._phase_due <= now:
            facts.append(LinkBroken(self._stuck(), refused=False))
        if self._ping_due is not None and self._ping_due <= now:
            self._ping(now)
        return facts

    def next_deadline(self) -> int | None:
        """When `advance` wants to be called, if ever."""
        while self._due and self._due[0][2] not in self._in_flight:
            heapq.heappop(self._due)
        first = self._due[0][0] if self._due else None
        times = [t for t in (first, self._phase_due, self._ping_due) if t is not None]
        return min(times) if times else None

    def lose(self, text: str) -> Sequence[Fact]:
        """The link is gone: every caller's action in flight ends as unknown."""
        self._enter(Phase.CLOSED)
        in_flight, self._in_flight = self._in_flight, {}
        for state in (self._due, self._lists, self._output):
            state.clear()
        return [
            ActionEnded(e.action_id, e.purpose, Unknown(f"{e.action}: no response; {text}"))
            for e in in_flight.values()
            if e.purpose in (Purpose.RESPONSE, Purpose.LIST, Purpose.POSTED)
        ]

    # Messages

    def _on_response(self, message: AmiMessage, now: int) -> Sequence[Fact]:
        action_id = message.get("ActionID")
        entry = self._in_flight.get(action_id)
        if entry is None or entry.response is not None:
            if action_id in self._given_up:
                self.late_responses += 1
            else:
                self.unknown_responses += 1
            return ()
        entry.response = message
        if message.name == "Error":
            text = f"{entry.action}: {message.get('Message') or 'refused without a reason'}"
            return self._end(entry, Failed(text, message), now)
        if entry.purpose is Purpose.LIST and message.get("EventList").lower() == "start":
            entry.items = []
            self._lists[action_id] = entry
            return ()
        return self._end(entry, Answered(message), now)

    def _on_tagged_event(self, event: AmiMessage, action_id: str, now: int) -> Sequence[Fact]:
        entry = self._lists.get(action_id)
        if entry is None or entry.items is None or entry.response is None:
            # The rest of a list that nobody waits for any more is no news for the application.
            return () if self._given_up.get(action_id, False) else (event,)
        match event.get("EventList").lower():
            case "complete":
                return self._end(entry, Answered(entry.response, tuple(entry.items)), now)
            case "cancelled":
                text = f"{entry.action}: Asterisk cancelled the list"
                return self._end(entry, Failed(text, event), now)
        entry.items.append(event)
        if len(entry.items) <= self._settings.max_list_events:
            return ()
        self._remember(entry)
        text = f"{entry.action}: list of over {self._settings.max_list_events} events"
        return self._end(entry, Failed(text, entry.response), now)

    def _on_booted(self, event: AmiMessage, now: int) -> Sequence[Fact]:
        self._booted = event
        if self.phase is Phase.BOOTING:
            self._ask(now)
        return (event,)

    # Ends of actions

    def _give_up(self, entry: _InFlight, now: int) -> Sequence[Fact]:
        self._remember(entry)
        waited = "no end of its list" if entry.items is not None else "no response"
        return self._end(entry, Unknown(f"{entry.action}: {waited} in time"), now)

    def _remember(self, entry: _InFlight) -> None:
        self._given_up[entry.action_id] = entry.purpose is Purpose.LIST
        if len(self._given_up) > _REMEMBERED:
            del self._given_up[next(iter(self._given_up))]

    def _end(self, entry: _InFlight, outcome: Outcome, now: int) -> Sequence[Fact]:
        self._in_flight.pop(entry.action_id, None)
        self._lists.pop(entry.action_id, None)
        match entry.purpose:
            case Purpose.RESPONSE | Purpose.LIST | Purpose.POSTED:
                return (ActionEnded(entry.action_id, entry.purpose, outcome),)
            case Purpose.CHALLENGE:
                return self._on_challenge(outcome, now)
            case Purpose.LOGIN:
                return self._on_login(outcome, now)
            case Purpose.FILTER | Purpose.QUESTION:
                return self._on_asked(entry, outcome, now)
            case Purpose.PING:
                return self._on_pinged(outcome, now)
            case other:
                assert_never(other)

    # Login

    def _on_challenge(self, outcome: Outcome, now: int) -> Sequence[Fact]:
        if not isinstance(outcome, Answered):
            return (LinkBroken(outcome.text, refused=isinstance(outcome, Failed)),)
        challenge = outcome.response.get("Challenge")
        # MD5 is what the protocol has; TLS or loopback is what protects the link.
        key = md5((challenge + self._settings.secret).encode(), usedforsecurity=False).hexdigest()
        self._enter(Phase.LOGGING_IN)
        self._log_in(("Key", key), now)
        return ()

    def _log_in(self, proof: tuple[str, str], now: int) -> None:
        settings = self._settings
        method = [] if settings.plain_login else [("AuthType", "MD5")]
        who = [("Username", settings.username), proof, ("Events", settings.events)]
        self._own("Login", [*method, *who], Purpose.LOGIN, now)

    def _on_login(self, outcome: Outcome, now: int) -> Sequence[Fact]:
        if not isinstance(outcome, Answered):
            return (LinkBroken(outcome.text, refused=isinstance(outcome, Failed)),)
        self._enter(Phase.BOOTING)
        self._phase_due = now + self._settings.boot_timeout_ms
        self._ping_due = now + self._settings.ping_every_ms
        if self._booted is not None:
            self._ask(now)
        return ()

    def _ask(self, now: int) -> None:
        self._enter(Phase.ASKING)
        for filter_text in self._settings.filters:
            headers = [("Operation", "Add"), ("Filter", filter_text)]
            self._filters[self._own("Filter", headers, Purpose.FILTER, now)] = filter_text
        for question in ("CoreSettings", "CoreStatus"):
            self._unanswered.add(self._own(question, [], Purpose.QUESTION, now))
        self._unanswered.update(self._filters)

    def _on_asked(self, entry: _InFlight, outcome: Outcome, now: int) -> Sequence[Fact]:
        self._unanswered.discard(entry.action_id)
        match outcome:
            case Unknown(text):
                return (LinkBroken(text),)
            case Failed():
                if entry.purpose is Purpose.FILTER:
                    self._refused_filters.append(self._filters[entry.action_id])
            case Answered(response):
                for name in ("AsteriskVersion", "CoreStartupDate", "CoreStartupTime"):
                    if value := response.get(name):
                        self._answers[name] = value
            case other:
                assert_never(other)
        if self._unanswered:
            return ()
        self._enter(Phase.UP)
        self._phase_due = None
        return (LinkUp(self._up()),)

    def _up(self) -> AmiUp:
        uptime = self._booted.get("Uptime") if self._booted is not None else ""
        start = [self._answers.get("CoreStartupDate", ""), self._answers.get("CoreStartupTime", "")]
        return AmiUp(
            version=self._answers.get("AsteriskVersion", ""),
            uptime_s=int(uptime) if _SECONDS.fullmatch(uptime) else None,
            started_at=" ".join(start).strip(),
            refused_filters=tuple(self._refused_filters),
        )

    def _stuck(self) -> str:
        match self.phase:
            case Phase.GREETING:
                return "no AMI banner in time: check host and port"
            case Phase.CHALLENGING | Phase.LOGGING_IN:
                return "login not answered in time"
            case _:
                return (
                    "logged in, but not told in time that Asterisk is FullyBooted: give the user"
                    " read=system, or see whether Asterisk still starts"
                )

    # Pings

    def _ping(self, now: int) -> None:
        self._ping_due = None
        self._own("Ping", [], Purpose.PING, now, self._settings.ping_timeout_ms)

    def _on_pinged(self, outcome: Outcome, now: int) -> Sequence[Fact]:
        if not isinstance(outcome, Unknown):  # even a refusal shows that somebody is there
            self._misses = 0
            self._ping_due = now + self._settings.ping_every_ms
            return ()
        self._misses += 1
        if self._misses >= _MISSES_ALLOWED:
            return (LinkBroken(f"link is dead: {self._misses} pings without an answer"),)
        self._ping(now)
        return ()

    def _own(
        self,
        name: str,
        headers: list[tuple[str, str]],
        purpose: Purpose,
        now: int,
        timeout_ms: int | None = None,
    ) -> str:
        return self.send(name, headers, now, purpose=purpose, timeout_ms=timeout_ms)

    def _enter(self, phase: Phase) -> None:
        if phase not in _NEXT_PHASES[self.phase]:
            raise IllegalTransition("AMI link", self.phase, phase)
        self.phase = phase
