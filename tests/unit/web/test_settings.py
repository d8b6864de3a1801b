"""Web settings are refused whole, with every problem."""

import pytest

from ctid.core.errors import ConfigError
from ctid.web.settings import WebSettings, check


def test_the_defaults_are_good():
    assert check(WebSettings()) == WebSettings()


def test_every_problem_is_told_at_once():
    with pytest.raises(ConfigError) as caught:
        check(
            WebSettings(
                host="0.0.0.0",
                port=70_000,
                demo_sign_ins=(("a", "b", "c"),),
                frame_ancestors=("crm.example",),
                break_reasons=("tea break",),
                language="fr",
                service_goal=0,
                heartbeat_ms=0,
            )
        )
    named = [problem.split(": ")[1] for problem in caught.value.problems]
    assert sorted(named) == sorted(
        ["host", "secure_cookies", "origins", "frame_ancestors", "break_reasons", "language",
         "port", "service_goal", "heartbeat_ms"]
    )  # fmt: skip


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_the_demo_may_listen_on_loopback(host):
    check(WebSettings(host=host, demo_sign_ins=(("a", "b", "c"),)))


def test_beyond_loopback_behind_tls():
    check(WebSettings(host="0.0.0.0", secure_cookies=True, origins=("https://cc.example",)))


@pytest.mark.parametrize("origin", ["*", "https://cc.example/", "cc.example", "null", "http://"])
def test_an_origin_is_exact(origin):
    with pytest.raises(ConfigError, match="origins"):
        check(WebSettings(origins=(origin,)))
