"""A small, busy world with short times, so that things meet."""

from __future__ import annotations

import msgspec

from ctid.core.records import CustomerCard, PastContact
from sim import site
from sim.fuzz import supervised
from sim.spreads import Exponential, Uniform
from sim.world.habits import AgentHabits, CallerHabits, WorldSettings
from sim.world.tasks import TaskHabits

BRANCH = "+49301234"
"""A number outside that agents may send callers to."""


class Busy(msgspec.Struct, frozen=True):
    """What happens in such a world, and how much of it."""

    agents: int = 4
    calls: int = 25
    transfers: float = 0.0
    """Share of talks in which the agent sends the caller on."""
    asides: float = 0.0
    """Share of talks in which the agent puts the caller on hold, asks colleagues, …"""
    tasks: int = 0
    """How many e-mails and chats come."""
    supervisors: bool = False
    """Supervisors listen in, take over and assign; agents pull."""
    callbacks: bool = False
    """Callers press keys all the time, which ask for callbacks, and numbers ring for long."""


def habits(busy: Busy) -> WorldSettings:
    """The world's settings."""
    callers = CallerHabits(
        calls=busy.calls, arrivals=Exponential(3000), patience=Exponential(20_000),
        talk=Exponential(8000), hidden=0.7, menu_hang_up=0.05, keys_waiting=0.3,
    )  # fmt: skip
    if busy.callbacks:
        callers = msgspec.structs.replace(
            callers, hidden=0.1, keys_waiting=0.7, loses_agent=0.1,
            outside_rings=Uniform(500, 15_000),
        )  # fmt: skip
    return WorldSettings(
        callers=callers,
        agents=AgentHabits(
            answer=Uniform(0, 4000), no_answer=0.15, reject=0.1, decline=0.1, breaks=0.2,
            screen_lost=0.2, private_call=0.1, unplugged=0.1, back=Uniform(100, 8000),
            transfers=busy.transfers, transfer_numbers=(BRANCH, BRANCH, BRANCH, "+490"),
            asides=busy.asides,
        ),
        supervisors=supervised.habits(busy.supervisors),
        tasks=TaskHabits(
            busy.tasks, arrivals=Exponential(4000), deadline=Uniform(1_000, 90_000),
            accept=Uniform(0, 6_000), rejected=0.15, unseen=0.15, work=Exponential(9000),
            given_back=0.2, cancelled=0.2, doubled=0.3,
        ),
        customers=_customers(busy.agents),
    )  # fmt: skip


def _customers(agents: int) -> tuple[CustomerCard, ...]:
    """Each had one of the agents last time."""
    cards = site.customers(12)
    return tuple(
        msgspec.structs.replace(
            card, last_contacts=(PastContact(0, "phone", "", f"agent{n % agents}"),)
        )
        for n, card in enumerate(cards)
    )
