"""Passwords as argon2id, checked off the event loop.

One check takes tens of milliseconds and 64 MiB by design. Two threads bound both: a morning's
sign-ins queue up, calls and pops do not wait for them.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_THREADS = 2
_hasher = PasswordHasher()  # the library's defaults are RFC 9106's low-memory profile


def hash_password(password: str) -> str:
    """The `$argon2id$…` form of `password`, with a fresh salt. Takes tens of milliseconds."""
    return _hasher.hash(password)


@cache
def _nobody() -> str:
    """A hash that no password fits: an unknown login must take as long as a wrong password."""
    return _hasher.hash("no account has this password")


class PasswordCheck:
    """Compares passwords with hashes in its own threads."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="ctid-argon2")

    async def fits(self, password: str, password_hash: str | None) -> bool:
        """Whether they belong together; with None it takes the same time and is False."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, _fits, password, password_hash)

    def close(self) -> None:
        """End the threads; checks that are running are waited for."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _fits(password: str, password_hash: str | None) -> bool:
    try:
        matched = _hasher.verify(password_hash or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return matched and password_hash is not None
