"""Public holidays and make-up working days, out of the library `holidays`, as plain dates.

The library knows the lists that governments publish (of China those of the State Council): the days
off, and the weekend days that are worked in their place (调休), its `weekend_workdays`. It is asked
when settings are read and never again.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import holidays

from ctid.settings.table import nearest

_LISTED_EACH_YEAR = ("CN",)
"""Countries that have make-up working days in every year: a year without one is a year whose list
the library does not have yet. Elsewhere a year without one is nothing unusual."""


class Calendar(NamedTuple):
    """One country's, for a range of years."""

    off: tuple[date, ...]
    """Public holidays, the days that stand in for one on a weekend among them."""
    makeup: tuple[date, ...]
    """Weekend days that are worked."""
    unlisted: tuple[int, ...]
    """Years whose make-up working days are not known yet."""


def calendar_problem(name: str) -> str:
    """What is wrong with `CN` or `DE-BY`; empty when there is such a calendar."""
    country, _, part = name.partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known:
        form = "a country of ISO 3166 (CN), with a part of it where its holidays differ (DE-BY)"
        return f"there are no holidays of {country[:20]!r}; use {form}"
    if "-" in name and part not in known[country]:
        what = f"{country} has no part {part[:20]!r} with holidays of its own"
        return f"{what}; {nearest(part[:20], known[country])}"
    return ""


def calendar(name: str, first: int, last: int) -> Calendar:
    """The days of the years `first` to `last`. `name` must be without a problem."""
    country, _, part = name.partition("-")
    # A holiday at the turn of the year moves a working day into the year before it.
    years = range(first - 1, last + 2)
    found = holidays.country_holidays(country, subdiv=part or None, years=years)
    worked = getattr(found, "weekend_workdays", ())
    makeup = tuple(day for day in sorted(worked) if first <= day.year <= last)
    listed = {day.year for day in makeup}
    each_year = range(first, last + 1) if country in _LISTED_EACH_YEAR else ()
    return Calendar(
        tuple(day for day in sorted(found) if first <= day.year <= last),
        makeup,
        tuple(year for year in each_year if year not in listed),
    )
