"""Settings: the shipped files load, and every kind of mistake is named, all at once."""

import copy
import math
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ctid.app import config_reference
from ctid.core.errors import ConfigError
from ctid.settings import Settings, known_keys, parse
from ctid.settings.files import load

CONFIG = Path(__file__).parents[2] / "config"
MAIN = tomllib.loads((CONFIG / "ctid.toml").read_text())
FLOW = tomllib.loads((CONFIG / "flows/main.toml").read_text())


def read(main: dict[str, Any] | None = None, /, **flows: dict[str, Any]) -> Settings:
    files = {f"flows/{name}.toml": flow for name, flow in flows.items()} or {
        "flows/main.toml": FLOW
    }
    return parse(MAIN if main is None else main, files)


def problems(main: dict[str, Any] | None = None, /, **flows: dict[str, Any]) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        read(main, **flows)
    return caught.value.problems


def changed(path: str, value: object) -> dict[str, Any]:
    """The shipped file with another value at `path` (`queues.0.id`); ... takes it out."""
    main: dict[str, Any] = copy.deepcopy(MAIN)
    *way, last = path.split(".")
    place: Any = main
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    key: Any = int(last) if isinstance(place, list) else last
    if value is ...:
        del place[key]
    else:
        place[key] = value
    return main


def test_the_shipped_files_load() -> None:
    settings = load(CONFIG / "ctid.toml")
    assert settings == read()
    centre = settings.centre
    assert [queue.id for queue in centre.acd.queues] == ["sales", "support", "fallback", "mail"]
    assert [agent.phone for agent in centre.acd.agents] == [f"PJSIP/{n}" for n in range(1001, 1011)]
    assert centre.entries == {"4000": "main", "*": "main"}
    assert centre.check_budget == 1_500
    assert centre.acd.queues[1].target == 30_000
    assert centre.hours["office"].week[0] == ((540, 720), (780, 1080))
    assert centre.hours["office"].week[5] == ()
    assert centre.hours["always"].open_at(0)
    assert centre.hours["always"].timezone == "Asia/Shanghai"


def test_no_key_but_the_required_ones_changes_anything() -> None:
    """The shipped file shows the defaults, as its comments say."""
    short = copy.deepcopy(MAIN)
    for section in ("site", "web", "store", "bus", "journal", "crm", "routing"):
        del short[section]
    short["pbx"] = {"secret": "change-me"}
    short["agi"] = {"token": "change-me"}
    for key in ("music", "strategy", "target_s", "ring_for_s", "wrap_up_s"):
        del short["queues"][0][key]
    assert read(short) == read()


def test_every_key_is_documented_and_every_documented_key_exists() -> None:
    _, parts = config_reference.read((CONFIG / "ctid.toml").read_text())
    documented = {key.path for part in parts for key in part.keys}
    known = known_keys(MAIN, {"flows/main.toml": FLOW})
    tables = {"queues", "agents", "hours", "hours.<id>", "channels", "channels.<id>", "entries"} | {
        path.partition(".")[0] for path in known if "." in path and "[" not in path
    }
    tables |= {
        path for path in known if any(o.startswith((f"{path}[].", f"{path}.")) for o in known)
    }
    assert documented == known - tables


def test_the_reference_is_what_the_comments_say() -> None:
    made = "\n".join(config_reference.pages((CONFIG / "ctid.toml").read_text())) + "\n"
    written = (CONFIG.parent / "docs/config.md").read_text()
    assert written == made, "run: python -m ctid.app.config_reference"


def test_no_secret_in_the_repr() -> None:
    main = changed("pbx.secret", "s3cret-one")
    main["agi"]["token"] = "s3cret-two"
    for section in ("store", "crm"):
        main[section]["url"] = "postgresql+asyncpg://ctid:s3cret-three@db/ctid"
    main["bus"]["url"] = "redis://:s3cret-four@bus/0"
    settings = read(main)
    assert "s3cret" not in repr(settings)
    assert settings.pbx.secret == "s3cret-one"


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        # unknown keys and sections
        ("site.nam", "x", 'site.nam: unknown key; did you mean "name"?'),
        ("queue", [], 'queue: unknown key; did you mean "queues"?'),
        ("queues.0.wrapup_s", 3, 'queues[1].wrapup_s: unknown key; did you mean "wrap_up_s"?'),
        ("hours.office.monday", "", 'hours.office.monday: unknown key; did you mean "mon"?'),
        # wrong types
        ("pbx.port", "5038", "pbx.port: is a text; write a whole number"),
        ("pbx.tls", 1, "pbx.tls: is a number; write true or false"),
        ("web.port", True, "web.port: is true or false; write a whole number"),
        ("site.name", 4, "site.name: is a number; write a text in quotes"),
        ("site", "x", "site: is a text; write it as a table, [site]"),
        ("queues", {"id": "x"}, "queues: is a table; write each one under its own [[queues]]"),
        ("agi.peers", "::1", 'agi.peers: is a text; write a list of texts, ["a", "b"]'),
        # ranges
        ("pbx.port", 0, "pbx.port: 0 is out of range; use 1 to 65535"),
        ("queues.0.ring", "every", "queues[1].ring: there is no way to ring 'every'; known are"),
        ("queues.0.ring_at_most", 1, "queues[1].ring_at_most: 1 is out of range; use 2 to 100"),
        ("queues.0.ring_more_after_s", 0, "queues[1].ring_more_after_s: 0 is out"),
        ("queues.0.ring_for_s", -1, "queues[1].ring_for_s: -1 is out of range; use more than 0"),
        ("queues.0.target_s", 0, "queues[1].target_s: 0 is out of range; use more than 0"),
        ("queues.0.wrap_up_s", -0.5, "queues[1].wrap_up_s: -0.5 is out of range; use 0 to"),
        ("routing.back_off_s", math.nan, "routing.back_off_s: nan is out of range"),
        ("routing.ivr_limit_s", math.inf, "routing.ivr_limit_s: inf is out of range"),
        ("routing.ivr_limit_s", "5", "routing.ivr_limit_s: is a text; write a number of seconds"),
        ("journal.keep", 0, "journal.keep: 0 is out of range; use 1 to"),
        # ids and what reaches Asterisk
        ("queues.0.id", "sales team", "queues[1].id: 'sales team' does not fit; use 1 to 40 of"),
        ("queues.0.id", "", "queues[1].id: is empty; give it a value"),
        ("agents.0.id", "../anna", "agents[1].id: '../anna' does not fit; use 1 to 40 of"),
        ("agents.0.id", ..., "agents[1].id: is missing; add it"),
        ("agents.0.phone", "1001", "agents[1].phone: '1001' does not fit; use TECHNOLOGY/NAME"),
        ("agents.0.phone", "PJSIP/1001&PJSIP/1002", "agents[1].phone: 'PJSIP/1001&PJSIP/1002'"),
        ("agents.0.name", "An\nna", "agents[1].name: has control characters"),
        ("queues.0.music", "a,b", "queues[1].music: 'a,b' does not fit; use A-Z"),
        ("pbx.sounds", "../etc", "pbx.sounds: '../etc' does not fit; use folder or"),
        ("pbx.user", "a\r\nb", "pbx.user: has control characters"),
        ("pbx.secret", "a\nb", "pbx.secret: does not fit; use 1 to 200 characters"),
        ("pbx.secret", ..., "pbx.secret: is missing; add it, or secret_env or secret_file"),
        ("agi.token", "a/b", "agi.token: does not fit; use 8 to 100 of"),
        # duplicates
        ("queues.1.id", "sales", "queues[2].id: a queue with id 'sales' stands at queues[1]"),
        ("agents.1.id", "anna", "agents[2].id: an agent with id 'anna' stands at agents[1]"),
        ("agents.1.phone", "PJSIP/1001", "agents[2].phone: an agent with phone 'PJSIP/1001'"),
        ("agents.0.queues", ["sales", "sales"], "agents[1].queues: names a queue twice"),
        # references
        ("agents.0.queues", ["sale"], "there is no queue 'sale'; did you mean \"sales\"?"),
        ("routing.fallback_queue", "x", "routing.fallback_queue: there is no queue 'x'; known are"),
        ("queues", [], "queues: there is no queue; add one under [[queues]]"),
        ("entries.4000", "mian", "entries.4000: there is no flow 'mian'; did you mean \"main\"?"),
        ("entries.4000", 4, "entries.4000: is not a text; write the id of a flow"),
        ("entries.4x00", "main", 'entries.4x00: is not a number; use digits, or "*"'),
        ("entries", {}, "entries: there is no entry, so no call gets in"),
        ("queues.0.strategy", "longest-idle", "there is no strategy 'longest-idle'; did you mean"),
        ("crm.kind", "sugar", "crm.kind: there is no CRM 'sugar'; known are: embedded"),
        # the site
        ("site.timezone", "Asia/Shangai", "there is no time zone 'Asia/Shangai'; did you mean"),
        ("site.timezone", "Asia", "site.timezone: there is no time zone 'Asia'"),
        ("site.timezone", "../../etc/passwd", "site.timezone: there is no time zone"),
        ("site.country", "cn", "site.country: there is no country 'cn'; use two capital letters"),
        ("site.language", "de", "site.language: 'de' is no language of ours; use en or zh-CN"),
        # hours
        ("hours.office.mon", "18:00-9:00", "hours.office.mon: '18:00-9:00' ends before it begins"),
        ("hours.office.mon", "9-18", "hours.office.mon: '9-18' is no time span; write"),
        ("hours.office.mon", "9:00-24:01", "hours.office.mon: '9:00-24:01' is no time of day"),
        ("hours.office.mon", "9:00-12:00, 11:00-13:00", "hours.office.mon: '11:00-13:00' begins"),
        ("hours.office.closed_on", ["1.10.2026"], "hours.office.closed_on: '1.10.2026' is no date"),
        ("hours.office.timezone", "Mars", "hours.office.timezone: there is no time zone 'Mars'"),
        ("hours.office", "9-5", "hours.office: is a text; write it as a table, [hours.office]"),
        ("hours.always", ..., "steps.hours.hours: there are no opening hours 'always'"),
        # beyond this machine
        ("pbx.host", "192.0.2.1", "pbx.secret: is still 'change-me', which everybody knows"),
        ("agi.host", "0.0.0.0", "agi.token: is still 'change-me', which everybody knows"),
        ("agi.peers", ["10.0.0.1/8"], "agi.peers: '10.0.0.1/8' is no network"),
        ("web.host", "0.0.0.0", "web.secure_cookies: must be true to listen on 0.0.0.0"),
        ("web.host", "0.0.0.0", "web.origins: is empty; name the page's origin"),
        ("web.origins", ["https://a.example/x"], "web.origins: 'https://a.example/x' does not fit"),
        ("web.trusted_proxies", ["proxy"], "web.trusted_proxies: 'proxy' is no address"),
        ("pbx.tls_ca", "/ca.pem", "pbx.tls_ca: is of no use while tls is false"),
        # URLs, never repeated
        ("store.url", "mysql://u:p@h/x", "store.url: is no database that is served; use sqlite"),
        ("bus.url", "amqp://u:p@h", "bus.url: is no bus that is served; use memory:"),
    ],
)  # fmt: skip
def test_each_mistake_is_named_with_its_path(path: str, value: object, problem: str) -> None:
    found = problems(changed(path, value))
    assert [line for line in found if problem in line], found
    assert all(line.startswith(("ctid.toml: ", "flows/main.toml: ")) for line in found)
    assert not [line for line in found if "u:p@h" in line]


def test_a_plain_login_over_the_network_needs_tls() -> None:
    main = changed("pbx.host", "pbx.example")
    main["pbx"] |= {"plain_login": True, "secret": "own"}
    (problem,) = problems(main)
    assert problem.startswith("ctid.toml: pbx.plain_login: would show the secret")
    main["pbx"]["tls"] = True
    assert read(main).pbx.plain_login


def test_all_problems_of_all_files_come_at_once() -> None:
    main = changed("site.country", "XX")
    main["queues"][0]["ring_for_s"] = -1
    main["agents"][2]["queues"] = ["nowhere"]
    main["typo"] = 1
    flow = copy.deepcopy(FLOW)
    flow["steps"]["sales"]["queue"] = "nowhere"
    flow["steps"]["welcome"]["next"] = "nowhere"
    found = problems(main, main=flow)
    assert [line.split(": ")[:2] for line in found] == [
        ["ctid.toml", "site.country"],
        ["ctid.toml", "queues[1].ring_for_s"],
        ["ctid.toml", "agents[3].queues"],
        ["ctid.toml", "typo"],
        *([line.split(": ")[:2] for line in found[4:]]),
    ]
    assert all(line.startswith("flows/main.toml: steps.") for line in found[4:])
    text = "\n".join(found)
    assert "steps.sales.queue: there is no queue 'nowhere'" in text
    assert "steps.welcome.next: there is no step 'nowhere'" in text


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"id": "my flow"}, "flows/main.toml: id: 'my flow' does not fit"),
        ({"steps": []}, "flows/main.toml: steps: is not a table"),
        ({"steps": {"a": 3}}, "flows/main.toml: steps.a: is not a table"),
        ({"prompts": {"a": "text"}}, "flows/main.toml: prompts.a: is not a table"),
        (
            {"prompts": {**FLOW["prompts"], "../x": {"en": "x", "zh-CN": "x"}}},
            "flows/main.toml: prompts.../x: is no file name",
        ),
    ],
)
def test_a_flow_of_the_wrong_shape(change: dict[str, Any], problem: str) -> None:
    found = problems(None, main={**FLOW, **change})
    assert [line for line in found if line.startswith(problem)], found


def test_two_flows_with_one_id() -> None:
    found = problems(None, a=FLOW, b=FLOW)
    assert found == (
        "flows/b.toml: id: flows/a.toml has the id 'main' already; change one of them",
    )


def test_an_entry_to_a_broken_flow_is_no_second_problem() -> None:
    found = problems(None, main={**FLOW, "start": "nowhere"})
    assert not [line for line in found if "there is no flow" in line]


ODD: tuple[Any, ...] = (
    "", "\0", "x" * 2_000, -1, 10**30, math.inf, math.nan, True, [], [[]], [3], {}, {"a": {}},
    datetime(2026, 1, 1, tzinfo=UTC),
)  # fmt: skip


def leaves(raw: Any) -> Iterator[tuple[Any, Any]]:
    """(container, key) for everything inside."""
    for key in list(raw) if isinstance(raw, dict) else range(len(raw)):
        yield raw, key
        if isinstance(raw[key], dict | list):
            yield from leaves(raw[key])


@pytest.mark.parametrize("source", ["main", "flow"])
def test_no_value_that_toml_can_hold_breaks_the_reading(source: str) -> None:
    """Whatever stands at any place: settings or a ConfigError, and nothing else."""
    files = {"main": copy.deepcopy(MAIN), "flow": copy.deepcopy(FLOW)}
    files["flow"]["steps"]["menu"] |= {"first_digit_s": 3}
    refused = 0
    for place, key in leaves(files[source]):
        good = place[key]
        for odd in ODD:
            place[key] = odd
            try:
                read(files["main"], main=files["flow"])
            except ConfigError:
                refused += 1
        place[key] = good
    assert refused > 500
