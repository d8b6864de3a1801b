"""The IVR commands against a pretend Asterisk on real sockets, on virtual time."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import Literal

import msgspec
import pytest

from ctid.core.commands import Collect, HangUpCall, HoldInQueue, Play
from ctid.core.events import CallWaiting, DigitsCollected, Event, PromptsPlayed
from ctid.core.recording import CallerRecorded, RecordCaller
from ctid.pbx.agi.errors import AgiHangup
from ctid.pbx.agi.server import AgiCall, AgiServer
from ctid.pbx.agi.settings import AgiSettings
from ctid.pbx.conversation import Conversation, IvrCommand
from sim.live.callers import CallScript, PlacedCall
from sim.live.channels import UP
from sim.live.outside import OutsideSettings
from sim.live.pretend import PretendAsterisk, PretendSettings
from tests.integration.pretend_world import virtual

QUEUE = HoldInQueue("c", "sales", "jazz", "100001", "zh-CN")
END = HangUpCall("c", "test")


def collect(most: int = 6, terminator: str = "#", first: int = 5000, inter: int = 2000) -> Collect:
    return Collect("c", ("menu",), "en", most, terminator, first, inter)


class Talk:
    """What one conversation came to."""

    def __init__(self) -> None:
        self.facts: list[Event] = []
        self.ended: BaseException | None = None
        self.over = asyncio.Event()
        self.call: PlacedCall
        self.conversation: Conversation
        self.seconds: list[float] = []
        """When each fact came, on the loop's clock, since the call was placed."""


@asynccontextmanager
async def talk(
    *commands: IvrCommand,
    missing: frozenset[str] = frozenset(),
    outside: OutsideSettings | None = None,
    call: str = "c",
    folder: str = "",
    **script: object,
):
    """Place a call whose conversation is these commands."""
    made = Talk()
    loop = asyncio.get_running_loop()
    began = loop.time()

    def submit(fact: Event) -> None:
        made.facts.append(fact)
        made.seconds.append(loop.time() - began)

    async def run(agi: AgiCall) -> None:
        conversation = Conversation(call, agi, "ctid", lambda: made.call.press("#"))
        if folder:
            made.call.channel.set("CTID_RECORDINGS", folder)
        made.conversation = conversation
        for command in commands:
            conversation.put(command)
        try:
            await conversation.run(submit)
        except AgiHangup as error:
            made.ended = error
        finally:
            made.over.set()

    errors: list[BaseException] = []
    server = AgiServer(run, AgiSettings(port=0, scripts=("inbound",)),
                       on_error=lambda _, error: errors.append(error))  # fmt: skip
    await server.start()
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve())
        settings = PretendSettings(seed=1, agi_host="127.0.0.1", agi_port=server.port,
                                   prompt_seconds=1.0, missing_prompts=missing,
                                   outside=outside or OutsideSettings())  # fmt: skip
        async with PretendAsterisk(settings) as pbx:
            made.call = pbx.place_call("4000", script=CallScript(**script))
            yield made
            made.call.hang_up()
            await made.call.over
        serving.cancel()
    assert not errors


NAME = RecordCaller("c", ("say-name",), "en", 2, 10_000, 2_000, "#")


@pytest.mark.parametrize(
    ("command", "speaks", "length", "ended"),
    [
        (NAME, 3.0, 4_000, "silence"),
        (NAME, 30.0, 10_000, "limit"),
        (msgspec.structs.replace(NAME, terminator=""), 30.0, 10_000, "limit"),
    ],
)
def test_what_the_caller_says(
    command: RecordCaller, speaks: float, length: int, ended: Literal["silence", "limit"]
) -> None:
    @virtual
    async def story() -> None:
        async with talk(command, END, outside=OutsideSettings(message=speaks)) as made:
            await made.over.wait()
            file = "/var/spool/asterisk/ctid/c-2.wav"
            assert made.facts == [CallerRecorded("c", file, length, ended)]
            assert made.call.heard_prompts == ["ctid/en/say-name", "beep"]

    story()


@pytest.mark.parametrize("key", ["#", "*"])
def test_a_key_ends_a_recording(key: str) -> None:
    @virtual
    async def story() -> None:
        command = msgspec.structs.replace(NAME, terminator=key)
        async with talk(command, END, outside=OutsideSettings(message=8.0)) as made:
            await asyncio.sleep(4.5)  # prompt and tone last 2 s
            made.call.press(key)
            await made.over.wait()
            [fact] = made.facts
            assert isinstance(fact, CallerRecorded)
            assert (fact.ended, fact.length) == ("key", pytest.approx(2_500, abs=50))

    story()


@virtual
async def test_a_recording_is_played_before_it_is_confirmed() -> None:
    asks = msgspec.structs.replace(collect(1), recording="/spool/ctid/c-1.wav")
    async with talk(asks, END, keys=("1",)) as made:
        await made.over.wait()
        assert made.call.heard_prompts[:2] == ["/spool/ctid/c-1", "ctid/en/menu"]
        assert made.facts == [DigitsCollected("c", "1", "full")]


@virtual
async def test_a_full_disk_records_nothing() -> None:
    async with talk(NAME, END, outside=OutsideSettings(full_disk=True)) as made:
        await made.over.wait()
        assert made.facts == [CallerRecorded("c", "", 0, "failed")]


@virtual
async def test_who_hangs_up_has_said_something() -> None:
    async with talk(NAME, END, outside=OutsideSettings(message=8.0), hang_up_after=5.0) as made:
        await made.over.wait()
        [fact] = made.facts
        assert isinstance(made.ended, AgiHangup)
        assert isinstance(fact, CallerRecorded)
        # With the tone, for only Asterisk knows when that was over.
        assert (fact.ended, fact.length) == ("hang_up", pytest.approx(4_000, abs=50))


@pytest.mark.parametrize(
    ("call", "folder"), [("../../etc/x", "/spool"), ("c,1", "/spool"), ("c", "/spool,q,")]
)
def test_no_caller_and_no_comma_chooses_the_file(call: str, folder: str) -> None:
    @virtual
    async def story() -> None:
        async with talk(NAME, END, call=call, folder=folder) as made:
            await made.over.wait()
            assert made.facts == [CallerRecorded(call, "", 0, "failed")]

    story()


@virtual
async def test_play_says_each_prompt_in_the_callers_language() -> None:
    async with talk(Play("c", ("welcome", "menu"), "zh-CN"), END) as made:
        await made.over.wait()
        assert made.call.heard_prompts == ["ctid/zh-CN/welcome", "ctid/zh-CN/menu"]
        assert made.facts == [PromptsPlayed("c")]
        assert made.seconds == [pytest.approx(2.0, abs=0.1)]
        assert await made.call.over == 16, "normal clearing, not AGI's own cause 0"


@virtual
async def test_a_missing_prompt_is_passed_over() -> None:
    async with talk(Play("c", ("gone", "menu"), "en"), END,
                    missing=frozenset({"ctid/en/gone"})) as made:  # fmt: skip
        await made.over.wait()
        assert made.facts == [PromptsPlayed("c")]
        assert made.ended is None


@pytest.mark.parametrize(
    ("command", "keys", "digits", "ended"),
    [
        (collect(), "100001", "100001", "full"),
        (collect(), "12#", "12", "terminator"),
        (collect(), "#", "", "terminator"),
        (collect(), "12", "12", "timeout"),
        (collect(), "", "", "timeout"),
        (collect(1, ""), "9", "9", "full"),
        (collect(6, "*"), "12*", "12", "terminator"),
        (collect(6, "*"), "*", "", "terminator"),
        (collect(), "1*2#", "1*2", "terminator"),
    ],
)
def test_collect(command: Collect, keys: str, digits: str, ended: str) -> None:
    @virtual
    async def story() -> None:
        async with talk(command, END, keys=(keys,)) as made:
            await made.over.wait()
            assert made.facts == [DigitsCollected("c", digits, ended)]

    story()


@pytest.mark.parametrize(
    ("first", "inter", "pieces"),
    [(5000, 2000, [3]), (2000, 2000, []), (1000, 2000, []), (2500, 2000, [1]),
     (27_000, 2000, [10, 10, 5])],
)  # fmt: skip
def test_silence_lengthens_the_wait_for_the_first_key(
    first: int, inter: int, pieces: list[int]
) -> None:
    @virtual
    async def story() -> None:
        async with talk(collect(first=first, inter=inter), END) as made:
            await made.over.wait()
            silences = [p for p in made.call.heard_prompts if p.startswith("silence/")]
            assert silences == [f"silence/{seconds}" for seconds in pieces]

    story()


@pytest.mark.parametrize(
    ("keys", "told", "ended"),
    [("246813", "xxxxxx", "full"), ("24#", "xx", "terminator"), ("24", "xx", "timeout"),
     ("2*4#", "x*x", "terminator"), ("", "", "timeout")],
)  # fmt: skip
def test_of_a_secret_only_the_number_of_figures_is_told(keys: str, told: str, ended: str) -> None:
    @virtual
    async def story() -> None:
        secret = msgspec.structs.replace(collect(), secret=True)
        async with talk(secret, QUEUE, keys=(keys,)) as made:
            assert await made.call.joined == "sales"
            assert made.facts[0] == DigitsCollected("c", told, ended)
            assert made.call.channel.variables["CTID_KEYS"] == "", "AMI reads variables, too"

    story()


@pytest.mark.parametrize(
    ("keys", "gap"),
    [("246813", 0.25), ("2468135", 0.25), ("24681357902468135790", 0.25), ("246813579", 0.65),
     ("2468135#", 0.25)],
)  # fmt: skip
def test_what_is_keyed_beyond_a_secret_is_no_answer(keys: str, gap: float) -> None:
    @virtual
    async def story() -> None:
        secret = msgspec.structs.replace(collect(), secret=True)
        async with talk(secret, collect(1), QUEUE, keys=(keys,), key_gap=gap) as made:
            assert await made.call.joined == "sales"
            told = [fact.digits for fact in made.facts if isinstance(fact, DigitsCollected)]
            assert told == ["xxxxxx", ""]

    story()


@virtual
async def test_what_is_keyed_behind_the_end_of_a_secret_is_an_answer() -> None:
    secret = msgspec.structs.replace(collect(), secret=True)
    async with talk(secret, collect(1), QUEUE, keys=("24#", "8"), key_delay=0.1,
                    barge_in=True) as made:  # fmt: skip
        assert await made.call.joined == "sales"
        assert made.facts[:2] == [
            DigitsCollected("c", "xx", "terminator"), DigitsCollected("c", "8", "full"),
        ]  # fmt: skip


@virtual
async def test_who_keys_for_ever_is_not_waited_for_for_ever() -> None:
    secret = msgspec.structs.replace(collect(), secret=True)
    async with talk(secret, collect(1), QUEUE, keys=("1" * 200,), key_gap=0.1) as made:
        assert await made.call.joined == "sales"
        # The prompt and the wait for a key follow: the script stops at the second question.
        assert made.seconds[1] - made.seconds[0] == pytest.approx(5 + 1 + 3, abs=0.2)


@pytest.mark.parametrize(
    ("gap", "total", "digits", "ended", "seconds"),
    [
        # A prompt and a silence of one second each, the first key after 0.6 s.
        (1.5, 0, "100001", "full", 10.1),
        (1.5, 20_000, "100001", "full", 10.1),
        (1.5, 5000, "10", "timeout", 5.0),
        (1.5, 1200, "", "timeout", 1.2),
    ],
)
def test_the_whole_entry_has_its_time(
    gap: float, total: int, digits: str, ended: str, seconds: float
) -> None:
    @virtual
    async def story() -> None:
        command = msgspec.structs.replace(collect(), total=total)
        async with talk(command, END, keys=("100001",), key_gap=gap) as made:
            await made.over.wait()
            assert made.facts == [DigitsCollected("c", digits, ended)]
            assert made.seconds == [pytest.approx(seconds, abs=0.1)]

    story()


@virtual
async def test_a_caller_who_hangs_up_in_the_middle_ends_it() -> None:
    async with talk(collect(), END, hang_up_after=3.0) as made:
        await made.over.wait()
        assert isinstance(made.ended, AgiHangup)
        assert made.facts == []


@virtual
async def test_a_caller_who_hangs_up_while_the_machine_waits_for_somebody_ends_it() -> None:
    async with talk(collect(), keys=("123456",)) as made:
        while not made.facts:
            await asyncio.sleep(1)  # on virtual time: the caller has keyed, and no command comes
        made.conversation.left()
        await made.over.wait()
        assert isinstance(made.ended, AgiHangup)
        assert len(made.facts) == 1


@virtual
async def test_hold_leaves_the_caller_in_the_dialplans_queue() -> None:
    async with talk(QUEUE) as made:
        assert await made.call.joined == "sales"
        variables = made.call.channel.variables
        assert {name: variables[f"CTID_{name}"] for name in ("MOH", "CODE", "LANG", "NEXT")} == {
            "MOH": "jazz", "CODE": "100001", "LANG": "zh-CN", "NEXT": "queue",
        }  # fmt: skip
        # No event of the dialplan is needed: the hand-over itself says that the caller waits.
        [fact] = made.facts
        assert isinstance(fact, CallWaiting)
        assert (fact.queue, fact.code, fact.language) == ("sales", "100001", "zh-CN")


@virtual
async def test_hostile_values_stay_values() -> None:
    music = 'a "b" \\ , 王 ${SHELL(x)}'
    async with talk(HoldInQueue("c", "sales", music, "1", "en")) as made:
        await made.call.joined
        assert made.call.channel.variables["CTID_MOH"] == music


@pytest.mark.parametrize(
    ("kept", "keys", "terminator", "pin"),
    [(True, "24681#", "#", "24681"), (True, "246813", "#", "246813"), (True, "24*", "*", "24"),
     (True, "", "#", ""), (False, "24681#", "#", "")],
)  # fmt: skip
def test_a_pin_is_given_away_once(kept: bool, keys: str, terminator: str, pin: str) -> None:
    @virtual
    async def story() -> None:
        secret = collect(terminator=terminator)
        secret = msgspec.structs.replace(secret, secret=True, kept=kept)
        async with talk(secret, keys=(keys,)) as made:
            while not made.facts:
                await asyncio.sleep(0.1)
            assert made.conversation.take_pin() == pin
            assert made.conversation.take_pin() == ""
            made.conversation.put(END)
            await made.over.wait()

    story()


@virtual
async def test_a_pin_that_nobody_asks_for_is_gone_with_the_next_command() -> None:
    secret = msgspec.structs.replace(collect(), secret=True, kept=True)
    async with talk(secret, Play("c", ("menu",), "en"), END, keys=("2468#",)) as made:
        await made.over.wait()
        assert made.conversation.take_pin() == ""


async def pressed(made: Talk, key: str, seconds: float) -> None:
    """A key, so long after the call was placed."""
    await asyncio.sleep(seconds)
    made.call.press(key)


@virtual
async def test_a_key_cuts_prompts_short_and_answers_the_next_question() -> None:
    """Also where another prompt stands before the question."""
    plays = (Play("c", ("welcome", "news"), "en"), Play("c", ("more",), "en"))
    async with talk(*plays, collect(1, ""), END) as made:
        await pressed(made, "1", 0.5)
        await made.over.wait()
        assert made.call.heard_prompts == ["ctid/en/welcome"]
        played = PromptsPlayed("c")
        assert made.facts == [played, played, DigitsCollected("c", "1", "full")]
        assert made.seconds[-1] == pytest.approx(0.5, abs=0.1)


@virtual
async def test_a_key_ahead_is_the_first_of_a_number() -> None:
    async with talk(Play("c", ("welcome",), "en"), collect(), END) as made:
        await pressed(made, "1", 0.5)
        for key in "00001":
            await pressed(made, key, 0.2)
        await made.over.wait()
        assert made.call.heard_prompts == ["ctid/en/welcome"], "the question is not asked"
        assert made.facts[1:] == [DigitsCollected("c", "100001", "full")]


@virtual
async def test_a_star_ahead_ends_a_number_that_a_star_ends() -> None:
    async with talk(Play("c", ("welcome",), "en"), collect(6, "*"), END) as made:
        await pressed(made, "*", 0.5)
        await made.over.wait()
        assert made.facts[1:] == [DigitsCollected("c", "", "terminator")]


@virtual
async def test_a_hash_passes_prompts_over_and_answers_nothing() -> None:
    async with talk(Play("c", ("welcome", "news"), "en"), collect(), END, keys=("12",)) as made:
        await pressed(made, "#", 0.5)
        await made.over.wait()
        assert made.call.heard_prompts[:2] == ["ctid/en/welcome", "ctid/en/menu"]
        assert made.facts[1:] == [DigitsCollected("c", "12", "timeout")]


@virtual
async def test_a_question_whose_prompt_is_missing_is_asked_without_it() -> None:
    async with talk(Play("c", ("welcome",), "en"), collect(1, "", 2000), END, keys=("4",),
                    missing=frozenset({"ctid/en/menu"})) as made:  # fmt: skip
        await made.over.wait()
        assert made.facts[1:] == [DigitsCollected("c", "4", "full")]


@virtual
async def test_more_prompts_than_a_command_holds_are_all_played() -> None:
    names = tuple(f"a-name-of-some-length-{n}" for n in range(100))
    async with talk(Play("c", names, "en"), END) as made:
        await made.over.wait()
        assert made.call.heard_prompts == [f"ctid/en/{name}" for name in names]


@virtual
async def test_whoever_is_handed_over_has_been_answered() -> None:
    async with talk(QUEUE) as made:
        await made.over.wait()
        assert made.call.channel.state == UP
