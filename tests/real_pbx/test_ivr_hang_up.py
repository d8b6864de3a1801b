"""Callers who hang up in a menu, wherever they are in it: each is on record, nothing is left."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ctid.settings import parse
from tests.real_pbx.lab.handset import Handset
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.menu_calls import Heard, Story, outcomes, tell
from tests.real_pbx.site import SHORT, config_for, flows, settings_for, site

pytestmark = pytest.mark.asyncio(loop_scope="session")

FULL = "full"


async def in_the_question(handset: Handset) -> None:
    await handset.hears(1)
    await handset.pause(0.1)


async def after_the_question(handset: Handset) -> None:
    await handset.hears(1)
    await handset.quiet()
    await handset.pause(0.2)


async def in_the_number(handset: Handset) -> None:
    await in_the_question(handset)
    await handset.press("1100", ms=60, gap=40)


async def in_a_key(handset: Handset) -> None:
    """Whose key never ends."""
    await in_the_question(handset)
    await handset.press("110000", ms=60, gap=40)
    handset.sound.hold("1")
    await handset.pause(0.05)


async def in_the_first_prompt_told(handset: Handset) -> None:
    await in_the_question(handset)
    await handset.press("9")
    await handset.pause(0.2)


async def in_a_later_prompt_told(handset: Handset) -> None:
    """Of eight in a row, each of 0.45 s."""
    await in_the_first_prompt_told(handset)
    await handset.pause(1.5)


def between_two_commands(ms: float) -> Story:
    """So long after the key that ends the menu: within a few milliseconds ctid asks Asterisk for
    the key, decides, and tells it the next question."""

    async def story(handset: Handset) -> None:
        await in_the_question(handset)
        await handset.press("1", ms=60)
        await handset.pause(ms / 1_000)

    return story


def on_the_way_to_the_queue(ms: float) -> Story:
    async def story(handset: Handset) -> None:
        await in_the_question(handset)
        await handset.press("0", ms=60)
        await handset.pause(ms / 1_000)

    return story


PLACES: dict[str, tuple[Story, tuple[str, ...]]] = {
    "in the question": (in_the_question, ("top",)),
    "after the question": (after_the_question, ("top",)),
    "in the number": (in_the_number, ("top=1", "fixed")),
    "in a key": (in_a_key, ("top=1", "fixed")),
    "in the first prompt told": (in_the_first_prompt_told, ("top=9", "told")),
    "in a later prompt told": (in_a_later_prompt_told, ("top=9", "told")),
}
INSTANTS = (0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 7, 10, 15)
"""Milliseconds after a key."""


async def test_in_every_kind_of_step(lab: Lab, tmp_path: Path) -> None:
    stories = {name: story for name, (story, _) in PLACES.items()}
    async with site(lab, tmp_path, settings=settings_for(lab, tmp_path, flow="keys")) as s:
        await tell(s, "4000", stories)
        found = await outcomes(s, stories)
        assert {name: heard.record.path for name, heard in found.items()} == {
            name: path for name, (_, path) in PLACES.items()
        }
        assert {heard.record.outcome for heard in found.values()} == {"ivr_hangup"}
        assert found["in the number"].keys == [("1", FULL)], "half a number is told to nobody"


async def test_between_two_commands(lab: Lab, tmp_path: Path) -> None:
    """The key was taken or it was not: the path says which, and both are right."""
    stories = {f"{ms} ms": between_two_commands(ms) for ms in INSTANTS}
    stories |= {f"{ms} ms, queue": on_the_way_to_the_queue(ms) for ms in INSTANTS}
    async with site(lab, tmp_path, settings=settings_for(lab, tmp_path, flow="keys")) as s:
        await tell(s, "4000", stories)
        for name, heard in (await outcomes(s, stories)).items():
            taken = heard.keys == [("0" if "queue" in name else "1", FULL)]
            after = ("top=0", "agent") if "queue" in name else ("top=1", "fixed")
            assert heard.record.path == (after if taken else ("top",)), name
            assert heard.record.outcome == ("abandoned" if queued(heard) else "ivr_hangup"), name


def queued(heard: Heard) -> bool:
    return heard.record.queued_at > 0


async def test_while_the_crm_is_asked_and_hangs(lab: Lab, tmp_path: Path) -> None:
    """Who stays is led on in time with the code as claimed; who leaves leaves nothing behind."""

    def leaves(seconds: float) -> Story:
        async def story(handset: Handset) -> None:
            await in_the_question(handset)
            await handset.press("1100001", ms=60, gap=40)
            await handset.pause(seconds)

        return story

    stories = {"at once": leaves(0), "soon": leaves(0.2), "late": leaves(1.3), "stays": leaves(2)}
    config = config_for(lab, tmp_path, flow="short")
    # A query that is given up in its thread is not what is tried here: the step has its own limit.
    config["routing"]["look_up_budget_s"] = 10
    async with site(lab, tmp_path, settings=parse(config, flows())) as s:
        with hanging(tmp_path / "crm.db"):
            await tell(s, SHORT, stories)
        found = await outcomes(s, stories)
        assert {name: heard.record.outcome for name, heard in found.items()} == {
            "at once": "ivr_hangup", "soon": "ivr_hangup", "late": "ivr_hangup",
            "stays": "abandoned",
        }  # fmt: skip
        assert {heard.record.path[:2] for heard in found.values()} == {("menu=1", "code")}
        assert (found["stays"].record.code, found["stays"].record.queue) == ("100001", "sales")


@contextmanager
def hanging(database: Path) -> Iterator[None]:
    """The CRM's database answers nobody: another process has all its readers' marks, and each of
    them waits for one. They are bytes 120 to 127 of SQLite's -shm file (walformat.html, 2.3)."""
    script = (
        "import fcntl, sys; file = open(sys.argv[1], 'r+b'); "
        "fcntl.lockf(file, fcntl.LOCK_EX, 8, 120); print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, f"{database}-shm"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == b"\n"
        yield  # leaving closes its input, and so ends it
