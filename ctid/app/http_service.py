"""One HTTP service that menus may ask. What comes back is hostile: bounded, and read strictly."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, NoReturn
from urllib.parse import quote

import aiohttp
from yarl import URL

from crm_link.errors import CrmRefused, CrmUnavailable
from ctid.core.services import AskService
from ctid.ivr.services import shape
from ctid.ivr.variables import names_in
from ctid.settings import ServiceSection

_UNSAFE: Final = "/\\%?#;"
"""In a value that becomes a piece of the path: a server behind a lenient proxy might read a way out
of the path in these, however they are written."""
_LONGEST: Final = 400
"""Characters of one value that are passed on; the machine keeps fewer."""
_NOTHING: Final = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
_LATER: Final = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)


class HttpService:
    """Asks one service of the settings, over connections that are kept. Close it after the last
    question."""

    def __init__(self, section: ServiceSection) -> None:
        self._section = section
        self._allowed = frozenset(map(shape, section.paths))
        self._session: aiohttp.ClientSession | None = None

    async def answer(self, command: AskService) -> dict[str, str] | None:
        """The values that are wanted; None where the service has nothing such.

        Raises:
            CrmRefused: the question is not allowed, or the service does not answer that (4xx).
            CrmUnavailable: it is broken (5xx, redirects), or its answer is no JSON or too long.
            aiohttp.ClientError, OSError: it cannot be reached, or broke off.
        """
        method, url, query, body = self._question(command)
        headers = {**self._section.headers, "Accept": "application/json"}
        headers["Accept-Encoding"] = "identity"  # nothing that unpacks to more than it seems
        if method == "POST":
            headers["Idempotency-Key"] = f"{command.call}-{command.request}"
        try:
            async with self._open().request(
                method, url.with_query(query) if query else url, headers=headers,
                json=body if method == "POST" else None, allow_redirects=False,
            ) as response:  # fmt: skip
                return await self._read(response, command.wanted)
        except aiohttp.ClientResponseError as error:
            # Its text would have the whole address, and with it what the caller has keyed.
            raise CrmUnavailable(f"{type(error).__name__}: {error.message[:100]!r}") from None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._section.in_flight),
                cookie_jar=aiohttp.DummyCookieJar(),
                # The guard around each question keeps its time.
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
            )
        return self._session

    def _question(
        self, command: AskService
    ) -> tuple[str, URL, Mapping[str, str], Mapping[str, str]]:
        """Method, address, query and body; the settings alone say whom to ask by which paths."""
        if shape(command.operation) not in self._allowed:
            raise CrmRefused(f"{command.operation!r} is not in paths of {self._section.name}")
        method, _, path = command.operation.partition(" ")
        told: dict[str, dict[str, str]] = {"path": {}, "query": {}, "body": {}}
        for name, value in command.arguments:
            part, _, key = name.partition(".")
            told[part][key] = value
        for name in names_in(path):
            path = path.replace(f"{{{name}}}", _piece(name, told["path"].get(name, "")))
        return method, URL(self._section.url + path, encoded=True), told["query"], told["body"]

    async def _read(
        self, response: aiohttp.ClientResponse, wanted: Sequence[tuple[str, str]]
    ) -> dict[str, str] | None:
        if response.status in _NOTHING:
            return None
        if not 200 <= response.status < 300:
            _refuse(response.status)
        return _values(await self._content(response), wanted) if wanted else {}

    async def _content(self, response: aiohttp.ClientResponse) -> bytes:
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise CrmUnavailable("the answer is packed, which nobody asked for")
        largest, content = self._section.largest, b""
        async for chunk in response.content.iter_any():
            content += chunk
            if len(content) > largest:
                response.close()
                raise CrmUnavailable(f"the answer is longer than {largest} bytes")
        return content


def _piece(name: str, value: str) -> str:
    """A value as one piece of a path, which leads to no other path."""
    bad = any(one in _UNSAFE or unicodedata.category(one)[0] == "C" for one in value)
    if bad or not value.strip("."):
        raise CrmRefused(f"what {name!r} holds cannot stand in a path")
    return quote(value, safe="")


def _refuse(status: int) -> NoReturn:
    if 400 <= status < 500 and status not in _LATER:
        raise CrmRefused(f"the service answered {status}")
    if 300 <= status < 400:
        raise CrmUnavailable(f"the service answered {status}; redirects are not followed")
    raise CrmUnavailable(f"the service answered {status}")


def _values(content: bytes, wanted: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Variable → value for all that the answer has; numbers as they are written."""
    try:
        # As text: no number is too long to be read, and none loses its digits.
        answer = json.loads(content, parse_int=str, parse_float=str, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise CrmUnavailable("the answer is no JSON") from None
    found = {name: _at(answer, place) for name, place in wanted}
    return {name: value for name, value in found.items() if value}


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")


def _at(answer: Any, place: str) -> str:
    """The text at `order.items.0.name`; empty where there is none."""
    for piece in place.split("."):
        if isinstance(answer, dict):
            answer = answer.get(piece)
        elif isinstance(answer, list) and piece.isascii() and piece.isdigit():
            answer = answer[int(piece)] if len(piece) < 5 and int(piece) < len(answer) else None
        else:
            return ""
    if isinstance(answer, bool):
        return "true" if answer else "false"
    return answer[:_LONGEST] if isinstance(answer, str) else ""
