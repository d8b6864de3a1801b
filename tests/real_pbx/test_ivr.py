"""The flow's wider steps on a real Asterisk: a code read back, a PIN, an entry without end."""

from __future__ import annotations

from pathlib import Path

import pytest

from ctid.core.commands import Collect, ShowPop
from ctid.core.events import DigitsCollected
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers, calls
from tests.real_pbx.site import settings_for, site

pytestmark = pytest.mark.asyncio(loop_scope="session")

CODE, PIN = "100001", "73519046"


async def test_a_code_is_read_back_and_confirmed(lab: Lab, tmp_path: Path) -> None:
    """Keyed wrong, keyed right and sent back, keyed again and confirmed; then a PIN with two
    figures too many, which are no answer to the next question, and a number whose step would wait
    ten seconds for more, had the whole entry not its time."""
    settings = settings_for(lab, tmp_path, flow="code")
    await lab.world.all_phones(answers(after=0.1, talk=0.3))
    # A prompt lasts 0.45 s, a code read back eight of them; a key stops what is being played.
    keys = [(0.8, "200001"), (1.2, CODE), (1.2, "2"), (1.0, CODE), (1.2, "1"), (1.2, PIN + "62"),
            (2.0, "4711")]  # fmt: skip
    async with site(lab, tmp_path, settings=settings, ready=["anna"]) as s:
        await lab.world.place_call("4000", "+8613900000001", calls(keys))
        [record] = await s.records(1, 40)
        assert (record.outcome, record.code, record.customer) == ("answered", CODE, "1")
        assert record.path == ("code~3", "pin", "order", "tell", "queue")
        [pop] = s.done(ShowPop)
        assert (pop.pop.code, pop.pop.matched_by) == (CODE, "code")

        lines = s.lines()
        told = [line.e for line in lines if isinstance(line.e, DigitsCollected)]
        assert [(fact.digits, fact.ended) for fact in told] == [
            ("200001", "full"), (CODE, "full"), ("2", "full"), (CODE, "full"), ("1", "full"),
            ("x" * len(PIN), "full"), ("4711", "timeout"),
        ]  # fmt: skip
        [asked] = [line.t for line in lines for c in line.c if isinstance(c, Collect) and c.total]
        [ended] = [line.t for line in lines if line.e is told[-1]]
        assert 3_000 <= ended - asked < 5_000
        await s.at_rest()
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert PIN.encode() not in file.read_bytes(), file
