"""The pages' own files: read once, served from memory, each with its checksum as ETag."""

from __future__ import annotations

import hashlib
from importlib import resources
from importlib.resources.abc import Traversable

from aiohttp import web

from ctid.web.gate import OpenRoute

_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".LICENSE": "text/plain",
}


def load() -> dict[str, bytes]:
    """Every file by its address; nothing else on the disk can be asked for."""
    root = resources.files("ctid.web")
    found = {f"/static/{name}": body for name, body in _walk(root / "static", "")}
    found |= {f"/i18n/{name}": body for name, body in _walk(root / "i18n", "")}
    found["/"] = found.pop("/static/index.html")
    return found


def routes(found: dict[str, bytes]) -> list[OpenRoute]:
    """One open route for each file."""
    return [_route(address, body) for address, body in found.items()]


def _route(address: str, body: bytes) -> OpenRoute:
    suffix = ".html" if address == "/" else "." + address.rsplit(".", 1)[-1]
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    # no-cache: always ask, mostly hear 304; a new version is there with the next load.
    headers = {"ETag": etag, "Cache-Control": "no-cache"}

    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=headers)
        return web.Response(
            body=body, content_type=_TYPES[suffix], charset="utf-8", headers=headers
        )

    return OpenRoute("GET", address, answer)


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _walk(entry, f"{prefix}{entry.name}/")
        elif "." + entry.name.rsplit(".", 1)[-1] in _TYPES:
            found.append((prefix + entry.name, entry.read_bytes()))
    return found
