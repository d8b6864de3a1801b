"""Words and figures spoken into real G.711 calls, and keys beside them, at the real recogniser."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from ctid.app.speech import SpeechProcess
from ctid.core.commands import Collect, HangUpCall
from ctid.core.events import DigitsCollected, Event
from ctid.core.grammar import Grammar, line_of
from ctid.ivr.speech_rules import SpeechRules
from ctid.pbx.agi.server import AgiCall, AgiServer
from ctid.pbx.agi.settings import AgiSettings
from ctid.pbx.conversation import Conversation
from ctid.pbx.speech.asking import Asking, Door
from ctid.pbx.speech.recogniser import BUILT_IN, find
from ctid.pbx.speech.server import SpeechServer, SpeechSettings
from ctid.settings.speech import SpeechSection
from tests.real_pbx.lab.ami_link import event
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.world import End
from tests.real_pbx.speaking import Voice, say

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.alone]

MENU = ("sales", "support", "billing", "orders", "complaints", "appointment", "operator",
        "delivery")  # fmt: skip
WORDS = line_of(Grammar("en", MENU))
SIX = line_of(Grammar("en", (), 6, 6))
FIGURES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
VOICES = (Voice("en-us"), Voice("en-gb"), Voice("en-us+f3", 140))
SURE = SpeechRules().sure
PROMPT = 0.7
"""Seconds after which the prompt, a tone of 0.45 s, is over."""


ONE = "+8613800000001"
"""The caller's number where there is one caller only."""


class Menu:
    """Asks each caller the same questions, and keeps what came of them."""

    def __init__(self, questions: list[Collect]) -> None:
        self.questions = questions
        self._facts: defaultdict[str, asyncio.Queue[DigitsCollected]] = defaultdict(asyncio.Queue)
        """Of each caller, by number."""
        self.reports: list[tuple[str, str]] = []
        self._door = Door(lambda code, text: self.reports.append((code, text)))

    async def __call__(self, agi: AgiCall) -> None:
        conversation = Conversation("c", agi, "ctid", speech=Asking(agi, self._door))
        left = iter([*self.questions[1:], HangUpCall("c", "over")])
        facts = self._facts[agi.environment.get("agi_callerid")]

        def submit(fact: Event) -> None:
            assert isinstance(fact, DigitsCollected)
            facts.put_nowait(fact)
            conversation.put(next(left))

        conversation.put(self.questions[0])
        await conversation.run(submit)

    async def fact(self, number: str = ONE, seconds: float = 20.0) -> DigitsCollected:
        async with asyncio.timeout(seconds):
            return await self._facts[number].get()


@asynccontextmanager
async def menu(lab: Lab, *questions: Collect) -> AsyncIterator[Menu]:
    asked = Menu(list(questions))
    settings = AgiSettings(port=lab.pbx.agi_port, token=lab.pbx.agi_token, scripts=("inbound",))
    broken: list[str] = []
    server = AgiServer(asked, settings, lambda where, error: broken.append(f"{where}: {error!r}"))
    await server.start()  # a call that came before it would go to the fallback
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve())
        try:
            yield asked
        finally:
            serving.cancel()
            assert broken == []


def question(listen: str = WORDS, most: int = 1) -> Collect:
    return Collect("c", ("menu",), "en", most, "#", 4_000, 2_000, listen=listen)


@asynccontextmanager
async def recogniser(lab: Lab) -> AsyncIterator[SpeechServer]:
    settings = SpeechSettings("127.0.0.1", lab.pbx.speech_port, lab.pbx.agi_token, 4, 1)
    async with SpeechServer(settings, find(BUILT_IN), lambda code, text: None) as server:
        yield server


async def speak(lab: Lab, caller: End, sound: str) -> None:
    """Have the caller say that now, and stay."""
    ami = lab.world.asterisk.ami
    channel = (await caller.until(event("Newchannel")))["Channel"]
    await ami.ask("Setvar", Channel=channel, Variable="SCRIPT", Value=f"play:{sound}|stay")
    await ami.ask("Redirect", Channel=channel, Context="script", Exten="s", Priority="1")


async def answers(
    lab: Lab, asked: Menu, said: Sequence[str], voice: Voice, number: str = ONE
) -> list[DigitsCollected]:
    """What came of each of these, said one after the other as the questions are asked."""
    sounds = [await asyncio.to_thread(say, lab, text, voice) for text in said]
    caller = await lab.world.place_call("4000", number, script="stay")
    facts = []
    for sound in sounds:
        await asyncio.sleep(PROMPT)  # a person lets the question end; barge-in: a test of its own
        await speak(lab, caller, sound)
        facts.append(await asked.fact(number))
    await caller.ended()
    return facts


async def in_every_voice(lab: Lab, asked: Menu, said: Sequence[str]) -> list[DigitsCollected]:
    """The same by three callers at a time, each with a voice; their facts, voice by voice."""
    callers = [
        answers(lab, asked, said, voice, f"{ONE[:-1]}{n}") for n, voice in enumerate(VOICES, 1)
    ]
    return [fact for facts in await asyncio.gather(*callers) for fact in facts]


def figures(text: str) -> str:
    """123 as it is said in one breath."""
    return " ".join(FIGURES[int(one)] for one in text)


async def test_a_menu_of_eight_words(lab: Lab) -> None:
    """Three voices say each word once. What is right and sure goes on, what is not is asked for
    again: almost nobody may land in the wrong place."""
    async with recogniser(lab), menu(lab, *[question()] * len(MENU)) as asked:
        facts = await in_every_voice(lab, asked, MENU)
    told = list(zip(MENU * len(VOICES), facts, strict=True))
    right = [(word, fact) for word, fact in told if fact.said == word]
    taken = [(word, fact) for word, fact in told if fact.sure >= SURE]
    wrong = [(word, fact.said) for word, fact in taken if fact.said != word]
    print(f"words: {len(right)} of {len(told)} right, {len(taken)} taken, wrong and taken {wrong}")
    print([(word, fact.said, fact.sure) for word, fact in told])
    assert len(right) >= 20
    assert len(taken) >= 14
    assert len(wrong) <= 1
    assert not asked.reports


async def test_strings_of_six_figures(lab: Lab) -> None:
    strings = ("385104", "927706", "140863", "562901")
    async with recogniser(lab), menu(lab, *[question(SIX, 6)] * len(strings)) as asked:
        facts = await in_every_voice(lab, asked, [figures(one) for one in strings])
    told = list(zip(strings * len(VOICES), facts, strict=True))
    right = sum(fact.said == one for one, fact in told)
    same = sum(a == b for one, fact in told for a, b in zip(one, fact.said, strict=False))
    print(f"strings: {right} of {len(told)} right; figures: {same} of {6 * len(told)}")
    print([(one, fact.said, fact.sure) for one, fact in told])
    assert all(len(fact.said) in (0, 6) for _, fact in told)
    assert same >= 24
    assert right >= 1


async def test_other_words_are_not_taken(lab: Lab) -> None:
    said = ("banana", "yesterday", "i would like a pizza", "thank you very much")
    async with recogniser(lab), menu(lab, *[question()] * len(said)) as asked:
        facts = await answers(lab, asked, said, VOICES[0])
    print([(one, fact.said, fact.sure) for one, fact in zip(said, facts, strict=True)])
    assert all(fact.spoken for fact in facts)
    assert sum(fact.sure >= SURE for fact in facts) <= 1


async def test_a_word_before_the_prompt_is_over(lab: Lab) -> None:
    """The prompts go on for another ten seconds, and stop when the word was understood."""
    slow = Collect("c", ("menu",) * 30, "en", 1, "#", 4_000, 4_000, listen=WORDS)
    async with recogniser(lab), menu(lab, slow) as asked:
        loop = asyncio.get_running_loop()
        caller = await lab.world.place_call("4000", script="stay")
        await caller.answered()
        began = loop.time()
        await speak(lab, caller, say(lab, "operator", VOICES[0]))
        fact = await asked.fact()
        assert (fact.spoken, fact.said) == (True, "operator")
        assert loop.time() - began < 8


async def test_a_word_that_outlasts_the_time_to_begin(lab: Lab) -> None:
    """The time-out of the PBX ends in the middle of the answer, which counts all the same."""
    short = Collect("c", ("menu",), "en", 6, "#", 1_000, 1_000, listen=SIX)
    async with recogniser(lab), menu(lab, short) as asked:
        caller = await lab.world.place_call("4000", script="stay")
        await caller.answered()
        await asyncio.sleep(PROMPT)
        await speak(lab, caller, say(lab, figures("385104"), VOICES[0]))
        fact = await asked.fact()
        assert fact.spoken
        assert len(fact.said) == 6


async def test_keys_and_speech_at_once(lab: Lab) -> None:
    """Keys in the middle of a word, and a word after the first key: the keys count, all of them,
    and the word does nothing, neither here nor to the next question."""
    async with recogniser(lab), menu(lab, question(), question(SIX, 6), question()) as asked:
        caller = await lab.world.place_call("4000", script="stay")
        await caller.answered()
        await asyncio.sleep(PROMPT)
        await speak(lab, caller, say(lab, "appointment", VOICES[0]))
        await asyncio.sleep(0.4)
        await caller.press("5")
        fact = await asked.fact()
        assert (fact.spoken, fact.digits, fact.ended) == (False, "5", "full")
        await asyncio.sleep(PROMPT)
        await caller.press("12")
        await speak(lab, caller, say(lab, figures("385104"), VOICES[0]))
        for key in "34#":
            await asyncio.sleep(0.2)  # between the world's own keys, which would run together
            await caller.press(key)
        fact = await asked.fact()
        assert (fact.spoken, fact.digits, fact.ended) == (False, "1234", "terminator")
        await asyncio.sleep(PROMPT)
        await caller.press("#")
        fact = await asked.fact()
        assert (fact.spoken, fact.digits, fact.ended) == (False, "", "terminator")


async def test_nothing_said_and_nothing_pressed(lab: Lab) -> None:
    async with recogniser(lab), menu(lab, question()) as asked:
        await lab.world.place_call("4000", script="stay")
        fact = await asked.fact()
        assert (fact.spoken, fact.digits, fact.ended) == (False, "", "timeout")
        assert not asked.reports


async def test_without_a_recogniser_keys_work(lab: Lab) -> None:
    async with menu(lab, question(), question()) as asked:
        caller = await lab.world.place_call("4000", script="stay")
        await caller.answered()
        await asyncio.sleep(PROMPT)
        await caller.press("5")
        assert (await asked.fact()).digits == "5"
        await asyncio.sleep(PROMPT)
        await caller.press("6")
        assert (await asked.fact()).digits == "6"
        [(code, text)] = asked.reports
        assert code == "speech_off"
        assert "reaches no recogniser" in text


async def test_a_recogniser_that_is_killed_in_the_middle(lab: Lab) -> None:
    """While it listens: the caller hears the question again, and presses a key. Before the next
    question: that one is asked by keys at once."""
    process = SpeechProcess(
        SpeechSection(on=True, port=lab.pbx.speech_port), lab.pbx.agi_token, lambda *_: None
    )
    async with asyncio.TaskGroup() as tasks, menu(lab, question(), question()) as asked:
        running = tasks.create_task(process.run())
        async with asyncio.timeout(30):
            await process.up.wait()
        caller = await lab.world.place_call("4000", script="stay")
        await caller.answered()
        await asyncio.sleep(1.5)
        os.kill(process.pid, signal.SIGKILL)
        await asyncio.sleep(2.5)
        await caller.press("5")
        fact = await asked.fact()
        assert (fact.spoken, fact.digits, fact.ended) == (False, "5", "full")
        await asyncio.sleep(PROMPT)
        await caller.press("6")
        assert (await asked.fact()).digits == "6"
        assert [code for code, _ in asked.reports] == ["speech_off"]
        running.cancel()
