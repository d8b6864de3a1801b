"""Counters of visits of flows, as Prometheus reads them."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from ctid.app.ivr_counters import VisitCounters
from ctid.core.visits import Stay, Visit


def test_visits_by_their_end_and_stays_by_their_way() -> None:
    registry = CollectorRegistry()
    counters = VisitCounters(registry)
    stays = (
        Stay("main", "menu", "2"),
        Stay("ask", "code", "on_fail"),
        Stay("main", "desk", "queue"),
    )
    for call in ("c1", "c2"):
        counters.note(Visit(call, 1, "main", "queue", "failed", "main/desk", 0, 9_000, stays))
    counters.note(
        Visit("c1", 2, "main", "hung_up", "", "main/menu", 0, 9, (Stay("main", "menu", "hung_up"),))
    )
    text = generate_latest(registry).decode()
    assert 'ctid_ivr_visits_total{flow="main",outcome="queue",way="failed"} 2.0' in text
    assert 'ctid_ivr_visits_total{flow="main",outcome="hung_up",way=""} 1.0' in text
    assert 'ctid_ivr_stays_total{flow="main",step="menu",way="2"} 2.0' in text
    assert 'ctid_ivr_stays_total{flow="main",step="menu",way="hung_up"} 1.0' in text
    assert 'ctid_ivr_stays_total{flow="ask",step="code",way="on_fail"} 2.0' in text
