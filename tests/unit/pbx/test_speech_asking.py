"""A question by word over FastAGI: what Asterisk is told, for every answer that it may give.

Asterisk's side is a table of its answers, as they were seen; tests/real_pbx has the real one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest

from ctid.core.commands import Collect, HangUpCall
from ctid.core.events import DigitsCollected, Event
from ctid.pbx.agi.server import AgiCall, AgiServer
from ctid.pbx.agi.settings import AgiSettings
from ctid.pbx.conversation import Conversation
from ctid.pbx.speech.asking import MOST_MORE, Asking, Door

LINE = "en words sales|support"
ASKED = Collect("c", ("menu",), "en", 1, "#", 5_000, 5_000, listen=LINE)
CODE = Collect("c", ("code",), "en", 6, "#", 5_000, 2_000, listen="en digits 6 6")
END = HangUpCall("c", "over")

WELL = {
    'EXEC "SpeechCreate"': "200 result=0",
    'GET FULL VARIABLE "${SPEECH(status)}"': "200 result=1 (1)",
    'EXEC "MSet"': "200 result=0",
    'GET VARIABLE "SPEECH_ENGINE(grammar)"': f"200 result=1 ({LINE})",
    'GET VARIABLE "SPEECH_ENGINE(heard)"': "200 result=1 (nothing)",
    'EXEC "SpeechBackground"': "200 result=0",
    'GET FULL VARIABLE "${SPEECH(results)}': "200 result=1 (0|||)",
    'EXEC "SpeechDestroy"': "200 result=0",
    'EXEC "Read"': "200 result=0",
    "GET DATA": "200 result=7",
    'GET FULL VARIABLE "${CTID_KEYS}:': "200 result=1 (7:OK)",
    "SET VARIABLE": "200 result=1",
}
"""Beginning of a command → answer: everything works, and nobody says or presses anything."""
RESULT = 'GET FULL VARIABLE "${SPEECH(results)}'
HEARD = 'GET VARIABLE "SPEECH_ENGINE(heard)"'
GRAMMAR = 'GET VARIABLE "SPEECH_ENGINE(grammar)"'

Answers = Mapping[str, str | Callable[[], str]]


class Told:
    """What came of a call."""

    def __init__(self) -> None:
        self.facts: list[DigitsCollected] = []
        self.sent: list[str] = []
        self.reports: list[str] = []


async def ask(questions: tuple[Collect, ...], answers: Answers, calls: int = 1) -> Told:
    """Calls of these questions, in which Asterisk answers as it does when all is well, but for
    these."""
    told = Told()
    door = Door(lambda code, text: told.reports.append(text))

    async def run(agi: AgiCall) -> None:
        conversation = Conversation("c", agi, "ctid", speech=Asking(agi, door))
        for command in (*questions, END):
            conversation.put(command)

        def keep(fact: Event) -> None:
            assert isinstance(fact, DigitsCollected)
            told.facts.append(fact)

        await conversation.run(keep)

    errors: list[BaseException] = []
    server = AgiServer(run, AgiSettings(port=0, scripts=("inbound",)),
                       on_error=lambda _, error: errors.append(error))  # fmt: skip
    await server.start()
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve())
        for _ in range(calls):
            await _asterisk(server.port, {**WELL, **answers}, told)
        serving.cancel()
    assert errors == []
    return told


async def _asterisk(port: int, answers: Answers, told: Told) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"agi_network: yes\nagi_network_script: inbound\n\n")
    async with asyncio.timeout(10):
        while line := (await reader.readline()).decode().rstrip("\n"):
            told.sent.append(line)
            known = max((start for start in answers if line.startswith(start)), key=len)
            answer = answers[known]
            writer.write(f"{answer if isinstance(answer, str) else answer()}\n".encode())
    writer.close()


def did(told: Told, start: str) -> list[str]:
    return [line for line in told.sent if line.startswith(start)]


async def test_a_word() -> None:
    told = await ask((ASKED,), {RESULT: "200 result=1 (1|87|speech|sales)"})
    assert told.facts == [DigitsCollected("c", "", "full", True, "sales", 87)]
    [mset] = did(told, 'EXEC "MSet"')
    for piece in ("SPEECH_DTMF_MAXLEN=1,", "SPEECH_DTMF_TERMINATOR=,", f"(grammar)={LINE}"):
        assert piece in mset
    assert did(told, 'EXEC "SpeechBackground"') == ['EXEC "SpeechBackground" "ctid/en/menu,5.000"']
    assert not did(told, 'EXEC "Read"')
    assert not told.reports


async def test_the_wait_for_the_first_key_is_longer_by_silence() -> None:
    told = await ask((CODE,), {GRAMMAR: "200 result=1 (en digits 6 6)"})
    [command] = did(told, 'EXEC "SpeechBackground"')
    assert command == 'EXEC "SpeechBackground" "ctid/en/code&silence/3,2.000"'
    assert "SPEECH_DTMF_TERMINATOR=#," in did(told, 'EXEC "MSet"')[0]


@pytest.mark.parametrize(
    ("question", "result", "digits", "ended"),
    [
        (ASKED, "1|1000|dtmf|5", "5", "full"),
        (ASKED, "1|1000|dtmf|#", "", "terminator"),
        (ASKED, "0|||", "", "timeout"),
        (CODE, "1|1000|dtmf|123456", "123456", "full"),
        (CODE, "1|1000|dtmf|1234", "1234", "terminator"),
        (CODE, "1|1000|dtmf|12A4", "124", "terminator"),
    ],
)
async def test_keys(question: Collect, result: str, digits: str, ended: str) -> None:
    answers = {RESULT: f"200 result=1 ({result})", GRAMMAR: f"200 result=1 ({question.listen})"}
    told = await ask((question,), answers)
    [fact] = told.facts
    assert (fact.spoken, fact.digits, fact.ended) == (False, digits, ended)


async def test_a_word_that_is_not_over_gets_more_time() -> None:
    results = iter(
        ["200 result=1 (0|||)", "200 result=1 (0|||)", "200 result=1 (1|60|speech|sales)"]
    )
    told = await ask((ASKED,), {RESULT: lambda: next(results), HEARD: "200 result=1 (speech)"})
    assert told.facts == [DigitsCollected("c", "", "full", True, "sales", 60)]
    played = did(told, 'EXEC "SpeechBackground"')
    assert played[1:] == ['EXEC "SpeechBackground" "silence/2,0.1"'] * 2


@pytest.mark.parametrize(
    ("heard", "said", "sure"),
    [("result 87 sales", "sales", 87), ("result 0 ", "", 0), ("result", "", 0)],
)
async def test_a_result_that_asterisk_has_dropped(heard: str, said: str, sure: int) -> None:
    """It came between two commands: the recogniser still has it."""
    told = await ask((ASKED,), {HEARD: f"200 result=1 ({heard})"})
    assert told.facts == [DigitsCollected("c", "", "full", True, said, sure)]


async def test_somebody_who_never_stops_talking() -> None:
    told = await ask((ASKED,), {HEARD: "200 result=1 (speech)"})
    [fact] = told.facts
    assert (fact.spoken, fact.ended) == (False, "timeout")
    assert len(did(told, 'EXEC "SpeechBackground"')) == 1 + MOST_MORE


GONE = "200 result=0"


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({'EXEC "SpeechCreate"': "200 result=-2"}, "load app_speech_utils.so"),
        ({'GET FULL VARIABLE "${SPEECH(status)}"': "200 result=1 (0)"}, "reaches no recogniser"),
        ({GRAMMAR: GONE}, "does not answer"),
        ({HEARD: GONE}, "has gone"),
    ],
)
async def test_without_speech_it_is_asked_by_keys(answers: Answers, why: str) -> None:
    """This question and the next one, which does not even try; nor do other calls for a while."""
    told = await ask((ASKED, ASKED), answers, calls=2)
    assert [(fact.spoken, fact.digits) for fact in told.facts] == [(False, "7")] * 4
    assert len(did(told, 'EXEC "Read"') + did(told, "GET DATA")) == 4
    assert len(did(told, 'EXEC "SpeechCreate"')) == 1
    [report] = told.reports
    assert why in report


async def test_a_grammar_that_is_refused_is_no_trouble_of_the_recogniser() -> None:
    answers = iter(["200 result=1 (refused)", f"200 result=1 ({LINE})"])
    told = await ask(
        (ASKED, ASKED),
        {GRAMMAR: lambda: next(answers), RESULT: "200 result=1 (1|87|speech|sales)"},
    )
    assert [fact.spoken for fact in told.facts] == [False, True]
    assert not told.reports


@pytest.mark.parametrize("result", ["", "1", "x|y|z", "1|-5|speech|sales", "1|999|speech|a\x07b"])
async def test_what_a_recogniser_should_not_say(result: str) -> None:
    told = await ask((ASKED,), {RESULT: f"200 result=1 ({result})"})
    [fact] = told.facts
    assert 0 <= fact.sure <= 100
    assert "\x07" not in fact.said
