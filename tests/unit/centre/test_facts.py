"""Every kind of fact has a room: the table stands in for a match over the closed union."""

from __future__ import annotations

from typing import get_args

from ctid.centre.centre import Centre
from ctid.centre.facts import Facts
from ctid.core.events import Event
from sim import site


def test_every_kind_of_fact_has_a_room() -> None:
    assert set(Facts(Centre(site.settings())).rooms) == set(get_args(Event))
