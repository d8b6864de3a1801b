"""How the room answers: JSON bodies, problems as {code, text}, and the headers on everything."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable

import msgspec
import structlog
from aiohttp import web

from ctid.ports import StoreUnavailable
from ctid.web.settings import WebSettings

_log = structlog.get_logger("ctid.web")
_encoder = msgspec.json.Encoder()

_HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
}
_INLINE = re.compile(rb"<script[^>]*>(.+?)</script>", re.S)


class Problem(Exception):
    """A request cannot be served; the client is told `code` (stable, for programs) and `text`."""

    def __init__(self, status: int, code: str, text: str, retry_after: int = 0) -> None:
        super().__init__(text)
        self.status, self.code, self.text = status, code, text
        self.retry_after = retry_after
        """Seconds after which to try again, or 0."""


def json_answer(value: object, status: int = 200) -> web.Response:
    """`value` as JSON, or as it is when it is JSON already (bytes); never cached."""
    body = value if isinstance(value, bytes) else _encoder.encode(value)
    return web.Response(
        body=body,
        status=status,
        content_type="application/json",
        charset="utf-8",
        headers={"Cache-Control": "no-store"},
    )


def problem_answer(problem: Problem) -> web.Response:
    """The problem as JSON."""
    answer = json_answer({"code": problem.code, "text": problem.text}, problem.status)
    if problem.retry_after:
        answer.headers["Retry-After"] = str(problem.retry_after)
    return answer


def content_policy(index: bytes, frame_ancestors: tuple[str, ...]) -> str:
    """The Content-Security-Policy: our own files only.

    The import map must be inline (browsers load no external one), so it is allowed by its hash.
    """
    hashes = " ".join(
        "'sha256-" + base64.b64encode(hashlib.sha256(text).digest()).decode() + "'"
        for text in _INLINE.findall(index)
    )
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {hashes}".rstrip(),
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors " + (" ".join(frame_ancestors) or "'none'"),
        )
    )


def common_headers(settings: WebSettings, policy: str) -> dict[str, str]:
    """What every answer carries."""
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Server": "ctid",
    }
    if not settings.frame_ancestors:
        headers["X-Frame-Options"] = "DENY"
    if settings.secure_cookies:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def problems_as_json(request: web.Request, handler: Answer) -> web.StreamResponse:
    """Turn whatever goes wrong into {code, text}; what happened in detail stays in the log."""
    try:
        return await handler(request)
    except Problem as problem:
        return problem_answer(problem)
    except web.HTTPException as error:
        code = _HTTP_CODES.get(error.status, "refused")
        return problem_answer(Problem(error.status, code, error.reason))
    except StoreUnavailable as error:
        _log.warning("web.store_unavailable", path=request.path, error=str(error))
        return problem_answer(
            Problem(503, "store_unavailable", "The database does not answer; try again.", 5)
        )
    except Exception:
        _log.exception("web.defect", path=request.path)
        return problem_answer(Problem(500, "defect", "Something went wrong here; it is logged."))
