"""HTTP services that steps `request` may ask: `[services.<name>]`. No other can be reached."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Final

import msgspec

from ctid.core.instants import SECOND, Duration
from ctid.core.services import CRM
from ctid.ivr.service_problems import LONGEST, ask_problem
from ctid.settings.table import ID, Table

_URL: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?"
    r"(?:/[A-Za-z0-9._~-]+)*"
)
_HEADER: Final = r"[A-Za-z0-9-]{1,60}"
_OURS: Final = (
    "accept", "accept-encoding", "connection", "content-length", "content-type", "expect", "host",
    "idempotency-key", "te", "trailer", "transfer-encoding", "upgrade",
)  # fmt: skip
"""Headers that ctid itself sets."""
_SECRET: Final = r"[\x21-\x7e](?:[\x20-\x7e]{0,498}[\x21-\x7e])?"


class ServiceSection(msgspec.Struct, frozen=True, kw_only=True):
    """One service."""

    name: str
    url: str
    """Where its paths begin, without a slash at the end."""
    paths: tuple[str, ...]
    """What may be asked, as `GET /orders/{order}`; names are any."""
    header: str = "Authorization"
    secret: str = ""
    """What that header says; empty: it is not sent."""
    time_out: Duration = 3 * SECOND
    largest: int = 65_536
    """Bytes of an answer."""
    in_flight: int = 8
    """Questions at a time."""
    failures: int = 5
    """In a row, after which it is left alone."""
    left_alone: Duration = 10 * SECOND

    @property
    def headers(self) -> dict[str, str]:
        """What every question says besides."""
        return {self.header: self.secret} if self.secret else {}

    def __repr__(self) -> str:
        return f"ServiceSection({self.name}, {self.url}, paths={self.paths})"


def read_services(main: Table) -> tuple[ServiceSection, ...]:
    """All services, in the order of the file."""
    table = main.table("services")
    return tuple(_service(table, name) for name in table.rest("<name>"))


def allowed(services: tuple[ServiceSection, ...]) -> Mapping[str, tuple[str, ...]]:
    """Name → what may be asked."""
    return {service.name: service.paths for service in services}


def _service(table: Table, name: str) -> ServiceSection:
    one = Table(table.raw[name], table.at(name), table.problems, "services.<name>")
    if not ID.fullmatch(name) or name == CRM:
        what = f"{name[:40]!r} does not fit"
        table.wrong(name, f'{what}; use 1 to 40 of A-Z a-z 0-9 _ . -, and not "{CRM}"')
    service = ServiceSection(
        name=name,
        url=_url(one),
        paths=one.texts("paths", None),
        header=one.text("header", "Authorization", pattern=_HEADER, form="a header's name"),
        secret=_secret(one),
        time_out=one.seconds("time_out_s", 3 * SECOND),
        largest=one.whole("largest_kb", 64, 1, 1_024) * 1_024,
        in_flight=one.whole("in_flight", 8, 1, 100),
        failures=one.whole("failures", 5, 1, 1_000),
        left_alone=one.seconds("left_alone_s", 10 * SECOND),
    )
    for path in service.paths:
        if problem := ask_problem(path):
            one.wrong("paths", problem)
    if "paths" in one.raw and not one.raw["paths"]:
        one.wrong("paths", 'is empty, so nothing can be asked; write ["GET /orders/{order}"]')
    if service.header.lower() in _OURS:
        one.wrong("header", f"{service.header!r} is set by ctid itself; name another one")
    if service.time_out > LONGEST:
        what = f"is longer than {LONGEST // SECOND} seconds, for which nobody waits in a menu"
        one.wrong("time_out_s", f"{what}; make it shorter")
    one.close()
    return service


def _url(table: Table) -> str:
    url = table.text("url", None, empty=False).rstrip("/")
    if not url:
        return ""
    found = _URL.fullmatch(url)
    if found is None:
        # The text is not repeated: somebody may have written a password into it.
        table.wrong("url", "does not fit; write https://host, https://host:port or with a path")
    elif found["scheme"] == "http" and not _is_loopback(found["host"].strip("[]")):
        table.wrong("url", "would go over the network without TLS; use https://")
    return url


def _secret(table: Table) -> str:
    form = "1 to 500 printable ASCII characters"
    if not any(key in table.raw for key in ("secret", "secret_env", "secret_file")):
        table.text("secret", "")
        table.text("secret_env", "")
        table.text("secret_file", "")
        return ""
    return table.secret("secret", pattern=_SECRET, form=form)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
