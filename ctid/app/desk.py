"""From commands to what agents' pages get over the bus, in the order of the commands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ctid.core.commands import AgentChanged, Command, Denied, RevokePop, ShowPop, UpdatePop
from ctid.core.instants import Instant
from ctid.core.views import AgentView
from ctid.ports import Bus
from ctid.web import frames


class Desk:
    """Encodes each frame once; a task publishes, so that a slow bus delays no decision."""

    def __init__(
        self, bus: Bus, now: Callable[[], Instant], view: Callable[[str], AgentView]
    ) -> None:
        self._bus = bus
        self._now = now
        self._view = view
        self._outbox: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()

    def carry_out(self, command: Command) -> None:
        """Queue the frame that this command means; others mean none."""
        match command:
            case ShowPop():
                frame: frames.ToPage = frames.PopShown(self._now(), command.pop)
                agent = command.pop.agent
            case UpdatePop():
                frame, agent = frames.PopUpdated(self._now(), command.pop), command.pop.agent
            case RevokePop():
                frame = frames.PopRevoked(self._now(), command.pop, command.reason)
                agent = command.agent
            case AgentChanged():
                frame = frames.AgentFrame(self._now(), self._view(command.agent))
                agent = command.agent
            case Denied():
                frame = frames.ErrorFrame(command.code, command.text)
                agent = command.agent
                if command.login:
                    self._outbox.put_nowait((f"login.{command.login}", frames.encode(frame)))
                    return
            case _:
                return
        self._outbox.put_nowait((f"agent.{agent}", frames.encode(frame)))

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            topic, body = await self._outbox.get()
            await self._bus.publish(topic, body)
