"""Measures from outside how fast ctid reacts: what went out of our sockets against what came in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import msgspec

from ctid.core.records import AgentId, QueueId
from sim.live.channels import Channel
from sim.live.wire import Action, Fields

KEY_ENDS = 0.1
"""Seconds from the last key to the entry's end within which the key was what ended it; otherwise
it was the time-out, which is no latency."""
_PLAYS = (b'EXEC "Background"', b"GET DATA", b'EXEC "Read"')


class Samples(msgspec.Struct):
    """Seconds, of one step."""

    join_to_ring: list[float] = []
    agi: list[float] = []
    key_to_prompt: list[float] = []
    ring_to_pop: list[float] = []
    event_lag: list[float] = []
    most_waiting: int = 0
    """Callers in the queues at once for whom no phone was ordered to ring."""
    lost: int = 0
    unheard: int = 0
    unlinked: int = 0
    refused: int = 0


class Witness:
    """Looks on at the pretend PBX (`sim.live.watch.Watch`) and at the agents' pages."""

    def __init__(
        self, phones: Mapping[str, AgentId], queues: Mapping[AgentId, frozenset[QueueId]]
    ) -> None:
        """`phones` as `PJSIP/1001`; `queues` that each agent serves."""
        self._phones, self._queues = dict(phones), dict(queues)
        self.samples = Samples()
        self._available: set[AgentId] = set()
        """Their page said so last, and no ring was ordered since."""
        self._eager: dict[str, float] = {}
        """Caller -> when they joined, for whom an agent was available then."""
        self._waiting: set[str] = set()
        """Callers in a queue for whom no ring was ordered yet."""
        self._ordered: dict[str, float] = {}
        """Offer -> when its ring was ordered."""
        self._bridged: dict[AgentId, float] = {}
        """Agent -> when the PBX told of the bridge."""
        self._answered: dict[str, float] = {}
        """Caller under FastAGI -> when our last line went out."""
        self._key: dict[str, float] = {}
        """Caller -> the last key."""
        self._ended_by_key: dict[str, float] = {}
        """Caller -> the key that ended the entry whose answer went out last."""
        self._logins = 0
        self.linked = asyncio.Event()
        """ctid has signed in at the AMI."""

    def cut(self) -> Samples:
        """What was seen since the last cut."""
        seen, self.samples = self.samples, Samples()
        return seen

    # -- the PBX's sockets, as `Watch` --

    def answered(self, channel: Channel) -> None:
        now = time.perf_counter()
        caller = channel.unique_id
        self._answered[caller] = now
        key = self._key.pop(caller, None)
        if key is not None and now - key <= KEY_ENDS:
            self._ended_by_key[caller] = key

    def commanded(self, channel: Channel, line: bytes) -> None:
        now, caller = time.perf_counter(), channel.unique_id
        sent = self._answered.pop(caller, None)
        if sent is not None and channel.gone is None:
            self.samples.agi.append(now - sent)
        if line.startswith(_PLAYS):
            key = self._ended_by_key.pop(caller, None)
            if key is not None:
                self.samples.key_to_prompt.append(now - key)
        elif not line:
            self._ended_by_key.pop(caller, None)
            self._key.pop(caller, None)

    def unheard(self, channel: Channel) -> None:
        self.samples.unheard += 1

    def acted(self, action: Action) -> None:
        name = action.get("Action")
        if name == "Originate":
            self._rings(action)
        elif name == "Login":
            self._logins += 1
            self.linked.set()
            self.samples.unlinked += self._logins > 1

    def refused(self, action: Action, why: str) -> None:
        self.samples.refused += 1

    def _rings(self, action: Action) -> None:
        now = time.perf_counter()
        self._ordered[action.get("ChannelId")] = now
        self._available.discard(self._phones.get(action.get("Channel"), ""))
        for variable in action.all("Variable"):
            if variable.startswith("CTID_CALL="):
                caller = variable.removeprefix("CTID_CALL=")
                self._waiting.discard(caller)
                joined = self._eager.pop(caller, None)
                if joined is not None:
                    self.samples.join_to_ring.append(now - joined)

    # -- the PBX's events, as a listener of the exchange --

    def heard(self, kind: str, event: str, fields: Fields) -> None:
        """One event that the PBX sends."""
        if event == "UserEvent":
            told = dict(fields)
            if told["UserEvent"] == "CtidWaiting":
                self._joins(str(told["Uniqueid"]), str(told["Queue"]), told["Lost"] != "")
        elif event == "BridgeEnter":
            name = str(dict(fields)["Channel"])
            if agent := self._phones.get(name.rpartition("-")[0]):
                self._bridged[agent] = time.perf_counter()
        elif event == "DTMFEnd":
            self._key[str(dict(fields)["Uniqueid"])] = time.perf_counter()
        elif event == "Hangup":
            self._leaves(str(dict(fields)["Uniqueid"]))

    def _joins(self, caller: str, queue: QueueId, lost: bool) -> None:
        self.samples.lost += lost
        # `in` on a set, never its order: what is counted does not depend on it.
        free = sum(queue in self._queues[agent] for agent in self._available)
        if free > len(self._eager):
            self._eager[caller] = time.perf_counter()
        self._waiting.add(caller)
        self.samples.most_waiting = max(self.samples.most_waiting, len(self._waiting))

    def _leaves(self, channel: str) -> None:
        self._waiting.discard(channel)
        for seen in (self._eager, self._ordered, self._answered, self._key, self._ended_by_key):
            seen.pop(channel, None)

    # -- the agents' pages --

    def page(self, agent: AgentId, state: str) -> None:
        """The page says that the agent is in this state."""
        if state == "ready":
            self._available.add(agent)
        else:
            self._available.discard(agent)
        if state == "on_call":
            bridged = self._bridged.pop(agent, None)
            if bridged is not None:
                self.samples.event_lag.append(time.perf_counter() - bridged)

    def acknowledged(self, pop: str) -> None:
        """The page has drawn this card."""
        ordered = self._ordered.pop(pop, None)
        if ordered is not None:
            self.samples.ring_to_pop.append(time.perf_counter() - ordered)

    @property
    def available(self) -> int:
        """Agents whose page said last that they are available, and whom nobody calls."""
        return len(self._available)
