"""The dialplan that ctid brings along says which version it is, and a change of it is a new one."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from ctid.pbx.snippet import CONTEXTS, VERSION, VERSION_CONTEXT

FILE = Path(__file__).parents[3] / "config/asterisk/extensions_ctid.conf"
DIGEST = "e30e8dc887559d72"
"""Of all lines that are no comments, without the version."""


def steps() -> list[str]:
    lines = (line.split(" ;")[0].strip() for line in FILE.read_text().splitlines())
    return [line for line in lines if line and not line.startswith(";")]


def test_the_file_says_the_version_that_ctid_needs() -> None:
    assert f"exten => v{VERSION},1,NoOp()" in steps()


def test_the_doctor_knows_every_context() -> None:
    found = re.findall(r"^\[([^]]+)\]", FILE.read_text(), re.MULTILINE)
    assert set(found) == {*CONTEXTS, VERSION_CONTEXT}


def test_a_change_of_the_dialplan_is_a_new_version() -> None:
    """Whoever changes it raises VERSION in ctid/pbx/snippet.py and in the file, so that people who
    update ctid are told by `ctid doctor` to include the file anew; then this digest."""
    rest = [step for step in steps() if not re.match(r"exten => v\d+,1,NoOp\(\)", step)]
    assert sha256("\n".join(rest).encode()).hexdigest()[:16] == DIGEST
