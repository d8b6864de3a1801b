"""What a load run needs around it and what ends with it: the pretend Asterisk, a ctid, pages."""

from __future__ import annotations

import asyncio
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec

from ctid.centre.settings import CentreSettings
from ctid.core.errors import CtidError
from ctid.core.instants import SECOND
from ctid.core.records import AgentId
from sim.live.ami import CTID_READS
from sim.live.phones import PhoneBehaviour
from sim.live.pretend import PretendAsterisk, PretendSettings
from sim.load import config, stub
from sim.load.callers import stage
from sim.load.order import Order, Say
from sim.load.pages import Pages
from sim.load.player import Player
from sim.load.process import Throwaway, free_port
from sim.load.witness import Witness
from sim.world.entities import Phone

LINK_SECONDS = 60.0
"""How long a running ctid may take to find the pretend Asterisk; its attempts become rare."""
NEVER = 1e6
"""Seconds, longer than any phone rings."""


class NotLinked(CtidError):
    """The running ctid did not come."""


@asynccontextmanager
async def floor(
    order: Order, staff: CentreSettings, speed: float, say: Say
) -> AsyncIterator[tuple[Player, list[str]]]:
    """The pretend PBX, ctid and the pages, all up; with what ctid logs as troubles."""
    agents = staff.acd.agents
    strange = [agent.phone for agent in agents if not agent.phone.startswith("PJSIP/")]
    if strange:
        raise ValueError(f"the pretend Asterisk has PJSIP phones only, not {strange[0]}")
    witness = Witness(
        {agent.phone: agent.id for agent in agents},
        {agent.id: frozenset(agent.queues) for agent in agents},
    )
    async with PretendAsterisk(_pretend(order, staff, speed), witness) as pbx:
        pbx.exchange.listeners.append(witness.heard)
        _teach(order, staff, speed, pbx)
        if order.alone:
            async with _stub(pbx, witness), aiohttp.ClientSession() as http:
                yield Player(pbx, witness, None, http, ""), []
            return
        async with _ctid(order, staff, speed, pbx, witness, say) as (url, sign_ins, troubles):
            say(f"{len(sign_ins)} agents sign in")
            async with (
                aiohttp.ClientSession() as http,
                Pages(url, sign_ins, witness) as pages,
            ):
                yield Player(pbx, witness, pages, http, url), troubles


def _pretend(order: Order, staff: CentreSettings, speed: float) -> PretendSettings:
    running = order.running
    made = PretendSettings(
        seed=order.seed, agi_host="127.0.0.1", agi_port=free_port(),
        agi_token=secrets.token_urlsafe(16), ami_secret=secrets.token_urlsafe(16),
        phones=tuple(agent.phone.partition("/")[2] for agent in staff.acd.agents),
        fallback_queue=staff.fallback_queue, prompt_seconds=1.5 / speed, ami_only=CTID_READS,
        epoch=time.time(),
    )  # fmt: skip
    if running is None:
        return made
    pbx, agi = running.settings.pbx, running.settings.agi
    if pbx.tls or pbx.host not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError(
            f"this ctid looks for its PBX at {pbx.host} {'with TLS' if pbx.tls else ''}; the"
            " pretend Asterisk listens on 127.0.0.1 without TLS: load a ctid of a test config"
        )
    return msgspec.structs.replace(
        made, agi_host=agi.host, agi_port=agi.port, agi_token=agi.token, ami_port=pbx.port,
        ami_user=pbx.user, ami_secret=pbx.secret,
    )  # fmt: skip


def _teach(order: Order, staff: CentreSettings, speed: float, pbx: PretendAsterisk) -> None:
    """Each phone is picked up as that agent of the simulator would, at the same ring."""
    world = stage(order.scenario, order.seed, 0)
    for agent in staff.acd.agents:
        person = world.phones.get(agent.id) or Phone(
            agent.id, agent.phone, world.dice(agent.id), habits=world.settings.agents
        )
        phone = pbx.phone(agent.phone.partition("/")[2])
        answer = _answering(person, speed, rings_out=order.ramp is None)
        phone.behaviour = PhoneBehaviour(ring_delay=0.05 / speed, draw_answer=answer)


def _answering(person: Phone, speed: float, *, rings_out: bool) -> Callable[[], float]:
    def seconds() -> float:
        stream = person.dice.of("answers")
        lost = stream.random() < person.habits.no_answer
        after = person.habits.answer.draw(stream) / SECOND / speed
        return NEVER if lost and rings_out else after

    return seconds


@asynccontextmanager
async def _stub(pbx: PretendAsterisk, witness: Witness) -> AsyncIterator[None]:
    """`sim.load.stub` as a process of its own, signed in at the AMI."""
    settings = pbx.settings
    orders = stub.Orders(
        pbx.ami_port, settings.ami_user, settings.ami_secret, settings.agi_port,
        tuple(f"PJSIP/{extension}" for extension in settings.phones),
    )  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sim.load.stub", stdin=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    try:
        process.stdin.write(msgspec.json.encode(orders) + b"\n")
        await asyncio.wait_for(witness.linked.wait(), LINK_SECONDS)
        yield
    finally:
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), LINK_SECONDS)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


@asynccontextmanager
async def _ctid(
    order: Order, staff: CentreSettings, speed: float, pbx: PretendAsterisk, witness: Witness,
    say: Say,
) -> AsyncIterator[tuple[str, Mapping[AgentId, tuple[str, str]], list[str]]]:  # fmt: skip
    """Where its pages are, who may sign in there, and its troubles."""
    running, agents = order.running, staff.acd.agents
    if running is not None:
        missing = [agent.id for agent in agents if agent.id not in running.sign_ins]
        if missing:
            raise ValueError(f"the sign-ins lack agent {missing[0]} and {len(missing) - 1} more")
        say("waiting for ctid to find the pretend Asterisk")
        try:
            await asyncio.wait_for(witness.linked.wait(), LINK_SECONDS)
        except TimeoutError:
            told = f"ctid did not come to the pretend Asterisk at port {pbx.ami_port}"
            raise NotLinked(f"{told} within {LINK_SECONDS:g} s; does it run?") from None
        yield running.url, {agent.id: running.sign_ins[agent.id] for agent in agents}, []
        return
    with tempfile.TemporaryDirectory(prefix="ctid-load-") as folder:
        place = config.Place(
            Path(folder), pbx.ami_port, pbx.settings.ami_secret, pbx.settings.agi_port,
            pbx.settings.agi_token,
        )  # fmt: skip
        files = order.scenario.files
        main, flows = config.throwaway(files.main, files.flows, staff, place, speed)
        ctid = Throwaway(config.write(Path(folder), main, flows))
        password = secrets.token_urlsafe(16)
        sign_ins = {agent.id: (agent.id, password) for agent in agents}
        say("starting ctid")
        await ctid.put_accounts(sign_ins)
        async with ctid:
            yield ctid.url, sign_ins, ctid.troubles
