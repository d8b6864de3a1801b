"""The settings as records. Plain values only: the rooms that use them have their own records."""

from __future__ import annotations

import msgspec

from ctid.centre.settings import CentreSettings
from ctid.settings.services import ServiceSection
from ctid.settings.speech import SpeechSection


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """Where the contact centre is."""

    name: str = "ctid"
    """Shown on the pages."""
    country: str = "CN"
    """ISO 3166 code; reads numbers that come without a country code."""
    timezone: str = "Asia/Shanghai"
    """IANA name; the board's day begins at its midnight."""
    language: str = "zh-CN"
    """Of a page that has not chosen one."""


class PbxSection(msgspec.Struct, frozen=True, kw_only=True):
    """The link to Asterisk's manager interface (AMI)."""

    host: str = "127.0.0.1"
    port: int = 5038
    user: str = "ctid"
    secret: str
    tls: bool = False
    tls_ca: str | None = None
    """PEM file with the certificates that are trusted; None: the system's."""
    plain_login: bool = False
    """Send the secret itself and not an MD5 answer to a challenge."""
    sounds: str = "ctid"
    """Folder below Asterisk's sounds that holds `<language>/<prompt>`."""

    def __repr__(self) -> str:
        return f"PbxSection({self.user}@{self.host}:{self.port}, tls={self.tls})"


class AgiSection(msgspec.Struct, frozen=True, kw_only=True):
    """The socket that Asterisk's dialplan calls (FastAGI)."""

    host: str = "127.0.0.1"
    port: int = 4573
    token: str
    """First element of the path: a shared secret with the dialplan."""
    peers: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    """Networks that may connect."""

    def __repr__(self) -> str:
        return f"AgiSection({self.host}:{self.port}, peers={self.peers})"


class WebSection(msgspec.Struct, frozen=True, kw_only=True):
    """The pages and the API. Times are whole seconds."""

    host: str = "127.0.0.1"
    port: int = 8080
    origins: tuple[str, ...] = ()
    """Origins whose pages may talk to us."""
    secure_cookies: bool = False
    """Browsers reach us over TLS."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses whose `X-Forwarded-For` is believed."""
    session_idle_s: int = 1_800
    session_absolute_s: int = 43_200
    screen_lost_after_s: int = 15
    """An agent without an open page for so long counts as lost."""
    frame_ancestors: tuple[str, ...] = ()
    """Origins that may show our pages in a frame."""
    break_reasons: tuple[str, ...] = ("short", "lunch", "meeting", "training", "paperwork")
    service_goal: int = 80
    """Percent of contacts to answer within each queue's target; colours on the board."""


class StoreSection(msgspec.Struct, frozen=True, kw_only=True):
    """Where call records and users are kept."""

    url: str = "sqlite+aiosqlite:///var/ctid.db"

    def __repr__(self) -> str:
        return f"StoreSection({_scheme(self.url)})"


class BusSection(msgspec.Struct, frozen=True, kw_only=True):
    """What several nodes tell each other over."""

    url: str = "memory:"

    def __repr__(self) -> str:
        return f"BusSection({_scheme(self.url)})"


class JournalSection(msgspec.Struct, frozen=True, kw_only=True):
    """The engine's own history on disk."""

    folder: str = "var/journal"
    keep: int = 100
    """Files; the oldest go first."""


class CrmSection(msgspec.Struct, frozen=True, kw_only=True):
    """Where customers are looked up."""

    kind: str = "embedded"
    url: str = "sqlite+aiosqlite:///var/customers.db"
    demo: bool = False
    """Fill an empty directory with the demo customers."""

    def __repr__(self) -> str:
        return f"CrmSection({self.kind}, {_scheme(self.url)}, demo={self.demo})"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything; made by `ctid.settings.parse`. Its repr holds no secret."""

    site: Site
    centre: CentreSettings
    pbx: PbxSection
    agi: AgiSection
    web: WebSection
    store: StoreSection
    bus: BusSection
    journal: JournalSection
    crm: CrmSection
    services: tuple[ServiceSection, ...] = ()
    speech: SpeechSection = SpeechSection()
    """Whom menus may ask over HTTP."""


def _scheme(url: str) -> str:
    """A URL may hold a password, so that only its kind is shown."""
    return url.partition(":")[0] + ":…"
