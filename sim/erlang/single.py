"""One server with services of any law, and several classes with priority.

Sources: F. Pollaczek (1930) and A. Khinchine (1932) for the mean wait of M/G/1; A. Cobham,
"Priority assignment in waiting line problems" (1954), for priority without pre-emption, of one
server with its classes' own services and of n servers with one exponential service for all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.erlang.queue import waits


def pollaczek_khinchine(lam: float, mu: float, scv: float) -> float:
    """E[wait] in M/G/1, first come first served; `scv` = variance / mean² of a service.

    Raises:
        ValueError: a rate or `scv` out of range, or a load of 1 and more.
    """
    if lam <= 0 or mu <= 0 or scv < 0:
        raise ValueError(f"rates must be > 0 and scv >= 0, not {lam}, {mu} and {scv}")
    if lam >= mu:
        raise ValueError(f"1 server cannot carry a load of {lam / mu} erlang")
    return lam * (1 + scv) / (2 * mu * (mu - lam))


def cobham(rates: Sequence[float], mus: Sequence[float], servers: int = 1) -> list[float]:
    """E[wait] of each class, the first going first; exponential services.

    Raises:
        ValueError: more than one server and classes with different services, for which there is no
            such formula; a load that cannot be carried.
    """
    loads = [lam / mu for lam, mu in zip(rates, mus, strict=True)]
    total = math.fsum(loads)
    if servers == 1:
        if total >= 1:
            raise ValueError(f"1 server cannot carry a load of {total} erlang")
        # The service that is under way when a caller comes: a share of lam / mu, 1 / mu to go.
        rest = math.fsum(load / mu for load, mu in zip(loads, mus, strict=True))
    else:
        if len(set(mus)) > 1:
            raise ValueError("several servers: the formula needs one service for all classes")
        rest = waits(total, servers) / (servers * mus[0])
    done, result = 0.0, []
    for load in loads:
        before, done = done, done + load / servers
        result.append(rest / ((1 - before) * (1 - done)))
    return result
