"""Prompts and keys: what playback and key collection do, whichever command asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from sim.live.agi_wire import AgiPeer
from sim.live.channels import Channel

ANY_KEY = "0123456789*#ABCD"
_RATE = 8_000
"""Samples a second; `endpos` counts them."""


class NewCommand(Exception):
    """The server sent another command (or closed) while this one played or collected."""


class Collected(msgspec.Struct, frozen=True):
    """What a key collection ended in."""

    keys: str
    ended: Literal["full", "terminator", "timeout"]


class Listening(Protocol):
    """What is needed of the conversation."""

    channel: Channel
    peer: AgiPeer

    def new_command(self) -> bool: ...


async def wait_for_key(
    script: Listening, seconds: float | None, keys: str, *, breakable: bool = True
) -> str:
    """The first of `keys` pressed within `seconds`, or ''.

    Raises:
        NewCommand: the server wants something else, and `breakable`.
        Interrupted: the caller is gone.
    """
    if not breakable:
        return await script.channel.pause(seconds, keys)
    return await script.channel.pause(seconds, keys, _Break(script))


class _Break:
    def __init__(self, script: Listening) -> None:
        self._script = script

    def __call__(self) -> None:
        if self._script.new_command():
            raise NewCommand


async def play(
    script: Listening, prompt: str, escape: str, *, breakable: bool = True
) -> tuple[str, int]:
    """Play one prompt; return the key of `escape` that cut it short, and where, in samples."""
    loop = script.channel.exchange.loop
    began = loop.time()
    script.channel.party.heard(prompt)
    key = await wait_for_key(script, script.peer.prompt_seconds, escape, breakable=breakable)
    return key, round((loop.time() - began) * _RATE)


async def collect(
    script: Listening,
    prompts: Sequence[str],
    limit: int,
    first: float,
    further: float,
    terminators: str,
    *,
    breakable: bool = True,
) -> Collected:
    """Play prompts, which a key cuts short, then collect keys.

    Ends with `limit` keys, with a terminator (which is not among the keys), or when no key came
    within `first` seconds after the prompts or `further` seconds after the last key.
    """
    playable = [p for p in prompts if p and p not in script.peer.missing_prompts]
    script.channel.forget_keys()
    last = playable[-1] if playable else ""
    script.channel.party.asked(len(playable) * script.peer.prompt_seconds, last)
    key = ""
    for prompt in playable:
        key, _ = await play(script, prompt, ANY_KEY, breakable=breakable)
        if key:
            break
    keys, wait = "", first
    while True:
        key = key or await wait_for_key(script, wait, ANY_KEY, breakable=breakable)
        if not key:
            return Collected(keys, "timeout")
        if key in terminators:
            return Collected(keys, "terminator")
        keys, key, wait = keys + key, "", further
        if len(keys) >= limit:
            return Collected(keys, "full")
