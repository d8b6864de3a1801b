"""Fifty callers at once in a menu: ctid's over FastAGI, and the same by Asterisk's own dialplan.

Both on one real Asterisk, block by block in turn. What is compared is what the callers hear, as
packets arrive: between the two ways nothing differs but who says what is played next.
"""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from sim.load.measure import percentile
from tests.bench.daemon import Daemon, PbxAddress
from tests.bench.ivr_callers import Callers, Gaps
from tests.bench.row import Pair, Row, row_of
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.tones import write_prompts

FLOW = Path(__file__).parent / "flows/service.toml"
AT_MOST = 1.3

Who = Literal["dialplan", "ctid"]
Say = Callable[[str], None]


class Plan(msgspec.Struct, frozen=True):
    """How much is measured."""

    callers: int = 160
    """In one block."""
    rate: float = 11.0
    """They come at, a second; each stays for about five seconds."""
    at_once: int = 50
    """So many must have been in the menu at a time."""
    rounds: int = 4


SMALL = Plan(callers=3, rate=3.0, at_once=1, rounds=1)
"""For the test that keeps the bench running; its ratios mean nothing."""


class Block(msgspec.Struct, frozen=True):
    """One run of callers through one of the two."""

    who: Who
    gaps: Gaps
    troubles: tuple[str, ...] = ()
    """Warnings and errors in ctid's log."""


async def measure(plan: Plan, say: Say) -> list[Block]:
    """All blocks. Raises NoAsterisk where the lab cannot run."""
    say("menus: starting Asterisk")
    blocks: list[Block] = []
    with tempfile.TemporaryDirectory(prefix="ctid-bench-") as folder:
        flow = tomllib.loads(FLOW.read_text())
        prompts = write_prompts(Path(folder) / "prompts", {FLOW.name: flow})
        async with Lab(agents=1, prompts=prompts, send_silence=False) as lab:
            pbx = lab.pbx
            for asterisk in (lab.asterisk, lab.world.asterisk):
                await asterisk.ami.ask("Events", EventMask="off")
            address = PbxAddress(
                pbx.ami_port, pbx.ami_user, pbx.ami_secret, pbx.agi_port, pbx.agi_token
            )
            daemon = Daemon(Path(folder), address, 1, flow=FLOW)
            daemon.write_config()
            for turn in range(plan.rounds):
                # Who begins changes, so that neither has the fresher machine each time.
                for who in ("ctid", "dialplan") if turn % 2 else ("dialplan", "ctid"):
                    block = await _block(lab, daemon, who, plan)
                    say(_told(block, turn))
                    blocks.append(block)
    return blocks


async def _block(lab: Lab, daemon: Daemon, who: Who, plan: Plan) -> Block:
    if who == "dialplan":
        callers = Callers(lab.pbx.sip_port, lab.pbx.menu_extension)
        return Block(who, await callers.come(plan.callers, plan.rate))
    async with daemon:
        gaps = await Callers(lab.pbx.sip_port, "4000").come(plan.callers, plan.rate)
    return Block(who, gaps, tuple(daemon.troubles))


def rows(blocks: list[Block], plan: Plan) -> Iterator[Row]:
    """Two rows."""
    ours = [block for block in blocks if block.who == "ctid"]
    peers = [block for block in blocks if block.who == "dialplan"]
    note = _note(blocks, plan)
    for what, field in (
        ("answer → first sound, p95", "answer"), ("key → next prompt, p95", "key"),
    ):  # fmt: skip
        pairs = [
            Pair(percentile(getattr(a.gaps, field), 95), percentile(getattr(b.gaps, field), 95))
            for a, b in zip(ours, peers, strict=True)
        ]
        yield row_of(
            f"{what}, {plan.at_once} callers in a menu", "ms", "dialplan", pairs, "at most",
            AT_MOST, note,
        )  # fmt: skip


def _told(block: Block, turn: int) -> str:
    told = [f"menus: {block.who}, round {turn + 1}, {block.gaps.at_once} callers at once"]
    for name, gaps in (("answer", block.gaps.answer), ("key", block.gaps.key)):
        figures = " ".join(f"p{p} {percentile(gaps, p):.2f}" for p in (50, 95, 99)) if gaps else ""
        told.append(f"{name} {figures} ms of {len(gaps)}")
    return "; ".join(told)


def _note(blocks: list[Block], plan: Plan) -> str:
    told = []
    if failed := [f"{b.who}: {text}" for b in blocks for text in b.gaps.failed]:
        told.append(f"{len(failed)} callers did not come to the end, first {failed[0]}")
    if (fewest := min(block.gaps.at_once for block in blocks)) < plan.at_once:
        told.append(f"only {fewest} callers at once")
    if troubles := [text for block in blocks for text in block.troubles]:
        told.append(f"{len(troubles)} warnings in ctid's log, first {troubles[0]}")
    return "; ".join(told)
