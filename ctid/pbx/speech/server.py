"""The recogniser's server: Asterisk connects for each caller whom a menu listens to.

Bounded: callers at once, bytes of a message, seconds of an utterance, threads that recognise. One
caller too many, or a grammar with an unknown word, is refused, and the menu goes on by keys.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Self

import msgspec
from aiohttp import WSMsgType, web

from ctid.core.errors import RemoteProtocolError
from ctid.core.grammar import Grammar
from ctid.pbx.speech.aeap import AeapSession
from ctid.pbx.speech.recogniser import NOTHING, Heard, Make, Recogniser
from ctid.pbx.speech.utterance import Utterance

LARGEST: Final = 16_384
"""Bytes of one message; Asterisk sends 320 of audio at a time."""
HEARTBEAT: Final = 20.0
"""Seconds between two pings: a connection whose other end is gone is closed."""
LONGEST: Final = 3_600.0
"""Seconds that one caller may keep a connection; a menu lasts 900 by the dialplan."""

Report = Callable[[str, str], None]
"""(code, text) for a person."""


class SpeechSettings(msgspec.Struct, frozen=True):
    """Where to listen, and how much at once."""

    host: str
    port: int
    """0 takes any free one."""
    token: str
    """First element of the path."""
    callers: int
    """Connections at the same time."""
    threads: int
    """Utterances that are recognised at the same time."""


class SpeechServer:
    """`async with SpeechServer(settings, make, report) as server:` listens at `server.port`.

    Entering raises OSError for a port that is taken, and what `make` raises.
    """

    def __init__(self, settings: SpeechSettings, make: Make, report: Report) -> None:
        self._settings, self._make, self._report = settings, make, report
        self._mine = threading.local()
        self._connected = 0
        self.port = 0

    async def __aenter__(self) -> Self:
        settings = self._settings
        # One recogniser for each thread, made now: no caller waits for a model to load.
        ready = threading.Barrier(settings.threads)
        self._threads = ThreadPoolExecutor(settings.threads, "recogniser")
        try:
            loop = asyncio.get_running_loop()
            made = [
                loop.run_in_executor(self._threads, self._prepare, ready)
                for _ in range(settings.threads)
            ]
            await asyncio.gather(*made)
            # The detector of speech is asked for each 30 ms and takes microseconds: no thread.
            self._ear: Recogniser = self._make()
            app = web.Application()
            app.router.add_get("/{token}/speech", self._serve)
            self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
            await self._runner.setup()
            site = web.TCPSite(self._runner, settings.host, settings.port)
            await site.start()
        except BaseException:
            self._threads.shutdown(wait=False, cancel_futures=True)
            raise
        self.port = int(self._runner.addresses[0][1])
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._runner.cleanup()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _prepare(self, ready: threading.Barrier) -> None:
        try:
            self._mine.recogniser = self._make()
        except BaseException:
            ready.abort()
            raise
        # Until all are here none is free, so that each thread makes its own.
        ready.wait()

    def _recognise(self, audio: bytes, grammar: Grammar) -> Heard:
        recogniser: Recogniser = self._mine.recogniser
        try:
            return recogniser.recognise(audio, grammar)
        except Exception:
            self._mine.recogniser = self._make()  # who knows what state that one is in
            raise

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        given = request.match_info["token"]
        if not hmac.compare_digest(given.encode(), self._settings.token.encode()):
            self._report("speech_refused", f"{request.remote}: a wrong token")
            raise web.HTTPForbidden
        if self._connected >= self._settings.callers:
            self._report("speech_full", f"{self._connected} callers are listened to already")
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(
            protocols=("speech_to_text",), max_msg_size=LARGEST, heartbeat=HEARTBEAT
        )
        self._connected += 1
        try:
            await socket.prepare(request)
            async with asyncio.timeout(LONGEST):
                await self._converse(socket)
        except* TimeoutError:
            self._report("speech_long", f"a connection of over {LONGEST:.0f} s was closed")
        except* ConnectionError:
            pass  # the caller hung up while we answered
        finally:
            self._connected -= 1
        return socket

    async def _converse(self, socket: web.WebSocketResponse) -> None:
        try:
            async with asyncio.TaskGroup() as answers:
                try:
                    await self._read(socket, answers)
                except RemoteProtocolError as error:
                    self._report("speech_broken", str(error))
        finally:
            await socket.close()

    async def _read(self, socket: web.WebSocketResponse, answers: asyncio.TaskGroup) -> None:
        session = AeapSession()
        utterance: Utterance | None = None
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                before = session.asked
                told = session.receive(message.data)
                if session.asked != before:
                    utterance = self._listen(session)
                for answer in told:
                    await socket.send_str(answer)
            elif message.type is WSMsgType.BINARY and utterance and session.grammar:
                utterance.feed(message.data)
                if utterance.speaking:
                    session.heard = "speech"
                if utterance.whole:
                    # Beside the reading: Asterisk gives its questions one second.
                    answers.create_task(
                        self._answer(
                            socket, session, session.asked, utterance.audio, session.grammar
                        )
                    )
                    utterance = None

    def _listen(self, session: AeapSession) -> Utterance | None:
        """What to do with the audio from here on, for the grammar that was just set. A grammar
        that is refused goes back to Asterisk as that, when ctid asks for it."""
        if session.grammar is None:
            self._report("speech_grammar", session.refusal)
            return None
        if unknown := self._ear.unknown(session.grammar):
            session.refuse(f"the recogniser does not know {', '.join(unknown)}")
            self._report("speech_grammar", session.refusal)
            return None
        return Utterance(session.grammar, self._ear.is_speech)

    async def _answer(
        self,
        socket: web.WebSocketResponse,
        session: AeapSession,
        asked: int,
        audio: bytes,
        grammar: Grammar,
    ) -> None:
        """The result of the session's question number `asked`; none where it has asked another."""
        loop = asyncio.get_running_loop()
        try:
            heard = await loop.run_in_executor(self._threads, self._recognise, audio, grammar)
        except Exception as error:  # a plugged-in recogniser's, whatever it is: keys work
            self._report("speech_failed", f"{type(error).__name__}: {error}")
            heard = NOTHING
        if session.asked == asked:
            with contextlib.suppress(ConnectionError):  # the caller has hung up
                await socket.send_str(session.results(heard))
