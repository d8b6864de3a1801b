"""Redirects that Asterisk refuses because the one before is still on its way.

A channel that was redirected counts as hanging up until its thread has gone to the new place. On a
busy machine that takes milliseconds, in which Asterisk refuses a further Redirect ("channel not
up", docs/asterisk-facts.md). It is asked for again a moment later, unless another one for the same
channel has come since, and not for ever: the machine looks after orders that are not confirmed.

For people in a talk only: one who waits may be with an agent a moment later, and stays there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

Headers = list[tuple[str, str]]

AGAIN_AFTER = 0.02
"""Seconds."""
MOST_TRIES = 50
"""A second in all, well below what the machine waits for a confirmation."""
REFUSED = "channel not up"


class _Asked(NamedTuple):
    headers: Headers
    tries: int


class Redirects:
    """All Redirects of one link."""

    def __init__(
        self,
        post: Callable[[str, Headers], str],
        later: Callable[[float, Callable[[], None]], object],
    ) -> None:
        """`post` sends an action and gives its ActionID; `later` calls after so many seconds."""
        self._post = post
        self._later = later
        self._asked: dict[str, _Asked] = {}
        self._latest: dict[str, str] = {}
        """Channel → the ActionID of the last Redirect that is not answered."""

    def ask(self, headers: Headers, tries: int = 1) -> None:
        """Send one. Raises what `post` raises."""
        action = self._post("Redirect", headers)
        self._asked[action] = _Asked(headers, tries)
        self._latest[_channel(headers)] = action

    def answered(self, action: str, *, ok: bool, message: str) -> None:
        """Asterisk has answered an action, whichever it was."""
        asked = self._asked.pop(action, None)
        if asked is None:
            return
        if ok or REFUSED not in message or asked.tries >= MOST_TRIES:
            self._settle(asked, action)
            return
        self._later(AGAIN_AFTER, lambda: self._again(asked, action))

    def forget(self, action: str = "") -> None:
        """No answer will come to this one, or to any: the link is down."""
        if action:
            if (asked := self._asked.pop(action, None)) is not None:
                self._settle(asked, action)
            return
        self._asked.clear()
        self._latest.clear()

    def _again(self, asked: _Asked, action: str) -> None:
        if self._latest.get(_channel(asked.headers)) == action:
            self.ask(asked.headers, asked.tries + 1)

    def _settle(self, asked: _Asked, action: str) -> None:
        if self._latest.get(_channel(asked.headers)) == action:
            del self._latest[_channel(asked.headers)]


def _channel(headers: Headers) -> str:
    return next(value for name, value in headers if name == "Channel")
