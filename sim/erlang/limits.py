"""Many servers with a little to spare: P(wait) in the limit n → ∞ at lam = (n - beta sqrt(n)) mu.

Sources: S. Halfin and W. Whitt, "Heavy-traffic limits for queues with many exponential servers"
(1981); with patience O. Garnett, A. Mandelbaum and M. Reiman, "Designing a call center with
impatient customers" (2002).
"""

from __future__ import annotations

import math

from scipy import stats


def halfin_whitt(beta: float) -> float:
    """P(wait) of callers who never give up.

    Raises:
        ValueError: `beta` <= 0, for which their queue has no end.
    """
    if not beta > 0:
        raise ValueError(f"beta must be > 0 where nobody gives up, not {beta:g}")
    return 1 / (1 + beta * float(stats.norm.cdf(beta) / stats.norm.pdf(beta)))


def garnett(beta: float, mu: float, theta: float) -> float:
    """P(wait) where each waiting caller gives up at rate `theta` > 0; any `beta`."""
    if not (mu > 0 and theta > 0):
        raise ValueError(f"mu and theta must be > 0, not {mu:g} and {theta:g}")
    ratio = math.sqrt(mu / theta)
    return 1 / (1 + _hazard(beta * ratio) / (ratio * _hazard(-beta)))


def _hazard(x: float) -> float:
    """The standard normal's hazard rate."""
    return math.exp(stats.norm.logpdf(x) - stats.norm.logsf(x))
