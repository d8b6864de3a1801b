"""How often somebody may try a password. Pure: the time comes in as an argument.

Theory of operation. A limit per account alone lets a stranger lock an agent out; a limit per
address alone lets many addresses guess one password. So:

* a browser that has signed in to this account before holds a *device* mark, and is counted by that
  mark alone: nothing that a stranger does touches it;
* any other attempt is counted against its address, against the pair of account and address, and
  against the account. When an account sees too many failures, its pairs are only slowed down:
  each address keeps one try a minute, so that the owner with the right password still gets in.

An attempt is counted when it begins and taken back when it succeeds, so that a burst of parallel
attempts gets no more tries than the same attempts one by one.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Final

import msgspec

from ctid.core.instants import HOUR, MINUTE, Duration, Instant

MOST_KEYS: Final = 20_000
"""Keys that are remembered; the one that was used longest ago is forgotten first."""


class Limit(msgspec.Struct, frozen=True):
    """So many failures in so long."""

    failures: int
    within: Duration
    """In milliseconds."""


DEVICE: Final = Limit(10, 10 * MINUTE)
PAIR: Final = Limit(5, 5 * MINUTE)
PAIR_UNDER_ATTACK: Final = Limit(1, MINUTE)
ADDRESS: Final = Limit(60, 10 * MINUTE)  # an office shares one address
ACCOUNT: Final = Limit(30, HOUR)


class Attempt(msgspec.Struct, frozen=True):
    """One try at a password."""

    login: str
    address: str
    device: str
    """The mark of a browser that has signed in to this account before, else empty."""


class Throttle:
    """Counts failures in sliding windows, in the memory of this process."""

    def __init__(self) -> None:
        self._tries: OrderedDict[tuple[str, ...], deque[Instant]] = OrderedDict()

    def admit(self, attempt: Attempt, now: Instant) -> Duration:
        """0, and the attempt is counted; or how long to wait before the next one, in ms."""
        wait = max(self._wait(key, limit, now) for key, limit in self._limits(attempt, now))
        if wait == 0:
            for key in _keys(attempt):
                self._record(key, now)
        return wait

    def succeeded(self, attempt: Attempt) -> None:
        """The password was right: this attempt, and the pair's failures, no longer count."""
        for key in _keys(attempt):
            tries = self._tries.get(key)
            if tries:
                tries.pop()
        self._tries.pop(_pair(attempt), None)

    def _limits(self, attempt: Attempt, now: Instant) -> list[tuple[tuple[str, ...], Limit]]:
        if attempt.device:
            return [(("device", attempt.device), DEVICE)]
        attacked = self._wait(("account", attempt.login), ACCOUNT, now) > 0
        return [
            (("address", attempt.address), ADDRESS),
            (_pair(attempt), PAIR_UNDER_ATTACK if attacked else PAIR),
        ]

    def _wait(self, key: tuple[str, ...], limit: Limit, now: Instant) -> Duration:
        recent = [at for at in self._tries.get(key, ()) if at > now - limit.within]
        if len(recent) < limit.failures:
            return 0
        return recent[-limit.failures] + limit.within - now

    def _record(self, key: tuple[str, ...], now: Instant) -> None:
        tries = self._tries.setdefault(key, deque(maxlen=ADDRESS.failures))
        tries.append(now)
        self._tries.move_to_end(key)
        while len(self._tries) > MOST_KEYS:
            self._tries.popitem(last=False)


def _pair(attempt: Attempt) -> tuple[str, ...]:
    return ("pair", attempt.login, attempt.address)


def _keys(attempt: Attempt) -> list[tuple[str, ...]]:
    if attempt.device:
        return [("device", attempt.device)]
    return [("address", attempt.address), _pair(attempt), ("account", attempt.login)]
