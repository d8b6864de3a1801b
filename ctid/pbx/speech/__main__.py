"""`python -m ctid.pbx.speech`: the recogniser as a process of its own.

Its orders come as one line of JSON by standard input, and it ends when that ends: so it lives as
long as the daemon that started it. It says `{"port": N}` when it listens, and then, one line each,
what a person should know. Apart from the daemon, because it is a library of C that works on what
strangers say, and because its threads would take the engine's time.
"""

from __future__ import annotations

import asyncio
import sys

import msgspec

from ctid.pbx.speech.recogniser import NoRecogniser, find
from ctid.pbx.speech.server import SpeechServer, SpeechSettings


class Orders(msgspec.Struct, frozen=True):
    """The one line of standard input."""

    recogniser: str
    settings: SpeechSettings


def main() -> int:
    """0 after a clean end, 2 where there is no such recogniser, 1 for any other trouble."""
    orders = msgspec.json.decode(sys.stdin.buffer.readline(), type=Orders)
    try:
        asyncio.run(_serve(orders))
    except NoRecogniser as error:
        _say({"code": "speech_missing", "text": str(error)})
        return 2
    except OSError as error:
        _say({"code": "speech_down", "text": str(error)})
        return 1
    return 0


def _report(code: str, text: str) -> None:
    _say({"code": code, "text": text})


async def _serve(orders: Orders) -> None:
    make = find(orders.recogniser)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin.fileno(), ended.set)  # nothing more is said: it is the end
    async with SpeechServer(orders.settings, make, _report) as server:
        _say({"port": server.port})
        await ended.wait()


def _say(message: dict[str, str | int]) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(message) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
