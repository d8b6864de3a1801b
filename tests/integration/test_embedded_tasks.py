"""Tasks on the whole of ctid: a system sends one, an agent's page gets it, the record tells."""

from __future__ import annotations

import asyncio
import json
import tomllib
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ctid.app.cli import main
from ctid.ports import Account
from tests.fakes.webroom import HASH, PASSWORD
from tests.integration.embedded_site import CONFIG, PATIENCE, Site, pbx_and_config
from tests.real_pbx.desk import desks

LINK = "https://mail.example/4711"
MAIL = {"id": "4711", "queue": "mail", "channel": "email", "subject": "发票 Invoice", "link": LINK}


def with_mail(s: Site) -> None:
    """The shipped channel and queue, for Anna and Ben; nobody has more than one in hand."""
    shipped = tomllib.loads((CONFIG / "ctid.toml").read_text())
    mail = next(queue for queue in shipped["queues"] if queue["id"] == "mail")
    s.config["queues"].append(mail | {"dispositions": ["answered"]})
    s.config["channels"]["email"]["capacity"] = 1
    for agent in s.config["agents"][:2]:
        agent["queues"].append("mail")
        agent.pop("capacity", None)


class Sender:
    """The system that sends tasks: an account of the role `service`."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self._csrf = ""

    async def sign_in(self) -> None:
        body = {"login": "bot", "password": PASSWORD}
        async with self._http.post("/api/session", json=body) as answer:
            self._csrf = (await answer.json())["csrf"]

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        headers = {"X-CSRF-Token": self._csrf}
        async with self._http.request(method, path, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def until(self, path: str, **wanted: object) -> Any:
        """Ask until the answer has these values."""
        async with asyncio.timeout(PATIENCE):
            while True:
                status, found = await self.ask("GET", path)
                if status == 200 and all(found.get(k) == v for k, v in wanted.items()):
                    return found
                await asyncio.sleep(0.05)


async def test_a_task_from_the_sender_to_its_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with pbx_and_config(tmp_path) as s:
        with_mail(s)
        await s.start()
        try:
            await s.app.store.put_account(Account("bot", "Mail", "service", "", HASH))
            async with (
                aiohttp.ClientSession(
                    s.base, cookie_jar=aiohttp.CookieJar(unsafe=True), headers={"Origin": s.base}
                ) as http,
                desks(s.base, "anna") as desk,
            ):
                bot = Sender(http)
                await bot.sign_in()
                assert (await bot.ask("POST", "/api/tasks", MAIL))[0] == 202
                frame = await desk["anna"].state("reserved")
                [card] = frame["agent"]["tasks"]
                assert (card["state"], card["subject"], card["link"]) == (
                    "offered", "发票 Invoice", LINK,
                )  # fmt: skip
                status, again = await bot.ask("POST", "/api/tasks", MAIL)
                assert (status, again["state"]) == (200, "offered")
                await desk["anna"].say("task", task="task:4711", do="accept")
                await desk["anna"].state("working")

                # An e-mail keeps no call away; and a restart takes nothing out of her hands.
                call = s.call()
                assert await call.talking_to == "1001"
                await desk["anna"].state("on_call")
                await s.stop()
                await s.start()
                await s.until(lambda: desk["anna"].opened == 2)
                await desk["anna"].state("on_call")
                call.hang_up()
                back = await desk["anna"].state("working")
                assert [one["state"] for one in back["agent"]["tasks"]] == ["accepted"]

                await desk["anna"].say("task", task="task:4711", do="done", code="answered")
                await desk["anna"].state("ready")
                record = await bot.until("/api/tasks/4711", outcome="done")
                assert (record["agent"], record["code"], record["offers"]) == (
                    "anna", "answered", 1,
                )  # fmt: skip
                assert (await bot.ask("POST", "/api/tasks", MAIL))[0] == 200
                story = await asyncio.to_thread(explained, tmp_path, capsys)
                assert (story["outcome"], story["differs"]) == ("done", [])
                [moment] = story["moments"]
                assert moment["decision"]["agent"] == "anna"
                assert moment["ring"]["cause"] == "done"
                assert 0 <= moment["ring"]["answered"] <= moment["ring"]["ended"]
        finally:
            await s.stop()


def explained(folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    capsys.readouterr()
    assert main(["explain", "task:4711", "--journal", str(folder / "journal"), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


async def test_a_task_moves_up_on_the_record_and_on_the_board(tmp_path: Path) -> None:
    async with pbx_and_config(tmp_path) as s:
        with_mail(s)
        s.config["queues"][-1]["escalate"] = [{"to": "supervisor", "after_s": 0.1}]
        await s.start()
        try:
            async with (
                desks(s.base, "sue") as desk,
                aiohttp.ClientSession(
                    s.base, cookie_jar=aiohttp.CookieJar(unsafe=True), headers={"Origin": s.base}
                ) as http,
            ):
                await s.app.store.put_account(Account("bot", "Mail", "service", "", HASH))
                bot = Sender(http)
                await bot.sign_in()
                assert (await bot.ask("POST", "/api/tasks", MAIL))[0] == 202
                board = await desk["sue"].until(
                    "board", lambda f: any(w["raised"] for w in f["waiting"])
                )
                assert [w["call"] for w in board["waiting"]] == ["task:4711"]
                assert (await bot.ask("DELETE", "/api/tasks/4711"))[0] == 202
                record = await bot.until("/api/tasks/4711", outcome="cancelled")
                assert record["raised"] == 1
                [move] = await s.app.store.moves("task:4711")
                assert (move.to, move.kind) == ("supervisor", "escalated")
        finally:
            await s.stop()
