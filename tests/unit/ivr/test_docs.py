"""What the files that explain flows say is so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from ctid.core.instants import Duration
from ctid.ivr.flow import AnyStep
from ctid.settings.flows import read_flows

ROOT = Path(__file__).parents[3]
HEAD = (ROOT / "config/flows/main.toml").read_text("utf-8").partition("\nid = ")[0]
KINDS = {kind.__struct_config__.tag: kind for kind in AnyStep.__args__}


def test_the_example_is_sound() -> None:
    text = (ROOT / "docs/ivr.md").read_text("utf-8")
    flows = [tomllib.loads(found) for found in re.findall(r"```toml\n(.*?)```", text, re.DOTALL)]
    flows = [flow for flow in flows if "id" in flow]  # the others are pieces
    found, problems = read_flows(
        {f"{flow['id']}.toml": flow for flow in flows}, ["sales", "fallback"], {}
    )
    assert problems == []
    assert list(found) == ["shop", "yes-or-no"]


def described(kind: str) -> str:
    """The lines of the example file's head about one kind of step."""
    found = re.search(rf"^#   {kind}\b.*\n(?:#    +.*(?:\n|$))*", HEAD + "\n", re.MULTILINE)
    assert found is not None, kind
    return found[0]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_head_of_the_example_file_names_every_key_with_its_default(kind: str) -> None:
    text = described(kind)
    for field in msgspec.structs.fields(KINDS[kind]):
        name = field.encode_name
        if name.endswith(("_digit", "total", "time_out")) and name != "check_digit":
            name += "_s"
        if kind == "record" and name in ("max", "silence", "min"):
            name += "_s"
        if field.required:
            assert re.search(rf"\b{name}\b", text), name
            continue
        default = field.default
        if default is msgspec.NODEFAULT:
            shown = "{}"
        elif name.endswith("_s"):
            assert isinstance(default, Duration)
            shown = f"{default / 1000:g}"
        else:
            shown = {(): "[]"}.get(default) or msgspec.json.encode(default).decode()
        assert re.search(rf"\b{name} = {re.escape(shown)}", text), (name, shown)
