"""What the web room must know before it opens; one frozen value, checked whole."""

from __future__ import annotations

import ipaddress
import re

import msgspec

from ctid.core.errors import ConfigError
from ctid.core.instants import HOUR, MINUTE, SECOND, Duration

LANGUAGES = ("zh-CN", "en")
"""The languages of the catalogue, in the order of the switch."""

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?|https?://\[[0-9A-Fa-f:]+\](:\d{1,5})?")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}")


class WebSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of the web room."""

    host: str = "127.0.0.1"
    """Address to listen on. Beyond loopback, `secure_cookies` and `origins` are required."""
    port: int = 8080
    """TCP port; 0 takes any free one."""
    origins: tuple[str, ...] = ()
    """Origins whose pages may talk to us, exactly as browsers send them: `https://cc.example.com`.
    Empty: the page that we serve ourselves on loopback, and no other."""
    secure_cookies: bool = False
    """Browsers reach us over TLS (a reverse proxy ends it): cookies are `__Host-` and Secure."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses of reverse proxies whose `X-Forwarded-For` is believed."""
    session_idle_ms: Duration = 30 * MINUTE
    """A session ends after this time without a request or an open page, in milliseconds."""
    session_absolute_ms: Duration = 12 * HOUR
    """A session ends after this time in any case, in milliseconds."""
    session_check_ms: Duration = 30 * SECOND
    """How often the session behind an open page is checked again, in milliseconds."""
    language: str = "zh-CN"
    """Language of a page that has not chosen one."""
    frame_ancestors: tuple[str, ...] = ()
    """Origins that may show our pages in a frame (a CRM); empty: none."""
    screen_lost_after_ms: Duration = 15 * SECOND
    """An agent without any open page counts as lost after this time, in milliseconds."""
    heartbeat_ms: Duration = 5 * SECOND
    """How often an open page's connection is probed, in milliseconds."""
    board_every_ms: Duration = SECOND
    """How often supervisors get a fresh board, in milliseconds."""
    break_reasons: tuple[str, ...] = ("short", "lunch", "meeting", "training", "paperwork")
    """Reasons for a break; the catalogue has names for these, another one is shown as it is."""
    service_goal: int = 80
    """Percent of contacts to answer within each queue's threshold; colours on the board."""
    demo_sign_ins: tuple[tuple[str, str, str], ...] = ()
    """(login, password, name), shown on the sign-in page; for the demo only, and then the room
    refuses to listen beyond loopback."""


def check(settings: WebSettings) -> WebSettings:
    """The same settings.

    Raises:
        ConfigError: with every problem in them.
    """
    problems = tuple(f"web: {problem}" for problem in _problems(settings))
    if problems:
        raise ConfigError(problems)
    return settings


def is_loopback(host: str) -> bool:
    """Whether an address (or the name `localhost`) can only be reached from this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _problems(settings: WebSettings) -> list[str]:
    found: list[str] = []
    if not is_loopback(settings.host):
        if settings.demo_sign_ins:
            found.append(
                f"host: the demo's passwords are public, so it does not listen on"
                f" {settings.host}; use 127.0.0.1"
            )
        if not settings.secure_cookies:
            found.append(
                f"secure_cookies: must be true to listen on {settings.host}; put a reverse proxy"
                " with TLS in front, or listen on 127.0.0.1"
            )
        if not settings.origins:
            found.append("origins: must name the origin of the page, such as https://cc.example")
    for name, origins in (
        ("origins", settings.origins),
        ("frame_ancestors", settings.frame_ancestors),
    ):
        found += [
            f"{name}: {origin!r} is not an origin; write scheme://host or scheme://host:port"
            for origin in origins
            if not _ORIGIN.fullmatch(origin)
        ]
    found += [
        f"break_reasons: {reason!r} may only have A-Z a-z 0-9 _ . - and 40 characters"
        for reason in settings.break_reasons
        if not _NAME.fullmatch(reason)
    ]
    if settings.language not in LANGUAGES:
        found.append(f"language: {settings.language!r} is not one of {', '.join(LANGUAGES)}")
    if not 0 <= settings.port <= 65_535:
        found.append(f"port: {settings.port} is not between 0 and 65535")
    if not 1 <= settings.service_goal <= 100:
        found.append(f"service_goal: {settings.service_goal} is not between 1 and 100 percent")
    for name in ("session_idle_ms", "session_absolute_ms", "session_check_ms", "heartbeat_ms",
                 "screen_lost_after_ms", "board_every_ms"):  # fmt: skip
        if getattr(settings, name) <= 0:
            found.append(f"{name}: must be more than 0 milliseconds")
    return found
