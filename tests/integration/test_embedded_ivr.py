"""A code that is read back, a PIN that is never kept, and an entry whose time is over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import structlog

from ctid.core.commands import Collect, LookUpCustomer, ShowPop
from ctid.core.events import DigitsCollected
from tests.integration.embedded_site import Site, pbx_and_config

NUMBER = "4090"
CODE, PIN = "100001", "73519046"


async def started(s: Site) -> None:
    s.config["entries"][NUMBER] = "code"
    await s.start()
    s.ready("anna")


def written(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file that this ctid has made: journal, database, customers."""
    for file in folder.rglob("*"):
        if file.is_file():
            yield file, file.read_bytes()


async def test_the_code_is_read_back_and_the_pin_is_nowhere(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path) as s:
        with structlog.testing.capture_logs() as logs:
            await started(s)
            try:
                keys = ("200001", CODE, "2", CODE, "1", PIN, "4711#")
                call = s.call(NUMBER, keys=keys)
                assert await call.talking_to == "1001"
                [pop] = s.done(ShowPop)
                told = [line.e for line in s.lines() if isinstance(line.e, DigitsCollected)]
                state = msgspec.json.encode(s.app.driver.centre.dump())
                call.hang_up()
                await s.at_rest()
                await s.records(1)
            finally:
                await s.stop()

    assert (pop.pop.code, pop.pop.matched_by) == (CODE, "code")
    assert pop.pop.path == ("code~3", "pin", "order", "tell", "queue")
    assert [fact.digits for fact in told] == [
        "200001", CODE, "2", CODE, "1", "x" * len(PIN), "4711",
    ]  # fmt: skip
    assert len(s.done(LookUpCustomer)) == 2, "by number, and once by the code that was confirmed"
    heard = [prompt.removeprefix("ctid/en/") for prompt in call.heard_prompts]
    assert heard.count("code-heard") == 2
    digits = [f"number-{figure}" for figure in CODE]
    at = heard.index("code-heard")
    assert heard[at + 1 : at + 8] == [*digits, "code-right"]

    files = dict(written(tmp_path))
    assert any(CODE.encode() in content for content in files.values()), "the search finds a code"
    assert [file for file, content in files.items() if PIN.encode() in content] == []
    assert PIN.encode() not in state
    assert PIN not in str(logs)
    assert [c.secret for c in s.done(Collect)].count(True) == 1


async def test_the_time_for_the_whole_entry_ends_it(tmp_path: Path) -> None:
    """The step would wait ten seconds for each further key, but three for all of them."""
    async with pbx_and_config(tmp_path) as s:
        await started(s)
        try:
            call = s.call(NUMBER, keys=(CODE, "1", PIN, "4711"))
            assert await call.talking_to == "1001"
            lines = s.lines()
            [asked] = [n.t for n in lines for c in n.c if isinstance(c, Collect) and c.total]
            told = [(n.t, n.e) for n in lines if isinstance(n.e, DigitsCollected)]
            at, fact = told[-1]
            assert (fact.digits, fact.ended) == ("4711", "timeout")
            assert 2_900 <= at - asked <= 6_000
            call.hang_up()
            await s.at_rest()
        finally:
            await s.stop()
