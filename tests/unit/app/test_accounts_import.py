"""Many sign-ins from one CSV file: all of them, or none with every reason."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ctid.app.cli import main
from ctid.store.open import open_store

CONFIG = Path(__file__).parents[3] / "config"
HEAD = "login,role,agent,name,password\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The example config with a database of the test's own."""
    text = (CONFIG / "ctid.toml").read_text()
    url = f"sqlite+aiosqlite:///{tmp_path}/ctid.db"
    (tmp_path / "ctid.toml").write_text(text.replace("sqlite+aiosqlite:///var/ctid.db", url))
    (tmp_path / "flows").symlink_to(CONFIG / "flows")
    return tmp_path / "ctid.toml"


def stored(config: Path, login: str) -> tuple[str, str, str] | None:
    async def ask() -> tuple[str, str, str] | None:
        store = await open_store(f"sqlite+aiosqlite:///{config.parent}/ctid.db", {})
        try:
            found = await store.account(login)
            return None if found is None else (found.role, found.agent, found.name)
        finally:
            await store.close()

    return asyncio.run(ask())


def test_all_sign_ins_of_a_file(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people = config.parent / "people.csv"
    people.write_text(f"{HEAD}anna,agent,anna,Anna Li,ten-letters\nsue,supervisor,,,ten-letters\n")
    assert main(["user", "import", str(people), "--config", str(config)]) == 0
    assert "anna may sign in as agent\nsue may sign in as supervisor\n" in capsys.readouterr().out
    assert stored(config, "anna") == ("agent", "anna", "Anna Li")
    assert stored(config, "sue") == ("supervisor", "", "sue")


def test_nobody_is_stored_where_one_line_is_wrong(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = config.parent / "people.csv"
    people.write_text(
        f"{HEAD}anna,agent,anna,,ten-letters\nben,agent,zoe,,ten-letters\n"
        ",boss,,,short\ndora,agent,dora,Dora\n"
    )
    assert main(["user", "import", str(people), "--config", str(config)]) == 1
    told = capsys.readouterr().err
    assert "5 problem(s), nothing was changed" in told
    assert "line 3: no such agent 'zoe'" in told
    assert "line 4: no login" in told
    assert "line 4: role 'boss'" in told
    assert "line 4: the password needs at least 10 characters" in told
    assert "line 5: it has other columns" in told
    assert stored(config, "anna") is None


def test_a_file_without_the_columns(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people = config.parent / "people.csv"
    people.write_text("login,password\nanna,ten-letters\n")
    assert main(["user", "import", str(people), "--config", str(config)]) == 1
    assert "no column agent, name, role in the first line" in capsys.readouterr().err
