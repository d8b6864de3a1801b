"""One caller's AEAP session, as the recogniser's side: Asterisk's requests in, answers out. No I/O.

AEAP (`speech_to_text`, version 0.1.0) is JSON in text frames of a WebSocket, and the caller's audio
in binary ones. Each side may ask; an answer has the id of its question. What Asterisk asks:

    setup   codecs, of which one must be answered
    set     params: `grammar`, and `dtmf` when the caller pressed keys
    get     params: `grammar` and `heard` (ctid asks for these), `results`

and what we ask: `set` with `results`, which ends the caller's SpeechBackground.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from ctid.core.errors import RemoteProtocolError
from ctid.core.grammar import Grammar, read_line
from ctid.pbx.speech.recogniser import Heard

CODEC: Final = "slin"
"""16 bit samples at 8 kHz: Asterisk decodes a-law and µ-law alike."""
REFUSED: Final = "refused"
"""The answer to `get grammar` where the one that was set cannot be listened for."""


class _Request(msgspec.Struct):
    request: str = ""
    response: str = ""
    id: str = ""
    codecs: list[dict[str, Any]] = []
    params: dict[str, Any] | list[str] | None = None
    error_msg: str = ""


_DECODER: Final = msgspec.json.Decoder(_Request)


class AeapSession:
    """Answers requests. `grammar` is what to listen for now."""

    def __init__(self) -> None:
        self.grammar: Grammar | None = None
        self.refusal = ""
        """Why the last grammar cannot be listened for."""
        self.asked = 0
        """How many questions there were: a result of an older one is of no use."""
        self.heard = "nothing"
        """The answer to `get heard`: `nothing`, `speech` (begun, not ended), or what was heard, as
        `result SURE TEXT`."""
        self._line = ""
        self._sent = 0

    def receive(self, text: str) -> list[str]:
        """What to answer. Raises RemoteProtocolError for what is no AEAP."""
        try:
            message = _DECODER.decode(text)
        except msgspec.DecodeError as error:
            raise RemoteProtocolError(f"no AEAP message: {error}") from None
        if not message.request:
            if not message.response:
                raise RemoteProtocolError("an AEAP message is a request or a response")
            return []  # Asterisk has our results, or says why not: the caller's keys work
        answer: dict[str, Any] = {"response": message.request, "id": message.id}
        try:
            answer |= self._answer(message)
        except ValueError as error:
            answer["error_msg"] = str(error)
        return [msgspec.json.encode(answer).decode()]

    def results(self, heard: Heard) -> str:
        """The request that ends the question: what was heard, also where that is nothing."""
        self.heard = f"result {heard.sure} {heard.text}"
        self._sent += 1
        result = {"text": heard.text, "score": heard.sure, "grammar": "speech", "best": 0}
        return msgspec.json.encode(
            {"request": "set", "id": str(self._sent), "params": {"results": [result]}}
        ).decode()

    def refuse(self, why: str) -> None:
        """The grammar cannot be listened for; ctid will ask, and go on by keys."""
        self.grammar, self.refusal = None, why

    def _answer(self, message: _Request) -> dict[str, Any]:
        match message.request, message.params:
            case "setup", _:
                names = [codec.get("name") for codec in message.codecs]
                if CODEC not in names:
                    raise ValueError(f"only {CODEC} is taken; write codecs = !all,{CODEC}")
                return {"codecs": [{"name": CODEC}]}
            case "set", dict(params):
                if isinstance(line := params.get("grammar"), str):
                    self._listen(line)
                return {}
            case "get", [str(name)]:
                return {"params": {name: self._value(name)}}
            case _:
                raise ValueError(f"{message.request} is not known here")

    def _listen(self, line: str) -> None:
        self.asked += 1
        self.heard, self.grammar, self.refusal, self._line = "nothing", None, "", line
        try:
            self.grammar = read_line(line)
        except ValueError as error:
            self.refusal = str(error)

    def _value(self, name: str) -> object:
        match name:
            case "grammar":
                return REFUSED if self.grammar is None else self._line
            case "heard":
                return self.heard
            case "results":
                return []
            case _:
                raise ValueError(f"{name} is not known here")
