"""The planned callers and agents on real telephones: who calls when, gives up, talks how long.

All that people do here hangs on what the PBX itself tells, not on what ctid says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence

from ctid.core.instants import SECOND
from sim.world.plan import PlannedCaller
from tests.real_pbx.lab.ami_link import AmiLink, Message
from tests.real_pbx.lab.lab import Lab
from tests.real_pbx.lab.script import answers
from tests.real_pbx.lab.world import End

WANTED = ("Newchannel", "Newstate", "UserEvent", "BridgeEnter", "Hangup")
LINGER = 60.0
"""Seconds that the last callers may take, beyond the longest patience and talk."""
FOREVER = 1e6


class Stage:
    """One run of the plan in the lab."""

    def __init__(
        self, lab: Lab, plan: Sequence[PlannedCaller], picks: Mapping[str, Iterator[float]]
    ) -> None:
        """`picks`: extension -> seconds that its agent lets it ring, each time."""
        self._lab, self._plan, self._picks = lab, plan, picks
        self._by_number = {one.number or "": one for one in plan}
        assert len(self._by_number) == len(plan), "callers are known by their numbers"
        self._loop = asyncio.get_running_loop()
        self._ends: dict[str, asyncio.Future[End]] = {
            number: self._loop.create_future() for number in self._by_number
        }
        """By number."""
        self._who: dict[str, PlannedCaller] = {}
        """By the unique id of their channel at the PBX."""
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._talking: set[str] = set()
        self._tasks: asyncio.TaskGroup
        self.late = 0.0
        """Seconds by which the latest caller was late: a busy machine's part in the difference."""

    async def play(self, link: AmiLink) -> None:
        """Let them all come and go; `link` reads the PBX's events."""
        for ext in self._picks:
            await self._next_pick(ext)
        longest = max((one.patience or 0) + (one.talk or 0) for one in self._plan) / SECOND
        async with asyncio.TaskGroup() as self._tasks:
            following = self._tasks.create_task(self._follow(link))
            begin = self._loop.time()
            for one in sorted(self._plan, key=lambda planned: planned.at):
                due = begin + one.at / SECOND
                await asyncio.sleep(max(due - self._loop.time(), 0.0))
                self.late = max(self.late, self._loop.time() - due)
                self._tasks.create_task(self._call(one))
            await asyncio.gather(*self._ends.values())
            await self._lab.nothing_left(longest + LINGER)
            following.cancel()

    async def _call(self, one: PlannedCaller) -> None:
        number = one.number or ""
        self._ends[number].set_result(await self._lab.world.place_call(one.dialled or "", number))

    async def _follow(self, link: AmiLink) -> None:
        at = link.mark()
        while True:
            message = await link.until(lambda m: m.event in WANTED, FOREVER, since=at)
            at = link.heard.index(message, at) + 1
            self._hear(message)

    def _hear(self, message: Message) -> None:
        channel = message.get("Uniqueid", "")
        match message.event:
            case "Newchannel" if message["CallerIDNum"] in self._by_number:
                self._who.setdefault(channel, self._by_number[message["CallerIDNum"]])
            case "UserEvent" if message["UserEvent"] == "CtidWaiting" and channel in self._who:
                self._after(channel, self._who[channel].patience)
            case "BridgeEnter" if channel in self._who and channel not in self._talking:
                self._talking.add(channel)
                self._after(channel, self._who[channel].talk)
            case "Newstate" if message["ChannelStateDesc"] == "Ringing":
                # The phone has read by now how long it rings: what is set now is for the next time.
                ext = message["Channel"].removeprefix("PJSIP/").rpartition("-")[0]
                if ext in self._picks:
                    self._tasks.create_task(self._next_pick(ext))
            case "Hangup" if channel in self._timers:
                self._timers.pop(channel).cancel()
            case _:
                pass

    def _after(self, channel: str, duration: int | None) -> None:
        """The caller hangs up so much later, unless something else is decided before."""
        if channel in self._timers:
            self._timers.pop(channel).cancel()
        assert duration is not None, "the plan says all"

        def over() -> None:
            self._tasks.create_task(self._hang_up(self._who[channel]))

        self._timers[channel] = self._loop.call_later(duration / SECOND, over)

    async def _hang_up(self, one: PlannedCaller) -> None:
        end = await self._ends[one.number or ""]
        await end.hang_up()

    async def _next_pick(self, ext: str) -> None:
        script = answers(after=round(next(self._picks[ext]), 3))
        await self._lab.world.phone(ext).behave(script)
