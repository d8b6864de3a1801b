"""The AGI() application: the PBX calls a FastAGI server and does what it says, one by one.

Theory of operation (res_agi.c)
    After connecting we send the environment and a blank line, then wait for a command line, run
    it, answer it, and wait again. Lines are read through a stdio buffer, but waited for on the
    socket: of two commands in one packet the second stays unseen in that buffer until more bytes
    arrive or the server closes. A new command during playback or key collection ends that one
    without an answer. The server ends the conversation by closing.
    When the caller leaves we send a line HANGUP. With AGIEXITONHANGUP=yes the conversation is over
    then; without it the server may go on with commands that need no live channel. At the end there
    is always a last HANGUP.
"""

from __future__ import annotations

import asyncio

from sim.live.agi_commands import Script
from sim.live.agi_wire import AgiPeer, AgiWire
from sim.live.channels import Channel, Interrupted, Left

_HANGUP = b"HANGUP\n"
_CONNECT_WITHIN = 2.0
"""Seconds; Asterisk's MAX_AGI_CONNECT."""


async def run_agi(channel: Channel, peer: AgiPeer, script: str, *arguments: str) -> None:
    """Run AGI(`url`/`script`,`arguments`) on the channel; sets AGISTATUS.

    Raises:
        Interrupted: the caller left, or was taken elsewhere.
    """
    wire = AgiWire(channel, peer.valve)
    try:
        async with asyncio.timeout(_CONNECT_WITHIN):
            await channel.exchange.loop.create_connection(lambda: wire, peer.host, peer.port)
    except (OSError, TimeoutError):
        channel.set("AGISTATUS", "FAILURE")
        peer.watch.unheard(channel)
        return
    status = "SUCCESS"
    try:
        wire.send(_environment(channel, peer, script, arguments))
        peer.watch.answered(channel)
        await _converse(channel, peer, wire)
    except Interrupted:
        status = "HANGUP"
        raise
    finally:
        wire.send(_HANGUP)
        wire.close()
        channel.set("AGISTATUS", status)


async def _converse(channel: Channel, peer: AgiPeer, wire: AgiWire) -> None:
    script = Script(channel, peer, wire)
    leave_at_once = channel.variables.get("AGIEXITONHANGUP") == "yes"
    while True:
        if not script.dead:
            try:
                script.check()
            except Interrupted as stop:
                script.stop = stop
                script.dead = True
                wire.send(_HANGUP)
        if script.stop is not None and (leave_at_once or not isinstance(script.stop, Left)):
            raise script.stop
        channel.forget_keys()
        line = wire.line()
        if line is None:
            await channel.changed(None)
            continue
        peer.watch.commanded(channel, line)
        if not line:
            break
        answer = await script.run(line.decode("utf-8", "replace").rstrip("\n"))
        wire.send(answer.encode())
        peer.watch.answered(channel)
    if script.stop is not None:
        raise script.stop


def _environment(channel: Channel, peer: AgiPeer, script: str, arguments: tuple[str, ...]) -> bytes:
    path = f"{peer.token}/{script}" if peer.token else script
    values: list[tuple[str, object]] = [
        ("network", "yes"),
        ("network_script", path),
        ("request", f"agi://{peer.host}:{peer.port}/{path}"),
        ("channel", channel.name),
        ("language", channel.language),
        ("type", channel.name.partition("/")[0]),
        ("uniqueid", channel.unique_id),
        ("version", "22.10.1-pretend"),
        ("callerid", channel.number or "unknown"),
        ("calleridname", channel.caller_name or "unknown"),
        ("callingpres", 0),
        ("callingani2", 0),
        ("callington", 0),
        ("callingtns", 0),
        ("dnid", channel.dialled or "unknown"),
        ("rdnis", "unknown"),
        ("context", channel.place.context),
        ("extension", channel.place.exten),
        ("priority", channel.place.priority),
        ("enhanced", "0.0"),
        ("accountcode", ""),
        ("threadid", 1),
        *((f"arg_{index}", value) for index, value in enumerate(arguments, 1)),
    ]
    text = "".join(f"agi_{name}: {_one_line(value)}\n" for name, value in values)
    return (text + "\n").encode("utf-8", "replace")


def _one_line(value: object) -> str:
    """A SIP header cannot carry a line break, so none reaches the environment."""
    return "".join(c for c in str(value) if c not in "\r\n\0")
