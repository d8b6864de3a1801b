"""What callers and strangers get wrong: everyone with a real call is served all the same."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ctid.core.commands import Noticed
from ctid.core.events import CallArrived, CallEnded
from ctid.core.text import LONGEST
from tests.real_pbx.desk import desks
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers, calls
from tests.real_pbx.raw_sip import raw_caller
from tests.real_pbx.site import SHORT, STRAIGHT, settings_for, site

pytestmark = pytest.mark.asyncio(loop_scope="session")

NUMBER = "+8613900000001"


async def test_wrong_codes_and_no_digits(lab: Lab, tmp_path: Path) -> None:
    """Side by side: each is served, and its path says how it got there."""
    wrong = [(0.7, "1"), *((0.8, f"99999{n}") for n in (7, 8, 9))]
    keys = {
        "+8613900000001": wrong,
        "+8613900000002": [],
        "+8613900000003": [(0.7, "7"), (1.0, "8")],
        "+8613900000004": [(0.7, "1"), (0.8, "123")],
    }
    await lab.world.all_phones(answers(after=0.1, talk=0.3))
    agents = ["anna", "ben", "chen", "dora"]
    async with site(lab, tmp_path, ready=agents) as s:
        for number, pressed in keys.items():
            await lab.world.place_call(SHORT, number, calls(pressed))
        records = {r.number: r for r in await s.records(len(keys), 25)}
        assert {r.outcome for r in records.values()} == {"answered"}
        assert {number: r.path for number, r in records.items()} == {
            "+8613900000001": ("menu=1", "code!", "queue"),
            "+8613900000002": ("menu!", "queue"),
            "+8613900000003": ("menu!", "queue"),
            "+8613900000004": ("menu=1", "code!", "queue"),
        }
        assert {r.code for r in records.values()} == {""}
        await s.at_rest()


async def test_a_queue_that_nobody_knows_is_served_as_the_fallback(
    lab: Lab, tmp_path: Path
) -> None:
    async with site(lab, tmp_path, ready=["anna"]) as s:
        since = lab.asterisk.ami.mark()
        caller = await lab.world.place_call(SHORT, NUMBER)
        await s.until(lambda: s.view().calls_in_ivr == 1)
        await lab.asterisk.ami.until(lambda m: m.get("Context") == "ctid-inbound", since=since)
        [told] = await lab.asterisk.channels()
        channel = told.partition(" ")[0]
        # Somebody's own dialplan sends a caller into a queue that ctid does not know.
        where = [("Context", "ctid-queue"), ("Exten", "wait"), ("Priority", "1")]
        await lab.asterisk.ami.ask("Setvar", Channel=channel, Variable="CTID_QUEUE", Value="vip")
        await lab.asterisk.ami.ask("Redirect", where, Channel=channel)
        await s.state("anna", "on_call")
        await caller.hang_up()
        [record] = await s.records(1)
        assert (record.queue, record.outcome) == ("fallback", "answered")
        [noticed] = [n for n in s.done(Noticed) if n.code == "unknown_queue"]
        assert "'vip'" in noticed.text
        await s.at_rest()


HOSTILE = "<img src=x onerror=alert(1)>\x01\x1b[2J\u202e"


async def test_a_10_kb_caller_id_over_sip(lab: Lab, tmp_path: Path) -> None:
    name = HOSTILE * 300
    assert len(name) > 10_000
    async with site(lab, tmp_path) as s, desks(s.base, "anna") as desk:
        caller = await raw_caller(lab, STRAIGHT, f'"{name}" <sip:{NUMBER}@127.0.0.1>')
        await caller.answered()
        pop = (await desk["anna"].until("pop.shown"))["pop"]
        assert pop["number"] == NUMBER
        assert is_clean(pop["caller_name"])
        assert pop["caller_name"].startswith("<img"), "kept as text; the page escapes it"
        await desk["anna"].state("on_call")
        caller.hang_up()
        [record] = await s.records(1)
        assert record.outcome == "answered"
        await s.at_rest()


def is_clean(text: str) -> bool:
    return len(text) <= LONGEST and text.isprintable()


async def test_a_10_kb_caller_id_over_fastagi(lab: Lab, tmp_path: Path) -> None:
    settings = settings_for(lab, tmp_path, flow="straight")
    async with site(lab, tmp_path, settings=settings) as s:
        agi = await Stranger.connect(lab, "inbound")
        agi.environment(agi_callerid=HOSTILE * 400, agi_calleridname=HOSTILE * 400)
        assert (await agi.line()) == b"ANSWER\n"
        while (line := await agi.reply(b"200 result=1")) != b"":
            assert line.startswith(b"SET ")
        [arrived] = [line.e for line in s.lines() if isinstance(line.e, CallArrived)]
        assert len(HOSTILE * 400) > 10_000
        assert is_clean(arrived.number)
        assert is_clean(arrived.name)
        # Asterisk has no such channel, so its end is nobody's to tell.
        s.app.submit(CallEnded(arrived.call, "16"))
        s.app.switch.translator.callers.clear()
        await agi.close()
        await s.at_rest()


async def test_strangers_at_the_fastagi_door_disturb_nobody(lab: Lab, tmp_path: Path) -> None:
    async with site(lab, tmp_path, ready=["anna"]) as s:
        caller = await lab.world.place_call(SHORT, NUMBER, calls([(1.2, "1"), (0.8, "100001")]))
        await s.until(lambda: s.view().calls_in_ivr == 1)
        counts = s.app.switch.agi.counts
        assert await turned_away(lab, "no-such-script")
        assert await turned_away(lab, "inbound", token="guessed-token")
        assert (counts.refused_script, counts.refused_token) == (1, 1)
        too_long = await Stranger.connect(lab, "inbound")
        too_long.environment(agi_callerid="1" * 100_000)
        assert await too_long.line() == b""
        await too_long.close()
        await s.until(lambda: counts.broken == 1)
        await s.state("anna", "on_call")
        await caller.hang_up()
        [record] = await s.records(1)
        assert (record.outcome, record.code) == ("answered", "100001")
        await s.at_rest()


async def turned_away(lab: Lab, script: str, token: str = "") -> bool:
    """Whether the door was closed without a word."""
    stranger = await Stranger.connect(lab, script, token)
    stranger.environment()
    said = await stranger.line()
    await stranger.close()
    return said == b""


class Stranger:
    """A FastAGI client by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._script = b""

    @classmethod
    async def connect(cls, lab: Lab, script: str, token: str = "") -> Stranger:
        stranger = cls(*await asyncio.open_connection("127.0.0.1", lab.pbx.agi_port))
        stranger._script = f"{token or lab.pbx.agi_token}/{script}".encode()
        return stranger

    def environment(self, **headers: str) -> None:
        told = {"agi_network": "yes", "agi_network_script": self._script.decode(),
                "agi_channel": "PJSIP/stranger-1", "agi_uniqueid": "stranger.1",
                "agi_arg_1": "4000", **headers}  # fmt: skip
        lines = "".join(f"{name}: {value}\n" for name, value in told.items())
        self._writer.write(f"{lines}\n".encode())

    async def line(self) -> bytes:
        async with asyncio.timeout(5):
            try:
                return await self._reader.readline()
            except ConnectionError:
                return b""

    async def reply(self, answer: bytes) -> bytes:
        """Answer the last command; the next one, or nothing at the end."""
        self._writer.write(answer + b"\n")
        return await self.line()

    async def close(self) -> None:
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except ConnectionError:
            """It was closed in our face."""
