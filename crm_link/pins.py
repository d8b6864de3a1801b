"""PINs of customers: the port, and how a directory of ours keeps them (argon2id, off the loop).

A PIN has few figures, so that no hash protects one for long from whoever has the database: argon2id
makes it slow. What protects PINs is that few tries are allowed (`ctid.ivr.identity_rules`) and that
nobody reads the table.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cache
from typing import Final, Literal, Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

PinVerdict = Literal["right", "wrong", "unset"]
"""`wrong`: also of a code that nobody has; `unset`: the customer has no PIN."""

SHORTEST: Final = 4
LONGEST: Final = 64
"""Figures of a PIN; the longest input that a flow may ask for."""
AT_ONCE: Final = 2
"""PINs that are hashed at the same time: each takes tens of milliseconds and 64 MiB by design."""


class PinBook(Protocol):
    """Knows customers' PINs. Raises what a `CrmDirectory` raises, and never an error that has a
    PIN in it. May be cancelled at any await."""

    async def verify(self, code: str, pin: str) -> PinVerdict:
        """Whether `pin` is that of the customer with this code. A code that nobody has takes as
        long as one with another PIN."""
        ...

    async def set_pin(self, code: str, pin: str) -> None:
        """From now on this is the customer's PIN; empty takes it away. Raises `CrmNotFound` when
        nobody has the code, ValueError for what is no PIN."""
        ...

    async def load_pins(self, hashes: Mapping[str, str]) -> None:
        """Code → hash, for customers without a PIN; codes that nobody has are passed over."""
        ...


def checked_pin(pin: str) -> str:
    """The PIN, or ValueError, which does not repeat it."""
    if not SHORTEST <= len(pin) <= LONGEST or not (pin.isascii() and pin.isdecimal()):
        raise ValueError(f"a PIN has {SHORTEST} to {LONGEST} figures, 0 to 9")
    return pin


class PinHashes:
    """Hashes PINs and compares them, off the event loop and a few at a time."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """`hasher` has its cost in it; the library's own is RFC 9106's low-memory profile."""
        self._hasher = hasher or PasswordHasher()
        self._places = asyncio.Semaphore(AT_ONCE)

    async def of(self, pin: str) -> str:
        """The `$argon2id$…` form, with a fresh salt."""
        async with self._places:
            return await asyncio.to_thread(self._hasher.hash, pin)

    async def fits(self, pin: str, kept: str | None) -> bool:
        """Whether they belong together; with None it takes the same time and is False."""
        async with self._places:
            return await asyncio.to_thread(_fits, self._hasher, pin, kept)


def light() -> PasswordHasher:
    """For PINs that protect nobody: those of the demo, and those that never leave a process."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@cache
def _nobody(hasher: PasswordHasher) -> str:
    return hasher.hash("nobody has this PIN")


def _fits(hasher: PasswordHasher, pin: str, kept: str | None) -> bool:
    # The cost of a comparison stands in the hash, and the comparison itself is constant in time.
    try:
        matched = hasher.verify(kept or _nobody(hasher), pin)
    except (VerificationError, InvalidHashError):
        return False
    return matched and kept is not None
