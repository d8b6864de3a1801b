"""One lab for all tests against a real Asterisk; each test finds its phones as new."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from ctid.app import prompts
from ctid.app.prompts_jobs import BUILT_IN
from tests.conftest import LEFT_OUT
from tests.real_pbx.agi_stub import AgiStub
from tests.real_pbx.lab import root
from tests.real_pbx.lab.ami_link import AmiLink
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers
from tests.real_pbx.site import flows
from tests.real_pbx.tones import write_prompts

FLOWS = Path(__file__).parent / "flows"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_lab(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lab]:
    """Both Asterisks, started once, with a tone for each prompt of the flows. Where they cannot
    run, the group is left out."""
    try:
        await asyncio.to_thread(root.find)
    except root.NoAsterisk as why:
        pytest.skip(f"{LEFT_OUT}{why}")
    said = {**flows(), "": {"prompts": BUILT_IN}}
    tones = write_prompts(tmp_path_factory.mktemp("prompts"), said)
    async with Lab(agents=10, prompts=tones) as lab:
        yield lab


@pytest_asyncio.fixture(loop_scope="session")
async def lab(shared_lab: Lab) -> AsyncIterator[Lab]:
    """The shared lab: all phones plugged in and answering. No channel may be left afterwards."""
    await shared_lab.world.reset(answers())
    await shared_lab.phones_are("NOT_INUSE", *shared_lab.world.phones)
    yield shared_lab
    try:
        await shared_lab.nothing_left()
    finally:
        await shared_lab.hang_up_all()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def spoken(shared_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder below Asterisk's sounds with the prompts of the flows `values` and `keys`, as
    `ctid prompts build` makes them, once, and the recording `jingle`. Its name is what
    `[pbx] sounds` wants."""
    said = tmp_path_factory.mktemp("flows")
    for flow in ("values", "keys"):
        shutil.copy(FLOWS / f"{flow}.toml", said)
    recordings = tmp_path_factory.mktemp("recordings")
    (recordings / "zh-CN").mkdir()
    (recordings / "zh-CN/jingle.sln").write_bytes(b"\x00\x10\x00\xf0" * 2_000)
    out = shared_lab.folder / "pbx/data/sounds/built"
    await asyncio.to_thread(prompts.build, said, recordings, out)
    return out


@pytest_asyncio.fixture(loop_scope="session")
async def agi(lab: Lab) -> AsyncIterator[AgiStub]:
    """A stub in place of ctid's FastAGI: puts callers into the queue `sales` at once."""
    async with AgiStub(lab.pbx.agi_port) as stub:
        yield stub


@pytest_asyncio.fixture(loop_scope="session")
async def ami(lab: Lab) -> AsyncIterator[AmiLink]:
    """An AMI link with ctid's own account."""
    link = await lab.sign_in()
    yield link
    link.close()
