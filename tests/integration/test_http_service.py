"""Questions of menus to HTTP services, over real sockets: whatever the other side does, there is
one answer, in time, and nothing is reached that the settings do not name."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry

from crm_link.memory import MemoryDirectory
from crm_link.memory_service import MemorySelfService
from ctid.app.clocks import SystemClock
from ctid.app.self_service import CustomersOwn
from ctid.app.services import ServiceQuestions
from ctid.core.events import Event
from ctid.core.services import AskService, ServiceAnswered
from ctid.settings import ServiceSection

PATHS = ("GET /orders/{order}", "POST /tickets", "GET /plain")
SOON = 300
"""Milliseconds that a question to a silent service is given here."""
PLENTY = 8_000


class Site:
    """A server that does as it is told, and the part of ctid that asks it."""

    def __init__(
        self, questions: ServiceQuestions, section: ServiceSection, answers: asyncio.Queue[Event]
    ) -> None:
        self.questions = questions
        self.section = section
        self.answers = answers
        self._asked = 0
        self.seen: list[web.Request] = []
        self.bodies: list[str] = []
        self.peers: list[object] = []
        """One for each connection."""

    async def ask(
        self, operation: str, *arguments: tuple[str, str], service: str = "shop",
        time_out: int = PLENTY, **wanted: str,
    ) -> ServiceAnswered:  # fmt: skip
        """One question, and its answer."""
        self._asked += 1
        self.questions.carry_out(
            AskService(
                f"c{self._asked}", self._asked, service, operation, arguments,
                tuple(wanted.items()), time_out,
            )
        )  # fmt: skip
        async with asyncio.timeout(10):
            answer = await self.answers.get()
        assert isinstance(answer, ServiceAnswered)
        assert (answer.call, answer.request) == (f"c{self._asked}", self._asked)
        return answer

    async def order(self, number: str = "4711", **wanted: str) -> ServiceAnswered:
        wanted = wanted or {"state": "order.state"}
        return await self.ask("GET /orders/{order}", ("path.order", number), **wanted)


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def asking(url: str, **keys: Any) -> AsyncIterator[Site]:
    """ctid's side, with the service `shop` at that address."""
    clock = SystemClock()
    answers: asyncio.Queue[Event] = asyncio.Queue()
    own = CustomersOwn(MemorySelfService(MemoryDirectory()), "UTC", clock.wall)
    questions = ServiceQuestions(own, clock.now, answers.put_nowait, CollectorRegistry())
    section = ServiceSection(name="shop", url=url, paths=PATHS, **keys)
    questions.serve([section])
    running = asyncio.create_task(questions.run())
    await asyncio.sleep(0)  # one turn of the loop: run() begins
    try:
        yield Site(questions, section, answers)
    finally:
        running.cancel()
        await asyncio.wait((running,))


@asynccontextmanager
async def served(answer: Answer, **keys: Any) -> AsyncIterator[Site]:
    """The same, with a server that answers everything so."""

    async def note(request: web.Request) -> web.StreamResponse:
        site.seen.append(request)
        site.bodies.append(await request.text())
        assert request.transport is not None
        site.peers.append(request.transport.get_extra_info("peername"))
        return await answer(request)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", note)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    tcp = web.TCPSite(runner, "127.0.0.1", 0)
    await tcp.start()
    port = runner.addresses[0][1]
    try:
        async with asking(f"http://127.0.0.1:{port}/api", **keys) as site:
            yield site
    finally:
        await runner.cleanup()


def says(content: object, status: int = 200, **headers: str) -> Answer:
    """A server that answers with this; JSON unless it is bytes."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()

    async def answer(_: web.Request) -> web.Response:
        return web.Response(
            body=body, status=status, headers=headers, content_type="application/json"
        )

    return answer


# -- what is asked --


async def test_a_question_says_who_asks_and_no_more_than_the_flow_says() -> None:
    keys = {"header": "X-Key", "secret": "Bearer abc"}
    async with served(says({"order": {"state": "shipped"}}), **keys) as site:
        answer = await site.ask(
            "GET /orders/{order}", ("path.order", "47 11"), ("query.lang", "zh-CN"),
            ("query.a b", "1&c=2#d"), state="order.state",
        )  # fmt: skip
        assert (answer.status, answer.values) == ("done", (("state", "shipped"),))
        [request] = site.seen
        assert request.method == "GET"
        assert request.raw_path == "/api/orders/47%2011?lang=zh-CN&a+b=1%26c%3D2%23d"
        assert request.headers["X-Key"] == "Bearer abc"
        assert request.headers["Accept"] == "application/json"
        assert site.bodies == [""]


async def test_a_post_sends_json_and_a_key_that_makes_it_safe_to_send_again() -> None:
    async with served(says({"id": 7})) as site:
        answer = await site.ask("POST /tickets", ("body.text", '延误 "a"'), ("body.code", "1"))
        assert (answer.status, answer.values) == ("done", ())
        [request] = site.seen
        assert request.method == "POST"
        assert json.loads(site.bodies[0]) == {"text": '延误 "a"', "code": "1"}
        assert request.headers["Idempotency-Key"] == "c1-1"
        assert "Authorization" not in request.headers


@pytest.mark.parametrize(
    "number",
    ["", ".", "..", "...", "../admin", "a/b", "a\\b", "%2e%2e", "a?b=c", "a#b", "a;b", "a\r\nb",
     "a\x00", "a\u202eb"],
)  # fmt: skip
async def test_no_value_leads_to_another_path(number: str) -> None:
    async with served(says({})) as site:
        assert (await site.order(number)).status == "refused"
        assert site.seen == []


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("shop", "GET /admin"), ("shop", "GET /orders"), ("shop", "DELETE /orders/{order}"),
        ("shop", "GET /orders/{order}/../../admin"), ("shop", ""), ("other", "GET /orders/{order}"),
        ("crm", "everything"),
    ],
)  # fmt: skip
async def test_nothing_is_reached_that_the_settings_do_not_name(
    service: str, operation: str
) -> None:
    async with served(says({})) as site:
        answer = await site.ask(operation, ("path.order", "1"), service=service)
        assert answer.status == "refused"
        assert site.seen == []


# -- what comes back --

ORDER = {
    "order": {
        "state": "shipped", "paid": True, "void": None, "items": [{"name": "甲"}, {"name": "b"}],
        "": "x",
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("order.state", "shipped"), ("order.paid", "true"), ("order.items.0.name", "甲"),
        ("order.items.1.name", "b"), ("order.void", None), ("order.items.2.name", None),
        ("order.items.-1.name", None), ("order.items.99999.name", None), ("order", None),
        ("order.items", None), ("order.state.x", None), ("nothing.there", None),
    ],
)  # fmt: skip
async def test_where_values_are_found(place: str, value: str | None) -> None:
    async with served(says(ORDER)) as site:
        answer = await site.order(v=place)
        assert answer.status == "done"
        assert answer.values == (() if value is None else (("v", value),))


async def test_numbers_come_as_they_are_written() -> None:
    content = b'{"a": 3050.20, "b": 12345678901234567890, "c": -0.10, "d": ' + b"9" * 5000 + b"}"
    async with served(says(content)) as site:
        answer = await site.order(a="a", b="b", c="c", d="d")
        values = dict(answer.values)
        assert (values["a"], values["b"]) == ("3050.20", "12345678901234567890")
        assert values["c"] == "-0.10"
        assert len(values["d"]) == 400


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (200, "done"), (201, "done"), (204, "none"), (404, "none"), (410, "none"),
        (400, "refused"), (401, "refused"), (403, "refused"), (422, "refused"),
        (408, "unavailable"), (429, "unavailable"), (500, "unavailable"), (503, "unavailable"),
        (301, "unavailable"), (302, "unavailable"), (307, "unavailable"),
    ],
)  # fmt: skip
async def test_what_each_status_means(status: int, told: str) -> None:
    async with served(says(ORDER, status, Location="/api/orders/4712")) as site:
        assert (await site.order()).status == told
        assert len(site.seen) == 1  # a redirect is not followed


RUBBISH = [
    b"", b"<html>", b"\xff\xfe", b'{"order": ', b'{"order": NaN}', b'{"order": [Infinity]}',
    b"[" * 50_000, b"{" * 50_000,
]  # fmt: skip


@pytest.mark.parametrize("content", RUBBISH, ids=range(len(RUBBISH)))
async def test_rubbish_is_a_broken_service(content: bytes) -> None:
    async with served(says(content)) as site:
        assert (await site.order()).status == "unavailable"


@pytest.mark.parametrize("content", [b"[]", b'"shipped"', b"1", b"null", b"{}"])
async def test_json_without_what_is_wanted_has_no_values(content: bytes) -> None:
    async with served(says(content)) as site:
        answer = await site.order()
        assert (answer.status, answer.values) == ("done", ())


async def test_five_megabytes_are_not_read() -> None:
    sent = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            for _ in range(5 * 1024):
                await response.write(b" " * 1024)
                sent += 1024
        except ConnectionError:
            pass
        return response

    with structlog.testing.capture_logs() as logs:
        async with served(answer, largest=16_384) as site:
            assert (await site.order()).status == "unavailable"
    assert sent < 5 * 1024 * 1024
    assert [log["reason"] for log in logs] == [
        "CrmUnavailable: the answer is longer than 16384 bytes"
    ]


async def test_an_answer_that_is_packed_is_not_unpacked() -> None:
    async with served(says(ORDER, **{"Content-Encoding": "gzip"})) as site:
        assert (await site.order()).status == "unavailable"
        assert site.seen[0].headers["Accept-Encoding"] == "identity"


async def test_a_service_that_never_answers_is_given_up_in_time() -> None:
    async def answer(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    async with served(answer) as site:
        question = ("GET /orders/{order}", ("path.order", "1"))
        assert (await site.ask(*question, time_out=SOON, state="a")).status == "timeout"
    async with served(answer, time_out=SOON) as site:
        assert (await site.ask(*question, time_out=PLENTY, state="a")).status == "timeout"


async def test_an_answer_that_never_ends_is_given_up_in_time() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b'{"order": ')
        await asyncio.Event().wait()
        return response

    async with served(answer, time_out=SOON) as site:
        assert (await site.order()).status == "timeout"


@pytest.mark.parametrize(
    "sent",
    [
        b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", b"nothing of HTTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["closed", "in the middle", "no http", "endless header", "broken chunk"],
)  # fmt: skip
async def test_a_service_that_breaks_off(sent: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(sent)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with structlog.testing.capture_logs() as logs:
        async with server, asking(f"http://127.0.0.1:{port}") as site:
            assert (await site.order("4711")).status == "unavailable"
    assert len(logs) == 1
    assert "4711" not in str(logs)


async def test_a_service_that_is_not_there_is_left_alone_after_some_failures() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    with structlog.testing.capture_logs() as logs:
        async with asking(f"http://127.0.0.1:{port}", failures=2, left_alone=60_000) as site:
            told = [(await site.order()).status for _ in range(4)]
    assert told == ["unavailable"] * 4
    reasons = [log["reason"] for log in logs]
    assert all("ClientConnectorError" in reason for reason in reasons[:2])
    assert all("left alone for another" in reason for reason in reasons[2:])
    assert logs[0]["operation"] == "GET /orders/{}"
    assert not any("4711" in str(log) for log in logs)


async def test_what_a_service_refuses_does_not_count_against_it() -> None:
    async with served(says({}, 403), failures=1) as site:
        assert [(await site.order()).status for _ in range(3)] == ["refused"] * 3
        assert len(site.seen) == 3


async def test_no_more_questions_at_a_time_than_the_settings_say() -> None:
    inside = most = 0
    gate = asyncio.Event()

    async def answer(_: web.Request) -> web.Response:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await gate.wait()
        inside -= 1
        return web.json_response(ORDER)

    async with served(answer, in_flight=2) as site:
        asked = ("GET /orders/{order}", (("path.order", "1"),), (("state", "order.state"),))
        for n in range(6):
            site.questions.carry_out(AskService("c", n, "shop", *asked, PLENTY))
        async with asyncio.timeout(10):
            late = [await site.answers.get() for _ in range(4)]
            gate.set()
            done = [await site.answers.get() for _ in range(2)]
    assert most == 2
    assert [one.status for one in late if isinstance(one, ServiceAnswered)] == ["timeout"] * 4
    assert [one.status for one in done if isinstance(one, ServiceAnswered)] == ["done"] * 2


async def test_services_come_go_and_change_while_ctid_runs() -> None:
    async with served(says(ORDER)) as site:
        assert (await site.order()).status == "done"
        site.questions.serve([])
        assert (await site.order()).status == "refused"
        site.questions.serve([site.section])
        assert (await site.order()).status == "done"
        site.questions.serve([site.section])
        assert (await site.order()).status == "done"
        site.questions.serve([msgspec.structs.replace(site.section, paths=("GET /plain",))])
        assert (await site.order()).status == "refused"
        assert (await site.ask("GET /plain")).status == "done"
    first, again, kept, changed = site.peers
    assert first != again == kept != changed  # one that is as it was keeps its connections
