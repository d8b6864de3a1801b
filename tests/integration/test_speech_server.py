"""The recogniser's server over a real WebSocket, with a recogniser of a few lines."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import pytest

from ctid.core.grammar import Grammar
from ctid.pbx.speech.recogniser import FRAME, Heard, Recogniser
from ctid.pbx.speech.server import SpeechServer, SpeechSettings
from ctid.pbx.speech.utterance import FRAME_MS, PAUSE_MS

TOKEN = "token-of-the-test"
LINE = "en words yes|no"
LOUD, QUIET = b"\1" * FRAME, bytes(FRAME)
CLOSED = (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING)
WORD = LOUD * 20 + QUIET * (PAUSE_MS // FRAME_MS)


class Loud:
    """Takes any sound for the first phrase. `held` keeps an answer back until it is let go."""

    languages = ("en",)
    held = threading.Event()
    made = 0

    def __init__(self) -> None:
        type(self).made += 1
        self.held.set()

    def unknown(self, grammar: Grammar) -> tuple[str, ...]:
        return tuple(phrase for phrase in grammar.phrases if phrase == "xyzzy")

    def is_speech(self, frame: bytes) -> bool:
        return any(frame)

    def recognise(self, audio: bytes, grammar: Grammar) -> Heard:
        if grammar.phrases[0] == "break":
            raise OverflowError("a defect of somebody else's")
        self.held.wait(10)
        return Heard(grammar.phrases[0], 70)


class Caller:
    """Asterisk's side of one connection."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def ask(self, request: str, **more: Any) -> dict[str, Any]:
        await self.socket.send_json({"request": request, "id": "q", **more})
        return await self.hear()

    async def hear(self) -> dict[str, Any]:
        told = await self.socket.receive_json(timeout=5)
        assert isinstance(told, dict)
        return told

    async def say(self, audio: bytes) -> None:
        """In pieces, as Asterisk sends it."""
        for at in range(0, len(audio), 320):
            await self.socket.send_bytes(audio[at : at + 320])

    async def listen(self, line: str = LINE) -> str:
        await self.ask("set", params={"grammar": line})
        return str((await self.ask("get", params=["grammar"]))["params"]["grammar"])


@asynccontextmanager
async def server(
    callers: int = 2, threads: int = 1
) -> AsyncIterator[tuple[SpeechServer, list[Any]]]:
    reports: list[Any] = []
    settings = SpeechSettings("127.0.0.1", 0, TOKEN, callers, threads)
    make: type[Recogniser] = Loud
    async with SpeechServer(settings, make, lambda *report: reports.append(report)) as made:
        yield made, reports


@asynccontextmanager
async def caller(made: SpeechServer, token: str = TOKEN) -> AsyncIterator[Caller]:
    url = f"ws://127.0.0.1:{made.port}/{token}/speech"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, protocols=("speech_to_text",)) as socket,
    ):
        yield Caller(socket)


async def test_a_question_from_setup_to_result() -> None:
    async with server() as (made, reports), caller(made) as one:
        codecs = [{"name": "slin"}]
        assert (await one.ask("setup", version="0.1.0", codecs=codecs))["codecs"] == codecs
        assert await one.listen() == LINE
        await one.say(WORD)
        told = await one.hear()
        assert (told["request"], told["params"]["results"][0]["text"]) == ("set", "yes")
        await one.say(WORD)  # nobody asks any more
        assert await one.listen("en words no") == "en words no"
        await one.say(WORD)
        assert (await one.hear())["params"]["results"][0]["text"] == "no"
        assert reports == []


async def test_speech_is_told_from_silence() -> None:
    async with server() as (made, _), caller(made) as one:
        await one.listen()
        for audio, heard in ((QUIET * 20, "nothing"), (LOUD * 10, "speech")):
            await one.say(audio)
            assert (await one.ask("get", params=["heard"]))["params"] == {"heard": heard}


async def test_an_answer_to_an_older_question_is_not_sent() -> None:
    """And while it is worked on, requests are answered: Asterisk gives each a second."""
    async with server() as (made, _), caller(made) as one:
        Loud.held.clear()
        await one.listen()
        await one.say(WORD)
        assert await one.listen("en words no") == "en words no"
        Loud.held.set()
        await one.say(WORD)
        assert (await one.hear())["params"]["results"][0]["text"] == "no"


@pytest.mark.parametrize("line", ["en words xyzzy", "en songs", "${SHELL}"])
async def test_a_grammar_that_cannot_be_listened_for(line: str) -> None:
    async with server() as (made, reports), caller(made) as one:
        assert await one.listen(line) == "refused"
        assert [code for code, _ in reports] == ["speech_grammar"]
        assert await one.listen() == LINE


async def test_a_recogniser_that_breaks_has_heard_nothing() -> None:
    async with server() as (made, reports), caller(made) as one:
        before = Loud.made
        await one.listen("en words break")
        await one.say(WORD)
        assert (await one.hear())["params"]["results"][0] == {
            "text": "", "score": 0, "grammar": "speech", "best": 0
        }  # fmt: skip
        assert reports == [("speech_failed", "OverflowError: a defect of somebody else's")]
        assert Loud.made == before + 1, "another one takes its place"
        await one.listen()
        await one.say(WORD)
        assert (await one.hear())["params"]["results"][0]["text"] == "yes"


async def test_one_caller_too_many_and_a_wrong_token() -> None:
    async with server(callers=1) as (made, reports), caller(made) as one:
        for token, status in ((TOKEN, 503), ("wrong-token", 403)):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                async with caller(made, token):
                    pass
            assert refused.value.status == status
        assert [code for code, _ in reports] == ["speech_full", "speech_refused"]
        assert TOKEN not in str(reports)
        assert await one.listen() == LINE
    async with server(callers=1) as (made, _):
        for _ in range(3):  # who has gone leaves room
            async with caller(made) as one:
                assert await one.listen() == LINE
            while made._connected:
                await asyncio.sleep(0)


@pytest.mark.parametrize("message", ["{", "x" * 20_000, json.dumps({"id": "nothing else"})])
async def test_what_is_no_aeap_costs_a_peer_its_own_connection(message: str) -> None:
    async with server() as (made, _), caller(made) as good, caller(made) as bad:
        await bad.socket.send_str(message)
        assert (await bad.socket.receive(timeout=5)).type in CLOSED
        assert await good.listen() == LINE


async def test_it_ends_with_callers_on_the_line() -> None:
    async with AsyncExitStack() as callers:
        async with server() as (made, _):
            one = await callers.enter_async_context(caller(made))
            await one.listen()
            await one.say(LOUD * 20)
        assert (await one.socket.receive(timeout=5)).type in CLOSED
