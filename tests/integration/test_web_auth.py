"""Signing in and out, cookies, CSRF, limits and clear errors, on a real server."""

import asyncio
import hashlib

import aiohttp
import msgspec
import pytest
from prometheus_client import CollectorRegistry

from ctid.core.errors import ConfigError
from ctid.core.events import SignInAsked, SignOutAsked
from ctid.ports import StoreUnavailable
from ctid.store.memory import MemoryStore
from ctid.web.passwords import hash_password
from ctid.web.server import WebSettings
from ctid.web.throttle import PAIR
from tests.fakes.webroom import PASSWORD, Room, an_account, open_room


@pytest.fixture
async def room():
    async with open_room() as room:
        yield room


async def test_sign_in_says_who_one_is_and_gives_a_guarded_cookie(room: Room):
    async with room.browser() as browser:
        status, me = await browser.sign_in("ann")
        assert status == 200
        assert {k: me[k] for k in ("login", "role", "agent", "language")} == {
            "login": "ann",
            "role": "agent",
            "agent": "1001",
            "language": "zh-CN",
        }
        set_cookie = browser.headers["Set-Cookie"]
        assert "HttpOnly" in set_cookie
        assert "SameSite=Strict" in set_cookie
        assert await browser.ask("GET", "/api/me") == (200, me)


async def test_behind_tls_cookies_are_bound_to_host_and_tls():
    settings = WebSettings(port=0, secure_cookies=True, origins=("https://cc.example",))
    async with open_room(settings) as room, room.browser() as browser:
        await browser.ask(
            "POST",
            "/api/session",
            {"login": "ann", "password": PASSWORD},
            Origin="https://cc.example",
        )
        cookies = browser.headers.getall("Set-Cookie")
        assert [c.split("=")[0] for c in cookies] == ["__Host-ctid_session", "__Host-ctid_device"]
        for cookie in cookies:
            assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
            assert "Domain" not in cookie, "__Host- forbids it"
        assert "Strict-Transport-Security" in browser.headers


async def test_the_store_never_sees_the_token(room: Room):
    async with room.signed_in("ann") as browser:
        token = browser.cookie("ctid_session")
        assert len(token) == 43, "256 bits"
        sessions = room.store._sessions
        assert list(sessions) == [hashlib.sha256(token.encode()).hexdigest()]


async def test_each_sign_in_has_a_new_token_and_ends_the_old_session(room: Room):
    async with room.signed_in("ann") as browser:
        first = browser.cookie("ctid_session")
        await browser.sign_in("ann")
        assert browser.cookie("ctid_session") != first
        async with (
            aiohttp.ClientSession(cookies={"ctid_session": first}) as old,
            old.get(f"{room.origin}/api/me") as answer,
        ):
            assert answer.status == 401


async def test_unknown_login_and_wrong_password_look_the_same(room: Room):
    async with room.browser() as browser:
        wrong = await browser.sign_in("ann", "wrong")
        unknown = await browser.sign_in("nobody", "wrong")
        assert wrong == unknown
        assert wrong == (
            401,
            {"code": "wrong_sign_in", "text": "Login or password is wrong."},
        )


async def test_passwords_of_real_strength_and_broken_hashes(room: Room):
    strong = msgspec.structs.replace(an_account("eve"), password_hash=hash_password("真密码 ✓"))
    broken = msgspec.structs.replace(an_account("mal"), password_hash="$argon2id$nonsense")
    assert strong.password_hash.startswith("$argon2id$")
    for account in (strong, broken):
        await room.store.put_account(account)
    async with room.browser() as browser:
        assert (await browser.sign_in("eve", "真密码 ✓"))[0] == 200
        assert (await browser.sign_in("mal", "真密码 ✓"))[0] == 401


async def test_guessing_is_slowed_down_and_locks_nobody_else_out(room: Room):
    async with room.signed_in("ann") as ann, room.browser() as guesser:
        for _ in range(PAIR.failures):
            assert (await guesser.sign_in("ann", "guess"))[0] == 401
        status, problem = await guesser.sign_in("ann", "guess")
        assert (status, problem["code"]) == (429, "too_many_tries")
        assert int(guesser.headers["Retry-After"]) == PAIR.within // 1000 + 1
        assert (await guesser.sign_in("ann"))[0] == 429, "the right password must wait as well"
        # Ann's own browser holds the mark of an earlier sign-in: same address, not locked out.
        assert (await ann.sign_in("ann"))[0] == 200
        async with room.browser("127.0.0.2") as elsewhere:
            assert (await elsewhere.sign_in("ann"))[0] == 200
        room.clock.move(PAIR.within)
        assert (await guesser.sign_in("ann"))[0] == 200


async def test_a_device_mark_of_another_login_is_worth_nothing(room: Room):
    async with room.signed_in("bob") as bob:
        for _ in range(PAIR.failures):
            await bob.sign_in("ann", "guess")
        assert (await bob.sign_in("ann", "guess"))[0] == 429


async def test_many_tries_at_once_are_no_more_than_one_by_one(room: Room):
    async with room.browser() as browser:
        tries = await asyncio.gather(*(browser.sign_in("ann", "guess") for _ in range(20)))
    assert [status for status, _ in tries].count(401) == PAIR.failures


async def test_sign_out_ends_session_pages_and_agent(room: Room):
    async with room.signed_in("ann") as browser, browser.page() as page:
        await room.engine.submitted(SignInAsked("1001"))
        assert (await browser.ask("DELETE", "/api/session"))[0] == 200
        assert await page.closed() == 4401
        await room.engine.submitted(SignOutAsked("1001"))
        assert (await browser.ask("GET", "/api/me"))[0] == 401


async def test_a_second_browser_keeps_the_agent_signed_in(room: Room):
    async with (
        room.signed_in("ann") as first,
        room.signed_in("ann") as second,
        first.page(),
        second.page() as stays,
    ):
        await stays.frame("agent")
        assert (await first.ask("DELETE", "/api/session"))[0] == 200
        await stays.say(type_="ping")
        await stays.frame("pong")
        assert SignOutAsked("1001") not in room.engine.events


async def test_state_changes_need_the_csrf_token(room: Room):
    async with room.signed_in("ann") as browser:
        for token in ("", "guess"):
            status, problem = await browser.ask("DELETE", "/api/session", X_CSRF_Token=token)
            assert (status, problem["code"]) == (403, "csrf")
        assert (await browser.ask("GET", "/api/me"))[0] == 200


async def test_a_foreign_page_cannot_sign_anybody_in_or_out(room: Room):
    async with room.signed_in("ann") as browser:
        for method in ("POST", "DELETE"):
            status, problem = await browser.ask(
                method,
                "/api/session",
                {"login": "a", "password": "b"},
                Origin="https://evil.example",
            )
            assert (status, problem["code"]) == (403, "origin")


@pytest.mark.parametrize("after", ["idle", "absolute"])
async def test_sessions_end(after: str):
    settings = WebSettings(port=0, session_idle_ms=600_000, session_absolute_ms=3_600_000)
    async with open_room(settings) as room, room.signed_in("ann") as browser:
        if after == "idle":
            room.clock.move(601_000)
        else:
            for _ in range(7):
                assert (await browser.ask("GET", "/api/me"))[0] == 200
                room.clock.move(590_000)
        assert (await browser.ask("GET", "/api/me"))[0] == 401


async def test_a_new_password_ends_the_sessions(room: Room):
    async with room.signed_in("ann") as browser:
        changed = msgspec.structs.replace(
            an_account("ann", agent="1001"), password_hash=hash_password("new")
        )
        await room.store.put_account(changed)
        assert (await browser.ask("GET", "/api/me"))[0] == 401


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "bad_body"),
        (b'{"login": 1, "password": "x"}', "application/json", 400, "bad_body"),
        (b'{"login": "a", "password": "x", "role": "admin"}', "application/json", 400, "bad_body"),
        (b'{"login": "a"}', "application/json", 400, "bad_body"),
        (b"login=a", "application/x-www-form-urlencoded", 415, "not_json"),
        (b'{"login": "' + b"a" * 20_000 + b'"}', "application/json", 413, "too_large"),
    ],
)
async def test_bad_bodies_are_told_clearly(room: Room, body, kind, status, code):
    async with room.browser() as browser:
        headers = {"Content-Type": kind}
        async with browser.http.post("/api/session", data=body, headers=headers) as answer:
            problem = await answer.json()
            assert (answer.status, problem["code"]) == (status, code)
            assert set(problem) == {"code", "text"}


async def test_unknown_addresses_and_methods(room: Room):
    async with room.browser() as browser:
        assert (await browser.ask("GET", "/api/nothing"))[1]["code"] == "not_found"
        assert (await browser.ask("PUT", "/api/session"))[1]["code"] == "method_not_allowed"
        for path in ("/static/../server.py", "/static/%2e%2e/server.py", "/static/vendor/"):
            assert (await browser.ask("GET", path))[0] == 404


class BrokenStore(MemoryStore):
    """A database that is away, then one with a defect."""

    async def calls(self, since: int, until: int, limit: int = 1000):
        raise StoreUnavailable("secret-host:5432 refused")

    async def call(self, call: str):
        raise ZeroDivisionError("secret detail")

    async def health(self) -> bool:
        raise OSError("secret-host")


async def test_inner_trouble_stays_inside():
    async with open_room(store=BrokenStore()) as room, room.signed_in("sue") as browser:
        for path, status, code in (
            ("/api/calls", 503, "store_unavailable"),
            ("/api/calls/1", 500, "defect"),
            ("/health", 503, None),
        ):
            found, body = await browser.ask("GET", path)
            assert (found, body.get("code")) == (status, code)
            assert "secret" not in str(body)


async def test_health_is_open_and_metrics_are_for_this_machine():
    async with open_room(metrics=CollectorRegistry()) as room, room.browser() as browser:
        assert await browser.ask("GET", "/health") == (
            200,
            {"ok": True, "store": True, "bus": True, "stream": True},
        )
        status, text = await browser.ask("GET", "/metrics")
        assert status == 200
        assert "ctid_web_pages 0.0" in text
        status, _ = await browser.ask("GET", "/metrics", X_Forwarded_For="203.0.113.7")
        assert status == 404, "a proxy on this machine does not make the world local"


async def test_every_answer_carries_the_guards(room: Room):
    async with room.browser() as browser:
        for path in ("/", "/static/app.js", "/api/me", "/nothing", "/health"):
            await browser.ask("GET", path)
            policy = browser.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert browser.headers["X-Frame-Options"] == "DENY"
            assert browser.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_crm_may_frame_us_when_the_config_says_so():
    settings = WebSettings(port=0, frame_ancestors=("https://crm.example",))
    async with open_room(settings) as room, room.browser() as browser:
        await browser.ask("GET", "/")
        assert "frame-ancestors https://crm.example" in browser.headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in browser.headers


async def test_files_are_asked_for_again_but_not_sent_again(room: Room):
    async with room.browser() as browser:
        await browser.ask("GET", "/static/app.js")
        etag = browser.headers["ETag"]
        assert (await browser.ask("GET", "/static/app.js", If_None_Match=etag))[0] == 304


async def test_a_taken_port_is_a_clear_error(room: Room):
    with pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1:{room.server.port}"):
        async with open_room(WebSettings(port=room.server.port)):
            pass


async def test_demo_accounts_show_only_where_they_are_set(room: Room):
    async with room.browser() as browser:
        assert (await browser.ask("GET", "/api/welcome"))[1]["demo"] == []
    shown = WebSettings(port=0, demo_sign_ins=(("ann", PASSWORD, "Ann"),))
    async with open_room(shown) as demo, demo.browser() as browser:
        _, welcome = await browser.ask("GET", "/api/welcome")
        assert welcome["demo"] == [{"login": "ann", "password": PASSWORD, "name": "Ann"}]
        assert welcome["me"] is None
