"""Both languages say the same things, and the pages ask for nothing that is missing."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from crm_link.port import Channel
from ctid.centre.aside import WISHES
from ctid.core.opening import DayKind
from ctid.core.records import LookUpStatus, PhoneState, TalkWish, TransferKind
from ctid.core.supervision import SpyMode, SpyWish
from ctid.web.settings import LANGUAGES, WebSettings

WEB = Path(__file__).parents[3] / "ctid/web"
CATALOGUES = {lang: json.loads((WEB / f"i18n/{lang}.json").read_text()) for lang in LANGUAGES}
SCRIPTS = {path.name: path.read_text() for path in sorted((WEB / "static").glob("*.js"))}
EN, ZH = CATALOGUES["en"], CATALOGUES["zh-CN"]
STATES = ("signed_out", "not_ready", "ready", "reserved", "on_call", "wrap_up")

# Keys in quotes (t("a.b"), tables of keys) and families: t(`a.${x}`).
PREFIXES = "|".join(sorted({re.escape(key.split(".")[0]) for key in EN}))
QUOTED = re.compile(rf'"((?:{PREFIXES})(?:\.[a-z_A-Z-]+)+)"')
DIRECT = re.compile(r'\bt\(\s*"([^"]+)"')
FAMILY = re.compile(r"\bt\(\s*`([^`$]+)\$\{[^}]+\}([^`]*)`")
STREAM_TYPES = {"pop.shown", "pop.updated", "pop.revoked", "pop.ack", "error.seen"}


def used_keys() -> set[str]:
    return {
        key for text in SCRIPTS.values() for key in (*QUOTED.findall(text), *DIRECT.findall(text))
    }


def test_both_languages_have_the_same_keys_in_the_same_order():
    assert list(EN) == list(ZH)


def test_both_languages_fill_in_the_same_values():
    for key in EN:
        assert set(re.findall(r"\{\w+\}", EN[key])) == set(re.findall(r"\{\w+\}", ZH[key])), key


def test_chinese_is_chinese():
    latin = {key for key, text in ZH.items() if not re.search(r"[\u4e00-\u9fff]", text)}
    assert latin == {"brand", "language.en", "pop.vip"}


def test_every_key_that_a_page_uses_exists():
    assert used_keys() - STREAM_TYPES - set(EN) == set()
    assert len(used_keys()) > 80, "the pattern finds the keys"


def test_every_family_of_keys_exists():
    families = {found for text in SCRIPTS.values() for found in FAMILY.findall(text)}
    assert ("state.", "") in families
    for head, tail in families:
        assert any(key.startswith(head) and key.endswith(tail) for key in EN), head


@pytest.mark.parametrize(
    "keys",
    [
        [f"state.{state}" for state in STATES],
        [f"phone.{state}" for state in get_args(PhoneState)],
        [f"pop.status.{status}" for status in get_args(LookUpStatus)],
        [f"reason.{reason}" for reason in WebSettings().break_reasons],
        ["reason.sign_in", "reason.no_answer", "reason.connection_lost"],
        [f"channel.{channel}" for channel in get_args(Channel)],
        [f"transfer.to.{kind}" for kind in get_args(TransferKind)],
        [f"spy.{wish}" for wish in get_args(SpyWish)],
        [f"spy.is.{mode}" for mode in get_args(SpyMode)],
        [f"aside.{wish}" for wish in (*get_args(TalkWish), "consult")],
        [f"aside.state.{state}" for state in (*WISHES, "asked")],
        [f"hours.day.{kind}" for kind in get_args(DayKind)],
        [f"hours.{way}.{to}" for way in ("by", "until") for to in ("open", "closed")],
        [f"language.{language}" for language in LANGUAGES],
        ["pop.ringing", "pop.on_call", "pop.after", "pop.matched.code", "pop.matched.number"],
        [f"board.{f}.{g}" for f in ("level", "wait", "lost") for g in ("good", "warn", "bad")],
    ],
    ids=lambda keys: keys[0],
)
def test_families_are_complete(keys):
    assert [key for key in keys if key not in EN] == []


def test_no_key_is_left_over():
    families = [found for text in SCRIPTS.values() for found in FAMILY.findall(text)]
    unused = {
        key
        for key in set(EN) - used_keys()
        if not any(key.startswith(head) and key.endswith(tail) for head, tail in families)
    }
    assert unused == set()
