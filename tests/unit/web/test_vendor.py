"""Vendored JavaScript is byte for byte what vendor.toml says, with its licence beside it."""

import hashlib
import tomllib
from pathlib import Path

import pytest

VENDOR = Path(__file__).parents[3] / "ctid/web/static/vendor"
FILES = tomllib.loads((VENDOR / "vendor.toml").read_text())["file"]


@pytest.mark.parametrize("entry", FILES, ids=lambda entry: entry["file"])
def test_checksum_and_licence(entry):
    assert hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
    assert entry["package"]
    assert entry["version"][0].isdigit()
    assert entry["license"] in ("MIT", "Apache-2.0")
    assert len((VENDOR / entry["license_file"]).read_text()) > 500


def test_nothing_is_vendored_without_an_entry():
    listed = {e["file"] for e in FILES} | {e["license_file"] for e in FILES} | {"vendor.toml"}
    assert {path.name for path in VENDOR.iterdir()} == listed
