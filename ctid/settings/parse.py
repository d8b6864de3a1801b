"""From the config files' mappings to `Settings`, or to the list of everything wrong with them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from ctid.core.errors import ConfigError
from ctid.ivr.flow import LANGUAGES
from ctid.settings.absence import check_break_reasons
from ctid.settings.routing import read_centre
from ctid.settings.sections import (
    AgiSection,
    BusSection,
    CrmSection,
    JournalSection,
    PbxSection,
    Settings,
    Site,
    StoreSection,
    WebSection,
)
from ctid.settings.services import allowed, read_services
from ctid.settings.speech import read_speech
from ctid.settings.table import ID, Problems, Table, nearest
from ctid.settings.zones import country_problem, zone_problem

PLACEHOLDER = "change-me"
"""The secret in the files that we ship; good enough on loopback only."""
_HOST = r"[A-Za-z0-9.:_-]{1,253}"
_HOST_FORM = "a host name or an address"
_ORIGIN = r"https?://[A-Za-z0-9.-]+(:\d{1,5})?|https?://\[[0-9A-Fa-f:]+\](:\d{1,5})?"
_ORIGIN_FORM = "scheme://host or scheme://host:port"
_SOUNDS = r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*"
_SECRET = r"[^\x00-\x1f\x7f]{1,200}"
_TOKEN = r"[A-Za-z0-9_-]{8,100}"
_PATH = r"[^\x00-\x1f\x7f]{1,500}"
_DATABASES = ("sqlite", "sqlite+aiosqlite", "postgresql", "postgresql+asyncpg")


def parse(
    main: Mapping[str, Any], flows: Mapping[str, Mapping[str, Any]], file: str = "ctid.toml"
) -> Settings:
    """The settings.

    Args:
        main: what TOML gives for the main file. Durations are in seconds, keys end in `_s`.
        flows: file name → what TOML gives for that flow's file.
        file: the main file's name, the beginning of its problems.

    Raises:
        ConfigError: with every problem in all files, each as ``file: path: what; what to do``.
    """
    problems = Problems(file)
    settings, lines = _read(main, flows, problems)
    if found := (*problems.lines, *lines):
        raise ConfigError(found)
    return settings


def parse_what_fits(main: Mapping[str, Any], flows: Mapping[str, Mapping[str, Any]]) -> Settings:
    """The settings with a stand-in for whatever is wrong: to look at, and to run nothing on."""
    return _read(main, flows, Problems(""))[0]


def known_keys(main: Mapping[str, Any], flows: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """Paths of all keys that mean something in the main file, `queues[].id`.

    The main file must have at least one queue, agent and opening hours, whose keys are told too.
    """
    problems = Problems("")
    _read(main, flows, problems)
    return frozenset(problems.asked)


def _read(
    raw: Mapping[str, Any], flows: Mapping[str, Mapping[str, Any]], problems: Problems
) -> tuple[Settings, list[str]]:
    main = Table(raw, "", problems)
    site = _site(main.table("site"))
    services = read_services(main)
    speech = read_speech(main)
    centre, lines = read_centre(main, site, flows, allowed(services))
    centre = msgspec.structs.replace(centre, speech=speech.rules)
    settings = Settings(
        site=site,
        centre=centre,
        pbx=_pbx(main.table("pbx")),
        agi=_agi(main.table("agi")),
        web=_web(main.table("web")),
        store=StoreSection(url=_database(main.table("store"), "sqlite+aiosqlite:///var/ctid.db")),
        bus=BusSection(url=_bus(main.table("bus"))),
        journal=_journal(main.table("journal")),
        crm=_crm(main.table("crm")),
        services=services,
        speech=speech,
    )
    check_break_reasons(main, settings.web.break_reasons)
    main.close()
    return settings, lines


def _site(table: Table) -> Site:
    site = Site(
        name=table.text("name", "ctid", empty=False),
        country=table.text("country", "CN", empty=False),
        timezone=table.text("timezone", "Asia/Shanghai", empty=False),
        language=table.text("language", "zh-CN", empty=False),
    )
    if problem := country_problem(site.country):
        table.wrong("country", problem)
    if problem := zone_problem(site.timezone):
        table.wrong("timezone", problem)
        site = msgspec.structs.replace(site, timezone="UTC")
    if site.language not in LANGUAGES:
        what = f"{site.language!r} is no language of ours"
        table.wrong("language", f"{what}; use {' or '.join(LANGUAGES)}")
    table.close()
    return site


def _pbx(table: Table) -> PbxSection:
    pbx = PbxSection(
        host=table.text("host", "127.0.0.1", pattern=_HOST, form=_HOST_FORM, empty=False),
        port=table.whole("port", 5038, 1, 65_535),
        user=table.id("user", "ctid"),
        secret=table.secret("secret", pattern=_SECRET, form="1 to 200 characters in one line"),
        tls=table.flag("tls", False),
        tls_ca=table.text("tls_ca", "", pattern=_PATH, form="the path of a PEM file") or None,
        plain_login=table.flag("plain_login", False),
        sounds=table.text(
            "sounds", "ctid", pattern=_SOUNDS, form="folder or folder/folder", empty=False
        ),
    )
    if pbx.plain_login and not pbx.tls and not _is_loopback(pbx.host):
        table.wrong("plain_login", "would show the secret to the network; set tls = true as well")
    if pbx.secret == PLACEHOLDER and not _is_loopback(pbx.host):
        table.wrong("secret", f"is still {PLACEHOLDER!r}, which everybody knows; choose your own")
    if pbx.tls_ca and not pbx.tls:
        table.wrong("tls_ca", "is of no use while tls is false; set tls = true or take it out")
    table.close()
    return pbx


def _agi(table: Table) -> AgiSection:
    agi = AgiSection(
        host=table.text("host", "127.0.0.1", pattern=_HOST, form=_HOST_FORM, empty=False),
        port=table.whole("port", 4573, 0, 65_535),
        token=table.secret("token", pattern=_TOKEN, form="8 to 100 of A-Z a-z 0-9 _ -"),
        peers=table.texts("peers", ("127.0.0.0/8", "::1/128")),
    )
    for peer in agi.peers:
        try:
            ipaddress.ip_network(peer)
        except ValueError:
            table.wrong("peers", f"{peer[:60]!r} is no network; write 192.0.2.0/24 or 192.0.2.7")
    if agi.token == PLACEHOLDER and not _is_loopback(agi.host):
        table.wrong("token", f"is still {PLACEHOLDER!r}, which everybody knows; choose your own")
    table.close()
    return agi


def _web(table: Table) -> WebSection:
    web = WebSection(
        host=table.text("host", "127.0.0.1", pattern=_HOST, form=_HOST_FORM, empty=False),
        port=table.whole("port", 8080, 0, 65_535),
        origins=table.texts("origins", (), pattern=_ORIGIN, form=_ORIGIN_FORM),
        secure_cookies=table.flag("secure_cookies", False),
        trusted_proxies=table.texts("trusted_proxies", ()),
        session_idle_s=table.whole("session_idle_s", 1_800, 60, 86_400),
        session_absolute_s=table.whole("session_absolute_s", 43_200, 60, 604_800),
        screen_lost_after_s=table.whole("screen_lost_after_s", 15, 1, 3_600),
        frame_ancestors=table.texts("frame_ancestors", (), pattern=_ORIGIN, form=_ORIGIN_FORM),
        break_reasons=table.texts(
            "break_reasons", ("short", "lunch", "meeting", "training", "paperwork"),
            pattern=ID.pattern, form="1 to 40 of A-Z a-z 0-9 _ . -",
        ),
        service_goal=table.whole("service_goal", 80, 1, 100),
    )  # fmt: skip
    for address in web.trusted_proxies:
        if not _is_address(address):
            what = f"{address[:60]!r} is no address"
            table.wrong("trusted_proxies", f"{what}; write the proxy's own, such as 192.0.2.7")
    if not _is_loopback(web.host):
        if not web.secure_cookies:
            what = f"must be true to listen on {web.host}"
            table.wrong(
                "secure_cookies", f"{what}; put a proxy with TLS in front, or use 127.0.0.1"
            )
        if not web.origins:
            table.wrong("origins", 'is empty; name the page\'s origin, ["https://cc.example"]')
    table.close()
    return web


def _database(table: Table, default: str) -> str:
    url = _database_url(table, default)
    table.close()
    return url


def _database_url(table: Table, default: str) -> str:
    # The text never repeats a URL: it may hold a password.
    url = _url(table, default)
    scheme, _, rest = url.partition(":")
    if url != "memory:" and (scheme not in _DATABASES or not rest.startswith("//")):
        form = "sqlite+aiosqlite:///path, postgresql+asyncpg://user:password@host/name or memory:"
        table.wrong("url", f"is no database that is served; use {form}")
    return url


def _bus(table: Table) -> str:
    url = _url(table, "memory:")
    if url != "memory:" and not re.match(r"(rediss?|unix)://.", url):
        table.wrong(
            "url", "is no bus that is served; use memory:, redis://host:port/0 or rediss://"
        )
    table.close()
    return url


def _url(table: Table, default: str) -> str:
    for alternative in ("url_env", "url_file"):  # resolved before, as secrets are
        table.any(alternative, "")
    return table.text("url", default, empty=False)


def _journal(table: Table) -> JournalSection:
    journal = JournalSection(
        folder=table.text("folder", "var/journal", pattern=_PATH, form="a path", empty=False),
        keep=table.whole("keep", 100, 1, 100_000),
    )
    table.close()
    return journal


def _crm(table: Table) -> CrmSection:
    crm = CrmSection(
        kind=table.text("kind", "embedded", empty=False),
        url=_database_url(table, "sqlite+aiosqlite:///var/customers.db"),
        demo=table.flag("demo", False),
    )
    kinds = ("embedded",)
    if crm.kind not in kinds:
        table.wrong("kind", f"there is no CRM {crm.kind!r}; {nearest(crm.kind, kinds)}")
    table.close()
    return crm


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
