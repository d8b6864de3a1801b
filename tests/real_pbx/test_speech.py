"""Words and figures spoken into real G.711 calls, and keys beside them, at the real recogniser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ctid.core.commands import Collect, HangUpCall
from ctid.core.events import DigitsCollected, Event
from ctid.core.grammar import Grammar, line_of
from ctid.pbx.agi.server import AgiCall, AgiServer
from ctid.pbx.agi.settings import AgiSettings
from ctid.pbx.conversation import Conversation
from ctid.pbx.speech.asking import Asking, Door
from ctid.pbx.speech.recogniser import BUILT_IN, find
from ctid.pbx.speech.server import SpeechServer, SpeechSettings
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import calls
from tests.real_pbx.speaking import Voice, say

pytestmark = pytest.mark.asyncio(loop_scope="session")

MENU = ("sales", "support", "billing", "orders", "complaints", "appointment", "operator",
        "delivery")  # fmt: skip
WORDS = line_of(Grammar("en", MENU))
VOICE = Voice("en-us")


class Menu:
    """Asks each caller the same questions, and keeps what came of them."""

    def __init__(self, questions: list[Collect]) -> None:
        self.questions = questions
        self.facts: asyncio.Queue[DigitsCollected] = asyncio.Queue()
        self.reports: list[tuple[str, str]] = []
        self._door = Door(lambda code, text: self.reports.append((code, text)))

    async def __call__(self, agi: AgiCall) -> None:
        conversation = Conversation("c", agi, "ctid", speech=Asking(agi, self._door))
        left = iter([*self.questions[1:], HangUpCall("c", "over")])

        def submit(fact: Event) -> None:
            assert isinstance(fact, DigitsCollected)
            self.facts.put_nowait(fact)
            conversation.put(next(left))

        conversation.put(self.questions[0])
        await conversation.run(submit)

    async def fact(self, seconds: float = 20.0) -> DigitsCollected:
        async with asyncio.timeout(seconds):
            return await self.facts.get()


@asynccontextmanager
async def menu(lab: Lab, *questions: Collect) -> AsyncIterator[Menu]:
    asked = Menu(list(questions))
    settings = AgiSettings(port=lab.pbx.agi_port, token=lab.pbx.agi_token, scripts=("inbound",))
    server = AgiServer(asked, settings)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve())
        yield asked
        serving.cancel()


def question(listen: str = WORDS, most: int = 1) -> Collect:
    return Collect("c", ("menu",), "en", most, "#", 4_000, 2_000, listen=listen)


@asynccontextmanager
async def recogniser(lab: Lab) -> AsyncIterator[SpeechServer]:
    settings = SpeechSettings("127.0.0.1", lab.pbx.speech_port, lab.pbx.agi_token, 4, 1)
    async with SpeechServer(settings, find(BUILT_IN), lambda code, text: None) as server:
        yield server


def speaks(*said: str) -> str:
    return "|".join(("wait:1", *(f"play:{one}" for one in said), "stay"))


async def test_a_word_of_the_menu(lab: Lab) -> None:
    async with recogniser(lab), menu(lab, question()) as asked:
        await lab.world.place_call("4000", script=speaks(say(lab, "operator", VOICE)))
        fact = await asked.fact()
        print(fact, asked.reports)
        assert (fact.spoken, fact.said, fact.digits) == (True, "operator", "")


async def test_a_key_while_it_listens(lab: Lab) -> None:
    async with recogniser(lab), menu(lab, question()) as asked:
        await lab.world.place_call("4000", script=calls([(1.0, "5")]))
        fact = await asked.fact()
        assert (fact.spoken, fact.said, fact.digits) == (False, "", "5"), asked.reports
