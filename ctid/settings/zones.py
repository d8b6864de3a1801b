"""Time zones and countries by their standard names."""

from __future__ import annotations

import zoneinfo

import phonenumbers

from ctid.settings.table import nearest


def zone_problem(name: str) -> str:
    """What is wrong with the name of a time zone; empty when it is one."""
    try:
        zoneinfo.ZoneInfo(name)
    # A folder of zones (`Asia`) is an OSError, a path outside is a ValueError.
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return f"there is no time zone {name[:60]!r}; {_near_zone(name)}"
    return ""


def _near_zone(name: str) -> str:
    hint = nearest(name[:60], zoneinfo.available_timezones())
    return hint if hint.startswith("did") else "use an IANA name, such as Asia/Shanghai"


def country_problem(code: str) -> str:
    """What is wrong with a country's code; empty when it is one."""
    if code in phonenumbers.SUPPORTED_REGIONS:
        return ""
    return f"there is no country {code[:20]!r}; use two capital letters of ISO 3166, such as CN"
