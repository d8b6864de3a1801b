"""HTTP services in the settings: what is read, and every bad value with its path."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from ctid.core.errors import ConfigError
from ctid.settings.files import load
from ctid.settings.services import ServiceSection
from tests.unit.test_settings import FLOW, MAIN, changed, problems, read

GOOD = {"url": "https://shop.example/api", "paths": ["GET /a/{b}"]}


def with_service(name: str = "shop", /, **keys: Any) -> dict[str, Any]:
    """The shipped file with this service in place of its own."""
    return changed("services", {name: {**GOOD, **keys}})


def test_the_defaults_and_every_key() -> None:
    assert read(changed("services", ...)).services == ()
    plain = ServiceSection(name="shop", url="https://shop.example/api", paths=("GET /a/{b}",))
    assert read(with_service()).services == (plain,)
    assert plain.headers == {}
    main = with_service(
        url="https://shop.example:8443/", header="X-Key", secret="Bearer abc", time_out_s=2.5,
        largest_kb=8, in_flight=2, failures=3, left_alone_s=60,
    )  # fmt: skip
    [service] = read(main).services
    assert service == ServiceSection(
        name="shop", url="https://shop.example:8443", paths=("GET /a/{b}",), header="X-Key",
        secret="Bearer abc", time_out=2500, largest=8192, in_flight=2, failures=3,
        left_alone=60_000,
    )  # fmt: skip
    assert service.headers == {"X-Key": "Bearer abc"}


def test_no_repr_has_the_secret() -> None:
    settings = read(with_service(secret="hunter2"))
    assert "hunter2" not in repr(settings.services) + repr(settings)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8090", "http://[::1]:80/x", "http://localhost/a/b", "https://192.0.2.1"],
)
def test_good_addresses(url: str) -> None:
    assert read(with_service(url=url)).services[0].url == url


@pytest.mark.parametrize(
    ("wrong", "path", "what"),
    [
        ({"url": "http://shop.example"}, "url", "without TLS; use https://"),
        ({"url": "http://127.0.0.1.example"}, "url", "without TLS"),
        ({"url": "https://user:pw@shop.example"}, "url", "does not fit; write https://host"),
        ({"url": "https://shop.example/a?b=c"}, "url", "does not fit"),
        ({"url": "https://shop.example/a/../b#c"}, "url", "does not fit"),
        ({"url": "ftp://shop.example"}, "url", "does not fit"),
        ({"url": 1}, "url", "is a number; write a text in quotes"),
        ({"paths": []}, "paths", "is empty, so nothing can be asked"),
        ({"paths": ["/a"]}, "paths", "'/a' does not fit; write it as GET /orders/{order}"),
        ({"paths": ["PUT /a"]}, "paths", "'PUT /a' does not fit"),
        ({"paths": ["GET /../a"]}, "paths", "'GET /../a' does not fit"),
        ({"paths": "GET /a"}, "paths", "write a list of texts"),
        ({"header": "X Key"}, "header", "does not fit; use a header's name"),
        ({"header": "Host"}, "header", "is set by ctid itself"),
        ({"secret": "a\r\nb"}, "secret", "does not fit; use 1 to 500 printable"),
        ({"secret": ""}, "secret", "does not fit"),
        ({"time_out_s": 11}, "time_out_s", "is longer than 10 seconds"),
        ({"largest_kb": 2000}, "largest_kb", "out of range; use 1 to 1024"),
        ({"in_flight": 0}, "in_flight", "out of range; use 1 to 100"),
        ({"failures": 0}, "failures", "out of range"),
        ({"left_alone_s": 0}, "left_alone_s", "out of range"),
        ({"retries": 3}, "retries", "unknown key"),
    ],
)
def test_bad_values(wrong: dict[str, Any], path: str, what: str) -> None:
    [found] = problems(with_service(**wrong))
    assert f"services.shop.{path}: " in found
    assert what in found
    assert "pw@" not in found


@pytest.mark.parametrize("missing", ["url", "paths"])
def test_what_must_be_there(missing: str) -> None:
    main = with_service()
    del main["services"]["shop"][missing]
    assert problems(main) == (f"ctid.toml: services.shop.{missing}: is missing; add it",)


@pytest.mark.parametrize("name", ["crm", "a b", ""])
def test_bad_names(name: str) -> None:
    [found] = problems(with_service(name))
    assert 'does not fit; use 1 to 40 of A-Z a-z 0-9 _ . -, and not "crm"' in found


def asking(ask: str, service: str = "shop") -> dict[str, Any]:
    """The shipped flow, in which the menu's key 2 leads to a request."""
    flow = copy.deepcopy(FLOW)
    flow["steps"]["menu"]["keys"]["9"] = "ask"
    flow["steps"]["ask"] = {
        "kind": "request", "service": service, "ask": ask, "next": "sales", "none": "sales",
        "on_fail": "operator",
    }  # fmt: skip
    return flow


def test_flows_ask_services_that_are_there() -> None:
    assert read(MAIN, main=asking("GET /orders/{code}")).centre.flows["main"].steps["ask"]
    assert problems(MAIN, main=asking("GET /orders/{code}", "shopp")) == (
        "flows/main.toml: steps.ask.service: there is no service 'shopp' in the settings; "
        'did you mean "shop"?, or write [services.NAME]',
    )
    [found] = problems(MAIN, main=asking("GET /order/{code}"))
    assert "steps.ask.ask: 'GET /order/{code}' is not in paths of services.shop" in found


# -- secrets --

TOML = """
[services.shop]
url = "https://shop.example"
paths = ["GET /a"]
"""


def loaded(tmp_path: Path, more: str, environ: dict[str, str]) -> str:
    """The secret, when the shipped file has that service."""
    text = (Path("config") / "ctid.toml").read_text()
    head, _, rest = text.partition("[services.shop]")
    file = tmp_path / "ctid.toml"
    file.write_text(f"{head}{TOML}{more}\n[routing]{rest.partition('[routing]')[2]}")
    (tmp_path / "flows").symlink_to((Path("config") / "flows").absolute())
    return load(file, environ).services[0].secret


def test_a_secret_comes_from_the_environment_or_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    assert loaded(tmp_path / "one", 'secret_env = "KEY"', {"KEY": "Bearer x"}) == "Bearer x"
    (tmp_path / "two").mkdir()
    secret = tmp_path / "secret"
    secret.write_text("Bearer y\n")
    secret.chmod(0o600)
    assert loaded(tmp_path / "two", f'secret_file = "{secret}"', {}) == "Bearer y"


@pytest.mark.parametrize(
    ("more", "mode", "what"),
    [
        ('secret_env = "KEY"', 0o600, "secret_env: the environment variable KEY is not set"),
        ('secret_file = "FILE"', 0o644, "secret_file: FILE can be read by others (mode 0644)"),
        ('secret_file = "FILE"\nsecret = "a"', 0o600, "secret_file: stands beside another source"),
    ],
)
def test_a_secret_that_cannot_be_had(tmp_path: Path, more: str, mode: int, what: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("Bearer y")
    secret.chmod(mode)
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, more.replace("FILE", str(secret)), {})
    assert f"ctid.toml: services.shop.{what.replace('FILE', str(secret))}" in str(caught.value)
    assert "Bearer y" not in str(caught.value)
