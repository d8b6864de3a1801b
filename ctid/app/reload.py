"""New settings for a running ctid: what the machine runs on is swapped, every state stays (F20).

Queues, agents, skills, rules, flows, hours and entries take effect at once. What a socket or a
database was opened with takes a restart, and is named.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
import structlog

from ctid.centre.centre import Centre
from ctid.centre.state import CentreState
from ctid.core.errors import ConfigError
from ctid.settings import Settings

if TYPE_CHECKING:
    from ctid.app.compose import App

_log = structlog.get_logger("ctid.reload")


def reload(app: App, reread: Callable[[], Settings]) -> bool:
    """Read the settings anew and go on with them; True when that went well.

    Whatever is wrong with the files is logged, each problem with its path, and ctid goes on with
    the settings that it has.
    """
    try:
        settings = reread()
        check_nobody_is_cut(app.driver.centre, settings)
    except ConfigError as error:
        for problem in error.problems:
            _log.error("reload_problem", text=problem)
        _log.error("reload_refused", text="the settings stay as they were; mend the files first")
        return False
    restart = sections_changed(app.settings, settings)
    if settings.services != app.settings.services:
        app.serve(settings.services)  # before a flow may ask one that is new
    if settings.centre != app.settings.centre:
        app.go_on_with(settings.centre, swapped(app.driver.centre, settings))
    if restart:
        _log.warning("reload_partly", sections=restart, text="these take effect with a restart")
    _log.info("reloaded")
    return True


def swapped(centre: Centre, settings: Settings) -> Centre:
    """A machine with the new settings and the old one's state, which it does not share."""
    saved = msgspec.json.encode(centre.dump())
    return Centre.load(settings.centre, msgspec.json.decode(saved, type=CentreState))


def check_nobody_is_cut(centre: Centre, settings: Settings) -> None:
    """Raises ConfigError where somebody who is in a call would be no agent any more: the machine
    would lose sight of that call."""
    known = {agent.id for agent in settings.centre.acd.agents}
    busy = [a.id for a in centre.router.staff.agents.values() if a.offer and a.id not in known]
    if busy:
        names = ", ".join(busy)
        what = f"no longer has {names}, who is in a call; reload when the call is over"
        raise ConfigError((f"agents: {what}",))


def sections_changed(old: Settings, new: Settings) -> list[str]:
    """The sections that differ and take a restart."""
    names = [name for name in old.__struct_fields__ if name not in ("centre", "services")]
    return [name for name in names if getattr(old, name) != getattr(new, name)]
