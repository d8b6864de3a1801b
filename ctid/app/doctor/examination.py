"""The order of the checks, and what is left out when an early one fails."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ctid.app.clocks import SystemClock
from ctid.app.doctor import admin_checks, checks, speech_checks
from ctid.app.doctor.findings import Finding
from ctid.app.doctor.link import Link, LoginRefused, Silent, Unreachable
from ctid.settings import PbxSection, Settings


class Admin(NamedTuple):
    """A second account, with `command` and `system`, for what ctid's own must not see."""

    user: str
    secret: str

    def __repr__(self) -> str:
        return f"Admin({self.user})"


def examine(settings: Settings, admin: Admin | None, limit: float) -> list[Finding]:
    """All findings, in the order in which somebody would mend them; `limit` is seconds a step."""
    pbx = settings.pbx
    found: list[Finding] = []
    link = _sign_in(pbx, pbx.user, pbx.secret, limit, found)
    if link is None:
        return found
    applications: frozenset[str] = frozenset()
    try:
        applications = _own_checks(link, settings, limit, found)
    except Silent as error:
        found.append(_fell_silent(error))
        return found
    finally:
        link.close()
    found += _admin_checks(settings, admin, applications, limit)
    return found


def _own_checks(
    link: Link, settings: Settings, limit: float, found: list[Finding]
) -> frozenset[str]:
    found.append(checks.version(link.ask("CoreSettings")))
    commands = link.ask("ListCommands")
    found += checks.privileges(commands)
    found.append(checks.actions(commands))
    dialplan, applications = checks.dialplan(link)
    found.append(dialplan)
    finding, address = checks.agi_address(link.getvar("CTID_AGI"), settings.agi)
    found += [finding, checks.agi_listens(address, limit)]
    found.append(
        checks.fallback(link.getvar("CTID_FALLBACK_QUEUE"), settings.centre.fallback_queue)
    )
    clock = SystemClock()
    before = clock.wall()
    # The same that the dialplan stamps a caller's wait with.
    theirs = link.getvar("STRFTIME(,,%s%3q)")
    found.append(checks.clock(theirs, before, clock.wall()))
    phones = [agent.phone for agent in settings.centre.acd.agents]
    found.append(checks.phones(lambda phone: link.getvar(f"DEVICE_STATE({phone})"), phones))
    if settings.speech.on:
        found.append(speech_checks.recogniser(settings.speech, limit))
        applications |= speech_checks.APPLICATIONS
    return applications


def _admin_checks(
    settings: Settings, admin: Admin | None, applications: Iterable[str], limit: float
) -> list[Finding]:
    if admin is None:
        todo = "name an account with write=system,command: --admin USER (see --help)"
        return admin_checks.not_seen("ctid's own account may not see it, and that is right", todo)
    found: list[Finding] = []
    link = _sign_in(settings.pbx, admin.user, admin.secret, limit, found)
    if link is None:
        return [
            *(one for one in found if one.verdict == "fail"),
            *admin_checks.not_seen("the admin account did not get in", "see above"),
        ]
    try:
        return admin_checks.examine(
            link,
            settings.pbx.user,
            checks.music_of(settings),
            applications,
            [agent.phone for agent in settings.centre.acd.agents],
        )
    except Silent as error:
        return [_fell_silent(error)]
    finally:
        link.close()


def _sign_in(
    pbx: PbxSection, user: str, secret: str, limit: float, found: list[Finding]
) -> Link | None:
    """A link, or None; either way what was seen goes to `found`."""
    try:
        link = Link.open(pbx, limit)
    except Unreachable as error:
        todo = "is Asterisk up, enabled = yes in manager.conf, bindaddr and port as in [pbx], and"
        todo += " no firewall between?"
        if pbx.tls:
            todo += " With tls: tlsenable = yes and a certificate for that host name?"
        found.append(Finding("reach", "fail", str(error), todo))
        return None
    found.append(Finding("reach", "ok", f"{pbx.host}:{pbx.port} is {link.greeting}"))
    try:
        link.log_in(user, secret, pbx.plain_login)
    except LoginRefused as error:
        todo = (
            f"compare user, secret, deny and permit of [{user}] in manager.conf with ours, and"
            " reload; Asterisk does not say which of them it is"
        )
        found.append(Finding("login", "fail", f"refused for {user}: {error}", todo))
    except Silent as error:
        found.append(_fell_silent(error))
    else:
        found.append(Finding("login", "ok", f"as {user}"))
        return link
    link.close()
    return None


def _fell_silent(error: Silent) -> Finding:
    todo = "look into Asterisk's log; a busy or stopping Asterisk does this"
    return Finding("answers", "fail", str(error), todo)
