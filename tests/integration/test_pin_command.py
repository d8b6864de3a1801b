"""`ctid pin`: a customer of the embedded directory gets a PIN, another one, and none."""

from __future__ import annotations

import asyncio
import io
import shutil
from pathlib import Path

import pytest

from crm_link.embedded.directory import EmbeddedDirectory
from crm_link.embedded.pins import EmbeddedPins
from crm_link.port import Draft
from ctid.app.cli import main
from tests.integration.test_crm_directory import opened

CODE = "100123"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The example config over a directory with one customer."""
    shutil.copytree(Path(__file__).parents[2] / "config", tmp_path / "config")
    file = tmp_path / "config/ctid.toml"
    text = file.read_text().replace("sqlite+aiosqlite:///var/customers.db", url(tmp_path))
    file.write_text(text)

    async def create() -> None:
        async with opened(url(tmp_path)) as engine:
            directory = EmbeddedDirectory(engine)
            await directory.create_schema()
            await directory.create(Draft(name="Li Na", code=CODE))

    asyncio.run(create())
    return file


def url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder}/customers.db"


def verdict(config: Path, pin: str) -> str:
    async def verify() -> str:
        async with opened(url(config.parents[1])) as engine:
            return await EmbeddedPins(engine).verify(CODE, pin)

    return asyncio.run(verify())


def ask(monkeypatch: pytest.MonkeyPatch, typed: str, *words: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    return main(["pin", *words])


def test_set_changed_and_removed(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for pin in ("735190", "4711"):
        assert ask(monkeypatch, f"{pin}\n", "set", CODE, "--config", str(config)) == 0
        assert verdict(config, pin) == "right"
    assert verdict(config, "735190") == "wrong"
    assert ask(monkeypatch, "", "remove", CODE, "--config", str(config)) == 0
    assert verdict(config, "4711") == "unset"
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        f"the customer {CODE} has a PIN now", f"the customer {CODE} has a PIN now",
        f"the customer {CODE} has no PIN now",
    ]  # fmt: skip
    assert "4711" not in told.out + told.err


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        ("", CODE, "no PIN was given; nothing was changed"),
        ("47a1\n", CODE, "a PIN has 4 to 64 figures, 0 to 9; nothing was changed"),
        ("4711\n", "9", "there is no customer with the code '9'"),
    ],
)
def test_what_is_refused(
    config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    typed: str, code: str, said: str,
) -> None:  # fmt: skip
    assert ask(monkeypatch, typed, "set", code, "--config", str(config)) == 1
    err = capsys.readouterr().err
    assert said in err
    assert not typed or typed.strip() not in err
    assert verdict(config, "4711") == "unset"
